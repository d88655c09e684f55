"""The document's text as Qt shows it: with, maybe, a hole in it that a ghost fills. GUI thread.

Qt's text is the document's with what fills the hole put in; positions in both are told apart here alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextDocument

from studio.ui.editor.positions import characters_before, units, units_before


@dataclass
class Hole:
    """Where Qt's text has something that the document's has not. `start` is a Qt position."""

    start: int
    text: str = ""

    @property
    def length(self) -> int:
        """In Qt's units."""
        return units(self.text)

    @property
    def end(self) -> int:
        return self.start + self.length


class ShownText:
    """`text` is the document's, as far as Qt shows it; whoever changes Qt's text keeps it in step."""

    def __init__(self, document: QTextDocument) -> None:
        self.document = document
        self.text = ""
        self.hole: Hole | None = None
        self.silent = False
        """Whether a change of Qt's text is our own and nobody's typing."""

    def to_units(self, character: int) -> int:
        """Where a character of the document's text stands in Qt's."""
        position, hole = units_before(self.text, character), self.hole
        return position + hole.length if hole is not None and position > hole.start else position

    def to_characters(self, position: int) -> int:
        """The document's character at a position of Qt's; within the hole, where that is."""
        hole = self.hole
        if hole is not None and position > hole.start:
            position = max(hole.start, position - hole.length)
        return characters_before(self.text, position)

    def before(self, start: int, end: int) -> str:
        """What stood from `start` to `end` before the change that Qt now reports."""
        text, hole = self.text, self.hole
        hole_start = hole.start if hole is not None else end
        hole_text = hole.text if hole is not None else ""
        length = units(hole_text)
        pieces = (
            (text, start, min(end, hole_start)),
            (hole_text, start - hole_start, min(end - hole_start, length)),
            (text, max(start - length, hole_start), end - length),
        )
        return "".join(
            piece[characters_before(piece, max(0, first)) : characters_before(piece, last)]
            for piece, first, last in pieces
            if last > max(0, first)
        )

    def now(self, start: int, end: int) -> str:
        """What stands from `start` to `end` in Qt's text."""
        selected = self._cursor(start, end).selectedText()
        return selected.replace("\u2029", "\n").replace("\u2028", "\n")

    def write(self, start: int, end: int, text: str, form: QTextCharFormat | None = None) -> None:
        """Exchange a range of Qt's text; nobody takes it for typing."""
        with self.unheard():
            cursor = self._cursor(start, end)
            if text:
                cursor.insertText(text, form or QTextCharFormat())
            else:
                cursor.removeSelectedText()

    @contextmanager
    def unheard(self) -> Iterator[None]:
        before, self.silent = self.silent, True
        try:
            yield
        finally:
            self.silent = before

    def _cursor(self, start: int, end: int) -> QTextCursor:
        cursor = QTextCursor(self.document)
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        return cursor
