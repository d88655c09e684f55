"""The settings a person may change; each takes effect when chosen, or says when it will."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QSpinBox, QStyledItemDelegate, QWidget

from studio.core.settings import Settings
from studio.ui.dialogs.frame import Dialog
from studio.ui.dialogs.text_settings import TextSettings
from studio.ui.labels import label, push_button

_THEMES = {"system": "As the system", "light": "Light", "dark": "Dark"}
_DEVICES = {
    "auto": "The best there is",
    "cuda": "Graphics card (CUDA)",
    "mps": "Apple GPU",
    "cpu": "CPU",
}
_DTYPES = {
    "auto": "As the device likes",
    "float32": "float32",
    "float16": "float16",
    "bfloat16": "bfloat16",
}
_ENGINES = {"child": "A process of its own (safer)", "in_process": "This process"}


class SettingsDialog(Dialog):
    """`changed(name, value)` for every change."""

    changed = Signal(str, object)

    def __init__(self, parent: QWidget | None, settings: Settings) -> None:
        super().__init__(parent, "Settings", width_px=480)
        self.boxes: dict[str, QComboBox] = {}
        form = QFormLayout()
        form.setHorizontalSpacing(24)
        form.setVerticalSpacing(12)
        for name, title, choices in (
            ("theme", "Theme", _THEMES),
            ("device", "Device", _DEVICES),
            ("dtype", "Precision", _DTYPES),
            ("engine", "Engine runs in", _ENGINES),
        ):
            form.addRow(label(title), self._choice(name, title, choices, getattr(settings, name)))
        self.undo = QSpinBox()
        self.undo.lineEdit().setTextMargins(6, 0, 0, 0)
        self.undo.setRange(1, 65536)
        self.undo.setSuffix(" MB")
        self.undo.setValue(settings.undo_budget_mb)
        self.undo.setAccessibleName("Memory for undo")
        self.undo.editingFinished.connect(self._on_undo_edited)
        form.addRow(label("Memory for undo"), self.undo)
        self.alternatives = QSpinBox()
        self.alternatives.lineEdit().setTextMargins(6, 0, 0, 0)
        self.alternatives.setRange(0, 20)
        self.alternatives.setSpecialValueText("None: writing is a little faster")
        self.alternatives.setValue(settings.token_alternatives)
        self.alternatives.setAccessibleName("Alternatives kept for each word")
        self.alternatives.editingFinished.connect(self._on_alternatives_edited)
        form.addRow(label("Alternatives per word"), self.alternatives)
        self.text = TextSettings(self, settings)
        self.text.changed.connect(self.changed)
        for title, field in self.text.rows:
            form.addRow(label(title), field)
        self.column.addLayout(form)
        self.column.addWidget(
            label(
                "Device, precision and the engine's place hold when Folio is started again.",
                "muted",
                wrap=True,
            )
        )
        close = push_button("Close")
        close.clicked.connect(self.accept)
        self.add_buttons(close)

    def _choice(self, name: str, title: str, choices: Mapping[str, str], value: str) -> QComboBox:
        box = QComboBox()
        box.setItemDelegate(QStyledItemDelegate(box))
        box.setAccessibleName(title)
        for key, text in choices.items():
            box.addItem(text, key)
        if box.findData(value) < 0:
            box.addItem(value, value)
        box.setCurrentIndex(box.findData(value))
        box.currentIndexChanged.connect(lambda _: self.changed.emit(name, box.currentData()))
        self.boxes[name] = box
        return box

    def _on_alternatives_edited(self) -> None:
        self.changed.emit("token_alternatives", self.alternatives.value())

    def _on_undo_edited(self) -> None:
        self.changed.emit("undo_budget_mb", self.undo.value())
