"""The editor for a text that is mostly a few words: each a switch, with a line for all else. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from studio.core.fields import Field, Value
from studio.ui.forms.editor import FieldEditor
from studio.ui.labels import icon_button


class WordsEditor(FieldEditor):
    """The line holds the value; the switches only write it and show what is in it."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.switches: dict[str, QToolButton] = {}
        self.box = QLineEdit()
        self.box.setPlaceholderText(field.every_word or field.placeholder)
        self.box.hide()
        self.other = icon_button("ellipsis", f"{field.label}: something else", "Something else…")
        self.other.setCheckable(True)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for word in field.words:
            switch = QToolButton()
            switch.setText(word.capitalize())
            switch.setProperty("kind", "word")
            switch.setCheckable(True)
            switch.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            switch.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            switch.setAccessibleName(f"{field.label}: {word}")
            switch.clicked.connect(self._on_switch_clicked)
            self.switches[word] = switch
            row.addWidget(switch, 1)
        row.addWidget(self.other)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.box)
        self.name_for_screen_readers(self.box)
        self.setFocusProxy(next(iter(self.switches.values()), self.box))
        self.set_value(field.default)
        self.box.textChanged.connect(self._on_box_text_changed)
        self.other.toggled.connect(self.box.setVisible)

    def value(self) -> Value:
        return None if self.field.optional and not self.box.text() else self.box.text()

    def set_value(self, value: Value) -> None:
        self.box.setText(str(value or ""))
        self._follow_line()
        if self._strange(self.box.text()):
            self.other.setChecked(True)

    def marked(self) -> tuple[QWidget, ...]:
        return (self.box,)

    def _on_switch_clicked(self) -> None:
        chosen = [word for word, switch in self.switches.items() if switch.isChecked()]
        if not chosen:  # none of it makes no sense: the last one stays
            self._follow_line()
            return
        every = self.field.every_word
        self.box.setText(
            every if every and len(chosen) == len(self.switches) else ", ".join(chosen)
        )

    def _on_box_text_changed(self) -> None:
        self._follow_line()
        self.value_changed.emit()

    def _follow_line(self) -> None:
        said = _words(self.box.text())
        every = self.field.every_word
        for word, switch in self.switches.items():
            switch.setChecked(word in said or bool(every and (every in said or not said)))

    def _strange(self, text: str) -> bool:
        return bool(_words(text) - {*self.field.words, self.field.every_word})


def _words(text: str) -> set[str]:
    return {part.strip().lower() for part in text.split(",") if part.strip()}
