"""The message bar: one thing the person should know, with what they can do about it. Not modal.

However long a text is, the bar stays low: the rest of it is one click away. What is only to be known leaves
by itself once it could be read; what asks for something, or went wrong, stays until it is answered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy

from studio.ui.labels import icon_button, label, push_button, restyle, shortened
from studio.ui.theme.icons import set_icon

_ICONS = {
    "error": ("triangle-alert", "danger"),
    "warning": ("triangle-alert", "warning"),
    "info": ("info", "accent_text"),
}
_MOST_WAITING = 20
_MOST_CHARACTERS, _MOST_LINES = 320, 3
_NOTICED_MS, _MS_A_CHARACTER, _LONGEST_MS = 5000, 60, 20_000
"""To see that something is there, and to read it at an unhurried 1,000 characters a minute."""


@dataclass(frozen=True)
class Message:
    """Args:
    tone: "error", "warning" or "info".
    actions: What a button says, and what it does; pressing any closes the message.
    key: A message of the same key replaces the older one.
    stays: It is about something that isn't over yet. Of the tone "info" only what stays, or has
        actions, is there until it is closed.
    """

    text: str
    tone: str = "info"
    actions: tuple[tuple[str, Callable[[], object]], ...] = field(default=())
    key: str = ""
    stays: bool = False

    @property
    def leaves(self) -> bool:
        return self.tone == "info" and not self.actions and not self.stays


class MessageBar(QFrame):
    """Shows one message; others wait, but an error for no mere news. Keeps the focus where it is.

    `leaving` runs while a message that leaves by itself is shown; the pointer upon it holds it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("messageBar")
        self.current: Message | None = None
        self._waiting: deque[Message] = deque(maxlen=_MOST_WAITING)
        self._icon = QLabel()
        self._text = label("", wrap=True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.leaving = QTimer(self)
        self.leaving.setSingleShot(True)
        self.leaving.timeout.connect(self.dismiss)
        self.buttons: list[QPushButton] = []
        self.whole = push_button("Show all", kind="quiet")
        self.close_button = icon_button("x", "Close this message")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(16, 8, 12, 8)
        self._row.setSpacing(12)
        self._row.addWidget(self._icon)
        self._row.addWidget(self._text, 1)
        self._row.addWidget(self.whole)
        self._row.addWidget(self.close_button)
        self.whole.clicked.connect(self._on_whole_clicked)
        self.close_button.clicked.connect(self.dismiss)
        self.hide()

    def show_message(self, message: Message) -> None:
        current = self.current
        if current is None or self._replaces(message):
            self._show(message)
            return
        self._waiting = deque(
            (old for old in self._waiting if not message.key or old.key != message.key),
            maxlen=_MOST_WAITING,
        )
        if message.tone == "error" and current.tone == "info":
            # What went wrong doesn't wait until somebody closes what went well.
            self._waiting.appendleft(current)
            self._show(message)
        elif message != current:
            self._waiting.append(message)

    def dismiss(self) -> None:
        """Close this message; the next one comes."""
        self.leaving.stop()
        self.current = None
        if self._waiting:
            self._show(self._waiting.popleft())
        else:
            self.hide()

    def withdraw(self, key: str) -> None:
        """The reason for a message went away."""
        self._waiting = deque((m for m in self._waiting if m.key != key), maxlen=_MOST_WAITING)
        if self.current is not None and self.current.key == key:
            self.dismiss()

    def _replaces(self, message: Message) -> bool:
        return self.current is not None and bool(message.key) and self.current.key == message.key

    def _show(self, message: Message) -> None:
        self.current = message
        self.setProperty("tone", message.tone)
        restyle(self)
        set_icon(self._icon, *_ICONS[message.tone])
        short = shortened(message.text, _MOST_CHARACTERS, _MOST_LINES)
        self._text.setText(short)
        self.whole.setVisible(short.endswith(" …"))
        for old in self.buttons:
            self._row.removeWidget(old)
            old.deleteLater()
        self.buttons = []
        for text, action in message.actions:
            button = push_button(text)
            button.clicked.connect(lambda _=False, action=action: self._act(action))
            self._row.insertWidget(self._row.count() - 1, button)
            self.buttons.append(button)
        self.setAccessibleName(message.text)
        self.show()
        self._leave_in_time()

    def _leave_in_time(self) -> None:
        """Begin to wait, if the message is one that leaves and nobody points at it."""
        self.leaving.stop()
        if self.current is not None and self.current.leaves and not self.underMouse():
            reading = _NOTICED_MS + _MS_A_CHARACTER * len(self.current.text)
            self.leaving.start(min(reading, _LONGEST_MS))

    def enterEvent(self, event: QEnterEvent) -> None:
        self.leaving.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._leave_in_time()

    def _on_whole_clicked(self) -> None:
        self.whole.hide()
        if self.current is not None:
            self._text.setText(self.current.text)

    def _act(self, action: Callable[[], object]) -> None:
        self.dismiss()
        action()
