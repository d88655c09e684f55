"""A text's tree in the one form that Markdown can say: what is equal to a reader becomes equal. Pure.

What other programs' files bring, Markdown can't always write: a bold space, a break at a paragraph's end,
a link within a link. Here the space is put outside, the break left out, the inner link's words kept.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace

from studio.core.prose import (
    Block,
    Blocks,
    Break,
    CodeBlock,
    Heading,
    Inline,
    Inlines,
    Link,
    ListOf,
    Paragraph,
    Quote,
    Styled,
    Table,
    Text,
)
from studio.core.prose_inlines import INDENTS, clean, tidied_inlines


def tidied(blocks: Iterable[Block]) -> Blocks:
    """Empty blocks go; every line of words becomes as `tidied_inlines` says."""
    return tuple(_blocks(blocks, nested=False))


def _blocks(blocks: Iterable[Block], *, nested: bool) -> list[Block]:
    found: list[Block] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            for part in _parted(block.inlines):
                inlines = tidied_inlines(part, indents=INDENTS)
                if inlines:
                    found.append(Paragraph(inlines))
        elif isinstance(block, Heading):
            inlines = tidied_inlines(_on_one_line(block.inlines))
            if inlines:
                found.append(Heading(min(6, max(1, block.level)), inlines))
        elif isinstance(block, Quote):
            inner = _blocks(block.blocks, nested=True)
            if inner:
                found.append(Quote(tuple(inner)))
        elif isinstance(block, ListOf):
            items = [tuple(_blocks(item, nested=True)) for item in block.items]
            filled = tuple(item for item in items if item)
            if filled:
                found.append(_list_of(filled, block))
        elif isinstance(block, CodeBlock):
            text = clean(block.text, line_ends=True)
            # Within a list or a quote a tab's width depends on what is before it.
            text = text.expandtabs(4) if nested else text
            found.append(CodeBlock(text, _one_word(block.language)))
        elif isinstance(block, Table):
            if block.alignments and block.rows:
                found.append(_table(block))
        else:
            found.append(block)
    return found


def _list_of(items: tuple[Blocks, ...], given: ListOf) -> ListOf:
    start = None if given.start is None else min(999_999_999, max(0, given.start))
    # Only paragraphs show whether there is space between the items.
    shown = any(isinstance(block, Paragraph) for item in items for block in item)
    tight = (given.tight or not shown) and all(
        may_touch(first, second) for item in items for first, second in itertools.pairwise(item)
    )
    # Nothing parts an only item's only block from anything.
    if len(items) == 1 and len(items[0]) == 1:
        tight = True
    return ListOf(items, start, tight)


def may_touch(first: Block, second: Block) -> bool:
    """Whether two blocks stay two when no empty line is between them."""
    if isinstance(first, Paragraph):
        return isinstance(second, Quote | CodeBlock | Heading) or (
            isinstance(second, ListOf) and second.start in (None, 1)
        )
    return isinstance(first, Heading | CodeBlock) and not isinstance(second, Table)


def _table(block: Table) -> Table:
    width = len(block.alignments)
    rows = tuple(
        tuple(
            tidied_inlines(_on_one_line(row[column], hard_too=False) if column < len(row) else ())
            for column in range(width)
        )
        for row in block.rows
    )
    return Table(block.alignments, rows)


def _parted(inlines: Inlines) -> list[Inlines]:
    """A line that begins with ideographic spaces begins a paragraph: so it is done in Chinese."""
    parts: list[list[Inline]] = [[]]
    for number, inline in enumerate(inlines):
        after = inlines[number + 1] if number + 1 < len(inlines) else None
        begins = isinstance(after, Text) and after.text.startswith("\u3000")
        if isinstance(inline, Break) and not inline.hard and begins:
            parts.append([])
        else:
            parts[-1].append(inline)
    return [tuple(part) for part in parts]


def _on_one_line(inlines: Inlines, *, hard_too: bool = True) -> Inlines:
    """Spaces for line ends; those that are wanted may stay."""
    return tuple(
        Text(" ") if isinstance(inline, Break) and (hard_too or not inline.hard)
        else replace(inline, children=_on_one_line(inline.children, hard_too=hard_too))
        if isinstance(inline, Styled | Link)
        else inline
        for inline in inlines
    )  # fmt: skip


def _one_word(language: str) -> str:
    words = clean(language).replace("`", "").replace("~", "").split()
    return words[0] if words else ""
