"""Who wrote the text: how much the person, how much a model; and a sentence to send along. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from studio.core.authorship import Authorship, disclosure
from studio.ui.dialogs.frame import Dialog
from studio.ui.labels import label, push_button
from studio.ui.theme.icons import tokens_in_use

_BAR = QSize(360, 12)


class Shares(QWidget):
    """One bar in three colours: the person's, the model's as edited, the model's as it was."""

    def __init__(self, found: Authorship) -> None:
        super().__init__()
        self._found = found
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return _BAR

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        x, all_of_it = 0.0, max(1, self._found.characters)
        for count, colour in shares(self._found):
            width = self.width() * count / all_of_it
            painter.fillRect(QRectF(x, 0, width, self.height()), QColor(colour))
            x += width


def shares(found: Authorship) -> tuple[tuple[int, str], ...]:
    """Characters and their colour: the person's, edited, the model's."""
    tokens = tokens_in_use()
    return (
        (found.by_person, tokens.edge),
        (found.by_model_edited, tokens.accent_soft),
        (found.by_model, tokens.accent),
    )


class AuthorshipReport(Dialog):
    def __init__(self, parent: QWidget | None, found: Authorship) -> None:
        super().__init__(parent, "Who wrote the text")
        self.report = disclosure(found)
        self.column.addWidget(Shares(found))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        rows = zip(
            ("A person", "A model, edited", "A model, as it was"), shares(found), strict=True
        )
        for row, (name, (count, colour)) in enumerate(rows):
            grid.addWidget(_Swatch(colour), row, 0)
            grid.addWidget(label(name), row, 1)
            grid.addWidget(label(f"{found.percent(count)} %"), row, 2)
            grid.addWidget(label(f"{count:,} characters", "muted"), row, 3)
        grid.setColumnStretch(4, 1)
        self.column.addLayout(grid)
        self.column.addWidget(label(self.report, "muted", wrap=True))
        copy = push_button("Copy the report", "copy")
        copy.clicked.connect(self._on_copy_clicked)
        close = push_button("Close")
        close.clicked.connect(self.accept)
        self.add_buttons(copy, close)

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.report)


class _Swatch(QWidget):
    def __init__(self, colour: str) -> None:
        super().__init__()
        self._colour = colour
        self.setFixedSize(12, 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(self._colour))
