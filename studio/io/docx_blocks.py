"""A Word file's body as blocks: paragraphs by their styles, lists from their numbers, tables. I/O thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element

from studio.core.prose import (
    Alignment,
    Block,
    Break,
    CodeBlock,
    Heading,
    Inline,
    Inlines,
    ListOf,
    Paragraph,
    Quote,
    Rule,
    Styled,
    Table,
    plain,
)
from studio.io.docx_runs import Runs
from studio.io.docx_styles import (
    Level,
    ListPlace,
    Lists,
    Styles,
    child,
    children,
    is_on,
    list_place,
    number,
    value,
)

_SCENE_BREAKS = frozenset({"* * *", "***", "⁂", "＊＊＊", "＊　＊　＊"})
_INSIDE = frozenset(
    {
        "w:sdt",
        "w:sdtContent",
        "w:ins",
        "w:moveTo",
        "w:customXml",
        "w:smartTag",
        "mc:AlternateContent",
        "mc:Choice",
    }
)
_ALIGNED: Final[dict[str, Alignment]] = {
    "left": "left", "start": "left", "center": "center", "right": "right", "end": "right",
}  # fmt: skip
_MOST_COLUMNS = 200


@dataclass
class _OpenList:
    place: ListPlace
    start: int | None
    tight: bool = True
    items: list[list[Block]] = field(default_factory=list)


@dataclass
class BlockReader:
    styles: Styles
    lists: Lists
    runs: Runs
    _found: list[Block] = field(default_factory=list)
    _open: list[_OpenList] = field(default_factory=list)
    _counts: dict[tuple[str, int], int] = field(default_factory=dict)
    """The last number of each counter and level: a list that is interrupted goes on."""
    _begun: set[ListPlace] = field(default_factory=set)

    def read(self, body: Element) -> list[Block]:
        for element in _blocks_in(body):
            if element.tag == "w:tbl":
                self._close_lists(0)
                self._found += self._table(element)
            else:
                self._paragraph(element)
        self._close_lists(0)
        return self._found

    def _paragraph(self, element: Element) -> None:
        properties = child(element, "w:pPr")
        style = value(child(properties, "w:pStyle")) if properties is not None else ""
        if self.styles.is_contents(style):
            return
        place = list_place(properties) or self.styles.listed(style)
        level = self.styles.heading_level(style)
        if self.styles.is_code(style):
            self._code(self.runs.text(element))
            return
        inlines = self.runs.read(element)
        words = plain(inlines).strip()
        if level:
            # A heading's number is made by the program; the words alone are the heading.
            self._close_lists(0)
            self._found.append(Heading(level, _not_all_bold(inlines)))
        elif place is not None and place.list_id:
            self._item(place, Paragraph(inlines), properties)
        elif self._open and (self.styles.goes_on(style) or _is_unnumbered_item(place, properties)):
            self._open[-1].items[-1].append(Paragraph(inlines))
        elif words in _SCENE_BREAKS or (not words and not inlines and _has_border(properties)):
            self._close_lists(0)
            self._found.append(Rule())
        elif words or inlines:
            self._close_lists(0)
            self._plain(Paragraph(inlines), quoted=self.styles.is_quote(style))

    def _plain(self, block: Block, *, quoted: bool) -> None:
        last = self._found[-1] if self._found else None
        if quoted and isinstance(last, Quote):
            self._found[-1] = Quote((*last.blocks, block))
        else:
            self._found.append(Quote((block,)) if quoted else block)

    def _code(self, text: str) -> None:
        """Lines of code are paragraphs of their own in Word; here they are one block."""
        self._close_lists(0)
        last = self._found[-1] if self._found else None
        if isinstance(last, CodeBlock):
            self._found[-1] = CodeBlock(f"{last.text}\n{text}")
        else:
            self._found.append(CodeBlock(text))

    def _item(self, place: ListPlace, block: Block, properties: Element | None) -> None:
        self._close_lists(place.level + 1)
        level = self.lists.level(place)
        top = self._open[-1] if self._open else None
        if top is not None and top.place.level == place.level:
            same = (top.start is not None) == level.numbered
            if same and level.numbered and top.place.list_id != place.list_id:
                # Another list that counts on with the same counter looks like the same one.
                same = self.lists.level(top.place).counter == level.counter and not level.restarts
            if not same:
                self._close_lists(place.level)
                top = self._open[-1] if self._open else None
        if top is None or top.place.level < place.level:
            top = _OpenList(place, self._begin(place, level) if level.numbered else None)
            self._open.append(top)
        top.items.append([block])
        spacing = child(properties, "w:contextualSpacing")
        top.tight = top.tight and (spacing is None or is_on(spacing))
        self._count(place, level, top)

    def _begin(self, place: ListPlace, level: Level) -> int:
        first = place not in self._begun
        self._begun.add(place)
        last = self._counts.get((level.counter, place.level))
        return level.start if last is None or (first and level.restarts) else last + 1

    def _count(self, place: ListPlace, level: Level, top: _OpenList) -> None:
        if top.start is not None:
            self._counts[level.counter, place.level] = top.start + len(top.items) - 1
        for known in list(self._counts):
            if known[0] == level.counter and known[1] > place.level:
                del self._counts[known]

    def _close_lists(self, level: int) -> None:
        """End the lists that are at a level or deeper."""
        while self._open and self._open[-1].place.level >= level:
            ended = self._open.pop()
            made = ListOf(tuple(tuple(item) for item in ended.items), ended.start, ended.tight)
            if self._open:
                self._open[-1].items[-1].append(made)
            else:
                self._found.append(made)

    def _table(self, element: Element) -> list[Block]:
        rows: list[tuple[Inlines, ...]] = []
        alignments: list[Alignment] = []
        for row in children(element, "w:tr"):
            cells: list[Inlines] = []
            for cell in children(row, "w:tc"):
                cells.append(self._cell(cell))
                if not rows:
                    alignments.append(_alignment(cell))
                span = child(child(cell, "w:tcPr"), "w:gridSpan")
                cells += [()] * min(_MOST_COLUMNS, number(value(span), 1) - 1)
            if not rows:
                cells = [_not_all_bold(one) for one in cells]
            rows.append(tuple(cells[:_MOST_COLUMNS]))
        width = max((len(row) for row in rows), default=0)
        if (len(rows), width) == (1, 1):
            # A box around paragraphs, drawn as a table.
            (box,) = children(child(element, "w:tr"), "w:tc")
            return BlockReader(self.styles, self.lists, self.runs).read(box)
        alignments += [""] * (width - len(alignments))
        return [Table(tuple(alignments[:width]), tuple(rows))] if width else []

    def _cell(self, cell: Element) -> Inlines:
        """Its paragraphs on lines of their own."""
        lines: list[Inline] = []
        for paragraph in cell.iter("w:p"):
            inlines = self.runs.read(paragraph)
            if inlines and lines:
                lines.append(Break(hard=True))
            lines += inlines
        return tuple(lines)


def _blocks_in(parent: Element) -> Iterator[Element]:
    for element in parent:
        if element.tag in ("w:p", "w:tbl"):
            yield element
        elif element.tag in _INSIDE:
            yield from _blocks_in(element)


def _alignment(cell: Element) -> Alignment:
    return _ALIGNED.get(value(child(child(child(cell, "w:p"), "w:pPr"), "w:jc")), "")


def _is_unnumbered_item(place: ListPlace | None, properties: Element | None) -> bool:
    """As deep as an item, its number taken away: the item's next paragraph."""
    indent = child(properties, "w:ind")
    left = (indent.get("w:left") or indent.get("w:start") or "0") if indent is not None else "0"
    return place is not None and not place.list_id and number(left, 0) > 0


def _has_border(properties: Element | None) -> bool:
    return properties is not None and child(properties, "w:pBdr") is not None


def _not_all_bold(inlines: Inlines) -> Inlines:
    """Headings are bold anyway, a table's too; that one was made bold by hand says nothing."""
    return tuple(
        child
        for inline in inlines
        for child in (
            inline.children
            if isinstance(inline, Styled) and inline.style == "strong"
            else (inline,)
        )
    )
