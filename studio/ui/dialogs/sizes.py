"""Two fields for a width and a height in pixels, and what a canvas may be at most. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QSpinBox, QWidget

from studio.io.images import MAX_PIXELS
from studio.ui.labels import label

_MOST_PX = 32768


class SizeFields(QWidget):
    """`edited("width" or "height")` when the person has changed one of them."""

    edited = Signal(str)

    def __init__(self, width: int, height: int) -> None:
        super().__init__()
        self._form = form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(24)
        form.setVerticalSpacing(12)
        self.across = _field("Width", width)
        self.down = _field("Height", height)
        form.addRow(label("Width"), self.across)
        form.addRow(label("Height"), self.down)
        self.across.valueChanged.connect(lambda _: self.edited.emit("width"))
        self.down.valueChanged.connect(lambda _: self.edited.emit("height"))

    def add_row(self, title: str, widget: QWidget) -> None:
        """One more below them."""
        self._form.addRow(label(title), widget)

    @property
    def size_px(self) -> tuple[int, int]:
        return self.across.value(), self.down.value()

    @property
    def problem(self) -> str:
        """Why that can't be; "" if it can."""
        width, height = self.size_px
        if width * height > MAX_PIXELS:
            return (
                f"{width} × {height} are {width * height / 1e6:.0f} million pixels; "
                f"a picture can have {MAX_PIXELS / 1e6:.0f} million."
            )
        return ""

    def set_quietly(self, width: int, height: int) -> None:
        for field, value in ((self.across, width), (self.down, height)):
            field.blockSignals(True)
            field.setValue(value)
            field.blockSignals(False)


def _field(name: str, value: int) -> QSpinBox:
    field = QSpinBox()
    field.lineEdit().setTextMargins(6, 0, 0, 0)
    field.setRange(1, _MOST_PX)
    field.setSuffix(" px")
    field.setAccelerated(True)
    field.setValue(value)
    field.setAccessibleName(name)
    return field
