"""Lines further apart than the font's own height, in a QPlainTextEdit. GUI thread.

QPlainTextEdit lays out only what is seen, which keeps a text of 1 MB smooth, but knows no line height:
its layout passes over that of block formats. QTextEdit honours it and lays out everything: beside this it
took 25 times as long to open 1 MB and 10 times as long for a key. So the lines of each paragraph are moved
apart right after Qt has laid them out; caret, selection, mouse and painting all go by where lines lie.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QTextBlock, QTextDocument, QTextLayout
from PySide6.QtWidgets import QPlainTextDocumentLayout


class SpacedLayout(QPlainTextDocumentLayout):
    """A document's layout with `spacing` times the height of each line.

    To be set before the text is.
    """

    def __init__(self, document: QTextDocument, spacing: float) -> None:
        super().__init__(document)
        self._extra = spacing - 1
        self.room: Callable[[QTextBlock], float] = lambda block: 0
        """How much height there is below a paragraph's lines, such as for a picture."""

    def blockBoundingRect(self, block: QTextBlock) -> QRectF:
        """Called for what is seen and what is edited, at every paint: it must stay cheap."""
        rect = super().blockBoundingRect(block)
        layout = block.layout()
        if layout is None or not layout.lineCount() or not block.isVisible():
            return rect
        first = layout.lineAt(0)
        if first.y() < first.height() * self._extra / 4:
            self._move_apart(layout)
        last = layout.lineAt(layout.lineCount() - 1)
        lines = last.y() + last.height() * (1 + self._extra / 2)
        rect.setHeight(lines + self.room(block))
        return rect

    def _move_apart(self, layout: QTextLayout) -> None:
        y = 0.0
        for number in range(layout.lineCount()):
            line = layout.lineAt(number)
            lead = line.height() * self._extra
            line.setPosition(QPointF(line.x(), y + lead / 2))
            y += line.height() + lead
