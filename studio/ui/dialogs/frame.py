"""What all dialogs share: margins, a row of buttons, and that they are opened, never run."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from studio.ui.labels import label


class Dialog(QDialog):
    """A dialog over the window; it deletes itself when closed. Show it with `open()`."""

    def __init__(self, parent: QWidget | None, title: str, *, width_px: int = 480) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(width_px)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 20, 24, 20)
        self.column.setSpacing(16)
        self.column.addWidget(label(title, "title"))

    def add_buttons(self, *buttons: QPushButton) -> None:
        """Right-aligned below everything; the last one is the default."""
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for button in buttons:
            row.addWidget(button)
        if buttons:
            buttons[-1].setDefault(True)
        self.column.addLayout(row)
