"""The ghost: text a model is writing, or has written and waits to be accepted. GUI thread.

It stands in the widget but not in the document, looks muted, and is told apart by its range. One is shown
at a time; others wait in their places until it has ended. What is accepted becomes one undo step.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QPalette, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from studio.core.edits import ReplaceText
from studio.core.store import DocumentStore
from studio.core.suggestion import Offer, Suggestion
from studio.ui.editor.positions import characters_before, plain, units
from studio.ui.editor.shown_text import Hole, ShownText


@dataclass
class _Ghost(Hole):
    """`replaces` is the text before it that it will take the place of."""

    key: str = ""
    replaces: str = ""
    suggestion: Suggestion | None = None
    """Once it is written: what it waits with for an answer."""
    accepted: bool = False
    """Whether it was accepted before it was all there."""


@dataclass
class _Waiting:
    """A ghost that is shown once the one before it ends. Qt keeps the cursor in its place."""

    cursor: QTextCursor
    replaces: str
    text: str = ""


class Ghost(QObject):
    """Args:
    area: Where it is shown, at the caret.
    shown: Its text; the ghost is the hole in it.
    """

    cancel_requested = Signal(str)
    again_requested = Signal(str)
    grown = Signal()
    changed = Signal()
    """What waits for an answer is another, or nothing any more."""

    def __init__(self, area: QPlainTextEdit, shown: ShownText, store: DocumentStore) -> None:
        super().__init__(area)
        self._area = area
        self._shown = shown
        self._store = store
        self._ghost: _Ghost | None = None
        self._waiting: dict[str, _Waiting] = {}

    @property
    def key(self) -> str | None:
        return self._ghost.key if self._ghost is not None else None

    @property
    def text(self) -> str:
        return self._ghost.text if self._ghost is not None else ""

    @property
    def position(self) -> int | None:
        """Where it is in the document's text, in characters."""
        return self._shown.to_characters(self._ghost.start) if self._ghost is not None else None

    @property
    def suggestion(self) -> Suggestion | None:
        """What waits to be accepted."""
        return self._ghost.suggestion if self._ghost is not None else None

    @property
    def complete(self) -> bool:
        """Whether all of what waits is shown, and no alternative is being written."""
        return self.suggestion is not None and self.text == self.suggestion.current.text

    def holds(self, key: str) -> bool:
        """Whether a ghost is shown or waits to be."""
        return key == self.key or key in self._waiting

    def at(self, position: int) -> bool:
        """Whether a Qt position is at the ghost or in it."""
        return self._ghost is not None and self._ghost.start <= position <= self._ghost.end

    def widened(self, start: int, end: int) -> tuple[int, int]:
        """A range of Qt's positions with all of the ghost, if it touches it."""
        ghost = self._ghost
        if ghost is None or ghost.end < start or end < ghost.start:
            return start, end
        return min(start, ghost.start), max(end, ghost.end)

    # What a job does with it.

    def begin(self, key: str, *, replace_selection: bool) -> bool:
        """At the caret as it is now. False if it waits until the ghost that is shown has ended.

        Who asks for more has accepted what was there.
        """
        self.accept_all()
        cursor = QTextCursor(self._area.textCursor())
        if not replace_selection:
            cursor.clearSelection()
        start = self._shown.to_characters(cursor.selectionStart())
        end = self._shown.to_characters(cursor.selectionEnd())
        self._waiting[key] = _Waiting(cursor, self._shown.text[start:end])
        self._show_next()
        return self.key == key

    def begin_over(self, key: str, start: int, end: int) -> bool:
        """As `begin`, in the place of the document's characters from `start` to `end`."""
        self.accept_all()
        cursor = QTextCursor(self._area.document())
        cursor.setPosition(self._shown.to_units(start))
        cursor.setPosition(self._shown.to_units(end), QTextCursor.MoveMode.KeepAnchor)
        self._waiting[key] = _Waiting(cursor, self._shown.text[start:end])
        self._show_next()
        return self.key == key

    def append(self, key: str, text: str) -> None:
        text = plain(text)
        if key in self._waiting:
            self._waiting[key].text += text
        ghost = self._ghost
        if ghost is None or ghost.key != key or not text:
            return
        with self._kept_view():
            self._shown.write(ghost.end, ghost.end, text, self.format())
        ghost.text += text
        self.grown.emit()

    def restart(self, key: str) -> None:
        """What is shown gives way to an alternative that is on its way; paging brings it back."""
        if key == self.key:
            self._show("")

    def settle(self, key: str, text: str, record_id: str) -> None:
        """It is all there: it waits for an answer, unless it has one or others wait for its place."""
        ghost, offer = self._ghost, Offer(plain(text), record_id)
        if ghost is None or ghost.key != key or ghost.accepted or self._waiting or ghost.replaces:
            self.commit(key, text, record_id, "writing")
            return
        before = ghost.suggestion
        ghost.suggestion = before.and_offer(offer) if before is not None else Suggestion((offer,))
        self._show(offer.text)
        self.changed.emit()

    def discard(self, key: str) -> None:
        """The text is exactly as before."""
        self._waiting.pop(key, None)
        ghost = self._ghost
        if ghost is None or ghost.key != key:
            return
        if ghost.text:
            with self._kept_view():
                self._shown.write(ghost.start, ghost.end, "")
        self._end()

    def commit(self, key: str, text: str, record_id: str, label: str) -> None:
        """Put the text into the document in the ghost's place: one undo step."""
        text, ghost, waiting = plain(text), self._ghost, self._waiting.get(key)
        caret, follow = self._area.textCursor().position(), False
        if waiting is not None:
            position = self._shown.to_characters(waiting.cursor.selectionEnd())
            replaces = waiting.replaces
        elif ghost is not None and ghost.key == key:
            position = characters_before(self._shown.text, ghost.start)
            replaces = ghost.replaces
            follow = self.at(caret)
        else:
            return
        begin = position - len(replaces)
        removed = replaces if self._shown.text[max(0, begin) : position] == replaces else ""
        self.discard(key)
        edit = ReplaceText(position - len(removed), removed, text, record_id, label)
        self._store.apply(edit)
        if follow:
            self._move_caret(self._shown.to_units(edit.position + len(text)))
            self._area.ensureCursorVisible()

    # What the person does with it.

    def accept(self, piece: str) -> None:
        """Put the beginning of the suggestion, or all of it, into the document: one undo step."""
        ghost = self._ghost
        if ghost is None or ghost.suggestion is None:
            return
        offer = ghost.suggestion.current
        rest = ghost.suggestion.without(piece)
        if not rest.current.text:
            self.commit(ghost.key, offer.text, offer.record_id, "writing")
            return
        self._show("")
        at = characters_before(self._shown.text, ghost.start)
        self._store.apply(ReplaceText(at, "", piece, offer.record_id, "accepting a part"))
        self._move_caret(ghost.start)
        ghost.suggestion = rest
        self.append(ghost.key, rest.current.text)
        self.changed.emit()

    def accept_all(self) -> None:
        """Take what waits, if something does."""
        if (suggestion := self.suggestion) is not None:
            self.accept(suggestion.current.text)

    def accept_once_written(self) -> None:
        """It is accepted before it is all there."""
        if self._ghost is not None:
            self._ghost.accepted = True

    def page(self, step: int) -> None:
        """Show the next alternative, or the one before."""
        ghost = self._ghost
        if ghost is not None and ghost.suggestion is not None:
            ghost.suggestion = ghost.suggestion.paged(step)
            self._show(ghost.suggestion.current.text)
            self.changed.emit()

    def ask_again(self) -> None:
        if self._ghost is not None:
            self.again_requested.emit(self._ghost.key)

    def ask_to_cancel(self) -> None:
        if self._ghost is not None:
            self.cancel_requested.emit(self._ghost.key)

    # What happens to the text around it.

    def moved_by_typing(self, position: int, removed: int, inserted: str) -> int | None:
        """Qt's text was changed; stay in place.

        Returns:
            The Qt position the change would have without the ghost; None if it went through the ghost:
            see `end_under`.
        """
        ghost = self._ghost
        if ghost is None:
            return position
        if ghost.text and position < ghost.end and position + removed > ghost.start:
            return None
        if position >= ghost.end and position > ghost.start:
            return position - ghost.length
        ghost.start = max(ghost.start - removed, position) + units(inserted)
        return position

    def end_under(self, position: int, removed: int, inserted: str) -> tuple[int, int]:
        """An edit of Qt's text went through the ghost: what is left of it goes, the person's edit stays.

        Returns:
            From and to, in characters, of the document's text that gave way.
        """
        ghost, text = self._ghost, self._shown.text
        assert ghost is not None
        start, end = ghost.start, ghost.end
        first = characters_before(text, min(position, start))
        last = characters_before(text, max(position + removed, end) - ghost.length)
        head_length = max(0, position - start)
        tail_length = max(0, end - (position + removed))
        after = position + units(inserted)
        self._shown.write(after, after + tail_length, "")
        self._shown.write(position - head_length, position, "")
        self._ghost = self._shown.hole = None
        return first, last

    def ended_under(self, key: str) -> None:
        """The document knows of the edit that ended it: go on."""
        self._show_next()
        self.changed.emit()
        self.cancel_requested.emit(key)

    def moved_by_edit(self, start: int, removed: int, inserted: int) -> int:
        """The document was changed where Qt's positions say, the ghost left out.

        Returns:
            How much further on that is in Qt's text.
        """
        while (ghost := self._ghost) is not None and start < ghost.start < start + removed:
            self.discard(ghost.key)
            self.cancel_requested.emit(ghost.key)
        if ghost is None:
            return 0
        if start >= ghost.start and (start > ghost.start or removed):
            return ghost.length
        ghost.start += inserted - removed
        return 0

    def drop_all(self) -> list[str]:
        """Qt's text is about to be another: forget all ghosts. Returns their keys."""
        ended = [key for key in (self.key, *self._waiting) if key is not None]
        self._ghost = self._shown.hole = None
        self._waiting.clear()
        return ended

    def format(self) -> QTextCharFormat:
        form = QTextCharFormat()
        form.setForeground(QColor(self._area.palette().color(QPalette.ColorRole.PlaceholderText)))
        form.setFontItalic(True)
        return form

    def _show(self, text: str) -> None:
        ghost = self._ghost
        assert ghost is not None
        if ghost.text == text:
            return
        with self._kept_view():
            self._shown.write(ghost.start, ghost.end, "")
            ghost.text = ""
        self.append(ghost.key, text)

    def _end(self) -> None:
        self._ghost = self._shown.hole = None
        self._show_next()
        self.changed.emit()

    def _show_next(self) -> None:
        if self._ghost is None and self._waiting:
            key = next(iter(self._waiting))
            waiting = self._waiting.pop(key)
            start = waiting.cursor.selectionEnd()
            self._ghost = self._shown.hole = _Ghost(start, key=key, replaces=waiting.replaces)
            self.append(key, waiting.text)

    def _move_caret(self, position: int) -> None:
        cursor = self._area.textCursor()
        cursor.setPosition(position)
        self._area.setTextCursor(cursor)

    @contextmanager
    def _kept_view(self) -> Iterator[None]:
        """Caret and selection stay where the person has them, also when text begins right there."""
        before, ghost = self._area.textCursor(), self._ghost
        anchor, position = before.anchor(), before.position()
        with self._shown.unheard():
            yield
        if ghost is not None and not ghost.text and ghost.start in (anchor, position):
            cursor = self._area.textCursor()
            cursor.setPosition(anchor)
            cursor.setPosition(position, QTextCursor.MoveMode.KeepAnchor)
            self._area.setTextCursor(cursor)
