"""All shortcuts, read from the actions themselves, so that the list is never wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from studio.ui.command_palette import plain_name, shown_keys
from studio.ui.dialogs.frame import Dialog
from studio.ui.labels import label, push_button

_ELSEWHERE = {
    "In the history": (("Place", "Enter"), ("Rate", "0 to 5"), ("Delete", "Del")),
    "On the canvas": (("Zoom", "Ctrl+wheel"), ("Pan", "Space and drag")),
}


class Shortcuts(Dialog):
    def __init__(self, parent: QWidget | None, menus: Mapping[str, Iterable[QAction]]) -> None:
        super().__init__(parent, "Keyboard shortcuts", width_px=460)
        body = QWidget()
        body.setObjectName("panelBody")
        self.grid = QGridLayout(body)
        self.grid.setContentsMargins(0, 0, 12, 0)
        self.grid.setHorizontalSpacing(24)
        self.grid.setVerticalSpacing(8)
        for title, actions in menus.items():
            rows = [
                (_own_name(action), shown_keys(action)) for action in actions if shown_keys(action)
            ]
            self._add(title.replace("&", ""), rows)
        for title, fixed in _ELSEWHERE.items():
            self._add(title, list(fixed))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(body)
        scroll.setMinimumHeight(420)
        self.column.addWidget(scroll, 1)
        close = push_button("Close")
        close.clicked.connect(self.accept)
        self.add_buttons(close)

    def _add(self, title: str, rows: list[tuple[str, str]]) -> None:
        if not rows:
            return
        row = self.grid.rowCount()
        if row > 1:
            self.grid.setRowMinimumHeight(row, 8)
            row += 1
        self.grid.addWidget(label(title, "label"), row, 0)
        for name, keys in rows:
            row += 1
            self.grid.addWidget(label(name), row, 0)
            self.grid.addWidget(label(keys, "key"), row, 1, Qt.AlignmentFlag.AlignRight)


def _own_name(action: QAction) -> str:
    """What it is called whatever it would do right now."""
    own = str(action.property("ownName") or "").replace("&", "")
    longer = str(action.property("paletteName") or "")
    return (longer or own or plain_name(action)).rstrip("…")
