"""A text as headings, paragraphs, lists and what is in them: what every export is written from. Pure.

Parsed from Markdown (`io/markdown_reader.py`) or read from another program's file, and written by one
small writer a format (`io/export/`). `tidied` is the form that has one way to be written in Markdown:
parsing what was written gives it back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from studio.core.scripts import is_wide

StyleName: TypeAlias = Literal[
    "emphasis", "strong", "struck", "underlined", "subscript", "superscript"
]
TAGS: Final[Mapping[StyleName, str]] = {
    "emphasis": "em", "strong": "strong", "struck": "s", "underlined": "u", "subscript": "sub",
    "superscript": "sup",
}  # fmt: skip
"""The element of each in HTML."""
Alignment: TypeAlias = Literal["", "left", "center", "right"]


@dataclass(frozen=True)
class Text:
    """Characters as they are; no line ends."""

    text: str


@dataclass(frozen=True)
class Styled:
    style: StyleName
    children: Inlines


@dataclass(frozen=True)
class Code:
    text: str


@dataclass(frozen=True)
class Link:
    address: str
    children: Inlines
    title: str = ""


@dataclass(frozen=True)
class Picture:
    """`source` as it was written: a path, relative or not, percent-encoded or not, or an address."""

    source: str
    alt: str = ""
    title: str = ""


@dataclass(frozen=True)
class Break:
    """A line's end; `hard`: a new line is wanted there, else it only was one in the source."""

    hard: bool


Inline: TypeAlias = Text | Styled | Code | Link | Picture | Break
Inlines: TypeAlias = tuple[Inline, ...]


@dataclass(frozen=True)
class Paragraph:
    inlines: Inlines


@dataclass(frozen=True)
class Heading:
    """`level` 1 to 6."""

    level: int
    inlines: Inlines


@dataclass(frozen=True)
class Quote:
    blocks: Blocks


@dataclass(frozen=True)
class ListOf:
    """`start` is the first number; None: bullets. `tight`: no space between the items."""

    items: tuple[Blocks, ...]
    start: int | None = None
    tight: bool = True


@dataclass(frozen=True)
class CodeBlock:
    """`text` without its last line end."""

    text: str
    language: str = ""


@dataclass(frozen=True)
class Rule:
    """A line across, or the three stars between two scenes."""


@dataclass(frozen=True)
class Table:
    """As many cells in every row as there are alignments; the first row is the head."""

    alignments: tuple[Alignment, ...]
    rows: tuple[tuple[Inlines, ...], ...]


Block: TypeAlias = Paragraph | Heading | Quote | ListOf | CodeBlock | Rule | Table
Blocks: TypeAlias = tuple[Block, ...]


def walk_inlines(inlines: Inlines) -> Iterator[Inline]:
    """All of them, those within others too, in the text's order."""
    for inline in inlines:
        yield inline
        if isinstance(inline, Styled | Link):
            yield from walk_inlines(inline.children)


def walk_blocks(blocks: Blocks) -> Iterator[Block]:
    """All of them, those within quotes and lists too, in the text's order."""
    for block in blocks:
        yield block
        if isinstance(block, Quote):
            yield from walk_blocks(block.blocks)
        elif isinstance(block, ListOf):
            for item in block.items:
                yield from walk_blocks(item)


def inlines_of(block: Block) -> Iterator[Inlines]:
    """The lines of words right in a block, not those of blocks within."""
    if isinstance(block, Paragraph | Heading):
        yield block.inlines
    elif isinstance(block, Table):
        for row in block.rows:
            yield from row


def pictures_of(blocks: Blocks) -> Iterator[Picture]:
    for block in walk_blocks(blocks):
        for inlines in inlines_of(block):
            for inline in walk_inlines(inlines):
                if isinstance(inline, Picture):
                    yield inline


def plain(inlines: Inlines) -> str:
    """The words alone, on one line."""
    parts: list[str] = []
    for inline in walk_inlines(inlines):
        if isinstance(inline, Text | Code):
            parts.append(inline.text)
        elif isinstance(inline, Picture):
            parts.append(inline.alt)
        elif isinstance(inline, Break):
            parts.append(" ")
    return "".join(parts)


def flowing(inlines: Inlines) -> Inlines:
    """Breaks that only were a line's end in the source as a space; as nothing between Chinese characters."""
    leaves = [inline for inline in walk_inlines(inlines) if not isinstance(inline, Styled | Link)]
    joints = iter(
        _joint(leaves[number - 1] if number else None, leaves[number + 1 : number + 2])
        for number, leaf in enumerate(leaves)
        if isinstance(leaf, Break) and not leaf.hard
    )

    def flow(inlines: Inlines) -> Inlines:
        return tuple(
            replace(inline, children=flow(inline.children)) if isinstance(inline, Styled | Link)
            else next(joints) if isinstance(inline, Break) and not inline.hard
            else inline
            for inline in inlines
        )  # fmt: skip

    return flow(inlines)


def _joint(before: Inline | None, after: Sequence[Inline]) -> Text:
    wide = (
        isinstance(before, Text) and is_wide(before.text[-1])
        and bool(after) and isinstance(after[0], Text) and is_wide(after[0].text[0])
    )  # fmt: skip
    return Text("" if wide else " ")


def title_of(blocks: Blocks) -> str:
    """The first heading of the highest level there is, or ""."""
    headings = [block for block in walk_blocks(blocks) if isinstance(block, Heading)]
    if not headings:
        return ""
    highest = min(heading.level for heading in headings)
    return next(plain(heading.inlines) for heading in headings if heading.level == highest)
