"""Asks how large the picture shall be, in pixels or per cent. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QWidget

from studio.ui.dialogs.frame import Dialog
from studio.ui.dialogs.sizes import SizeFields
from studio.ui.labels import label, push_button


class ScaleImage(Dialog):
    """`chosen(width, height)`."""

    chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None, width: int, height: int) -> None:
        super().__init__(parent, "Scale the picture", width_px=400)
        self._before = (width, height)
        self.fields = SizeFields(width, height)
        self.per_cent = QDoubleSpinBox()
        self.per_cent.lineEdit().setTextMargins(6, 0, 0, 0)
        self.per_cent.setRange(0.1, 3200)
        self.per_cent.setDecimals(1)
        self.per_cent.setSuffix(" %")
        self.per_cent.setValue(100)
        self.per_cent.setAccessibleName("Per cent")
        self.alike = QCheckBox("Keep the proportions")
        self.alike.setChecked(True)
        self.fields.add_row("Scale", self.per_cent)
        self._words = label("", "muted", wrap=True)
        self.column.addWidget(self.fields)
        self.column.addWidget(self.alike)
        self.column.addWidget(self._words)
        self.cancel = push_button("Cancel")
        self.accept_button = push_button("Scale", kind="primary")
        self.cancel.clicked.connect(self.reject)
        self.accept_button.clicked.connect(self._on_accepted)
        self.add_buttons(self.cancel, self.accept_button)
        self.fields.edited.connect(self._on_fields_edited)
        self.per_cent.valueChanged.connect(self._on_per_cent_changed)
        self._say()
        self.fields.across.setFocus()
        self.fields.across.selectAll()

    def _on_fields_edited(self, side: str) -> None:
        width, height = self.fields.size_px
        old_width, old_height = self._before
        if self.alike.isChecked():
            if side == "width":
                height = max(1, round(old_height * width / old_width))
            else:
                width = max(1, round(old_width * height / old_height))
            self.fields.set_quietly(width, height)
        scale = width / old_width if side == "width" else height / old_height
        self.per_cent.blockSignals(True)
        self.per_cent.setValue(100 * scale)
        self.per_cent.blockSignals(False)
        self._say()

    def _on_per_cent_changed(self, per_cent: float) -> None:
        width, height = (max(1, round(side * per_cent / 100)) for side in self._before)
        self.fields.set_quietly(width, height)
        self._say()

    def _say(self) -> None:
        problem = self.fields.problem
        words = f"It was {self._before[0]} × {self._before[1]}. All layers are resampled."
        self._words.setText(problem or words)
        self.accept_button.setEnabled(not problem and self.fields.size_px != self._before)

    def _on_accepted(self) -> None:
        self.chosen.emit(*self.fields.size_px)
        self.accept()
