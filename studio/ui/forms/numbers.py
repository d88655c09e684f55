"""Editors for numbers: a slider with a box, a box alone, and the seed. GUI thread."""

from __future__ import annotations

import math
import secrets

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLineEdit, QSlider, QSpinBox, QWidget

from studio.core.fields import Field, Value
from studio.ui.forms.editor import FieldEditor, WheelNeedsFocus
from studio.ui.labels import icon_button
from studio.ui.theme.icons import set_icon

_INT_LIMIT = 2**31 - 1
_DECIMALS = 6
_SHOWN_DECIMALS = 2


def editor_for_number(field: Field) -> FieldEditor:
    """A slider where asked for and possible; a free line where the value may be absent."""
    if field.optional:
        return OptionalNumberEditor(field)
    if field.kind == "integer":
        low = -_INT_LIMIT if field.minimum is None else field.minimum
        high = _INT_LIMIT if field.maximum is None else field.maximum
        if low < -_INT_LIMIT or high > _INT_LIMIT:
            return OptionalNumberEditor(field)
    return NumberEditor(field)


class PreciseBox(QDoubleSpinBox):
    """Keeps six decimals, so that a record's value comes back whole; shows those that count."""

    def __init__(self) -> None:
        super().__init__()
        self.setDecimals(_DECIMALS)

    def textFromValue(self, value: float) -> str:
        fixed = self.locale().toString(value, "f", _DECIMALS)
        return fixed[: -_DECIMALS + _SHOWN_DECIMALS] + fixed[-_DECIMALS + _SHOWN_DECIMALS :].rstrip(
            "0"
        )


class WholeBox(QSpinBox):
    """Steps from one multiple of its step to the next, whatever was typed; up from a least value that
    has words, such as "the model's own", to what those stand for."""

    def __init__(self) -> None:
        super().__init__()
        self.own = 0
        """What the words of the least value stand for; 0 where that isn't known."""

    def stepBy(self, steps: int) -> None:
        step = self.singleStep()
        if self.own and steps > 0 and self.specialValueText() and self.value() == self.minimum():
            self.setValue(max(step, round(self.own / step) * step))
            return
        off = (self.value() - self.minimum()) % step if self.minimum() > -_INT_LIMIT else 0
        self.setValue(self.value() - off + step * (steps + (off > 0 > steps)))


class NumberEditor(FieldEditor):
    """A spin box, with a slider before it when the field has both bounds and asks for one."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.box: QSpinBox | QDoubleSpinBox = (
            self._integer_box() if field.kind == "integer" else self._number_box()
        )
        self.box.setSpecialValueText(field.least_means)
        self.box.lineEdit().setTextMargins(6, 0, 0, 0)
        self.slider: QSlider | None = None
        wheel = WheelNeedsFocus(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        bounded = field.minimum is not None and field.maximum is not None
        if field.slider and bounded:
            self.slider = self._make_slider()
            wheel.watch(self.slider)
            row.addWidget(self.slider, 1)
            self.box.setFixedWidth(84)
        row.addWidget(self.box, 0 if self.slider else 1)
        wheel.watch(self.box)
        self.name_for_screen_readers(*([self.slider] if self.slider else []), self.box)
        self.set_value(field.default if field.default is not None else field.minimum or 0)
        self.box.valueChanged.connect(self._on_box_value_changed)

    def _integer_box(self) -> QSpinBox:
        box = WholeBox()
        low = -_INT_LIMIT if self.field.minimum is None else int(self.field.minimum)
        high = _INT_LIMIT if self.field.maximum is None else int(self.field.maximum)
        box.setRange(low, high)
        box.setSingleStep(max(1, int(self.field.step)))
        return box

    def _number_box(self) -> QDoubleSpinBox:
        box = PreciseBox()
        low = -1e9 if self.field.minimum is None else self.field.minimum
        high = 1e9 if self.field.maximum is None else self.field.maximum
        step = self.field.step or _nice_step(high - low)
        box.setRange(low, high)
        box.setSingleStep(step)
        return box

    def _make_slider(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        self._low = float(self.field.minimum or 0)
        self._step = float(self.box.singleStep())
        steps = max(1, round((float(self.field.maximum or 0) - self._low) / self._step))
        slider.setRange(0, steps)
        slider.setPageStep(max(1, steps // 10))
        slider.valueChanged.connect(self._on_slider_value_changed)
        return slider

    def value(self) -> Value:
        if isinstance(self.box, QSpinBox):
            return self.box.value()
        return round(self.box.value(), 6)

    def set_value(self, value: Value) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return
        if isinstance(self.box, QSpinBox):
            self.box.setValue(int(value))
        else:
            self.box.setValue(float(value))
        self._follow_box()

    def set_own(self, own: int) -> None:
        """What the words of the least value stand for with the model that is chosen; 0: not known."""
        if isinstance(self.box, WholeBox):
            self.box.own = own

    def marked(self) -> tuple[QWidget, ...]:
        return (self.box,)

    def _on_slider_value_changed(self, position: int) -> None:
        value = self._low + position * self._step
        if isinstance(self.box, QSpinBox):
            self.box.setValue(round(value))
        else:
            self.box.setValue(value)

    def _on_box_value_changed(self) -> None:
        self._follow_box()
        self.value_changed.emit()

    def _follow_box(self) -> None:
        if self.slider is not None:
            # Blocked: a value between two steps must not be pulled to one of them.
            self.slider.blockSignals(True)
            self.slider.setValue(round((float(self.box.value()) - self._low) / self._step))
            self.slider.blockSignals(False)


class OptionalNumberEditor(FieldEditor):
    """A line that may stay empty, or that holds numbers too large for a spin box."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.box = QLineEdit()
        self.box.setPlaceholderText(field.placeholder or field.range_text or "Not set")
        self.box.textChanged.connect(self.value_changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box)
        self.name_for_screen_readers(self.box)
        self.set_value(field.default)

    def value(self) -> Value:
        return _number(self.field, self.box.text())

    def set_value(self, value: Value) -> None:
        self.box.setText("" if value is None else f"{value}")

    def marked(self) -> tuple[QWidget, ...]:
        return (self.box,)


