"""A text without any signs: words, line ends, and what lists and quotes need to be seen. Pure."""

from __future__ import annotations

from pathlib import Path

from studio.core.prose import (
    Block,
    Blocks,
    Break,
    Code,
    CodeBlock,
    Heading,
    Inlines,
    Link,
    ListOf,
    Paragraph,
    Picture,
    Quote,
    Styled,
    Table,
    Text,
    plain,
)
from studio.io.export.manuscript import DISCLOSURE_HEADING, SCENE_BREAK, Manuscript

_MARGIN = "    "


def write_plain_text(path: Path, text: Manuscript) -> None:
    """UTF-8. Raises OSError."""
    path.write_text(plain_text(text), "utf-8", newline="\n")


def plain_text(text: Manuscript) -> str:
    parts = ["\n".join(_lines(text.blocks))] if text.blocks else []
    if text.disclosure:
        parts.append(f"{DISCLOSURE_HEADING}\n\n{text.disclosure}")
    return "\n\n\n".join(parts) + "\n" if parts else ""


def _lines(blocks: Blocks, *, tight: bool = False) -> list[str]:
    lines: list[str] = []
    for number, block in enumerate(blocks):
        if number and not tight:
            lines.append("")
        lines += _block(block)
    return lines


def _block(block: Block) -> list[str]:
    match block:
        case Paragraph() | Heading():
            return _words(block.inlines).split("\n")
        case Quote():
            return [_MARGIN + line if line else "" for line in _lines(block.blocks)]
        case CodeBlock():
            return [_MARGIN + line if line else "" for line in block.text.split("\n")]
        case ListOf():
            return _list(block)
        case Table():
            return ["\t".join(plain(cell) for cell in row) for row in block.rows]
        case _:
            return [SCENE_BREAK]


def _list(block: ListOf) -> list[str]:
    lines: list[str] = []
    for number, item in enumerate(block.items):
        sign = "- " if block.start is None else f"{block.start + number}. "
        if number and not block.tight:
            lines.append("")
        first, *rest = _lines(item, tight=block.tight)
        lines.append(sign + first)
        lines += [" " * len(sign) + line if line else "" for line in rest]
    return lines


def _words(inlines: Inlines) -> str:
    """Line ends stay where they were; an address stands behind its words, if it isn't them."""
    written = ""
    for inline in inlines:
        match inline:
            case Text() | Code():
                written += inline.text
            case Break():
                written += "\n"
            case Styled():
                written += _words(inline.children)
            case Picture():
                written += f"[{inline.alt or inline.source}]"
            case Link():
                words = _words(inline.children)
                written += words if words == inline.address else f"{words} ({inline.address})"
    return written
