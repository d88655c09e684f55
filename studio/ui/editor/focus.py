"""Focus: what one writes at is lit, the rest dimmed; the caret's line may stay in the middle. GUI thread."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QApplication, QTextEdit

from studio.core.sentences import sentence_around
from studio.ui.editor.positions import characters_before, units_before
from studio.ui.editor.text_area import TextArea
from studio.ui.theme.icons import tokens_in_use

FocusOn = Literal["off", "paragraph", "sentence"]


class Focus(QObject):
    def __init__(self, area: TextArea) -> None:
        super().__init__(area)
        self._area = area
        self._on: FocusOn = "off"
        self._typewriter = False
        area.cursorPositionChanged.connect(self._on_cursor_position_changed)
        area.textChanged.connect(self._dim)
        area.ghost.grown.connect(self._dim)
        area.viewport().installEventFilter(self)

    @property
    def lit(self) -> tuple[int, int]:
        """From and to in Qt's positions; a ghost at the caret is lit with it."""
        cursor, document = self._area.textCursor(), self._area.document()
        first = document.findBlock(cursor.selectionStart())
        last = document.findBlock(cursor.selectionEnd())
        start, end = first.position(), last.position() + last.length() - 1
        if self._on == "sentence" and first == last and not cursor.hasSelection():
            line = first.text()
            at = characters_before(line, cursor.position() - start)
            inner = sentence_around(line, at)
            start, end = (start + units_before(line, place) for place in inner)
        return self._area.ghost.widened(start, end)

    def choose(self, on: FocusOn) -> None:
        self._on = on
        self._dim()

    def keep_in_the_middle(self, typewriter: bool) -> None:
        if typewriter == self._typewriter:
            return
        self._typewriter = typewriter
        # Else the last lines could not be in the middle.
        self._area.setCenterOnScroll(typewriter)
        if typewriter:
            self._area.centerCursor()

    def tint_again(self) -> None:
        self._dim()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._typewriter and event.type() == QEvent.Type.Resize:
            QTimer.singleShot(0, self, self._area.centerCursor)  # once it is laid out anew
        return False

    def _on_cursor_position_changed(self) -> None:
        self._dim()
        # Where one clicks, the text must not move away under the pointer.
        if self._typewriter and QApplication.mouseButtons() == Qt.MouseButton.NoButton:
            self._area.centerCursor()

    def _dim(self) -> None:
        if self._on == "off":
            if self._area.extraSelections():
                self._area.setExtraSelections([])
            return
        start, end = self.lit
        last = self._area.document().characterCount() - 1
        self._area.setExtraSelections(
            [self._dimmed(a, b) for a, b in ((0, start), (end, last)) if a < b]
        )

    def _dimmed(self, start: int, end: int) -> QTextEdit.ExtraSelection:
        form = QTextCharFormat()
        form.setForeground(QColor(tokens_in_use().faint))
        cursor = QTextCursor(self._area.document())
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        dimmed = QTextEdit.ExtraSelection()
        dimmed.cursor = cursor
        dimmed.format = form
        return dimmed
