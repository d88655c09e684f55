"""The ways a text could have gone: every generation forks from a point, and no way is lost. Pure; any thread.

A `Fork` is a point with several `Branch`es. One of them may be shown: then its words stand in the text from
the fork's position on, and go through every edit there; what is typed right behind them belongs to it too.
Of the others the words are kept here, with the forks within them; or, of a result that never came into the
text, only which result of the history it is. All is immutable; forks stand in the text's order, outer first.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from studio.core.spans import Spans, WrittenSpan


@dataclass(frozen=True)
class Branch:
    """One way on.

    Args:
        id: Different from all others of the document, nested ones too.
        record_id: The result of the history it began as; "" for a person's words.
        text: Its words. None while it is shown, and for a result that never was: that is in the history.
        spans: Who wrote what of `text`.
        forks: Those within `text`.
    """

    id: int
    record_id: str = ""
    name: str = ""
    text: str | None = None
    spans: Spans = ()
    forks: Forks = ()


@dataclass(frozen=True)
class Fork:
    """`position` and `length` in characters, of the text it is in: where the shown branch's words stand."""

    position: int
    length: int = 0
    branches: tuple[Branch, ...] = ()
    shown: int = 0
    """The id of the branch whose words stand there; 0: none of them."""

    @property
    def end(self) -> int:
        return self.position + self.length

    @property
    def shown_branch(self) -> Branch | None:
        return self.branch(self.shown)

    def branch(self, branch_id: int) -> Branch | None:
        return next((branch for branch in self.branches if branch.id == branch_id), None)

    def of_record(self, record_id: str) -> Branch | None:
        """The branch that is this result as it was written, if it has one."""
        return next((b for b in self.branches if b.record_id == record_id and b.text is None), None)

    def with_branch(self, branch: Branch) -> Fork:
        """With another in the place of the one of that id, or one more."""
        if self.branch(branch.id) is None:
            return replace(self, branches=(*self.branches, branch))
        kept = (branch if each.id == branch.id else each for each in self.branches)
        return replace(self, branches=tuple(kept))


Forks: TypeAlias = tuple[Fork, ...]


@dataclass(frozen=True)
class Around:
    """A text with who wrote what of it: what an edit of it is about."""

    text: str
    spans: Spans
    forks: Forks


def forks_after(
    before: Around, position: int, removed: int, inserted: int, record_id: str = ""
) -> Forks:
    """The forks once `removed` characters at `position` gave way to `inserted` ones.

    Args:
        record_id: Whose words the new ones are: they become the shown branch of a fork, and what gave way
            to them another one. "" for a person's, which only move and change what is shown.
    """
    forks = before.forks
    if not record_id:
        return _ordered(_moved_all(before, position, removed, inserted))
    if not removed and any(_goes_on(fork, position, record_id) for fork in forks):
        return _ordered(_moved_all(before, position, removed, inserted))
    at = _fork_for(forks, position, removed, record_id)
    fork = forks[at] if at is not None else Fork(position, removed)
    end, free = position + removed, next_id(forks)
    inner = [
        n
        for n, each in enumerate(forks)
        if n != at and removed and _is_within(each, Fork(position, removed))
    ]
    former = _cut(before, position, end, [forks[n] for n in inner])
    if (shown := fork.shown_branch) is not None:
        fork = fork.with_branch(_put_away(shown, former))
    elif removed:
        fork = fork.with_branch(replace(former, id=free))
        free += 1
    branch = fork.of_record(record_id) or Branch(free, record_id)
    fork = replace(fork.with_branch(branch), position=position, length=inserted, shown=branch.id)
    others = _moved_all(before, position, removed, inserted, {*inner, at})
    return _ordered([*others, fork])


def forks_after_all(before: Around, changes: Sequence[tuple[int, int, int]]) -> Forks:
    """As `forks_after` by a person's hand, for many changes at once.

    Args:
        changes: As `spans_after_all` takes them.
    """
    edges = sorted({edge for fork in before.forks for edge in (fork.position, fork.end)})
    # Between two edges many changes are to the forks what one is, and so there are few of them.
    few: list[tuple[int, int, int]] = []
    last_gap = -1
    for at, removed, inserted in changes:
        gap = bisect_left(edges, at)
        free = gap == bisect_right(edges, at + removed)
        if free and gap == last_gap:
            start, gone, come = few.pop()
            between = at - (start + gone)
            few.append((start, gone + between + removed, come + between + inserted))
        else:
            few.append((at, removed, inserted))
        last_gap = gap if free else -1
    forks = before.forks
    # From the end on, so that what is before a change is still where it was.
    for change in reversed(few):
        forks = forks_after(replace(before, forks=forks), *change)
    return forks


