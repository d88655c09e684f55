"""What every field's editor has in common: a value, a signal, a mark when the value is bad."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QAbstractSlider, QAbstractSpinBox, QComboBox, QVBoxLayout, QWidget

from studio.core.fields import Field, Value
from studio.ui.labels import label, restyle


class FieldEditor(QWidget):
    """Edits one field. Subclasses implement `value` and `set_value`.

    `value_changed` is emitted for the person's edits and for `set_value` alike.
    """

    value_changed = Signal()

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field

    def value(self) -> Value:
        raise NotImplementedError

    def set_value(self, value: Value) -> None:
        raise NotImplementedError

    def marked(self) -> tuple[QWidget, ...]:
        """The widgets that turn red when the value is bad."""
        return ()

    def set_bad(self, bad: bool) -> None:
        for widget in self.marked():
            widget.setProperty("bad", "true" if bad else "")
            restyle(widget)

    def name_for_screen_readers(self, *widgets: QWidget) -> None:
        for widget in widgets:
            widget.setAccessibleName(self.field.label)
            widget.setAccessibleDescription(self.field.description)
        if widgets:
            self.setFocusProxy(widgets[0])


class ElsewhereEditor(FieldEditor):
    """Keeps a value that is set elsewhere, such as in a panel to explore in, and says so."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._value = field.default
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label("Set from the history or the command line.", "muted", wrap=True))

    def value(self) -> Value:
        return self._value

    def set_value(self, value: Value) -> None:
        self._value = value
        self.value_changed.emit()


class WheelNeedsFocus(QObject):
    """Keeps the wheel from changing a value while the person only scrolls past it."""

    def watch(self, *widgets: QWidget) -> None:
        for widget in widgets:
            widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(
            watched, (QComboBox, QAbstractSpinBox, QAbstractSlider)
        ):
            if watched.hasFocus() and not isinstance(watched, QAbstractSlider):
                return False
            event.ignore()
            return True
        return False
