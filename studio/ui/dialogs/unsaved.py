"""What to do with work that was not saved, asked before it goes."""

from __future__ import annotations

import asyncio

from PySide6.QtWidgets import QWidget

from studio.ui.dialogs.frame import Dialog
from studio.ui.labels import label, push_button


class Unsaved(Dialog):
    """`answer` becomes "save", "discard" or, when the person thinks better of it, ""."""

    def __init__(self, parent: QWidget | None, name: str) -> None:
        super().__init__(parent, "Save your work?")
        self.answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        what = f"{name} was changed since it was saved." if name else "It was never saved."
        self.column.addWidget(label(f"{what} Without saving it is lost.", "muted", wrap=True))
        self.cancel = push_button("Cancel")
        self.discard = push_button("Don't save")
        self.save = push_button("Save", kind="primary")
        self.add_buttons(self.cancel, self.discard, self.save)
        self.cancel.clicked.connect(self.reject)
        self.discard.clicked.connect(lambda: self._say("discard"))
        self.save.clicked.connect(lambda: self._say("save"))
        self.finished.connect(lambda _: self._say(""))

    def _say(self, answer: str) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)
            self.accept()
