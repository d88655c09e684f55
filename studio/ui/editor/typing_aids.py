"""What typing gets besides the letters: quotation marks of one's language. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from studio.core.smart_quotes import QuoteStyle, typographic
from studio.ui.editor.live_styling import LiveStyling
from studio.ui.editor.positions import characters_before, units

_COMMANDS = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)


class TypingAids:
    """Backspace right after a quotation mark was made typographic gives the straight one."""

    def __init__(self, area: QPlainTextEdit, styling: LiveStyling) -> None:
        self._area = area
        self._styling = styling
        self.quotes: QuoteStyle = "off"
        self._made: tuple[int, str, str] | None = None
        """Where one ends that was made just now, it, and what was typed."""

    def took(self, event: QKeyEvent) -> bool:
        """Whether the key is dealt with."""
        made, self._made = self._made, None
        cursor = self._area.textCursor()
        if event.key() == Qt.Key.Key_Backspace and made is not None:
            return self._made_straight(cursor, made)
        typed = event.text()
        if typed not in ('"', "'") or event.modifiers() & _COMMANDS or self.quotes == "off":
            return False
        block = self._area.document().findBlock(cursor.selectionStart())
        line, at = block.text(), cursor.selectionStart() - block.position()
        characters = characters_before(line, at)
        if self._styling.in_code(block, characters):
            return False
        mark = typographic(line[:characters], typed, self.quotes)
        cursor.insertText(mark, QTextCharFormat())
        self._area.ensureCursorVisible()
        self._made = (cursor.position(), mark, typed)
        return True

    def _made_straight(self, cursor: QTextCursor, made: tuple[int, str, str]) -> bool:
        end, mark, typed = made
        if cursor.hasSelection() or cursor.position() != end or mark == typed:
            return False
        cursor.setPosition(end - units(mark), QTextCursor.MoveMode.KeepAnchor)
        if cursor.selectedText() != mark:
            return False
        cursor.insertText(typed, QTextCharFormat())
        return True
