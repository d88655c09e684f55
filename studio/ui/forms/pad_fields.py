"""A pad with the two number boxes of its axes: they show the same point. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.core.fields import Field
from studio.ui.forms.numbers import NumberEditor
from studio.ui.forms.pad import Pad, Span
from studio.ui.labels import label


class PadFields(QWidget):
    """`moved` while the point moves by hand or by number, `settled` when it is let go.

    Args:
        x: The field across; its partner in the same pad is `y`.
    """

    moved = Signal()
    settled = Signal()

    def __init__(self, x: Field, y: Field) -> None:
        super().__init__()
        title = x.pad[:1].upper() + x.pad[1:].replace("_", " ")
        self.across, self.up = NumberEditor(x), NumberEditor(y)
        self.pad = Pad(_span(x), _span(y), title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        caption = label(title, "label")
        caption.setBuddy(self.pad)
        column.addWidget(caption)
        column.addWidget(self.pad)
        self._follow_boxes()
        self.pad.moved.connect(self._on_pad_moved)
        self.pad.settled.connect(self.settled)
        self.across.value_changed.connect(self._follow_boxes)
        self.up.value_changed.connect(self._follow_boxes)
        for editor in (self.across, self.up):
            editor.box.editingFinished.connect(self.settled)

    def _on_pad_moved(self, x: float, y: float) -> None:
        self.across.set_value(x)
        self.up.set_value(y)
        self.moved.emit()

    def _follow_boxes(self) -> None:
        self.pad.set_point(_number(self.across), _number(self.up))


def _span(field: Field) -> Span:
    return Span(float(field.minimum or 0.0), float(field.maximum or 1.0))


def _number(editor: NumberEditor) -> float:
    value = editor.value()
    return float(value) if isinstance(value, (int, float)) else 0.0
