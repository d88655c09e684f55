"""The side conversation: questions about the text and what else a model makes of it. GUI thread.

It only asks; nothing of it is in the document until the person inserts it.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.core.conversation import Task, Turn
from studio.ui.canvas.flow import FlowLayout
from studio.ui.labels import icon_button, label, push_button
from studio.ui.panels.turn_view import TurnView, spacer

ABOUT = ("Selection, else all", "The whole text", "No text")
_QUESTION_PX = 68
_NEAR_END_PX = 8
_ADVICE = "Ask about the text, or have something made of it. Nothing enters the text unless you insert it."


class ConversationPanel(QWidget):
    asked = Signal(str)
    task_chosen = Signal(object)
    """A `Task`."""
    insert_requested = Signal(str, str)
    """Text and record."""
    cleared = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.turns: list[TurnView] = []
        self.buttons: dict[str, QPushButton] = {}
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips, (0, 0, 0, 0), 6)
        self.about = QComboBox()
        self.about.addItems(ABOUT)
        self.about.setAccessibleName("What the question is about")
        self.clear = icon_button("trash-2", "Clear the conversation")
        self.question = QPlainTextEdit()
        self.question.setPlaceholderText("Does the ending come too soon?")
        self.question.setAccessibleName("Question")
        self.question.setTabChangesFocus(True)
        self.question.setFixedHeight(_QUESTION_PX)
        self.question.installEventFilter(self)
        self.ask = push_button("Ask", "sparkles", kind="primary")
        self.advice = label(_ADVICE, "muted", wrap=True)
        self._lay_out()
        self.setFocusProxy(self.question)
        self.ask.clicked.connect(self._on_ask_clicked)
        self.clear.clicked.connect(self.forget)
        self.question.textChanged.connect(self._enable)
        self._enable()

    def _lay_out(self) -> None:
        self._body = QWidget()
        self._body.setObjectName("panelBody")
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(16, 12, 16, 12)
        self._column.setSpacing(8)
        self._column.addWidget(self.advice)
        self._column.addWidget(spacer(), 1)
        self.scroll_area = QScrollArea()
        self.scroll_area.setAccessibleName("The conversation")
        self.scroll_area.setWidgetResizable(True)
        self.scroll_area.setFrameShape(QFrame.Shape.NoFrame)
        self.scroll_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroll_area.setWidget(self._body)
        bar = self.scroll_area.verticalScrollBar()
        self._at_end = True
        bar.valueChanged.connect(self._on_bar_value_changed)
        bar.rangeChanged.connect(self._on_bar_range_changed)
        footer = QFrame()
        footer.setObjectName("footer")
        foot = QVBoxLayout(footer)
        foot.setContentsMargins(16, 10, 16, 12)
        foot.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.about, 1)
        row.addWidget(self.clear)
        foot.addWidget(self._chips)
        foot.addLayout(row)
        foot.addWidget(self.question)
        foot.addWidget(self.ask)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.scroll_area, 1)
        column.addWidget(footer)

    def offer(self, tasks: Sequence[Task]) -> None:
        """A button for each generator; where it has choices, they are in the button's menu."""
        by_generator: dict[str, list[Task]] = {}
        for task in tasks:
            by_generator.setdefault(task.generator_id, []).append(task)
        for generator_id, own in by_generator.items():
            button = push_button(own[0].title.partition(":")[0], own[0].icon)
            if len(own) > 1:
                menu = QMenu(button)
                for task in own:
                    action = menu.addAction(task.title.partition(": ")[2].capitalize())
                    action.triggered.connect(lambda _=False, task=task: self.task_chosen.emit(task))
                button.setMenu(menu)
            else:
                button.clicked.connect(lambda _=False, task=own[0]: self.task_chosen.emit(task))
            self._flow.addWidget(button)
            self.buttons[generator_id] = button

    def add(self, turn: TurnView) -> None:
        self.advice.hide()
        self.turns.append(turn)
        self._column.insertWidget(self._column.count() - 1, turn)
        turn.insert_requested.connect(self.insert_requested)
        self._enable()

    def earlier(self) -> list[Turn]:
        return [view.turn for view in self.turns]

    def forget(self) -> None:
        """The conversation begins anew; the history keeps the answers."""
        for view in self.turns:
            view.hide()
            view.deleteLater()
        self.turns.clear()
        self.advice.show()
        self._enable()
        self.cleared.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter asks, Shift+Enter is a new line."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._on_ask_clicked()
                return True
        return super().eventFilter(watched, event)

    def _on_bar_range_changed(self, least: int, most: int) -> None:
        if self._at_end:
            self.scroll_area.verticalScrollBar().setValue(most)

    def _on_bar_value_changed(self, value: int) -> None:
        """Who scrolled up to read stays there while more is written."""
        self._at_end = value >= self.scroll_area.verticalScrollBar().maximum() - _NEAR_END_PX

    def _on_ask_clicked(self) -> None:
        question = self.question.toPlainText().strip()
        if question:
            self.question.clear()
            self.asked.emit(question)

    def _enable(self) -> None:
        self.ask.setEnabled(bool(self.question.toPlainText().strip()))
        self.clear.setEnabled(bool(self.turns))
