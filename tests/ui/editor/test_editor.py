"""The editor: typing reaches the document, a ghost never does until it is taken, undo is the store's."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core.document import Document
from studio.core.edits import ReplaceText
from studio.core.store import DocumentStore
from studio.ui.editor.editor import TextEditor


@pytest.fixture
def store() -> DocumentStore:
    return DocumentStore()


@pytest.fixture
def editor(store: DocumentStore, qtbot: QtBot) -> TextEditor:
    editor = TextEditor(store)
    qtbot.addWidget(editor)
    editor.resize(800, 600)
    editor.show()
    editor.area.setFocus()
    return editor


def type_text(editor: TextEditor, text: str) -> None:
    QTest.keyClicks(editor.area, text)


def move_to(editor: TextEditor, position: int, anchor: int | None = None) -> None:
    cursor = editor.area.textCursor()
    cursor.setPosition(position if anchor is None else anchor)
    cursor.setPosition(position, QTextCursor.MoveMode.KeepAnchor)
    editor.area.setTextCursor(cursor)


def shown(editor: TextEditor) -> str:
    return editor.area.toPlainText()


def test_typing_reaches_the_document_and_ctrl_z_takes_it_back(
    editor: TextEditor, store: DocumentStore
) -> None:
    type_text(editor, "hello world")
    QTest.keyClick(editor.area, Qt.Key.Key_Backspace)
    assert store.document.text == "hello worl"
    QTest.keyClick(editor.area, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(editor.area, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert shown(editor) == store.document.text == "hello "


def test_new_lines_and_selections_are_followed(editor: TextEditor, store: DocumentStore) -> None:
    type_text(editor, "one")
    QTest.keyClick(editor.area, Qt.Key.Key_Return)
    type_text(editor, "two")
    assert store.document.text == "one\ntwo"
    move_to(editor, 5, anchor=1)
    type_text(editor, "X")
    assert store.document.text == shown(editor) == "oXwo"


def test_characters_beyond_16_bits_keep_positions_right(
    editor: TextEditor, store: DocumentStore
) -> None:
    editor.insert("😀字😀")
    move_to(editor, 2)
    assert editor.text_before_caret() == "😀"
    type_text(editor, "a")
    assert store.document.text == shown(editor) == "😀a字😀"
    store.apply(ReplaceText(3, "😀", "b"))
    assert shown(editor) == "😀a字b"
    store.undo()
    assert shown(editor) == store.document.text == "😀a字😀"


def test_ghost_is_shown_but_is_not_in_the_document(
    editor: TextEditor, store: DocumentStore
) -> None:
    type_text(editor, "Once")
    editor.begin_ghost("job", replace_selection=False)
    editor.append_ghost("job", " upon")
    editor.append_ghost("job", " a time\n\nthere")
    assert shown(editor) == "Once upon a time\n\nthere"
    assert store.document.text == "Once"
    assert editor.text_before_caret() == "Once"
    editor.discard_ghost("job")
    assert shown(editor) == "Once"


def test_ghost_taken_is_one_undo_step_and_the_caret_follows(
    editor: TextEditor, store: DocumentStore
) -> None:
    type_text(editor, "Once")
    editor.begin_ghost("job", replace_selection=False)
    for piece in (" up", "on ", "a time"):
        editor.append_ghost("job", piece)
    editor.commit_ghost("job", " upon a time", "record")
    assert store.document.text == shown(editor) == "Once upon a time"
    assert editor.text_before_caret() == "Once upon a time"
    store.undo()
    assert store.document.text == shown(editor) == "Once"
    store.redo()
    assert shown(editor) == "Once upon a time"


@pytest.mark.parametrize(
    ("caret", "typed", "after"),
    [
        (0, "A", "Aone two GHOSTthree"),
        (4, "B", "one Btwo GHOSTthree"),
        (8, "C", "one two CGHOSTthree"),
        (18, "D", "one two GHOSTthreeD"),
    ],
)
def test_typing_anywhere_while_it_streams_is_safe(
    caret: int, typed: str, after: str, editor: TextEditor, store: DocumentStore
) -> None:
    editor.insert("one two three")
    move_to(editor, 8)
    editor.begin_ghost("job", replace_selection=False)
    editor.append_ghost("job", "GHO")
    move_to(editor, caret if caret != 18 else len(shown(editor)))
    type_text(editor, typed)
    editor.append_ghost("job", "ST")
    assert shown(editor) == after
    assert store.document.text == after.replace("GHOST", "")
    editor.commit_ghost("job", "GHOST", "record")
    assert store.document.text == shown(editor) == after
    store.undo()
    assert store.document.text == shown(editor) == after.replace("GHOST", "")


def test_undo_while_it_streams_keeps_the_ghost_in_place(
    editor: TextEditor, store: DocumentStore
) -> None:
    type_text(editor, "first second")
    move_to(editor, 12)
    editor.begin_ghost("job", replace_selection=False)
    editor.append_ghost("job", " GHOST")
    store.apply(ReplaceText(0, "", "zero "))
    assert shown(editor) == "zero first second GHOST"
    store.undo()
    assert shown(editor) == "first second GHOST"
    editor.commit_ghost("job", " GHOST", "record")
    assert store.document.text == "first second GHOST"


def test_selecting_all_and_typing_ends_the_ghost_and_keeps_what_was_typed(
    editor: TextEditor, store: DocumentStore, qtbot: QtBot
) -> None:
    type_text(editor, "before after")
    move_to(editor, 6)
    editor.begin_ghost("job", replace_selection=False)
    editor.append_ghost("job", " GHOST")
    cancelled: list[str] = []
    editor.ghost_cancel_requested.connect(cancelled.append)
    editor.area.selectAll()
    type_text(editor, "x")
    assert store.document.text == shown(editor) == "x"
    assert cancelled == ["job"]


def test_deleting_part_of_the_ghost_ends_it(editor: TextEditor, store: DocumentStore) -> None:
    editor.insert("ab")
    move_to(editor, 1)
    editor.begin_ghost("job", replace_selection=False)
    editor.append_ghost("job", "GHOST")
    move_to(editor, 5, anchor=3)
    QTest.keyClick(editor.area, Qt.Key.Key_Delete)
    assert store.document.text == shown(editor) == "ab"


def test_rewrite_ghost_replaces_the_selection_in_one_step(
    editor: TextEditor, store: DocumentStore
) -> None:
    editor.insert("keep bad keep")
    move_to(editor, 8, anchor=5)
    editor.begin_ghost("job", replace_selection=True)
    editor.append_ghost("job", "good")
    assert shown(editor) == "keep badgood keep"
    editor.commit_ghost("job", "good", "record")
    assert store.document.text == shown(editor) == "keep good keep"
    store.undo()
    assert store.document.text == shown(editor) == "keep bad keep"


def test_second_ghost_is_refused(editor: TextEditor) -> None:
    assert editor.begin_ghost("a", replace_selection=False)
    assert not editor.begin_ghost("b", replace_selection=False)


def test_escape_asks_for_the_cancel(editor: TextEditor) -> None:
    asked: list[str] = []
    editor.ghost_cancel_requested.connect(asked.append)
    editor.begin_ghost("job", replace_selection=False)
    QTest.keyClick(editor.area, Qt.Key.Key_Escape)
    assert asked == ["job"]


def test_another_document_is_shown_whole(qtbot: QtBot) -> None:
    store = DocumentStore(Document("from the start"))
    editor = TextEditor(store)
    qtbot.addWidget(editor)
    assert shown(editor) == "from the start"
    editor.replace_all("new text")
    assert shown(editor) == "new text"
    store.undo()
    assert shown(editor) == "from the start"
    assert editor.count.text() == "3 words"
