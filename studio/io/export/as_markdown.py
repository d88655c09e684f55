"""A tree as Markdown. Reading it again gives the same tree, whatever the words are. Pure.

Only what would mean something is escaped. Where a sign of emphasis would not be seen as one (CommonMark
asks for a space or a letter beside it, which Chinese punctuation breaks), the style is written as a tag.
"""

from __future__ import annotations

import re
from typing import Final

from studio.core.prose import (
    TAGS,
    Alignment,
    Block,
    Blocks,
    Break,
    Code,
    CodeBlock,
    Heading,
    Inline,
    Inlines,
    Link,
    ListOf,
    Paragraph,
    Picture,
    Quote,
    Styled,
    StyleName,
    Table,
    Text,
)
from studio.core.prose_inlines import has_style
from studio.io.markdown_reader import read_markdown

_SIGNS: Final[dict[StyleName, str]] = {"emphasis": "*", "strong": "**", "struck": "~~"}
_ESCAPED = re.compile(r"[\\`*\[\]]|<(?=[A-Za-z/!?])|&(?=#?\w+;)")
_AT_LINE_START = re.compile(r"(?=#{1,6}(?:\s|$)|>|[-+](?:\s|$)|[-=]+\s*$|[-:|][-:| \t]*$)")
_NUMBER_AT_LINE_START = re.compile(r"(\d{1,9})(?=[.)](?:\s|$))")
_MARGINS: Final[dict[Alignment, str]] = {
    "": "---", "left": ":--", "center": ":-:", "right": "--:",
}  # fmt: skip


def write_markdown(blocks: Blocks) -> str:
    """The text, ending with one line end; "" for no blocks.

    Args:
        blocks: As `tidied` gives them.
    """
    lines = _lines(blocks, tight=False)
    return "\n".join(lines) + "\n" if lines else ""


def _lines(blocks: Blocks, *, tight: bool) -> list[str]:
    lines: list[str] = []
    turns = _turns(blocks)
    for number, block in enumerate(blocks):
        if number and not tight:
            lines.append("")
        lines += _block_lines(block, turns[number])
    return lines


def _turns(blocks: Blocks) -> list[bool]:
    """Of each block, whether it is a list right after one that would swallow it, and needs other signs."""
    turns: list[bool] = []
    for number, block in enumerate(blocks):
        last = blocks[number - 1] if number else None
        same = (
            isinstance(block, ListOf)
            and isinstance(last, ListOf)
            and (block.start is None) == (last.start is None)
        )
        turns.append(same and not turns[-1])
    return turns


def _block_lines(block: Block, turn: bool) -> list[str]:
    match block:
        case Paragraph():
            return _words(block.inlines).split("\n")
        case Heading():
            return [_heading(block)]
        case Quote():
            return [f"> {line}" if line else ">" for line in _lines(block.blocks, tight=False)]
        case ListOf():
            return _list_lines(block, turn)
        case CodeBlock():
            fence = "`" * max(3, 1 + _longest_run("`", block.text))
            body = block.text.split("\n") if block.text else []
            return [fence + _language(block.language), *body, fence]
        case Table():
            return _table_lines(block)
        case _:
            return ["___"]


def _heading(block: Heading) -> str:
    words = _words(block.inlines)
    if words.endswith("#"):
        words = f"{words[:-1]}\\#"
    return f"{'#' * block.level} {words}"


def _list_lines(block: ListOf, turn: bool) -> list[str]:
    lines: list[str] = []
    for number, item in enumerate(block.items):
        if block.start is None:
            sign = "* " if turn else "- "
        else:
            sign = f"{block.start + number}{')' if turn else '.'} "
        if number and not block.tight:
            lines.append("")
        inner = _lines(item, tight=block.tight)
        margin = " " * len(sign)
        lines.append(sign + inner[0])
        lines += [margin + line if line else "" for line in inner[1:]]
    return lines


def _table_lines(block: Table) -> list[str]:
    def line(cells: list[str]) -> str:
        return f"| {' | '.join(cells)} |"

    rows = [line([_cell(cell) for cell in row]) for row in block.rows]
    rows.insert(1, line([_MARGINS[alignment] for alignment in block.alignments]))
    return rows


