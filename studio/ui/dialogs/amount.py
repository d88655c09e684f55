"""Asks for one number of pixels. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDoubleSpinBox, QFormLayout, QWidget

from studio.ui.dialogs.frame import Dialog
from studio.ui.labels import label, push_button


class Amount(Dialog):
    """`chosen(pixels)`.

    Args:
        verb: What the button says.
        words: One sentence on what it does.
        amount_px: What stands there at first: the last one.
        decimals: 0 for whole pixels.
    """

    chosen = Signal(float)

    def __init__(
        self,
        parent: QWidget | None,
        title: str,
        verb: str,
        words: str,
        amount_px: float,
        most_px: float,
        *,
        decimals: int = 0,
    ) -> None:
        super().__init__(parent, title, width_px=360)
        self.column.addWidget(label(words, "muted", wrap=True))
        self.field = QDoubleSpinBox()
        self.field.lineEdit().setTextMargins(6, 0, 0, 0)
        self.field.setDecimals(decimals)
        self.field.setRange(10.0**-decimals, most_px)
        self.field.setSuffix(" px")
        self.field.setValue(amount_px)
        self.field.setAccessibleName("Pixels")
        form = QFormLayout()
        form.setHorizontalSpacing(24)
        form.addRow(label("By"), self.field)
        self.column.addLayout(form)
        self.cancel = push_button("Cancel")
        self.accept_button = push_button(verb, kind="primary")
        self.cancel.clicked.connect(self.reject)
        self.accept_button.clicked.connect(self._on_accepted)
        self.add_buttons(self.cancel, self.accept_button)
        self.field.setFocus()
        self.field.selectAll()

    def _on_accepted(self) -> None:
        self.chosen.emit(self.field.value())
        self.accept()
