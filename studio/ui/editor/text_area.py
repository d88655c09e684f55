"""The text itself: a QPlainTextEdit whose content is the document's text plus, maybe, one ghost.

The ghost is text a model is writing: it stands in the widget but not in the document, has a muted
format, and is told apart by its range. Qt's own undo is off; the store's is the only one. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QMimeData, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPalette, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit

from studio.core.edits import ReplaceText, parts
from studio.core.store import Change, DocumentStore
from studio.ui.editor.positions import characters_before, units, units_before


@dataclass
class _Ghost:
    """`start` is a Qt position; `selection` is how much text after it the ghost will replace."""

    key: str
    start: int
    text: str = ""
    replaces: str = ""

    @property
    def length(self) -> int:
        return units(self.text)


class TextArea(QPlainTextEdit):
    ghost_cancel_requested = Signal(str)

    def __init__(self, store: DocumentStore) -> None:
        super().__init__()
        self._store = store
        self._ghost: _Ghost | None = None
        self._silent = False
        self._text = ""
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

    # The ghost.

    @property
    def ghost_key(self) -> str | None:
        return self._ghost.key if self._ghost is not None else None

    @property
    def ghost_text(self) -> str:
        return self._ghost.text if self._ghost is not None else ""

    def begin_ghost(self, key: str, *, replace_selection: bool) -> bool:
        """False if another ghost is there already."""
        if self._ghost is not None:
            return False
        start, end = self.selected_range()
        if not replace_selection:
            start = end = self.caret()
        self._ghost = _Ghost(key, units_before(self._text, end), replaces=self._text[start:end])
        return True

    def append_ghost(self, key: str, text: str) -> None:
        ghost = self._ghost
        if ghost is None or ghost.key != key or not text:
            return
        with self._unheard(), self._kept_view():
            cursor = QTextCursor(self.document())
            cursor.setPosition(ghost.start + ghost.length)
            cursor.insertText(text, self._ghost_format())
        ghost.text += text

    def discard_ghost(self, key: str) -> None:
        """The text is exactly as before."""
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

    def commit_ghost(self, key: str, text: str, record_id: str, label: str) -> None:
        """Put the text into the document in the ghost's place: one undo step."""
        ghost = self._ghost
        if ghost is None or ghost.key != key:
            return
        position = characters_before(self._text, ghost.start)
        begin = position - len(ghost.replaces)
        removed = ghost.replaces if self._text[max(0, begin) : position] == ghost.replaces else ""
        follow = self.textCursor().position() in range(ghost.start, ghost.start + ghost.length + 1)
        self.discard_ghost(key)
        edit = ReplaceText(position - len(removed), removed, text, record_id, label)
        self._store.apply(edit)
        if follow:
            cursor = self.textCursor()
            cursor.setPosition(units_before(self._text, edit.position + len(text)))
            self.setTextCursor(cursor)
            self.ensureCursorVisible()

    # Qt's events.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Undo):
            self._store.undo()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self._store.redo()
        elif event.key() == Qt.Key.Key_Escape and self._ghost is not None:
            self.ghost_cancel_requested.emit(self._ghost.key)
        else:
            super().keyPressEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if source.hasText():
            self.textCursor().insertText(source.text().replace("\r\n", "\n"))

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return bool(source.hasText() and not source.hasUrls())

    @Slot(int, int, int)
    def _on_document_contents_change(self, position: int, removed: int, added: int) -> None:
        if self._silent:
            return
        ghost = self._ghost
        before = units(self._text) + (ghost.length if ghost is not None else 0)
        removed = min(removed, before - position)
        added = min(added, max(0, self.document().characterCount() - 1 - position))
        inserted = self._between(position, position + added)
        if (
            ghost is not None
            and ghost.text
            and position < ghost.start + ghost.length
            and position + removed > ghost.start
        ):
            self._take_overlapping(ghost, position, removed, inserted)
            return
        start = position
        if ghost is not None:
            if position >= ghost.start + ghost.length and position > ghost.start:
                start = position - ghost.length
            else:
                ghost.start += units(inserted) - removed
        first, last = (
            characters_before(self._text, start),
            characters_before(self._text, start + removed),
        )
        self._tell(first, self._text[first:last], inserted)

    def _take_overlapping(self, ghost: _Ghost, position: int, removed: int, inserted: str) -> None:
        """An edit went through the ghost: the ghost ends, the person's edit stays."""
        start, end = ghost.start, ghost.start + ghost.length
        first = characters_before(self._text, min(position, start))
        last = characters_before(self._text, max(position + removed, end) - ghost.length)
        head = ghost.text[: max(0, position - start)] if position > start else ""
        tail_length = max(0, end - (position + removed))
        with self._unheard():
            cursor = QTextCursor(self.document())
            after = position + units(inserted)
            cursor.setPosition(after)
            cursor.setPosition(after + tail_length, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
            cursor.setPosition(position - units(head))
            cursor.setPosition(position, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
        self._ghost = None
        self._tell(first, self._text[first:last], inserted)
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
        edits = [edit for edit in parts(change.edit) if isinstance(edit, ReplaceText)]
        for edit in edits:
            self._show_edit(edit)
        if self._text != change.document.text:
            self._show_all(change.document.text)

    def _show_edit(self, edit: ReplaceText) -> None:
        start = units_before(self._text, edit.position)
        removed, ghost = units(edit.removed), self._ghost
        offset = 0
        if ghost is not None:
            if start + removed > ghost.start > start:
                self.ghost_cancel_requested.emit(ghost.key)
                self.discard_ghost(ghost.key)
            elif start >= ghost.start and (start > ghost.start or removed):
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
        if self._ghost is not None:
            self.ghost_cancel_requested.emit(self._ghost.key)
            self._ghost = None
        with self._unheard():
            self.setPlainText(text)
        self._text = text

    def _to_characters(self, position: int) -> int:
        ghost = self._ghost
        if ghost is not None and position > ghost.start:
            position = max(ghost.start, position - ghost.length)
        return characters_before(self._text, position)

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
        """The caret stays where the person has it, also when text grows right at it."""
        cursor = self.textCursor()
        anchor, position = cursor.anchor(), cursor.position()
        ghost = self._ghost
        at_ghost = ghost is not None and position == anchor == ghost.start
        yield
        if at_ghost:
            cursor = self.textCursor()
            cursor.setPosition(position)
            self.setTextCursor(cursor)
