"""One question with its answer in the side conversation. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QTextEdit, QVBoxLayout, QWidget

from studio.core.conversation import Turn
from studio.ui.labels import label, push_button

_LEAST_PX = 28


class Answer(QTextEdit):
    """Read only and as high as its text, so that only the conversation scrolls."""

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setAccessibleName("Answer")
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().contentsChanged.connect(self._fit)

    def append_text(self, text: str) -> None:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text)

    def sizeHint(self) -> QSize:
        return QSize(200, self._height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _height(self) -> int:
        return max(_LEAST_PX, round(self.document().size().height()) + 10)

    def _fit(self) -> None:
        if self.height() != self._height():
            self.setFixedHeight(self._height())


class TurnView(QFrame):
    """While it is written only Cancel is there, then what can be done with the answer."""

    insert_requested = Signal(str, str)
    """Text and record."""
    cancel_requested = Signal()

    def __init__(self, question: str, about: str, *, asks: bool) -> None:
        super().__init__()
        self.setObjectName("card")
        self.turn = Turn(question, "", "", asks)
        self.answer = Answer()
        self.problem = label("", "problem", wrap=True)
        self.insert = push_button("Insert", "text-cursor-input", kind="quiet")
        self.insert.setToolTip(
            "Put the answer, or what is selected of it, into the text at the caret"
        )
        self.copy = push_button("Copy", "copy", kind="quiet")
        self.cancel = push_button("Cancel", "x", kind="quiet")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 8, 6)
        column.setSpacing(4)
        column.addWidget(label(question, "heading", wrap=True))
        column.addWidget(label(about, "muted", wrap=True))
        column.addWidget(self.answer)
        column.addWidget(self.problem)
        row = QHBoxLayout()
        row.setSpacing(4)
        for button in (self.insert, self.copy, self.cancel):
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        self.problem.hide()
        self._offer(done=False)
        self.insert.clicked.connect(self._on_insert_clicked)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._taken()))
        self.cancel.clicked.connect(self.cancel_requested)

    def stream(self, text: str) -> None:
        self.answer.append_text(text)

    def finish(self, text: str, record_id: str) -> None:
        """The whole answer; of several results, the second and so on below the first."""
        before = f"{self.turn.answer}\n\n" if self.turn.answer else ""
        whole = before + text.strip("\n")
        self.turn = Turn(self.turn.question, whole, record_id, self.turn.asks)
        self.answer.setPlainText(whole)
        self._offer(done=True)

    def fail(self, why: str) -> None:
        self.problem.setText(why)
        self.problem.show()
        self._offer(done=bool(self.turn.answer))
        self.cancel.hide()

    def _offer(self, *, done: bool) -> None:
        self.insert.setVisible(done)
        self.copy.setVisible(done)
        self.cancel.setVisible(not done)

    def _taken(self) -> str:
        """What is selected of the answer, else all of it."""
        selected = self.answer.textCursor().selectedText().replace("\u2029", "\n")
        return selected or self.turn.answer

    def _on_insert_clicked(self) -> None:
        self.insert_requested.emit(self._taken(), self.turn.record_id)


def about_text(words: int, *, selection: bool) -> str:
    """What a question is about, in words."""
    if not words:
        return "About no text"
    of = "the selection" if selection else "the whole text"
    return f"About {of}, {words:,} {'word' if words == 1 else 'words'}"


def spacer() -> QWidget:
    """Pushes the turns to the top."""
    made = QWidget()
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
    return made
