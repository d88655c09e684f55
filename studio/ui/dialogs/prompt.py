"""The exact prompt that a model would read to go on. GUI thread."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from studio.core.prompt_parts import CountedPrompt
from studio.ui.dialogs.frame import Dialog
from studio.ui.labels import label, push_button


class ExactPrompt(Dialog):
    def __init__(self, parent: QWidget | None, prompt: CountedPrompt) -> None:
        super().__init__(parent, "The exact prompt", width_px=640)
        self.text = QPlainTextEdit(prompt.text)
        self.text.setReadOnly(True)
        self.text.setAccessibleName("The exact prompt")
        self.text.setMinimumHeight(360)
        said = f"{prompt.tokens:,} of {prompt.budget:,} tokens, from first to last as the model reads it"
        self.column.addWidget(label(said, "muted", wrap=True))
        self.column.addWidget(self.text, 1)
        copy = push_button("Copy", "copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(prompt.text))
        close = push_button("Close")
        close.clicked.connect(self.accept)
        self.add_buttons(copy, close)
        self.text.moveCursor(self.text.textCursor().MoveOperation.End)
