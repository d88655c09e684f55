"""The text itself: a QPlainTextEdit whose content is the document's text plus, maybe, one ghost.

The ghost is text a model is writing, or has written and waits to be accepted: it stands in the widget but
not in the document, has a muted format, and is told apart by its range. Qt's own undo is off; the store's
is the only one. GUI thread. Over 400 lines, because every change of Qt's text must know of the ghost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QKeyCombination, QMimeData, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit

from studio.core.edits import ReplaceText, parts
from studio.core.store import Change, DocumentStore
from studio.core.suggestion import Offer, Suggestion, next_sentence, next_word
from studio.ui.editor.line_spacing import SpacedLayout
from studio.ui.editor.marking import Mark, MarkLayer, paint_marks
from studio.ui.editor.positions import characters_before, difference, plain, units, units_before

LINE_SPACING = 1.3
_KEYPAD = Qt.KeyboardModifier.KeypadModifier
ACCEPT = QKeyCombination(Qt.Key.Key_Tab)
ACCEPT_WORD = QKeyCombination(Qt.KeyboardModifier.ControlModifier, Qt.Key.Key_Right)
ACCEPT_SENTENCE = QKeyCombination(
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier, Qt.Key.Key_Right
)
PAGE_ON = QKeyCombination(Qt.KeyboardModifier.AltModifier, Qt.Key.Key_Down)
PAGE_BACK = QKeyCombination(Qt.KeyboardModifier.AltModifier, Qt.Key.Key_Up)
AGAIN = (
    QKeyCombination(Qt.KeyboardModifier.AltModifier, Qt.Key.Key_Return),
    QKeyCombination(Qt.KeyboardModifier.AltModifier | _KEYPAD, Qt.Key.Key_Enter),
)


@dataclass
class _Ghost:
    """`start` is a Qt position; `selection` is how much text after it the ghost will replace."""

    key: str
    start: int
    text: str = ""
    replaces: str = ""
    suggestion: Suggestion | None = None
    """Once it is written: what it waits with for an answer."""
    accepted: bool = False
    """Whether it was accepted before it was all there."""

    @property
    def length(self) -> int:
        return units(self.text)


@dataclass
class _Waiting:
    """A ghost that is shown once the one before it ends. Qt keeps the cursor in its place."""

    cursor: QTextCursor
    replaces: str
    text: str = ""


class TextArea(QPlainTextEdit):
    ghost_cancel_requested = Signal(str)
    ghost_again_requested = Signal(str)
    suggestion_changed = Signal()

    def __init__(self, store: DocumentStore) -> None:
        super().__init__()
        self._store = store
        self._ghost: _Ghost | None = None
        self._waiting: dict[str, _Waiting] = {}
        self._silent = False
        self._text = ""
        self._marks: dict[str, MarkLayer] = {}
        self._spaced = SpacedLayout(self.document(), LINE_SPACING)
        self.document().setDocumentLayout(self._spaced)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Text")
        self.setTabChangesFocus(False)
        self.document().contentsChange.connect(self._on_document_contents_change)
        self.cursorPositionChanged.connect(self._on_cursor_position_changed)
        store.changed.connect(self._on_store_changed)
        self._show_all(store.document.text)

    def set_margins(self, side_px: int, top_px: int) -> None:
        self.setViewportMargins(side_px, top_px, side_px, 0)

    # What the document's owner asks.

    def caret(self) -> int:
        """In characters of the document's text."""
        return self._to_characters(self.textCursor().position())

    def selected_range(self) -> tuple[int, int]:
        cursor = self.textCursor()
        return self._to_characters(cursor.selectionStart()), self._to_characters(
            cursor.selectionEnd()
        )

    def show_marks(self, kind: str, marks: Iterable[Mark]) -> None:
        """Exchange the marks of one kind; they must be in the text's order. The newest kind is on top."""
        self._marks[kind] = MarkLayer(tuple(marks))
        self.viewport().update()

    # The ghost.

    @property
    def ghost_key(self) -> str | None:
        return self._ghost.key if self._ghost is not None else None

    @property
    def ghost_text(self) -> str:
        return self._ghost.text if self._ghost is not None else ""

    def holds_ghost(self, key: str) -> bool:
        """Whether a ghost is shown or waits to be."""
        return key == self.ghost_key or key in self._waiting

    def begin_ghost(self, key: str, *, replace_selection: bool) -> bool:
        """At the caret as it is now. False if it waits until the ghost that is shown has ended.

        Who asks for more has accepted what was there.
        """
        if self.suggestion is not None:
            self.accept(self.suggestion.current.text)
        cursor = QTextCursor(self.textCursor())
        if not replace_selection:
            cursor.clearSelection()
        start, end = (
            self._to_characters(cursor.selectionStart()),
            self._to_characters(cursor.selectionEnd()),
        )
        self._waiting[key] = _Waiting(cursor, self._text[start:end])
        self._show_next_ghost()
        return self.ghost_key == key

    def append_ghost(self, key: str, text: str) -> None:
        text = plain(text)
        if key in self._waiting:
            self._waiting[key].text += text
        ghost = self._ghost
        if ghost is None or ghost.key != key or not text:
            return
        with self._unheard(), self._kept_view():
            cursor = QTextCursor(self.document())
            cursor.setPosition(ghost.start + ghost.length)
            cursor.insertText(text, self._ghost_format())
        ghost.text += text

    @property
    def suggestion(self) -> Suggestion | None:
        """What waits to be accepted."""
        return self._ghost.suggestion if self._ghost is not None else None

    def restart_ghost(self, key: str) -> None:
        """What is shown gives way to an alternative that is on its way; paging brings it back."""
        if self._ghost is not None and self._ghost.key == key:
            self._show_ghost_text("")

    def settle_ghost(self, key: str, text: str, record_id: str) -> None:
        """The ghost is all there: it waits for an answer, unless it has one or others wait for its place."""
        ghost, offer = self._ghost, Offer(plain(text), record_id)
        if ghost is None or ghost.key != key or ghost.accepted or self._waiting or ghost.replaces:
            self.commit_ghost(key, text, record_id, "writing")
            return
        before = ghost.suggestion
        ghost.suggestion = before.and_offer(offer) if before is not None else Suggestion((offer,))
        self._show_ghost_text(offer.text)
        self.suggestion_changed.emit()

    def page(self, step: int) -> None:
        """Show the next alternative, or the one before."""
        ghost = self._ghost
        if ghost is not None and ghost.suggestion is not None:
            ghost.suggestion = ghost.suggestion.paged(step)
            self._show_ghost_text(ghost.suggestion.current.text)
            self.suggestion_changed.emit()

    def accept(self, piece: str) -> None:
        """Put the beginning of the suggestion, or all of it, into the document: one undo step."""
        ghost = self._ghost
        if ghost is None or ghost.suggestion is None:
            return
        offer = ghost.suggestion.current
        rest = ghost.suggestion.without(piece)
        if not rest.current.text:
            self.commit_ghost(ghost.key, offer.text, offer.record_id, "writing")
            return
        self._show_ghost_text("")
        at = characters_before(self._text, ghost.start)
        self._store.apply(ReplaceText(at, "", piece, offer.record_id, "accepting a part"))
        cursor = self.textCursor()
        cursor.setPosition(ghost.start)
        self.setTextCursor(cursor)
        ghost.suggestion = rest
        self.append_ghost(ghost.key, rest.current.text)
        self.suggestion_changed.emit()

    def _show_ghost_text(self, text: str) -> None:
        ghost = self._ghost
        assert ghost is not None
        if ghost.text == text:
            return
        with self._unheard(), self._kept_view():
            cursor = QTextCursor(self.document())
            cursor.setPosition(ghost.start)
            cursor.setPosition(ghost.start + ghost.length, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
            ghost.text = ""
        self.append_ghost(ghost.key, text)

    def discard_ghost(self, key: str) -> None:
        """The text is exactly as before."""
        self._waiting.pop(key, None)
        ghost = self._ghost
        if ghost is None or ghost.key != key:
            return
        if ghost.text:
            with self._unheard(), self._kept_view():
                cursor = QTextCursor(self.document())
                cursor.setPosition(ghost.start)
                cursor.setPosition(ghost.start + ghost.length, QTextCursor.MoveMode.KeepAnchor)
                cursor.removeSelectedText()
        self._ghost = None
        self._show_next_ghost()
        self.suggestion_changed.emit()

    def commit_ghost(self, key: str, text: str, record_id: str, label: str) -> None:
        """Put the text into the document in the ghost's place: one undo step."""
        text, ghost, waiting = plain(text), self._ghost, self._waiting.get(key)
        caret, follow = self.textCursor().position(), False
        if waiting is not None:
            position, replaces = (
                self._to_characters(waiting.cursor.selectionEnd()),
                waiting.replaces,
            )
        elif ghost is not None and ghost.key == key:
            position, replaces = characters_before(self._text, ghost.start), ghost.replaces
            follow = ghost.start <= caret <= ghost.start + ghost.length
        else:
            return
        begin = position - len(replaces)
        removed = replaces if self._text[max(0, begin) : position] == replaces else ""
        self.discard_ghost(key)
        edit = ReplaceText(position - len(removed), removed, text, record_id, label)
        self._store.apply(edit)
        if follow:
            cursor = self.textCursor()
            cursor.setPosition(self._to_units(edit.position + len(text)))
            self.setTextCursor(cursor)
            self.ensureCursorVisible()

    # Qt's events.

    def paintEvent(self, event: QPaintEvent) -> None:
        self._paint_marks(event)
        super().paintEvent(event)

    def _paint_marks(self, event: QPaintEvent) -> None:
        block = self.firstVisibleBlock()
        if not self._marks or not block.isValid():
            return
        first, last = block, block
        top = self.contentOffset().y()
        while last.next().isValid() and top < self.viewport().height():
            top += self.blockBoundingRect(last).height()
            last = last.next()
        ranges = self._mark_ranges(first.position(), last.position() + last.length())
        painter = QPainter(self.viewport())
        painter.setClipRect(event.rect())
        while block.isValid() and block.blockNumber() <= last.blockNumber():
            offset = self.blockBoundingGeometry(block).translated(self.contentOffset()).topLeft()
            paint_marks(painter, block, offset, ranges)
            block = block.next()
        painter.end()

    def _mark_ranges(self, shown_start: int, shown_end: int) -> list[tuple[int, int, Mark]]:
        """The marks in a range of Qt's positions, with theirs; a ghost within one is left out."""
        ghost = self._ghost
        hole, length = (ghost.start, ghost.length) if ghost is not None else (-1, 0)
        base = shown_start if shown_start <= hole or not length else max(hole, shown_start - length)
        at = self._to_characters(shown_start)
        end = at + shown_end - shown_start  # no less than the characters there are
        ranges: list[tuple[int, int, Mark]] = []
        for layer in self._marks.values():
            for mark in layer.between(at, end):
                head = max(mark.start, at)
                first = base + units(self._text[at:head])
                last = first + units(self._text[head : min(mark.end, end)])
                if first < hole:
                    ranges.append((first, min(last, hole), mark))
                if last > hole:
                    ranges.append((max(first, hole) + length, last + length, mark))
        return ranges

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Undo):
            self._store.undo()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self._store.redo()
        elif event.key() == Qt.Key.Key_Escape and self._ghost is not None:
            self.ghost_cancel_requested.emit(self._ghost.key)
        elif not self._answered(event):
            super().keyPressEvent(event)

    def _answered(self, event: QKeyEvent) -> bool:
        """Whether the key was an answer to the ghost: only where the caret stands at it."""
        ghost, caret = self._ghost, self.textCursor()
        if ghost is None or caret.hasSelection():
            return False
        if not ghost.start <= caret.position() <= ghost.start + ghost.length:
            return False
        key, suggestion = event.keyCombination(), ghost.suggestion
        if suggestion is None:
            ghost.accepted = ghost.accepted or key == ACCEPT
            return key == ACCEPT
        text = suggestion.current.text
        if ghost.text != text:  # an alternative is being written
            return key in (ACCEPT, ACCEPT_WORD, ACCEPT_SENTENCE, PAGE_ON, PAGE_BACK, *AGAIN)
        if key == ACCEPT:
            self.accept(text)
        elif key == ACCEPT_WORD:
            self.accept(next_word(text))
        elif key == ACCEPT_SENTENCE:
            self.accept(next_sentence(text))
        elif key in (PAGE_ON, PAGE_BACK):
            self.page(1 if key == PAGE_ON else -1)
        elif key in AGAIN:
            self.ghost_again_requested.emit(ghost.key)
        else:
            return False
        return True

    def insertFromMimeData(self, source: QMimeData) -> None:
        if source.hasText():
            self.textCursor().insertText(source.text().replace("\r\n", "\n"))

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return bool(source.hasText() and not source.hasUrls())

    @Slot(int, int, int)
    def _on_document_contents_change(self, position: int, removed: int, added: int) -> None:
        if self._silent:
            return
        # Qt also reports what only looks different, such as a paragraph while a word is composed.
        added = min(added, max(0, self.document().characterCount() - 1 - position))
        old, new = (
            self._shown(position, position + removed),
            self._between(position, position + added),
        )
        caret = min(max(self.textCursor().position(), position), position + added)
        unchanged_end = len(self._between(caret, position + added))
        lead, old, new = difference(old, new, unchanged_end)
        if old == new:
            return
        position += units(self._between(position, position + added)[:lead])
        removed = units(old)
        ghost = self._ghost
        start = position
        if ghost is not None:
            end = ghost.start + ghost.length
            if ghost.text and position < end and position + removed > ghost.start:
                self._take_overlapping(ghost, position, removed, new)
                return
            if position >= end and position > ghost.start:
                start = position - ghost.length
            else:
                ghost.start = max(ghost.start - removed, position) + units(new)
        self._tell(characters_before(self._text, start), old, new)

    def _take_overlapping(self, ghost: _Ghost, position: int, removed: int, inserted: str) -> None:
        """An edit went through the ghost: the ghost ends, the person's edit stays."""
        start, end = ghost.start, ghost.start + ghost.length
        first = characters_before(self._text, min(position, start))
        last = characters_before(self._text, max(position + removed, end) - ghost.length)
        head_length = max(0, position - start)
        tail_length = max(0, end - (position + removed))
        with self._unheard():
            cursor = QTextCursor(self.document())
            after = position + units(inserted)
            cursor.setPosition(after)
            cursor.setPosition(after + tail_length, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
            cursor.setPosition(position - head_length)
            cursor.setPosition(position, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
        self._ghost = None
        self._tell(first, self._text[first:last], inserted)
        self._show_next_ghost()
        self.suggestion_changed.emit()
        self.ghost_cancel_requested.emit(ghost.key)

    def _tell(self, position: int, removed: str, inserted: str) -> None:
        if removed == inserted:
            return
        edit = ReplaceText(position, removed, inserted)
        self._text = edit.apply(self._store.document).text
        self._store.apply(edit, source=self, typed=True)

    @Slot()
    def _on_cursor_position_changed(self) -> None:
        if not self._silent and not self.document().isEmpty() and self.hasFocus():
            self._ensure_plain_format()

    def _ensure_plain_format(self) -> None:
        """What is typed beside the ghost must not look like it."""
        if self._ghost is not None and self.currentCharFormat() == self._ghost_format():
            self.setCurrentCharFormat(QTextCharFormat())

    def _on_store_changed(self, change: Change) -> None:
        if change.source is self:
            return
        if change.loaded:
            self._show_all(change.document.text)
            return
        edits = [edit for edit in parts(change.edit) if isinstance(edit, ReplaceText)]
        for edit in edits:
            self._show_edit(edit)
        if self._text != change.document.text:
            self._show_all(change.document.text)

    def _show_edit(self, edit: ReplaceText) -> None:
        start = units_before(self._text, edit.position)
        removed, offset = units(edit.removed), 0
        while (ghost := self._ghost) is not None and start < ghost.start < start + removed:
            self.discard_ghost(ghost.key)
            self.ghost_cancel_requested.emit(ghost.key)
        if ghost is not None:
            if start >= ghost.start and (start > ghost.start or removed):
                offset = ghost.length
            else:
                ghost.start += units(edit.inserted) - removed
        with self._unheard():
            cursor = QTextCursor(self.document())
            cursor.setPosition(start + offset)
            cursor.setPosition(start + offset + removed, QTextCursor.MoveMode.KeepAnchor)
            cursor.insertText(edit.inserted, QTextCharFormat())
        end = edit.position + len(edit.removed)
        self._text = self._text[: edit.position] + edit.inserted + self._text[end:]

    def _show_all(self, text: str) -> None:
        ended = [key for key in (self.ghost_key, *self._waiting) if key is not None]
        self._ghost = None
        self._waiting.clear()
        with self._unheard():
            self.setPlainText(text)
        self._text = text
        self.suggestion_changed.emit()
        for key in ended:
            self.ghost_cancel_requested.emit(key)

    def _show_next_ghost(self) -> None:
        if self._ghost is None and self._waiting:
            key = next(iter(self._waiting))
            waiting = self._waiting.pop(key)
            self._ghost = _Ghost(key, waiting.cursor.selectionEnd(), replaces=waiting.replaces)
            self.append_ghost(key, waiting.text)

    def _to_units(self, character: int) -> int:
        """Where a character of the document's text stands in the widget."""
        position, ghost = units_before(self._text, character), self._ghost
        return position + ghost.length if ghost is not None and position > ghost.start else position

    def _to_characters(self, position: int) -> int:
        ghost = self._ghost
        if ghost is not None and position > ghost.start:
            position = max(ghost.start, position - ghost.length)
        return characters_before(self._text, position)

    def _shown(self, start: int, end: int) -> str:
        """What stood from `start` to `end` before the change that Qt now reports."""
        text, ghost = self._text, self._ghost
        ghost_start = ghost.start if ghost is not None else end
        ghost_text = ghost.text if ghost is not None else ""
        length = units(ghost_text)
        pieces = (
            (text, start, min(end, ghost_start)),
            (ghost_text, start - ghost_start, min(end - ghost_start, length)),
            (text, max(start - length, ghost_start), end - length),
        )
        return "".join(
            piece[characters_before(piece, max(0, first)) : characters_before(piece, last)]
            for piece, first, last in pieces
            if last > max(0, first)
        )

    def _between(self, start: int, end: int) -> str:
        cursor = QTextCursor(self.document())
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        return cursor.selectedText().replace("\u2029", "\n").replace("\u2028", "\n")

    def _ghost_format(self) -> QTextCharFormat:
        form = QTextCharFormat()
        colour = QColor(self.palette().color(QPalette.ColorRole.PlaceholderText))
        form.setForeground(colour)
        form.setFontItalic(True)
        return form

    @contextmanager
    def _unheard(self) -> Iterator[None]:
        before, self._silent = self._silent, True
        try:
            yield
        finally:
            self._silent = before

    @contextmanager
    def _kept_view(self) -> Iterator[None]:
        """Caret and selection stay where the person has them, also when text begins right there."""
        before, ghost = self.textCursor(), self._ghost
        anchor, position = before.anchor(), before.position()
        yield
        if ghost is not None and not ghost.text and ghost.start in (anchor, position):
            cursor = self.textCursor()
            cursor.setPosition(anchor)
            cursor.setPosition(position, QTextCursor.MoveMode.KeepAnchor)
            self.setTextCursor(cursor)
