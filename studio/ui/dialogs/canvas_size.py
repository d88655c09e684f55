"""Asks for the canvas's size, and from where it grows or is cut. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.ui.dialogs.frame import Dialog
from studio.ui.dialogs.sizes import SizeFields
from studio.ui.labels import icon_button, label, push_button

_ROWS = ("top", "middle", "bottom")
_COLUMNS = ("left", "middle", "right")


class CanvasSize(Dialog):
    """`chosen(width, height, anchor)`: see `studio.paint.resizing.Anchor`."""

    chosen = Signal(int, int, tuple)

    def __init__(self, parent: QWidget | None, width: int, height: int) -> None:
        super().__init__(parent, "Canvas size", width_px=400)
        self.fields = SizeFields(width, height)
        self._words = label("", "muted", wrap=True)
        self._before = (width, height)
        row = QHBoxLayout()
        row.setSpacing(32)
        left = QVBoxLayout()
        left.addWidget(self.fields)
        left.addStretch(1)
        row.addLayout(left, 1)
        row.addLayout(self._anchors())
        self.column.addLayout(row)
        self.column.addWidget(self._words)
        self.cancel = push_button("Cancel")
        self.accept_button = push_button("Change the size", kind="primary")
        self.cancel.clicked.connect(self.reject)
        self.accept_button.clicked.connect(self._on_accepted)
        self.add_buttons(self.cancel, self.accept_button)
        self.fields.edited.connect(lambda _: self._say())
        self._say()
        self.fields.across.setFocus()
        self.fields.across.selectAll()

    @property
    def anchor(self) -> tuple[float, float]:
        number = self._group.checkedId()
        return (number % 3) / 2, (number // 3) / 2

    def _anchors(self) -> QVBoxLayout:
        """Nine buttons: the place of the picture in the new canvas."""
        grid = QGridLayout()
        grid.setSpacing(2)
        self._group = QButtonGroup(self)
        self.anchors: dict[tuple[int, int], QToolButton] = {}
        for down, row in enumerate(_ROWS):
            for across, column in enumerate(_COLUMNS):
                words = "middle" if row == column == "middle" else f"{row} {column}"
                button = icon_button("circle", f"Keep the {words} in place")
                button.setCheckable(True)
                self._group.addButton(button, 3 * down + across)
                self.anchors[across, down] = button
                grid.addWidget(button, down, across)
        self.anchors[1, 1].setChecked(True)
        column_ = QVBoxLayout()
        column_.setSpacing(4)
        column_.addWidget(label("What stays in place", "muted"))
        column_.addLayout(grid)
        column_.addStretch(1)
        return column_

    def _say(self) -> None:
        width, height = self.fields.size_px
        problem = self.fields.problem
        words = problem or (
            f"It was {self._before[0]} × {self._before[1]}. Pixels stay as they are; what lies outside "
            "is kept, and seen again on a larger canvas."
        )
        self._words.setText(words)
        self.accept_button.setEnabled(not problem and (width, height) != self._before)

    def _on_accepted(self) -> None:
        self.chosen.emit(*self.fields.size_px, self.anchor)
        self.accept()