def forks_offered(forks: Forks, position: int, record_id: str, length: int = 0) -> Forks:
    """With a result that waits to be accepted as a branch of the fork at a point.

    Args:
        length: How many characters there it would take the place of: they are a branch too.
    """
    if any(fork.of_record(record_id) is not None for fork in forks):
        return forks
    at = _fork_for(forks, position, length, record_id)
    fork = forks[at] if at is not None else Fork(position)
    if at is None and length:
        now = Branch(next_id(forks))
        fork = Fork(position, length, (now,), now.id)
        made = fork.with_branch(Branch(now.id + 1, record_id))
        return _ordered([*forks, made])
    made = fork.with_branch(Branch(next_id(forks), record_id))
    return _ordered([*(each for n, each in enumerate(forks) if n != at), made])


def forks_withdrawn(forks: Forks, record_id: str) -> Forks:
    """As before `forks_offered`."""
    left = []
    for fork in forks:
        kept = tuple(
            branch
            for branch in fork.branches
            if branch.record_id != record_id or branch.text is not None or branch.id == fork.shown
        )
        only_now = len(kept) == 1 and kept[0].id == fork.shown and not kept[0].record_id
        if kept == fork.branches:
            left.append(fork)
        elif kept and not only_now:
            left.append(replace(fork, branches=kept))
    return tuple(left)


def forks_showing(before: Around, branch_id: int, inserted: int) -> Forks:
    """The forks once a branch, of which a fork in the text tells, stands in the text.

    Args:
        inserted: How many characters it has.

    Raises:
        KeyError: there is no such branch, or it is shown already.
    """
    forks = before.forks
    at = next((n for n, fork in enumerate(forks) if fork.branch(branch_id)), None)
    if at is None or forks[at].shown == branch_id:
        raise KeyError(branch_id)
    fork = forks[at]
    position, end = fork.position, fork.end
    inner = [n for n in range(at + 1, len(forks)) if _is_within(forks[n], fork)]
    if (shown := fork.shown_branch) is not None:
        former = _cut(before, position, end, [forks[n] for n in inner])
        fork = fork.with_branch(_put_away(shown, former))
    branch = fork.branch(branch_id)
    assert branch is not None
    unfolded = [replace(each, position=each.position + position) for each in branch.forks]
    fork = fork.with_branch(replace(branch, text=None, spans=(), forks=()))
    fork = replace(fork, length=inserted, shown=branch_id)
    around = {n for n in range(at) if forks[n].shown and _is_around(forks[n], fork)}
    others = _moved_all(before, position, end - position, inserted, {*inner, at}, around)
    return _ordered([*others, fork, *unfolded])


def forks_named(forks: Forks, branch_id: int, name: str) -> Forks:
    """With another name for a branch, wherever it is."""
    return tuple(
        replace(
            fork,
            branches=tuple(
                replace(
                    branch,
                    name=name if branch.id == branch_id else branch.name,
                    forks=forks_named(branch.forks, branch_id, name),
                )
                for branch in fork.branches
            ),
        )
        for fork in forks
    )


def walk_branches(forks: Forks) -> Iterator[tuple[Fork, Branch]]:
    """Every branch with its fork, those within others too."""
    for fork in forks:
        for branch in fork.branches:
            yield fork, branch
            yield from walk_branches(branch.forks)


def path_to(forks: Forks, branch_id: int) -> tuple[int, ...]:
    """The branches to show one after the other until this one is; empty: there is no such branch."""
    for fork in forks:
        for branch in fork.branches:
            if branch.id == branch_id:
                return (branch_id,)
            if found := path_to(branch.forks, branch_id):
                return (branch.id, *found)
    return ()


def next_id(forks: Forks) -> int:
    return 1 + max((branch.id for _, branch in walk_branches(forks)), default=0)


def forks_within(forks: Forks) -> dict[int, list[int]]:
    """Of each fork's number, the numbers of those right within what it shows; -1: those within none."""
    found: dict[int, list[int]] = {number: [] for number in range(-1, len(forks))}
    around: list[int] = []
    for number, fork in enumerate(forks):
        while around and forks[around[-1]].end < fork.position:
            around.pop()
        outer = (n for n in reversed(around) if _is_within(fork, forks[n]))
        found[next(outer, -1)].append(number)
        if fork.shown:
            around.append(number)
    return found


def checked_forks(forks: Iterable[Fork], length: int) -> Forks:
    """What of these makes sense in a text of so many characters; for forks from files."""
    return _checked(forks, length, set())


