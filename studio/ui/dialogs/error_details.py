"""An error in full, to read and to copy."""

from __future__ import annotations

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from studio.jobs.events import ErrorText
from studio.ui.dialogs.frame import Dialog
from studio.ui.labels import label, push_button


class ErrorDetails(Dialog):
    def __init__(self, parent: QWidget | None, error: ErrorText) -> None:
        super().__init__(parent, "What happened", width_px=640)
        self.text = full_text(error)
        self.column.addWidget(label(error.what, "heading", wrap=True))
        if error.remedy:
            self.column.addWidget(label(error.remedy, "muted", wrap=True))
        box = QPlainTextEdit(self.text)
        box.setReadOnly(True)
        box.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        box.setMinimumHeight(240)
        box.setAccessibleName("Details of the error")
        self.column.addWidget(box, 1)
        self.copy = push_button("Copy", "copy")
        close = push_button("Close")
        self.add_buttons(self.copy, close)
        self.copy.clicked.connect(self._on_copy_clicked)
        close.clicked.connect(self.accept)

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.text)


def full_text(error: ErrorText) -> str:
    """All that is known, a fact a line; the traceback last."""
    lines = [
        f"{error.kind}: {error.what}",
        f"Where: {error.where}" if error.where else "",
        f"Plugin: {error.plugin}" if error.plugin else "",
        f"What to do: {error.remedy}" if error.remedy else "",
        error.details,
    ]
    return "\n".join(line for line in lines if line)
