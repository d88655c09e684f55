"""Editors for one of several, and for yes or no. GUI thread."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QStyledItemDelegate, QWidget

from studio.core.fields import Field, Value
from studio.ui.forms.editor import FieldEditor, WheelNeedsFocus

_NONE = "Not set"


class ChoiceEditor(FieldEditor):
    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.box = QComboBox()
        self.box.setItemDelegate(QStyledItemDelegate(self.box))
        if field.optional:
            self.box.addItem(_NONE, None)
        for choice in field.choices:
            self.box.addItem(_readable(choice), choice)
        WheelNeedsFocus(self).watch(self.box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box)
        self.name_for_screen_readers(self.box)
        self.set_value(field.default)
        self.box.currentIndexChanged.connect(self.value_changed)

    def value(self) -> Value:
        chosen = self.box.currentData()
        return None if chosen is None else str(chosen)

    def set_value(self, value: Value) -> None:
        index = self.box.findData(value)
        if index >= 0:
            self.box.setCurrentIndex(index)

    def marked(self) -> tuple[QWidget, ...]:
        return (self.box,)


class SwitchEditor(FieldEditor):
    """A switch that carries its own label."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.box = QCheckBox(field.label)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box)
        self.name_for_screen_readers(self.box)
        self.set_value(field.default)
        self.box.toggled.connect(self.value_changed)

    def value(self) -> Value:
        return self.box.isChecked()

    def set_value(self, value: Value) -> None:
        self.box.setChecked(bool(value))


def _readable(choice: str) -> str:
    """ "euler_ancestral" as "Euler ancestral"; words with capitals stay as they are."""
    words = choice.replace("_", " ")
    return words[:1].upper() + words[1:] if words.islower() else words
