"""A word's probability and its alternatives, where the pointer rests or at the caret. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QTimer, Signal, Slot
from PySide6.QtGui import QHelpEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from studio.api.tokens import Alternative
from studio.core.store import DocumentStore
from studio.core.token_places import TokenPlace
from studio.ui.editor.text_area import TextArea
from studio.ui.editor.token_card import TokenCard
from studio.ui.editor.word_facts import WordFacts

_STAYS_MS = 300
_GAP_PX = 2


class TokenView(QObject):
    """Args:
    over: What the card lies over; it is no larger than that.
    """

    branch_requested = Signal(object, str)
    """A token (`TokenPlace`), and the text to go on from in its place."""
    nothing_known = Signal()
    """Asked for by a key where no model told anything."""

    def __init__(
        self, area: TextArea, over: QWidget, store: DocumentStore, facts: WordFacts
    ) -> None:
        super().__init__(over)
        self._area = area
        self._over = over
        self._store = store
        self._facts = facts
        self.card = TokenCard(over)
        self.shown = True
        """Whether resting on a word is enough."""
        self._word = QRect()
        self._waiting_at: int | None = None
        self._leaving = QTimer(self)
        self._leaving.setSingleShot(True)
        self._leaving.setInterval(_STAYS_MS)
        self._leaving.timeout.connect(self._on_leaving_timeout)
        area.viewport().setMouseTracking(True)
        area.viewport().installEventFilter(self)
        area.verticalScrollBar().valueChanged.connect(self.hide)
        self.card.chosen.connect(self._on_card_chosen)
        self.card.closed.connect(self._on_card_closed)
        self.card.entered.connect(self._leaving.stop)
        self.card.left.connect(self._leaving.start)
        facts.changed.connect(self._on_facts_changed)
        store.changed.connect(lambda _: self.hide())

    def show_at_caret(self) -> bool:
        """For keys: the word the caret is in or behind; the card takes the keys. False: nothing is known."""
        caret = self._area.caret()
        place = self._facts.at(caret) or self._facts.at(caret - 1)
        if place is None or not place.fact.alternatives:
            self._waiting_at = caret
            self.nothing_known.emit()
            return False
        self._show(place)
        self.card.take_focus()
        return True

    @Slot()
    def hide(self) -> None:
        self._leaving.stop()
        self._waiting_at = None
        if self.card.isVisible():
            focused = self.card.isAncestorOf(self._over.window().focusWidget() or self._over)
            self.card.hide()
            if focused:
                self._area.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            if self.shown:
                self._rest_at(event.pos())
            return False
        if event.type() == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            away = self.card.isVisible() and not self._word.contains(event.position().toPoint())
            if away and not self._leaving.isActive():
                self._leaving.start()
        elif event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.Wheel):
            self.hide()
        return False

    def _rest_at(self, point: QPoint) -> None:
        position = self._area.character_under(point)
        if position is None:
            return
        place = self._facts.at(position)
        self._waiting_at = position if place is None else None
        if place is not None and (place.fact.alternatives or place.fact.logprob is not None):
            self._show(place)

    def _show(self, place: TokenPlace) -> None:
        before = self._store.document.text[place.start - 1 : place.start]
        self.card.show_place(place, inside_word=before.isalpha())
        word = self._area.rect_of(place.start, place.end)
        self._word = word.adjusted(-4, -4, 4, 4 + _GAP_PX)
        corner = self._area.viewport().mapTo(self._over, word.bottomLeft())
        size, room = self.card.size(), self._over.size()
        x = max(0, min(corner.x() - 8, room.width() - size.width()))
        y = corner.y() + _GAP_PX
        if y + size.height() > room.height():
            y = max(0, corner.y() - word.height() - size.height() - _GAP_PX)
        self.card.move(x, y)
        self.card.show()
        self.card.raise_()
        self._leaving.stop()

    @Slot(object, object)
    def _on_card_chosen(self, place: TokenPlace, alternative: Alternative) -> None:
        self.hide()
        self.branch_requested.emit(place, alternative.text)

    @Slot()
    def _on_card_closed(self) -> None:
        self.hide()
        self._area.setFocus()

    @Slot()
    def _on_leaving_timeout(self) -> None:
        if not self.card.isAncestorOf(self._over.window().focusWidget() or self._over):
            self.hide()

    @Slot()
    def _on_facts_changed(self) -> None:
        """What was looked for is there: show it, if the pointer still rests."""
        position = self._waiting_at
        if position is not None and (place := self._facts.at(position)) is not None:
            self._waiting_at = None
            self._show(place)
