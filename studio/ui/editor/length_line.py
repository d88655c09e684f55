"""The line below the text that says how long it is, or what is selected of it. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from studio.ui.editor.words import TextLength, minutes_in_words

_SIDE_PX = 16


class LengthLine(QLabel):
    """Words, characters, minutes; where its place is narrow, those that fit."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("wordCount")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setContentsMargins(_SIDE_PX, 4, _SIDE_PX, 8)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._parts: list[str] = []

    def show_length(self, whole: TextLength, selected: TextLength | None) -> None:
        told = selected if selected is not None else whole
        of_words, of_characters = "", ""
        if selected is not None:
            of_words, of_characters = f" of {whole.words:,}", f" of {whole.characters:,}"
        number = whole.words
        self._parts = [
            f"{told.words:,}{of_words} word{'s' if number != 1 else ''}",
            minutes_in_words(told.minutes),
            f"{told.characters:,}{of_characters} characters",
        ]
        self.setToolTip(
            f"{self._parts[0]} · {self._parts[2]} · {self._parts[1]} to read"
            + (" what is selected" if selected is not None else "")
        )
        self.setAccessibleName(self.toolTip())
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height() + 12)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        for number in range(len(self._parts), 0, -1):
            text = " · ".join(self._parts[:number])
            if number == 1 or self.fontMetrics().horizontalAdvance(text) <= self._room():
                break
        else:
            return
        self.setText(text)

    def _room(self) -> int:
        return self.width() - 2 * _SIDE_PX
