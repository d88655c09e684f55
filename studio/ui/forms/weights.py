"""Sliders named by the chosen model: one row each, back to zero one by one or all at once. GUI thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.api.models import ModelInfo
from studio.api.sliders import SliderSpec
from studio.core.fields import Field, Value
from studio.ui.forms.centred_slider import CentredSlider
from studio.ui.forms.editor import FieldEditor, WheelNeedsFocus
from studio.ui.forms.numbers import PreciseBox
from studio.ui.forms.pad import SETTLE_MS
from studio.ui.labels import ElidedLabel, icon_button, label, push_button
from studio.ui.slider_shelf import SliderShelf

_NAME_PX = 84
_BOX_PX = 62


class WeightRow(QObject):
    """One slider with its name, number and reset. `set_weight` emits nothing."""

    changed = Signal()
    let_go = Signal()

    def __init__(self, spec: SliderSpec, low: float, high: float, parent: QObject) -> None:
        super().__init__(parent)
        self.spec = spec
        self._low, self._high = max(spec.minimum, low), min(spec.maximum, high)
        self.name = ElidedLabel(spec.title, "muted")
        self.name.setFixedWidth(_NAME_PX)
        self.name.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.name.setToolTip(f"{spec.description or spec.title}\nDouble-click puts it back to 0")
        self.name.installEventFilter(self)
        self.slider = CentredSlider()
        self.slider.setRange(round(self._low / spec.step), round(self._high / spec.step))
        self.slider.setPageStep(max(1, round((self._high - self._low) / spec.step / 12)))
        self.slider.setAccessibleName(spec.title)
        self.slider.setAccessibleDescription(spec.description)
        self.box = PreciseBox()
        self.box.setRange(self._low, self._high)
        self.box.setSingleStep(spec.step)
        self.box.setProperty("kind", "small")
        self.box.setFixedWidth(_BOX_PX)
        self.box.lineEdit().setTextMargins(2, 0, 0, 0)
        self.box.setAccessibleName(f"{spec.title}, as a number")
        self.box.setKeyboardTracking(False)
        self.reset = icon_button("rotate-ccw", f"Put {spec.title} back")
        self.reset.setFixedSize(22, 22)
        WheelNeedsFocus(self).watch(self.slider, self.box)
        self.slider.valueChanged.connect(self._on_slider_value_changed)
        self.slider.sliderReleased.connect(self.let_go)
        self.box.valueChanged.connect(self._on_box_value_changed)
        self.reset.clicked.connect(self.put_back)
        self._show_reset()

    @property
    def weight(self) -> float:
        return round(self.box.value(), 6)

    def set_weight(self, weight: float) -> None:
        for widget in (self.slider, self.box):
            widget.blockSignals(True)
        self.box.setValue(weight)
        self.slider.setValue(round(weight / self.spec.step))
        for widget in (self.slider, self.box):
            widget.blockSignals(False)
        self._show_reset()

    def put_back(self) -> None:
        if self.weight:
            self.set_weight(0.0)
            self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.name and event.type() == QEvent.Type.MouseButtonDblClick:
            self.put_back()
            return True
        return False

    def _on_slider_value_changed(self, position: int) -> None:
        self.box.blockSignals(True)
        self.box.setValue(min(self._high, max(self._low, position * self.spec.step)))
        self.box.blockSignals(False)
        self._show_reset()
        self.changed.emit()

    def _on_box_value_changed(self, weight: float) -> None:
        self.slider.blockSignals(True)
        self.slider.setValue(round(weight / self.spec.step))
        self.slider.blockSignals(False)
        self._show_reset()
        self.changed.emit()

    def _show_reset(self) -> None:
        # Its place stays: nothing may jump under the pointer.
        self.reset.setEnabled(self.weight != 0)
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.reset.setVisible(self.weight != 0)


class WeightsEditor(FieldEditor):
    """`value_changed` while a slider moves; `settled` once it is let go.

    Weights whose sliders aren't known (yet) are kept: a record of another model stays whole.
    """

    settled = Signal()

    def __init__(self, field: Field, sliders: SliderShelf | None = None) -> None:
        super().__init__(field)
        self._shelf = sliders
        self._model: ModelInfo | None = None
        self._values: dict[str, float] = {}
        self._shown: tuple[SliderSpec, ...] = ()
        self._missing = ""
        self.rows: dict[str, WeightRow] = {}
        self.reset_all = push_button("Reset all", "rotate-ccw", kind="quiet")
        self.reset_all.setAccessibleName(f"Put all of {field.label} back")
        self.note = label("", "muted", wrap=True)
        self._box = QWidget()
        self._grid = QGridLayout(self._box)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.reset_all)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.note)
        column.addWidget(self._box)
        column.addLayout(foot)
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLE_MS)
        self._settling.timeout.connect(self._on_settling_timeout)
        self.reset_all.clicked.connect(self._on_reset_all_clicked)
        if sliders is not None:
            sliders.changed.connect(self._ask)
        self.set_value(field.default)
        self.show_sliders(())

    def value(self) -> Value:
        return {name: weight for name, weight in self._values.items() if weight}

    def set_value(self, value: Value) -> None:
        self._values = {
            str(name): float(weight)
            for name, weight in (value.items() if isinstance(value, Mapping) else ())
        }
        for name, row in self.rows.items():
            row.set_weight(self._values.get(name, 0.0))
        self._show_state()
        self.value_changed.emit()

    def set_model(self, model: ModelInfo | None) -> None:
        """Show the sliders of another model; the weights stay."""
        self._model = model
        self._ask()

    def say_what_is_missing(self, text: str) -> None:
        """What stands where the sliders will be."""
        self._missing = text
        self._show_state()

    def show_sliders(self, specs: Sequence[SliderSpec]) -> None:
        """One row for each, in groups. Rows that are the same already stay as they are."""
        if specs and tuple(specs) == self._shown:
            return
        self._shown = tuple(specs)
        for row in self.rows.values():
            row.deleteLater()
        self.rows = {}
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        low = -1e9 if self.field.minimum is None else self.field.minimum
        high = 1e9 if self.field.maximum is None else self.field.maximum
        group = ""
        for spec in specs:
            line = self._grid.rowCount()
            if spec.group != group:
                group = spec.group
                heading = label(group, "label")
                heading.setContentsMargins(0, 8 if self.rows else 0, 0, 2)
                self._grid.addWidget(heading, line, 0, 1, 4)
                line += 1
            row = WeightRow(spec, low, high, self)
            row.set_weight(self._values.get(spec.name, 0.0))
            row.changed.connect(self._on_row_changed)
            row.let_go.connect(self._settle_now)
            for place, widget in enumerate((row.name, row.slider, row.box, row.reset)):
                self._grid.addWidget(widget, line, place)
            self.rows[spec.name] = row
        self._show_state()

    def _ask(self) -> None:
        if self._shelf is None or self._model is None:
            self.show_sliders(())
            return
        specs = self._shelf.of(self._model, self.field.slider_source)
        self.show_sliders(specs or ())
        if specs is None:
            self.note.setText("Looking for the model's sliders…")

    def _on_row_changed(self) -> None:
        row = self.sender()
        if not isinstance(row, WeightRow):
            return
        self._values[row.spec.name] = row.weight
        self._show_state()
        self.value_changed.emit()
        self._settling.start()

    def _on_reset_all_clicked(self) -> None:
        self.set_value({})
        self._settle_now()

    def _on_settling_timeout(self) -> None:
        """Keys and the wheel say no end: a pause is one. Under the mouse only letting go is."""
        if not any(row.slider.isSliderDown() for row in self.rows.values()):
            self.settled.emit()

    def _settle_now(self) -> None:
        self._settling.stop()
        self.settled.emit()

    def _show_state(self) -> None:
        if self.rows:
            self.note.hide()
        else:
            known = "This model brings no sliders along." if self._model is not None else ""
            self.note.setText(self._missing or known or "Choose a model to see its sliders.")
            self.note.show()
        self.reset_all.setVisible(bool(self.rows))
        self.reset_all.setEnabled(any(self._values.values()))
        if self.rows:
            self.setFocusProxy(next(iter(self.rows.values())).slider)
