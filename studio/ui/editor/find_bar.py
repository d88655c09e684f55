"""The bar above the text in which one says what to find and what to put there. GUI thread.

It only shows and asks; `Finding` does.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from studio.core.finding import Query
from studio.ui.labels import icon_button, label, push_button, restyle


class FindBar(QFrame):
    query_changed = Signal()
    next_requested = Signal()
    previous_requested = Signal()
    replace_requested = Signal()
    replace_all_requested = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("findBar")
        self.pattern = _field("Find")
        self.replacement = _field("Replace with")
        self.match_case = _toggle("Aa", "Match case")
        self.whole_words = _toggle("ab|", "Whole words")
        self.expression = _toggle(".*", "Regular expression")
        self.tally = label("", "muted", wrap=True)
        self.replace_one = push_button("Replace", kind="quiet")
        self.replace_all = push_button("All", kind="quiet")
        self.replace_all.setAccessibleName("Replace all")
        self.replace_all.setToolTip("Replace all: one step of undo")
        previous = icon_button("chevron-up", "Previous", "Previous (Shift+F3)")
        following = icon_button("chevron-down", "Next", "Next (F3)")
        close = icon_button("x", "Close the find bar", "Close (Esc)")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 4)
        column.setSpacing(4)
        column.addLayout(_row(self.pattern, self.match_case, self.whole_words, self.expression))
        self._second = QWidget()
        self._second.setObjectName("clear")
        self._second.setLayout(_row(self.replacement, self.replace_one, self.replace_all))
        column.addWidget(self._second)
        column.addLayout(_row(self.tally, previous, following, close))
        self.pattern.textChanged.connect(self.query_changed)
        for toggle in (self.match_case, self.whole_words, self.expression):
            toggle.toggled.connect(self.query_changed)
        following.clicked.connect(self.next_requested)
        previous.clicked.connect(self.previous_requested)
        self.replace_one.clicked.connect(self.replace_requested)
        self.replace_all.clicked.connect(self.replace_all_requested)
        close.clicked.connect(self.closed)
        for field in (self.pattern, self.replacement):
            field.installEventFilter(self)
        self.hide()

    @property
    def query(self) -> Query:
        return Query(
            self.pattern.text(),
            self.expression.isChecked(),
            self.match_case.isChecked(),
            self.whole_words.isChecked(),
        )

    def open(self, pattern: str, *, replacing: bool) -> None:
        """Show it, ready for keys.

        Args:
            pattern: What to look for; "": what it was.
        """
        if pattern:
            self.pattern.setText(pattern)
        self._second.setVisible(replacing)
        self.show()
        self.pattern.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.pattern.selectAll()

    def tell(self, text: str, *, bad: bool = False) -> None:
        """How many were found, or what is wrong."""
        self.tally.setText(text)
        self.tally.setProperty("kind", "problem" if bad else "muted")
        self.pattern.setProperty("bad", "true" if bad else "false")
        restyle(self.tally)
        restyle(self.pattern)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
            event.accept()  # before the window takes it for cancelling a job
            return True
        if event.type() == QEvent.Type.KeyPress:
            return self._on_key(watched, event)
        return super().eventFilter(watched, event)

    def _on_key(self, field: QObject, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return False
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.previous_requested.emit()
        elif field is self.replacement and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.replace_all_requested.emit()
        elif field is self.replacement:
            self.replace_requested.emit()
        else:
            self.next_requested.emit()
        return True


def _field(name: str) -> QLineEdit:
    field = QLineEdit()
    field.setPlaceholderText(name)
    field.setAccessibleName(name)
    return field


def _toggle(text: str, name: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setProperty("kind", "word")
    button.setCheckable(True)
    button.setAccessibleName(name)
    button.setToolTip(name)
    return button


def _row(first: QWidget, *others: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    row.addWidget(first, 1)
    for widget in others:
        row.addWidget(widget)
    return row