class SeedEditor(FieldEditor):
    """The seed: -1 draws a new one for each job; the lock keeps the number that is shown."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.box = QLineEdit()
        self.box.setPlaceholderText("A new one each time")
        self.dice = icon_button("dice-5", "Draw a seed", "Draw a seed and keep it")
        self.lock = icon_button("lock-open", "Keep the seed", "Keep this seed for the next job")
        self.lock.setCheckable(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.box, 1)
        row.addWidget(self.dice)
        row.addWidget(self.lock)
        self.name_for_screen_readers(self.box)
        self.set_value(field.default)
        self.box.textEdited.connect(self._on_box_edited)
        self.dice.clicked.connect(self._on_dice_clicked)
        self.lock.toggled.connect(self._on_lock_toggled)

    def value(self) -> Value:
        if not self.lock.isChecked():
            return -1
        number = _number(self.field, self.box.text())
        return -1 if number is None else number

    def set_value(self, value: Value) -> None:
        fixed = isinstance(value, int) and value >= 0
        self.box.setText(str(value) if fixed else "")
        self.lock.setChecked(fixed)
        self.value_changed.emit()

    def show_drawn(self, seed: int) -> None:
        """The seed a job got; the lock then repeats it."""
        if not self.lock.isChecked():
            self.box.setText(str(seed))

    def marked(self) -> tuple[QWidget, ...]:
        return (self.box,)

    def _on_box_edited(self) -> None:
        self.lock.setChecked(bool(self.box.text().strip()))
        self.value_changed.emit()

    def _on_dice_clicked(self) -> None:
        self.set_value(secrets.randbelow(2**32))

    def _on_lock_toggled(self, locked: bool) -> None:
        set_icon(self.lock, "lock" if locked else "lock-open")
        if locked and not self.box.text().strip():
            self.box.setText(str(secrets.randbelow(2**32)))
        self.value_changed.emit()


def _number(field: Field, text: str) -> Value:
    """The number, None for nothing, or the text itself: validation then says what is wrong."""
    text = text.strip()
    if not text:
        return None
    try:
        return float(text) if field.kind == "number" else int(text)
    except ValueError:
        return text


def _nice_step(span: float) -> float:
    """A hundredth of the range, rounded to 1, 2 or 5 of a power of ten."""
    raw = span / 100
    power = 10.0 ** math.floor(math.log10(raw))
    return next(nice * power for nice in (1, 2, 5, 10) if nice * power >= raw * 0.999)
