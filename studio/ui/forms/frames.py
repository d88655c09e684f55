"""A film's frames as people think of them: in seconds, with the frames beside. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from studio.core.fields import Field, Value
from studio.ui.forms.editor import FieldEditor, WheelNeedsFocus
from studio.ui.labels import label

_BOX_PX = 84


class FramesEditor(FieldEditor):
    """The value is whole frames; the box says seconds at the film's rate. A new rate keeps the seconds."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._low, self._high = int(field.minimum or 0), int(field.maximum or 0)
        self._rate = field.rate
        self._frames = self._low
        self.box = QDoubleSpinBox()
        self.box.setDecimals(2)
        self.box.setSingleStep(0.1)
        self.box.setSuffix(" s")
        self.box.setFixedWidth(_BOX_PX)
        self.box.lineEdit().setTextMargins(6, 0, 0, 0)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(self._low, self._high)
        self.slider.setPageStep(max(1, (self._high - self._low) // 20))
        self.note = label("", "muted")
        wheel = WheelNeedsFocus(self)
        wheel.watch(self.slider, self.box)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.slider, 1)
        row.addWidget(self.box)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.note)
        self.name_for_screen_readers(self.slider, self.box)
        self.set_value(field.default)
        self.slider.valueChanged.connect(self._take)
        self.box.valueChanged.connect(lambda seconds: self._take(round(seconds * self._rate)))

    def value(self) -> Value:
        return self._frames

    def set_value(self, value: Value) -> None:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            self._take(round(value))

    def set_rate(self, rate: Value) -> None:
        """Another number of frames a second: so many seconds are other frames."""
        if not isinstance(rate, (int, float)) or rate <= 0 or rate == self._rate:
            return
        seconds = self._frames / self._rate
        self._rate = float(rate)
        self._take(round(seconds * self._rate))

    def marked(self) -> tuple[QWidget, ...]:
        return (self.box,)

    def _take(self, frames: int) -> None:
        self._frames = min(self._high, max(self._low, frames))
        for widget in (self.box, self.slider):
            widget.blockSignals(True)
        self.box.setRange(self._low / self._rate, self._high / self._rate)
        # What is being typed stays as it is typed, as long as it means the same.
        if round(self.box.value() * self._rate) != self._frames:
            self.box.setValue(self._frames / self._rate)
        self.slider.setValue(self._frames)
        for widget in (self.box, self.slider):
            widget.blockSignals(False)
        self.note.setText("1 frame" if self._frames == 1 else f"{self._frames} frames")
        self.value_changed.emit()
