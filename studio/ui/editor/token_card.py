"""The card below a word: how likely it was, and what could have stood there instead. GUI thread."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QVBoxLayout, QWidget

from studio.api.tokens import Alternative
from studio.core.surprise import bits_of
from studio.core.token_places import TokenPlace
from studio.ui.labels import label
from studio.ui.theme.icons import tokens_in_use
from studio.ui.theme.tokens import GRID_PX, SMALL_PX

_ROW = QSize(232, 28)
_PERCENT_PX = 56
_SHOWN = 8
_BACK = {Qt.Key.Key_Up, Qt.Key.Key_Backtab}
_ON = {Qt.Key.Key_Down, Qt.Key.Key_Tab}


class TokenCard(QFrame):
    """Lies over the editor. `chosen(place, alternative)` when one is taken, `closed` when it is put away
    by a key; `entered` and `left` follow the pointer."""

    chosen = Signal(object, object)
    closed = Signal()
    entered = Signal()
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.place: TokenPlace | None = None
        self.choices: list[Choice] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 8, 8, 8)
        self._column.setSpacing(0)
        self.heading = label("", "heading")
        self.heading.setContentsMargins(4, 0, 4, 0)
        self.words = label("", "muted")
        self.words.setContentsMargins(4, 0, 4, 4)
        self._column.addWidget(self.heading)
        self._column.addWidget(self.words)
        self.setAccessibleName("Alternatives")
        self.hide()

    def show_place(self, place: TokenPlace, *, inside_word: bool) -> None:
        """Args:
        inside_word: A letter stands right before it.
        """
        self.place = place
        self.heading.setText(spelled(place.fact.text, inside_word=inside_word))
        self.words.setText(told(place))
        for old in self.choices:
            self._column.removeWidget(old)
            old.hide()
            old.deleteLater()
        others = [a for a in place.fact.alternatives if a.text != place.fact.text][:_SHOWN]
        self.choices = [Choice(a, spelled(a.text, inside_word=inside_word)) for a in others]
        for choice in self.choices:
            choice.clicked.connect(lambda _=False, choice=choice: self._take(choice))
            self._column.addWidget(choice)
        self.adjustSize()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, focused = event.key(), self.focusWidget()
        at = next((n for n, choice in enumerate(self.choices) if choice is focused), -1)
        digit = key - Qt.Key.Key_1
        if key == Qt.Key.Key_Escape:
            self.closed.emit()
        elif key in _BACK | _ON and self.choices:
            step = 1 if key in _ON else -1
            self.choices[(at + step) % len(self.choices) if at >= 0 else 0].setFocus()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and at >= 0:
            self._take(self.choices[at])
        elif 0 <= digit < len(self.choices):
            self._take(self.choices[digit])
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes round in the card."""
        key = Qt.Key.Key_Tab if forward else Qt.Key.Key_Backtab
        self.keyPressEvent(QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier))
        return True

    def take_focus(self) -> None:
        (self.choices[0] if self.choices else self).setFocus(Qt.FocusReason.PopupFocusReason)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.entered.emit()

    def leaveEvent(self, event: QEvent) -> None:
        self.left.emit()

    def _take(self, choice: Choice) -> None:
        if self.place is not None:
            self.chosen.emit(self.place, choice.alternative)


class Choice(QAbstractButton):
    """One alternative: its text, and a bar as long as it was likely."""

    def __init__(self, alternative: Alternative, shown: str) -> None:
        super().__init__()
        self.alternative = alternative
        self.setText(shown)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{shown}, {percent(alternative.logprob)}")
        self.setMouseTracking(True)

    def sizeHint(self) -> QSize:
        return _ROW

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()  # the card's

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, painter = tokens_in_use(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect())
        if self.hasFocus() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.hover))
            painter.drawRoundedRect(whole, GRID_PX, GRID_PX)
        inner = whole.adjusted(GRID_PX, 0, -GRID_PX, 0)
        share = math.exp(min(0.0, self.alternative.logprob))
        width = max(2.0, inner.width() * share)
        painter.fillRect(QRectF(inner.left(), inner.bottom() - 3, width, 2), QColor(tokens.accent))
        painter.setPen(QColor(tokens.text))
        middle = Qt.AlignmentFlag.AlignVCenter
        words = inner.adjusted(0, 0, -_PERCENT_PX, 0)
        shown = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, int(words.width())
        )
        painter.drawText(words, middle | Qt.AlignmentFlag.AlignLeft, shown)
        painter.setPen(QColor(tokens.muted))
        small = self.font()
        small.setPixelSize(SMALL_PX)
        painter.setFont(small)
        painter.drawText(
            inner, middle | Qt.AlignmentFlag.AlignRight, percent(self.alternative.logprob)
        )


def spelled(text: str, *, inside_word: bool) -> str:
    """A token as one reads it: line ends and lone spaces are seen, a word's end begins with "…"."""
    shown = text.replace("\n", "↵").replace("\t", "⇥")
    if shown.isspace():
        return "␣" * len(shown)
    going_on = inside_word and text[:1].isalpha() and ord(text[0]) < 0x3000
    return f"…{shown}" if going_on else shown.strip(" ")


def told(place: TokenPlace) -> str:
    """Its probability and surprise in a line."""
    logprob = place.fact.logprob
    if logprob is None:
        return "Nothing is known of how likely it was."
    several = f" · {place.fact.tokens} tokens" if place.fact.tokens > 1 else ""
    return f"{percent(logprob)} likely · {bits_of(logprob):.1f} bits of surprise{several}"


def percent(logprob: float) -> str:
    share = 100 * math.exp(min(0.0, logprob))
    if share < 0.1:
        return "< 0.1 %"
    return f"{share:.0f} %" if share >= 9.95 else f"{share:.1f} %"
