"""The model chooser: the models of one family, what the chosen one is good for, and how to add one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStyledItemDelegate, QVBoxLayout, QWidget

from studio.api.models import ModelInfo
from studio.core.fields import Field, Value
from studio.ui.forms.editor import FieldEditor, WheelNeedsFocus
from studio.ui.labels import icon_button, label, shortened
from studio.ui.model_shelf import ModelShelf

_MOST_CHARACTERS = 280
"""Of what is said below the chooser; the rest is its tooltip."""


class ModelEditor(FieldEditor):
    """`add_requested(family)` asks the window for its "add a model" dialog."""

    add_requested = Signal(str)
    chosen_changed = Signal()
    """Another model is chosen, or the list of models came."""

    def __init__(self, field: Field, shelf: ModelShelf) -> None:
        super().__init__(field)
        self._shelf = shelf
        self._wanted: str = str(field.default or "")
        self.box = QComboBox()
        self.box.setItemDelegate(QStyledItemDelegate(self.box))
        self.box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.box.setMinimumContentsLength(12)
        WheelNeedsFocus(self).watch(self.box)
        self.add = icon_button("plus", "Add a model", "Add a model…")
        self._notes = label("", "muted", wrap=True)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.box, 1)
        row.addWidget(self.add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._notes)
        self.name_for_screen_readers(self.box)
        self._fill()
        shelf.changed.connect(self._fill)
        self.box.currentIndexChanged.connect(self._on_box_index_changed)
        self.add.clicked.connect(self._on_add_clicked)

    def value(self) -> Value:
        """The model's id; "" asks for the best there is, or for none where the field is optional."""
        chosen = self.box.currentData()
        return str(chosen) if chosen else ""

    def set_value(self, value: Value) -> None:
        self._wanted = str(value or "")
        index = self.box.findData(self._wanted) if self._wanted else 0
        if index >= 0 and self.box.count():
            self.box.setCurrentIndex(index)

    def marked(self) -> tuple[QWidget, ...]:
        return (self.box,)

    def chosen(self) -> ModelInfo | None:
        models = self._shelf.of_family(self.field.model_family)
        return next((info for info in models if info.id == self.value()), None)

    def _fill(self) -> None:
        wanted = str(self.value() or "") or self._wanted
        models = self._shelf.of_family(self.field.model_family)
        self.box.blockSignals(True)
        self.box.clear()
        if self.field.optional:
            self.box.addItem("None", "")
        for info in models:
            self.box.addItem(info.facts.title or info.id, info.id)
        if not models and not self.field.optional:
            loaded = self._shelf.loaded
            self.box.addItem("None on this machine" if loaded else "Looking for models…", "")
        self.box.setEnabled(bool(models))
        self.box.setCurrentIndex(max(0, self.box.findData(wanted)))
        self.box.blockSignals(False)
        self._show_notes()

    def _on_box_index_changed(self) -> None:
        self._wanted = str(self.value() or "")
        self._show_notes()
        self.value_changed.emit()

    def _on_add_clicked(self) -> None:
        self.add_requested.emit(self.field.model_family)

    def _show_notes(self) -> None:
        self.chosen_changed.emit()
        info = self.chosen()
        whole = ""
        if info is not None:
            limits = " ".join(note.removeprefix("Limits: ") for note in info.facts.notes)
            whole = f"{_facts_line(info)} {limits}".strip()
            text = shortened(whole, _MOST_CHARACTERS)
        elif self._shelf.loaded and not self.field.optional:
            text = f"Add a {self.field.model_family} model: press + or drop its file on the window."
        else:
            text = ""
        self._notes.setText(text)
        self._notes.setToolTip(whole if whole != text else "")
        self.box.setToolTip(whole)
        self._notes.setVisible(bool(text))


def _facts_line(info: ModelInfo) -> str:
    facts = [
        f"{info.size_bytes / 1e9:.1f} GB"
        if info.size_bytes >= 1e9
        else f"{max(1, round(info.size_bytes / 1e6))} MB"
    ]
    if info.facts.parameters:
        billions = info.facts.parameters / 1e9
        facts.insert(
            0,
            f"{billions:.1f} B parameters"
            if billions >= 1
            else f"{round(billions * 1000)} M parameters",
        )
    if info.facts.licence:
        facts.append(info.facts.licence)
    return ", ".join(facts) + "."
