"""Which character is under a point, and where characters are. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from studio.ui.editor.shown_text import ShownText


def character_under(area: QPlainTextEdit, shown: ShownText, point: QPoint) -> int | None:
    """The document's character at a point of the viewport; None where there is none, or a ghost."""
    cursor = area.cursorForPosition(point)
    edge, position = area.cursorRect(cursor), cursor.position()
    if not edge.top() <= point.y() <= edge.bottom():
        return None
    if point.x() < edge.left():
        position -= 1
    block = area.document().findBlock(cursor.position())
    if not block.position() <= position < block.position() + block.length() - 1:
        return None
    following = QTextCursor(area.document())
    following.setPosition(position + 1)
    right = area.cursorRect(following)
    if right.top() == edge.top() and point.x() > right.left():
        return None  # behind the last word of its line
    hole = shown.hole
    if hole is not None and hole.start <= position < hole.end:
        return None
    return shown.to_characters(position)


def rect_of(area: QPlainTextEdit, shown: ShownText, start: int, end: int) -> QRect:
    """Where characters of the document's text stand in the viewport: of their first line."""
    cursor = QTextCursor(area.document())
    text = shown.text[start:end]
    start += len(text) - len(text.lstrip()) if text.strip() else 0
    cursor.setPosition(shown.to_units(start))
    first = area.cursorRect(cursor)
    cursor.setPosition(shown.to_units(end))
    last = area.cursorRect(cursor)
    right = last.left() if last.top() == first.top() else area.viewport().width()
    return QRect(first.topLeft(), QPoint(max(first.left() + 1, right), first.bottom()))
