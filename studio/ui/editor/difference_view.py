"""A passage and its rewritten form in one: what goes is struck through, what comes is marked. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QTextEdit

from studio.core.review import Review, Verdict
from studio.ui.editor.positions import units
from studio.ui.theme.icons import tokens_in_use
from studio.ui.theme.tokens import Tokens

_LEAST_PX, _MOST_PX = 64, 220
_ANSWERS = {
    Qt.Key.Key_Return: "accept",
    Qt.Key.Key_Enter: "accept",
    Qt.Key.Key_Delete: "reject",
    Qt.Key.Key_Backspace: "reject",
    Qt.Key.Key_Escape: "reject_rest",
    Qt.Key.Key_Right: "next",
    Qt.Key.Key_Down: "next",
    Qt.Key.Key_Left: "previous",
    Qt.Key.Key_Up: "previous",
}
"""Shift with Enter accepts all that is open."""


class DifferenceView(QTextEdit):
    """Read only; a click or the arrows choose a change, and keys answer it."""

    answered = Signal(str)
    """"accept", "reject", "accept_all", "reject_rest", "next" or "previous"."""
    change_clicked = Signal(int)
    focus_changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setAcceptRichText(False)
        self.setAccessibleName("Changes")
        self._review: Review | None = None
        self._ranges: list[tuple[int, int]] = []
        self.document().contentsChanged.connect(self._fit)

    def show_writing(self, text: str) -> None:
        """What the model has written so far."""
        self._review, self._ranges = None, []
        self.setPlainText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)

    def show_review(self, review: Review) -> None:
        """Open changes in both forms, accepted ones as they will be, rejected ones as they were."""
        self._review, self._ranges = review, [(0, 0)] * len(review.verdicts)
        self.document().clear()
        cursor, position = QTextCursor(self.document()), 0
        cursor.beginEditBlock()
        for piece, number in review.with_verdicts():
            begin = position
            for text, form in self._shown(piece.old, piece.new, number, review):
                cursor.insertText(text, form)
                position += units(text)
            if number >= 0:
                self._ranges[number] = (begin, position)
        cursor.endEditBlock()
        self._go_to_current(review)

    def tint_again(self) -> None:
        if self._review is not None:
            self.show_review(self._review)

    def range_of(self, number: int) -> tuple[int, int]:
        """Where a change stands, in Qt's positions."""
        return self._ranges[number]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as the passage, within bounds; beyond them it scrolls."""
        wanted = round(self.document().size().height()) + 12
        height = max(_LEAST_PX, min(_MOST_PX, wanted))
        if height != self.maximumHeight():
            self.setFixedHeight(height)

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self._answer(event)
        ):
            event.accept()
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        answer = self._answer(event)
        if answer:
            self.answered.emit(answer)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        at = self.cursorForPosition(event.position().toPoint()).position()
        for number, (begin, end) in enumerate(self._ranges):
            if begin <= at <= end:
                self.change_clicked.emit(number)
                return

    def _answer(self, event: QKeyEvent) -> str:
        key = Qt.Key(event.key())
        pressed = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if pressed == Qt.KeyboardModifier.ShiftModifier:
            return "accept_all" if _ANSWERS.get(key) == "accept" else ""
        return _ANSWERS.get(key, "") if pressed == Qt.KeyboardModifier.NoModifier else ""

    def _shown(
        self, old: str, new: str, number: int, review: Review
    ) -> list[tuple[str, QTextCharFormat]]:
        tokens = tokens_in_use()
        if number < 0:
            return [(old, QTextCharFormat())]
        verdict, current = review.verdicts[number], number == review.current
        if verdict is Verdict.ACCEPTED:
            return [(new or "\u2060", _form(tokens.success, line=current))]
        if verdict is Verdict.REJECTED:
            return [(old or "\u2060", _form(tokens.muted, line=current))]
        gone, come = _open_forms(tokens, current)
        return [(text, form) for text, form in ((old, gone), (new, come)) if text]

    def _go_to_current(self, review: Review) -> None:
        if not self._ranges:
            return
        cursor = self.textCursor()
        cursor.setPosition(self._ranges[review.current][0])
        self.setTextCursor(cursor)
        self.ensureCursorVisible()


def _open_forms(tokens: Tokens, current: bool) -> tuple[QTextCharFormat, QTextCharFormat]:
    """What goes and what comes, not told apart by colour alone."""
    gone = _form(tokens.danger, tokens.danger_soft)
    come = _form(tokens.accent_text, tokens.accent_soft)
    if current:
        gone = _form(tokens.surface, tokens.danger)
        come = _form(tokens.on_accent, tokens.accent)
        come.setFontWeight(QFont.Weight.DemiBold)
    gone.setFontStrikeOut(True)
    return gone, come


def _form(colour: str, ground: str = "", *, line: bool = False) -> QTextCharFormat:
    form = QTextCharFormat()
    form.setForeground(QColor(colour))
    if ground:
        form.setBackground(QColor(ground))
    if line:
        form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
    return form