def _cell(inlines: Inlines) -> str:
    return _words(inlines, in_cell=True).replace("|", "\\|")


def _language(language: str) -> str:
    return re.sub(r"([\\&])", r"\\\1", language)


def _words(inlines: Inlines, *, in_cell: bool = False) -> str:
    """Signs where they are understood, tags where not."""
    written = _Words(in_cell, _SIGNS).write(inlines)
    if has_style(inlines) and not _reads_as(written, inlines):
        return _Words(in_cell, {}).write(inlines)
    return written


def _reads_as(written: str, inlines: Inlines) -> bool:
    return read_markdown(written) == (Paragraph(inlines),)


class _Words:
    """Writes one line of words; knows whether it stands at a line's start."""

    def __init__(self, in_cell: bool, signs: dict[StyleName, str]) -> None:
        self._in_cell = in_cell
        self._signs = signs
        self._at_line_start = not in_cell

    def write(self, inlines: Inlines) -> str:
        return "".join(self._one(inline) for inline in inlines)

    def _one(self, inline: Inline) -> str:
        if isinstance(inline, Break):
            return self._break(inline.hard)
        if isinstance(inline, Text):
            return self._text(inline.text)
        self._at_line_start = False
        match inline:
            case Styled():
                return self._styled(inline)
            case Code():
                return _code(inline.text)
            case Link():
                inner = self.write(inline.children)
                return f"[{inner}]({_target(inline.address, inline.title)})"
            case Picture():
                return f"![{self._text(inline.alt)}]({_target(inline.source, inline.title)})"

    def _styled(self, inline: Styled) -> str:
        sign = self._signs.get(inline.style)
        if sign is None:
            tag = TAGS[inline.style]
            return f"<{tag}>{self.write(inline.children)}</{tag}>"
        return f"{sign}{self.write(inline.children)}{sign}"

    def _break(self, hard: bool) -> str:
        if self._in_cell:
            return "<br>"
        self._at_line_start = True
        return "\\\n" if hard else "\n"

    def _text(self, text: str) -> str:
        escaped = _ESCAPED.sub(lambda found: f"\\{found.group()}", text)
        escaped = re.sub(r"_|~", _escape_at_edges, escaped)
        if self._at_line_start:
            bare = escaped.lstrip()
            space = escaped[: len(escaped) - len(bare)]
            bare = _AT_LINE_START.sub("\\\\", bare, count=1) if _AT_LINE_START.match(bare) else bare
            bare = re.sub(rf"^{_NUMBER_AT_LINE_START.pattern}", r"\1\\", bare)
            escaped = space + bare
        self._at_line_start = False
        return escaped


def _escape_at_edges(found: re.Match[str]) -> str:
    """An underscore within a word and a lone tilde within a text mean nothing."""
    text, at, sign = found.string, found.start(), found.group()
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if sign == "_":
        harmless = before.isalnum() and after.isalnum()
    else:
        harmless = bool(before and after) and sign not in (before, after) and before != "\\"
    return sign if harmless else f"\\{sign}"


def _code(text: str) -> str:
    fence = "`"
    runs = {len(run) for run in re.findall("`+", text)}
    while len(fence) in runs:
        fence += "`"
    edges = text[0] == "`" or text[-1] == "`"
    spaced = text[0] == text[-1] == " " and bool(text.strip(" "))
    inner = f" {text} " if edges or spaced else text
    return f"{fence}{inner}{fence}"


def _target(address: str, title: str) -> str:
    written = re.sub(r"[\\<>]|&(?=#?\w+;)", r"\\\g<0>", address)
    if re.search(r"[\s()<>]", address) or not address.isprintable():
        written = f"<{written}>"
    if title:
        quoted = re.sub(r'[\\"]|&(?=#?\w+;)', r"\\\g<0>", title)
        written += f' "{quoted}"'
    return written


def _longest_run(sign: str, text: str) -> int:
    return max((len(run) for run in re.findall(f"{re.escape(sign)}+", text)), default=0)
