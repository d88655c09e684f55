"""What one writes at is lit and the rest is dimmed; the caret's line stays in the middle."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core.store import DocumentStore
from studio.ui.editor.editor import TextEditor, TextLook

Key = Qt.Key
TEXT = "First one. Second 😀 one.\n\nAnother paragraph. Its end."


@pytest.fixture
def editor(editor: TextEditor) -> TextEditor:
    editor.insert(TEXT)
    return editor


def lit(editor: TextEditor) -> str:
    """What is not dimmed."""
    data = bytearray(editor.area.toPlainText().encode("utf-16-le"))
    for dimmed in reversed(editor.area.extraSelections()):
        start, end = dimmed.cursor.selectionStart(), dimmed.cursor.selectionEnd()
        del data[2 * start : 2 * end]
    return data.decode("utf-16-le")


def test_paragraph_at_the_caret_is_lit(editor: TextEditor) -> None:
    assert lit(editor) == TEXT
    editor.focus.choose("paragraph")
    assert lit(editor) == "Another paragraph. Its end."
    for _ in range(2):
        QTest.keyClick(editor.area, Key.Key_Up)
    assert lit(editor) == "First one. Second 😀 one."
    QTest.keyClicks(editor.area, "!")
    assert "!" in lit(editor)
    editor.area.select(0, len(TEXT))
    assert lit(editor) == editor.area.toPlainText()
    editor.focus.choose("off")
    assert editor.area.extraSelections() == []


def test_sentence_at_the_caret_is_lit_with_a_ghost_at_it(editor: TextEditor) -> None:
    editor.focus.choose("sentence")
    assert lit(editor) == "Its end."
    editor.area.select(12, 12)
    assert lit(editor) == "Second 😀 one."
    editor.area.select(24, 24)
    editor.begin_ghost("job", replace_selection=False)
    editor.append_ghost("job", " GHOST\nline")
    assert lit(editor) == "Second 😀 one. GHOST\nline"


def test_dimmed_words_look_dimmed(editor: TextEditor) -> None:
    editor.area.setCursorWidth(0)
    plain = editor.area.viewport().grab().toImage()
    editor.focus.choose("paragraph")
    assert editor.area.viewport().grab().toImage() != plain


def test_caret_s_line_stays_in_the_middle_when_it_or_the_window_changes(
    editor: TextEditor, store: DocumentStore, qtbot: QtBot
) -> None:
    editor.replace_all("\n".join(f"line {n}" for n in range(200)))
    editor.area.select(0, 0)
    editor.grab()
    editor.focus.keep_in_the_middle(True)
    for _ in range(60):
        QTest.keyClick(editor.area, Key.Key_Down)
    middle = editor.area.viewport().height() / 2
    line = editor.area.cursorRect().height() * 1.5
    assert abs(editor.area.cursorRect().center().y() - middle) < line
    end = len(store.document.text)
    editor.area.select(end, end)
    QTest.keyClicks(editor.area, "x")
    assert abs(editor.area.cursorRect().center().y() - middle) < line
    editor.resize(500, 300)
    middle = editor.area.viewport().height() / 2
    qtbot.waitUntil(lambda: abs(editor.area.cursorRect().center().y() - middle) < line)


def test_font_size_and_width_are_followed(editor: TextEditor) -> None:
    editor.dress(TextLook(size_px=24, width_px=400))
    assert editor.area.font().pixelSize() == 24
    assert editor.area.viewport().width() <= 400
    editor.replace_all("# Title")
    editor.grab()
    (part, *_) = editor.area.document().firstBlock().layout().formats()
    assert part.format.font().pixelSize() == 38


def test_quotation_marks_become_typographic_and_backspace_takes_that_back(
    editor: TextEditor, store: DocumentStore
) -> None:
    editor.replace_all("")
    QTest.keyClicks(editor.area, '"a" ')
    assert store.document.text == '"a" '
    editor.area.aids.quotes = "english"
    QTest.keyClicks(editor.area, '"it\'s"')
    assert store.document.text == '"a" “it’s”'
    QTest.keyClick(editor.area, Key.Key_Backspace)
    assert store.document.text == '"a" “it’s"'
    QTest.keyClick(editor.area, Key.Key_Backspace)
    assert store.document.text == '"a" “it’s'
    QTest.keyClicks(editor.area, '"!')
    QTest.keyClick(editor.area, Key.Key_Backspace)
    assert store.document.text == '"a" “it’s”' == editor.area.toPlainText()


def test_quotation_marks_in_code_stay_straight(editor: TextEditor, store: DocumentStore) -> None:
    editor.area.aids.quotes = "english"
    editor.replace_all("`f()` x\n```\n\n```\n")
    for place in (3, len("`f(..)` x\n```\n")):
        editor.area.select(place, place)
        QTest.keyClicks(editor.area, '""')
    editor.area.select(0, 0)
    QTest.keyClicks(editor.area, '"')
    assert store.document.text == '“`f("")` x\n```\n""\n```\n'