def _checked(forks: Iterable[Fork], length: int, taken: set[int]) -> Forks:
    kept: list[Fork] = []
    for fork in forks:
        branches = []
        for branch in fork.branches:
            if branch.id <= 0 or branch.id in taken:
                continue
            taken.add(branch.id)
            inner = _checked(branch.forks, len(branch.text or ""), taken)
            branches.append(replace(branch, forks=inner if branch.text is not None else ()))
        position = min(fork.position, length)
        shown = fork.shown if any(b.id == fork.shown for b in branches) else 0
        size = min(fork.length, length - position) if shown else 0
        if branches:
            kept.append(Fork(position, size, tuple(branches), shown))
    return _ordered(kept)


def _moved_all(
    before: Around,
    at: int,
    removed: int,
    inserted: int,
    without: Collection[int | None] = (),
    around: Collection[int] = (),
) -> list[Fork]:
    """All but some after an edit; whose shown words went as a whole, keep them.

    Args:
        around: Those that lie around what is replaced, also where they are no larger than that.
    """
    forks, end = before.forks, at + removed
    moved: list[Fork] = []
    gone = {n for n in without if n is not None}
    for number, fork in enumerate(forks):
        if number in gone:
            continue
        if number in around:
            moved.append(replace(fork, length=fork.length + inserted - removed))
        elif fork.length and removed and at <= fork.position and fork.end <= end:
            behind = (n for n in range(number + 1, len(forks)) if n not in gone)
            inner = [n for n in behind if _is_within(forks[n], fork)]
            gone.update(inner)
            former = _cut(before, fork.position, fork.end, [forks[n] for n in inner])
            if (shown := fork.shown_branch) is not None:
                kept = _put_away(shown, former)
                if shown.record_id and fork.length == 1:
                    kept = replace(
                        shown, forks=()
                    )  # taken away letter by letter: the result has it all
                fork = fork.with_branch(kept)
            moved.append(replace(fork, position=at, length=0, shown=0))
        else:
            moved.append(_moved(fork, at, removed, inserted))
    return moved


def _moved(fork: Fork, at: int, removed: int, inserted: int) -> Fork:
    start, stop, end, by = fork.position, fork.end, at + removed, inserted - removed
    if at > stop or (at == stop and (removed or not fork.shown)):
        return fork
    if end <= start and (at < start or stop > start):
        return replace(fork, position=start + by)
    if at < start and end >= stop:
        return replace(fork, position=at, length=0)
    if at < start:
        return replace(fork, position=at + inserted, length=stop - end)
    if end > stop:
        return replace(fork, length=at - start)
    return replace(fork, length=fork.length + by)


def _cut(before: Around, start: int, end: int, inner: Iterable[Fork]) -> Branch:
    """What stands there as a branch, to be given an id."""
    spans = tuple(
        replace(span, start=max(span.start, start) - start, end=min(span.end, end) - start)
        for span in before.spans
        if span.start < end and start < span.end
    )
    forks = tuple(replace(fork, position=fork.position - start) for fork in inner)
    whole = len(spans) == 1 and spans[0].end - spans[0].start == end - start
    return Branch(0, spans[0].record_id if whole else "", "", before.text[start:end], spans, forks)


def _put_away(shown: Branch, former: Branch) -> Branch:
    """A branch that is shown no longer, with what stood there."""
    return replace(former, id=shown.id, record_id=shown.record_id, name=shown.name)


def _fork_for(forks: Forks, position: int, removed: int, record_id: str) -> int | None:
    """Where words of a result belong: to the fork at that point, best to one that has it already."""
    here = [
        n for n, fork in enumerate(forks) if (fork.position, fork.length) == (position, removed)
    ]
    offered = [n for n, f in enumerate(forks) if not f.shown and f.of_record(record_id) is not None]
    return next((n for n in (*(n for n in here if n in offered), *offered, *here)), None)


def _goes_on(fork: Fork, position: int, record_id: str) -> bool:
    """Whether words of a result go on right behind what of it stands there already."""
    shown = fork.shown_branch
    ends_here = fork.length > 0 and fork.end == position
    return shown is not None and shown.record_id == record_id and ends_here


def _is_within(fork: Fork, outer: Fork) -> bool:
    """Whether it forks from what another one shows: a mere point at the beginning does not."""
    begins = outer.position < fork.position or (outer.position == fork.position and fork.length > 0)
    return begins and fork.end <= outer.end


def _is_around(outer: Fork, fork: Fork) -> bool:
    return outer.position <= fork.position and fork.end <= outer.end


def _ordered(forks: Iterable[Fork]) -> Forks:
    return tuple(sorted(forks, key=lambda fork: (fork.position, -fork.length)))


def spans_of_branch(branch: Branch, text: str) -> Spans:
    """Who wrote what of its words: of a result that never was in the text, the model all."""
    if branch.text is None and branch.record_id and text:
        return (WrittenSpan(0, len(text), branch.record_id),)
    return branch.spans
