"""Marks behind the text: who wrote it, what was found, how surprising it is. GUI thread.

Painted under the lines that are seen, from positions alone; nothing of it is in Qt's document, so a mark
costs nothing where nobody looks, and a text of 1 MB with thousands of them stays smooth.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTextBlock, QTextLayout

from studio.ui.editor.positions import units
from studio.ui.editor.shown_text import ShownText

_WAVE_PX = 2


@dataclass(frozen=True)
class Mark:
    """From `start` to `end` (outside), in characters of the document's text.

    Args:
        ground: Fills what is behind the words; None: nothing.
        line: Underlines them; None: nothing.
        broken: Whether the line is dotted.
        wavy: Whether it is a wave.
    """

    start: int
    end: int
    ground: QColor | None = None
    line: QColor | None = None
    broken: bool = False
    wavy: bool = False


class MarkLayer:
    """Marks of one kind in the text's order; a layer is exchanged as a whole."""

    def __init__(self, marks: Sequence[Mark] = ()) -> None:
        self._marks = tuple(marks)
        self._starts = [mark.start for mark in marks]
        self._ends = [mark.end for mark in marks]

    def between(self, start: int, end: int) -> Iterator[Mark]:
        """Those that are seen if the characters from `start` to `end` are."""
        first, last = bisect_right(self._ends, start), bisect_left(self._starts, end)
        yield from self._marks[first:last]


def mark_ranges(
    layers: Iterable[MarkLayer], shown: ShownText, start: int, end: int
) -> list[tuple[int, int, Mark]]:
    """The marks from `start` to `end` in Qt's positions, with theirs; what fills a hole isn't marked."""
    text, hole = shown.text, shown.hole
    gap, length = (hole.start, hole.length) if hole is not None else (-1, 0)
    base = start if start <= gap or not length else max(gap, start - length)
    at = shown.to_characters(start)
    last_at = at + end - start  # no less than the characters there are
    ranges: list[tuple[int, int, Mark]] = []
    for layer in layers:
        for mark in layer.between(at, last_at):
            head = max(mark.start, at)
            first = base + units(text[at:head])
            last = first + units(text[head : min(mark.end, last_at)])
            if first < gap:
                ranges.append((first, min(last, gap), mark))
            if last > gap:
                ranges.append((max(first, gap) + length, last + length, mark))
    return ranges


def paint_marks(
    painter: QPainter,
    block: QTextBlock,
    offset: QPointF,
    ranges: Sequence[tuple[int, int, Mark]],
) -> None:
    """Draw what of the marks lies in one paragraph.

    Args:
        offset: Where the paragraph begins in the viewport.
        ranges: From and to, in Qt's positions, for each mark.
    """
    layout = block.layout()
    begin, length = block.position(), block.length() - 1
    for start, end, mark in ranges:
        for rect in _stretches(layout, max(0, start - begin), min(end - begin, length)):
            rect.translate(offset)
            if mark.ground is not None:
                painter.fillRect(rect, mark.ground)
            if mark.line is not None and mark.wavy:
                painter.setPen(QPen(mark.line, 1))
                painter.drawPolyline(_wave(rect))
            elif mark.line is not None:
                style = Qt.PenStyle.DotLine if mark.broken else Qt.PenStyle.SolidLine
                painter.setPen(QPen(mark.line, 1.5, style))
                painter.drawLine(QPointF(rect.left(), rect.bottom()), rect.bottomRight())


def _stretches(layout: QTextLayout, start: int, end: int) -> Iterator[QRectF]:
    """One rectangle for each line that a range of the paragraph touches."""
    if end <= start:
        return
    for number in range(layout.lineCount()):
        line = layout.lineAt(number)
        first = max(start, line.textStart())
        last = min(end, line.textStart() + line.textLength())
        if last <= first:
            continue
        left, right = _x(line.cursorToX(first)), _x(line.cursorToX(last))
        yield QRectF(min(left, right), line.y(), abs(right - left), line.height())


def _wave(rect: QRectF) -> list[QPointF]:
    """Along the bottom of a stretch."""
    steps = max(1, round(rect.width() / _WAVE_PX))
    low = rect.bottom() + 1
    return [
        QPointF(rect.left() + number * _WAVE_PX, low - (number % 2) * _WAVE_PX)
        for number in range(steps + 1)
    ]


def _x(found: object) -> float:
    """PySide gives (x, position); the position isn't needed."""
    return float(found[0]) if isinstance(found, tuple) else float(found)  # type: ignore[arg-type]
