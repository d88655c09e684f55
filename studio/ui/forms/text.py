"""Editors for text: prompts that grow with what is written, single lines, text from the document."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from studio.core.fields import Field, Value
from studio.ui.forms.editor import FieldEditor
from studio.ui.labels import label

_PADDING_PX = 14
_EXCERPT_CHARACTERS = 90
_WHERE = {
    "selection": "selected",
    "before_caret": "before the caret",
    "before_selection": "before what is selected",
}


class GrowingText(QPlainTextEdit):
    """As high as its text, between two bounds. Tab leaves it, Ctrl+Enter is left to the window."""

    def __init__(self, lines: int, most_lines: int) -> None:
        super().__init__()
        self._lines = lines
        self._most_lines = most_lines
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.textChanged.connect(self._fit)
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(200, self.maximumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
            return
        super().keyPressEvent(event)

    def _fit(self) -> None:
        # The layout counts visual lines, so wrapped text counts as it is shown.
        wanted = self.document().size().height()
        lines = min(max(int(wanted + 0.5), self._lines), self._most_lines)
        height = round(lines * QFontMetricsF(self.font()).lineSpacing()) + _PADDING_PX
        if height != self.height():
            self.setFixedHeight(height)


class PromptEditor(FieldEditor):
    def __init__(self, field: Field) -> None:
        super().__init__(field)
        lines, most = (2, 6) if field.kind == "negative_prompt" else (4, 12)
        self.box = GrowingText(lines, most)
        self.box.setPlaceholderText(field.placeholder)
        self.box.textChanged.connect(self.value_changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.box)
        self.name_for_screen_readers(self.box)
        self.set_value(field.default)

    def value(self) -> Value:
        text = self.box.toPlainText()
        return None if self.field.optional and not text else text

    def set_value(self, value: Value) -> None:
        if self.box.toPlainText() != (value or ""):
            self.box.setPlainText(str(value or ""))

    def marked(self) -> tuple[QWidget, ...]:
        return (self.box,)


class LineEditor(FieldEditor):
    """A single line, for `text` fields."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.box = QLineEdit()
        self.box.setPlaceholderText(field.placeholder)
        if field.max_length:
            self.box.setMaxLength(field.max_length)
        self.box.textChanged.connect(self.value_changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box)
        self.name_for_screen_readers(self.box)
        self.set_value(field.default)

    def value(self) -> Value:
        return None if self.field.optional and not self.box.text() else self.box.text()

    def set_value(self, value: Value) -> None:
        self.box.setText(str(value or ""))

    def marked(self) -> tuple[QWidget, ...]:
        return (self.box,)


class DocumentTextEditor(FieldEditor):
    """Not typed here: taken from the document when the job is made; shows what that would be."""

    def __init__(self, field: Field, read: Callable[[str], str]) -> None:
        super().__init__(field)
        self._read = read
        self._own: str | None = None
        self.box = QWidget()
        self.box.setObjectName("note")
        self.box.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._summary = label("", wrap=True)
        self._count = label("", "muted")
        inner = QVBoxLayout(self.box)
        inner.setContentsMargins(10, 8, 10, 8)
        inner.setSpacing(4)
        inner.addWidget(self._summary)
        inner.addWidget(self._count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.box)
        self.refresh()

    def value(self) -> Value:
        text = self._read(self.field.text_source) if self._own is None else self._own
        return None if self.field.optional and not text else text

    def set_value(self, value: Value) -> None:
        """A fixed text (from "make again") instead of the document's; None goes back to it."""
        self._own = None if not value or value == self.field.default else str(value)
        self.refresh()
        self.value_changed.emit()

    def refresh(self) -> None:
        """Show what the document has now."""
        text = str(self.value() or "")
        selection = self.field.text_source == "selection"
        if not text.strip():
            empty = "Select some text first." if selection else "The text is empty so far."
            self._summary.setText(empty)
            self._count.setText("Taken from the text editor.")
            return
        flat = " ".join(text.split()) if len(text) < 4000 else " ".join(text[-4000:].split())
        if len(flat) > _EXCERPT_CHARACTERS:
            short = (
                flat[:_EXCERPT_CHARACTERS] + "…" if selection else "…" + flat[-_EXCERPT_CHARACTERS:]
            )
        else:
            short = flat
        self._summary.setText(f"“{short}”")
        where = _WHERE[self.field.text_source]
        if self._own is not None:
            where = "as it was in the earlier job"
        words = len(text.split())
        self._count.setText(f"{words:,} {'word' if words == 1 else 'words'} {where}")
        self.box.setAccessibleName(f"{self.field.label}: {self._count.text()}")
