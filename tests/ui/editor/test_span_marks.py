"""Marks under what a model wrote: seen where the words are, gone when hidden, in step with the keys."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core.authorship import Authorship
from studio.core.store import DocumentStore
from studio.ui.dialogs.authorship import AuthorshipReport
from studio.ui.editor.editor import TextEditor


def at(editor: TextEditor, position: int) -> None:
    cursor = editor.area.textCursor()
    cursor.setPosition(position, QTextCursor.MoveMode.MoveAnchor)
    editor.area.setTextCursor(cursor)


def marked(editor: TextEditor) -> list[tuple[str, bool]]:
    """The words that stand over a line, and whether it is dotted, from what would be painted."""
    shown = editor.area.toPlainText().encode("utf-16-le")
    return [
        (shown[start * 2 : end * 2].decode("utf-16-le"), mark.broken)
        for start, end, mark in editor.area.marked_between(0, len(shown) // 2 + 1)
    ]


def picture(editor: TextEditor) -> QImage:
    editor.area.setCursorWidth(0)
    return editor.area.viewport().grab().toImage()


def test_model_s_words_are_marked_and_typing_within_parts_them(
    editor: TextEditor, store: DocumentStore
) -> None:
    QTest.keyClicks(editor.area, "Once ")
    editor.insert("😀 a black cat", "r1")
    assert marked(editor) == [("😀 a black cat", False)]
    at(editor, 0)
    QTest.keyClicks(editor.area, "So. ")
    assert marked(editor) == [("😀 a black cat", False)]
    at(editor, 4 + 5 + 2)
    QTest.keyClicks(editor.area, "X")
    assert marked(editor) == [("😀", True), (" a black cat", True)]
    QTest.keyClick(editor.area, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert marked(editor) == [("😀 a black cat", False)]


def test_ghost_within_a_passage_is_not_marked(editor: TextEditor) -> None:
    editor.insert("black cat", "r1")
    at(editor, 5)
    editor.begin_ghost("job", replace_selection=False)
    editor.append_ghost("job", " and\nold")
    assert marked(editor) == [("black", False), (" cat", False)]


def test_line_is_painted_and_can_be_hidden(editor: TextEditor) -> None:
    editor.insert("by hand\n")
    plain = picture(editor)
    editor.insert("by a model", "r1")
    editor.mark_spans(False)
    hidden = picture(editor)
    editor.mark_spans(True)
    assert picture(editor) != hidden != plain
    line = editor.area.blockBoundingGeometry(editor.area.firstVisibleBlock()).toAlignedRect()
    assert picture(editor).copy(line) == hidden.copy(line)


def test_report_shows_shares_and_copies_its_sentence(qtbot: QtBot, editor: TextEditor) -> None:
    report = AuthorshipReport(editor, Authorship(60, 30, 10, 2))
    assert report.report.startswith("60 % of this text was written by a person, 30 % by")
    report.open()
    report.reject()
