"""The text itself: a QPlainTextEdit whose content is the document's text plus, maybe, one ghost.

Typing becomes edits of the document, edits from elsewhere are shown. Qt's own undo is off; the store's is the
only one. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from PySide6.QtCore import QMimeData, QPoint, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QMenu, QPlainTextEdit

from studio.core.edits import ReplaceText, parts
from studio.core.markdown_lines import Fence
from studio.core.store import Change, DocumentStore
from studio.io.documents import IMAGE_SUFFIXES
from studio.ui.dropping import RESULT_MIME, dropped
from studio.ui.editor.ghost import Ghost
from studio.ui.editor.ghost_keys import answered
from studio.ui.editor.inline_pictures import InlinePictures
from studio.ui.editor.line_spacing import SpacedLayout
from studio.ui.editor.live_styling import LiveStyling
from studio.ui.editor.marking import Mark, MarkLayer, mark_ranges, paint_marks
from studio.ui.editor.pointing import character_under, rect_of
from studio.ui.editor.positions import characters_before, difference, units, units_before
from studio.ui.editor.shown_text import ShownText
from studio.ui.editor.typing_aids import TypingAids
from studio.ui.theme.icons import tokens_in_use

LINE_SPACING = 1.3
TEXT_PX = 16


class TextArea(QPlainTextEdit):
    menu_opening = Signal(QMenu, int)
    """The context menu is about to be shown for a character; who has something for it adds that."""
    things_dropped = Signal(object)
    """`Dropped`: pictures, or results of the history, for the place where the caret is now."""

    def __init__(self, store: DocumentStore) -> None:
        super().__init__()
        self._store = store
        self._marks: dict[str, MarkLayer] = {}
        self._spaced = SpacedLayout(self.document(), LINE_SPACING)
        self.document().setDocumentLayout(self._spaced)
        self.pictures = InlinePictures(self)
        self._spaced.room = self.pictures.room
        self.pictures.changed.connect(self.viewport().update)
        self._shown = ShownText(self.document())
        self.ghost = Ghost(self, self._shown, store)
        self.styling = LiveStyling(self.document(), tokens_in_use(), TEXT_PX)
        self._text_px = TEXT_PX
        self.aids = TypingAids(self, self.styling)
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

    def set_text_font(self, family: str, size_px: int) -> None:
        """family: "" is the window's own."""
        # By a stylesheet of its own: the window's would win over a font.
        named = f'font-family: "{family}"; ' if family else ""
        self.setStyleSheet(f"QPlainTextEdit {{ {named}font-size: {size_px}px; }}")
        self._text_px = size_px
        self.styling.look_again(tokens_in_use(), size_px)

    # What the document's owner asks.

    def caret(self) -> int:
        """In characters of the document's text."""
        return self._shown.to_characters(self.textCursor().position())

    def to_character(self, position: int) -> int:
        """The document's character at a position of Qt's."""
        return self._shown.to_characters(position)

    def selected_range(self) -> tuple[int, int]:
        cursor, to_characters = self.textCursor(), self._shown.to_characters
        return to_characters(cursor.selectionStart()), to_characters(cursor.selectionEnd())

    def go_to(self, character: int) -> None:
        """The caret to a character, and its line to the top of what is seen."""
        self.select(character, character)
        self.verticalScrollBar().setValue(self.textCursor().block().firstLineNumber())

    def character_under(self, point: QPoint) -> int | None:
        """The document's character at a point of the viewport; None where there is none, or a ghost."""
        return character_under(self, self._shown, point)

    def rect_of(self, start: int, end: int) -> QRect:
        """Where characters of the document's text stand in the viewport: of their first line."""
        return rect_of(self, self._shown, start, end)

    def select(self, start: int, end: int) -> None:
        """Characters of the document's text; the caret at their end, in view."""
        cursor = self.textCursor()
        cursor.setPosition(self._shown.to_units(start))
        cursor.setPosition(self._shown.to_units(end), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        if not self.viewport().rect().contains(self.cursorRect()):
            self.centerCursor()

    def show_marks(self, kind: str, marks: Iterable[Mark]) -> None:
        """Exchange the marks of one kind; they must be in the text's order. The newest kind is on top."""
        self._marks[kind] = MarkLayer(tuple(marks))
        self.viewport().update()

    # Qt's events.

    def paintEvent(self, event: QPaintEvent) -> None:
        first = self.firstVisibleBlock().blockNumber()
        # No paragraph is lower than a line of code.
        self.styling.see(first, first + self.viewport().height() // (self._text_px - 2))
        seen = list(self._seen_blocks())
        self._paint_marks(event, seen)
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setClipRect(event.rect())
        for block, area in seen:
            self.pictures.paint(painter, block, area)
        painter.end()

    def _seen_blocks(self) -> Iterator[tuple[QTextBlock, QRectF]]:
        """The paragraphs that are seen, and where each is in the viewport."""
        self.pictures.width_px = self.viewport().width() - 2 * round(
            self.document().documentMargin()
        )
        block = self.firstVisibleBlock()
        while block.isValid():
            area = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if area.top() > self.viewport().height():
                break
            yield block, area
            block = block.next()

    def _paint_marks(self, event: QPaintEvent, seen: list[tuple[QTextBlock, QRectF]]) -> None:
        if not self._marks or not seen:
            return
        last = seen[-1][0]
        ranges = self.marked_between(seen[0][0].position(), last.position() + last.length())
        painter = QPainter(self.viewport())
        painter.setClipRect(event.rect())
        for block, area in seen:
            paint_marks(painter, block, area.topLeft(), ranges)
        painter.end()

    def marked_between(self, start: int, end: int) -> list[tuple[int, int, Mark]]:
        """The marks in a range of Qt's positions, with theirs; a ghost within one is left out."""
        return mark_ranges(self._marks.values(), self._shown, start, end)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        caret = self.textCursor()
        at_ghost = not caret.hasSelection() and self.ghost.at(caret.position())
        if event.matches(QKeySequence.StandardKey.Undo):
            self._store.undo()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self._store.redo()
        elif event.key() == Qt.Key.Key_Escape and self.ghost.key is not None:
            self.ghost.ask_to_cancel()
        elif not (
            (at_ghost and answered(self.ghost, event.keyCombination())) or self.aids.took(event)
        ):
            super().keyPressEvent(event)

    def seen_paragraphs(self) -> tuple[int, int, Fence | None]:
        """From and to in characters of the document's text, and the code that is open before."""
        first = self.firstVisibleBlock()
        last = self.cursorForPosition(self.viewport().rect().bottomRight()).block()
        text, start = self._shown.text, self.to_character(first.position())
        end = text.find("\n", self.to_character(last.position() + last.length() - 1))
        start = text.rfind("\n", 0, start) + 1
        return start, end if end >= 0 else len(text), self.styling.fence_before(first)

    def fence_at(self, character: int) -> Fence | None:
        """The code that is open before a character's paragraph."""
        block = self.document().findBlock(self._shown.to_units(character))
        return self.styling.fence_before(block)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_keys = event.reason() == QContextMenuEvent.Reason.Keyboard
        cursor = self.textCursor() if by_keys else self.cursorForPosition(event.pos())
        self.open_menu(event.pos(), self.to_character(cursor.position()))

    def open_menu(self, at: QPoint, character: int) -> QMenu:
        """The context menu for a character, at a point of the viewport."""
        menu = self.createStandardContextMenu()
        for action in menu.actions():  # undo is the document's
            if action.objectName() in ("edit-undo", "edit-redo"):
                menu.removeAction(action)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.menu_opening.emit(menu, character)
        menu.popup(self.viewport().mapToGlobal(at))
        return menu

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Also called for a drop, with the caret where it was."""
        if _brings_pictures(source):
            self.things_dropped.emit(dropped(source))
        elif source.hasText():
            self.textCursor().insertText(source.text().replace("\r\n", "\n"))

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return _brings_pictures(source) or bool(source.hasText() and not source.hasUrls())

    # Typing.

    @Slot(int, int, int)
    def _on_document_contents_change(self, position: int, removed: int, added: int) -> None:
        if self._shown.silent:
            return
        # Qt also reports what only looks different, such as a paragraph while a word is composed.
        added = min(added, max(0, self.document().characterCount() - 1 - position))
        old = self._shown.before(position, position + removed)
        new = self._shown.now(position, position + added)
        caret = min(max(self.textCursor().position(), position), position + added)
        unchanged_end = len(self._shown.now(caret, position + added))
        lead, old, new = difference(old, new, unchanged_end)
        if old == new:
            return
        position += units(self._shown.now(position, position + added)[:lead])
        removed = units(old)
        start = self.ghost.moved_by_typing(position, removed, new)
        if start is not None:
            self._tell(characters_before(self._shown.text, start), old, new)
        elif (key := self.ghost.key) is not None:
            first, last = self.ghost.end_under(position, removed, new)
            self._tell(first, self._shown.text[first:last], new)
            self.ghost.ended_under(key)

    def _tell(self, position: int, removed: str, inserted: str) -> None:
        if removed == inserted:
            return
        edit = ReplaceText(position, removed, inserted)
        self._shown.text = edit.apply(self._store.document).text
        self._store.apply(edit, source=self, typed=True)

    @Slot()
    def _on_cursor_position_changed(self) -> None:
        if self._shown.silent or self.document().isEmpty() or not self.hasFocus():
            return
        # What is typed beside the ghost must not look like it.
        if self.ghost.key is not None and self.currentCharFormat() == self.ghost.format():
            self.setCurrentCharFormat(QTextCharFormat())

    # What the document became without it.

    def _on_store_changed(self, change: Change) -> None:
        if change.source is self:
            return
        if change.loaded:
            self._show_all(change.document.text)
            return
        for edit in parts(change.edit):
            if isinstance(edit, ReplaceText):
                self._show_edit(edit)
        if self._shown.text != change.document.text:
            self._show_all(change.document.text)

    def _show_edit(self, edit: ReplaceText) -> None:
        text = self._shown.text
        start, removed = units_before(text, edit.position), units(edit.removed)
        start += self.ghost.moved_by_edit(start, removed, units(edit.inserted))
        self._shown.write(start, start + removed, edit.inserted)
        end = edit.position + len(edit.removed)
        self._shown.text = text[: edit.position] + edit.inserted + text[end:]

    def _show_all(self, text: str) -> None:
        ended = self.ghost.drop_all()
        with self._shown.unheard():
            self.setPlainText(text)
        self._shown.text = text
        self.ghost.changed.emit()
        for key in ended:
            self.ghost.cancel_requested.emit(key)


def _brings_pictures(source: QMimeData) -> bool:
    """Pictures, or our own results. A picture beside words is how some programs give a table: words then."""
    if source.hasFormat(RESULT_MIME):
        return True
    if source.hasUrls():
        files = dropped(source).files
        return bool(files) and all(path.suffix.lower() in IMAGE_SUFFIXES for path in files)
    return source.hasImage() and not source.hasText()
