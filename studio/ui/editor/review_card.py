"""The card below the text in which a rewritten passage is taken or left, change by change. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from studio.core.review import Review, Verdict
from studio.ui.editor.difference_view import DifferenceView
from studio.ui.labels import icon_button, label, push_button

_FROM_ELSEWHERE = "Ctrl+Shift+R goes here, to answer by keys"
_KEYS = (
    "Enter accepts · Del rejects · arrows choose · Shift+Enter accepts all · Esc rejects the rest"
)


class ReviewCard(QFrame):
    """Shows; who listens decides."""

    answered = Signal(str)
    """As `DifferenceView.answered`."""
    change_clicked = Signal(int)
    page_requested = Signal(int)
    """1: the next version, -1: the one before."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setAccessibleName("Changes to the text")
        self.title = label("", "heading")
        self.state = label("", "muted")
        self.back = icon_button("chevron-left", "The version before")
        self.on = icon_button("chevron-right", "The next version")
        self.view = DifferenceView()
        self.accept = push_button("Accept", "check")
        self.reject = push_button("Reject", "x")
        self.accept_all = push_button("Accept all", kind="quiet")
        self.reject_rest = push_button("Reject the rest", kind="quiet")
        self.keys = label(_FROM_ELSEWHERE, "muted", wrap=True)
        self._lay_out()
        self.setFocusProxy(self.view)
        self.view.answered.connect(self.answered)
        self.view.change_clicked.connect(self.change_clicked)
        self.view.focus_changed.connect(
            lambda here: self.keys.setText(_KEYS if here else _FROM_ELSEWHERE)
        )
        for button, answer in (
            (self.accept, "accept"),
            (self.reject, "reject"),
            (self.accept_all, "accept_all"),
            (self.reject_rest, "reject_rest"),
        ):
            button.clicked.connect(lambda _=False, answer=answer: self.answered.emit(answer))
        self.back.clicked.connect(lambda: self.page_requested.emit(-1))
        self.on.clicked.connect(lambda: self.page_requested.emit(1))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title)
        head.addWidget(self.state, 1)
        head.addWidget(self.back)
        head.addWidget(self.on)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.accept, self.reject, self.accept_all, self.reject_rest):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        column.addLayout(buttons)
        column.addWidget(self.keys)

    def show_writing(self, title: str, text: str) -> None:
        """While the model writes: only Esc has a meaning, it cancels."""
        self.title.setText(title)
        self.state.setText("Writing…" if text else "Waiting for the model…")
        self.view.show_writing(text)
        for button in (self.accept, self.reject, self.accept_all):
            button.setEnabled(False)
        self.reject_rest.setText("Cancel")
        self._show_versions(1)

    def show_review(self, title: str, review: Review, number: int, of: int) -> None:
        """Args:
        number: Which version it is, from 1.
        of: How many versions there are.
        """
        self.title.setText(title)
        count, left = len(review.verdicts), review.verdicts.count(Verdict.OPEN)
        if not count:
            self.state.setText("Nothing was changed.")
        else:
            changes = "1 change" if count == 1 else f"{count} changes"
            self.state.setText(f"{review.current + 1} of {changes}, {left} open")
        version = f" · version {number} of {of}" if of > 1 else ""
        self.state.setText(self.state.text() + version)
        self.view.show_review(review)
        self.view.setAccessibleDescription(_current_text(review))
        for button in (self.accept, self.reject, self.accept_all):
            button.setEnabled(bool(count))
        self.reject_rest.setText("Reject the rest" if count else "Close")
        self._show_versions(of)

    def _show_versions(self, of: int) -> None:
        self.back.setVisible(of > 1)
        self.on.setVisible(of > 1)


def _current_text(review: Review) -> str:
    """The current change in words, for screen readers."""
    for piece, number in review.with_verdicts():
        if number == review.current:
            verdict = review.verdicts[number]
            said = "" if verdict is Verdict.OPEN else f", {verdict}"
            return f"“{piece.old}” becomes “{piece.new}”{said}"
    return "Nothing was changed"
