"""Walking the tree of branches: what it looks like, the words of each, and the edits that go to one. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from studio.core.branches import Branch, Fork, Forks, inner_forks, path_to
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
    return tuple(_nodes(document.forks, document.text, "", words, only_choices, in_text=True))


def _nodes(
    forks: Forks, text: str, before: str, words: Words, only_choices: bool, *, in_text: bool
) -> Iterator[ForkNode]:
    done: set[int] = set()
    for number, fork in enumerate(forks):
        if number in done:
            continue
        inner = inner_forks(forks, number) if fork.shown else ()
        done.update(n for n, each in enumerate(forks) if any(each is one for one in inner))
        if only_choices and len(fork.branches) == 1 and fork.shown:
            yield from _nodes(inner, text, before, words, only_choices, in_text=in_text)
            continue
        context = before + text[max(0, fork.position - _CONTEXT_CHARACTERS) : fork.position]
        branches = tuple(
            _node(fork, branch, text, context, inner, words, only_choices, in_text=in_text)
            for branch in fork.branches
        )
        yield ForkNode(context[-_CONTEXT_CHARACTERS:], branches)


def _node(
    fork: Fork,
    branch: Branch,
    text: str,
    context: str,
    inner: Forks,
    words: Words,
    only_choices: bool,
    *,
    in_text: bool,
) -> BranchNode:
    if branch.id == fork.shown:
        forks = tuple(_nodes(inner, text, "", words, only_choices, in_text=in_text))
        return BranchNode(branch, text[fork.position : fork.end], in_text, forks)
    own = branch.text if branch.text is not None else words(branch)
    forks = tuple(_nodes(branch.forks, own or "", context, words, only_choices, in_text=False))
    return BranchNode(branch, own, False, forks)


def branch_text(document: Document, branch_id: int, words: Words) -> str | None:
    """What a branch says, wherever it is."""
    for node in walk_nodes(branch_tree(document, words)):
        if node.branch.id == branch_id:
            return node.text
    return None


def walk_nodes(forks: tuple[ForkNode, ...]) -> Iterator[BranchNode]:
    for fork in forks:
        for node in fork.branches:
            yield node
            yield from walk_nodes(node.forks)


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
