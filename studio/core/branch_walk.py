"""Walking the tree of branches: what it looks like, the words of each, and the edits that go to one. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from studio.core.branches import Branch, Forks, forks_within, path_to
from studio.core.document import Document
from studio.core.edits import EditError, ReplaceText

_CONTEXT_CHARACTERS = 60

Words = Callable[[Branch], str | None]
"""What a branch that was never in the text says; None: it isn't known, or not yet."""


@dataclass(frozen=True)
class BranchNode:
    """A branch where it is in the tree. `text` is None where it isn't known."""

    branch: Branch
    text: str | None
    shown: bool
    """Whether its words stand in the text now."""
    forks: tuple[ForkNode, ...] = ()


@dataclass(frozen=True)
class ForkNode:
    """A point, what stands before it, and the ways on from there."""

    before: str
    branches: tuple[BranchNode, ...]


def branch_tree(
    document: Document, words: Words, *, only_choices: bool = False
) -> tuple[ForkNode, ...]:
    """All forks as a tree, in the text's order.

    Args:
        only_choices: Without the points from which there is one way only; what forks further on is then
            told where that point would be.
    """
    return _Tree(words, only_choices).nodes(document.forks, document.text, "", in_text=True)


@dataclass(frozen=True)
class _Tree:
    words: Words
    only_choices: bool

    def nodes(self, forks: Forks, text: str, before: str, *, in_text: bool) -> tuple[ForkNode, ...]:
        """The forks of a text. What is shown goes on from itself thousands of times: so without recursion."""
        within = forks_within(forks)
        made: dict[int, tuple[ForkNode, ...]] = {}

        def inner(number: int) -> tuple[ForkNode, ...]:
            return tuple(node for child in within[number] for node in made.pop(child))

        for number in reversed(range(len(forks))):
            fork = forks[number]
            if self.only_choices and len(fork.branches) == 1 and fork.shown:
                made[number] = inner(number)
                continue
            context = before + text[max(0, fork.position - _CONTEXT_CHARACTERS) : fork.position]
            branches = tuple(
                BranchNode(branch, text[fork.position : fork.end], in_text, inner(number))
                if branch.id == fork.shown
                else self._hidden(branch, context)
                for branch in fork.branches
            )
            made[number] = (ForkNode(context[-_CONTEXT_CHARACTERS:], branches),)
        return inner(-1)

    def _hidden(self, branch: Branch, context: str) -> BranchNode:
        own = branch.text if branch.text is not None else self.words(branch)
        forks = self.nodes(branch.forks, own or "", context, in_text=False)
        return BranchNode(branch, own, False, forks)


def branch_text(document: Document, branch_id: int, words: Words) -> str | None:
    """What a branch says, wherever it is."""
    for node in walk_nodes(branch_tree(document, words)):
        if node.branch.id == branch_id:
            return node.text
    return None


def walk_nodes(forks: tuple[ForkNode, ...]) -> Iterator[BranchNode]:
    """All of them, in the order of a tree's rows."""
    waiting = [node for fork in forks for node in fork.branches][::-1]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [inner for fork in node.forks for inner in fork.branches][::-1]


def steps_to(document: Document, branch_id: int, words: Words) -> tuple[ReplaceText, ...]:
    """The edits, one after the other, that make a branch's words stand in the text; none if they do.

    Raises:
        EditError: there is no such branch, or what it says isn't known.
    """
    path = path_to(document.forks, branch_id)
    if not path:
        raise EditError("there is no such branch")
    steps: list[ReplaceText] = []
    for each in path:
        fork = next(fork for fork in document.forks if fork.branch(each) is not None)
        branch = fork.branch(each)
        assert branch is not None
        if fork.shown == each:
            continue
        text = branch.text if branch.text is not None else words(branch)
        if text is None:
            raise EditError("what the branch says is not known")
        removed = document.text[fork.position : fork.end]
        step = ReplaceText(
            fork.position, removed, text, label="going to a branch", branch_id=branch.id
        )
        document = step.apply(document)
        steps.append(step)
    return tuple(steps)
