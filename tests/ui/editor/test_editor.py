"""The editor: typing reaches the document, a ghost never does until it is taken, undo is the store's."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QInputMethodEvent, QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core.document import Document
from studio.core.edits import ReplaceText
from studio.core.store import DocumentStore
from studio.ui.editor.editor import TextEditor
from studio.ui.editor.positions import units


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


def test_second_ghost_waits_in_its_own_place(editor: TextEditor, store: DocumentStore) -> None:
    editor.insert("one two")
    move_to(editor, 3)
    assert editor.begin_ghost("a", replace_selection=False)
    editor.append_ghost("a", "😀\n")
    move_to(editor, len("one") + 3 + len(" two"))
    assert not editor.begin_ghost("b", replace_selection=False)
    editor.append_ghost("b", "later")
    assert shown(editor) == "one😀\n two"
    editor.commit_ghost("a", "1", "record")
    assert shown(editor) == "one1 twolater"
    editor.commit_ghost("b", "2", "record")
    assert store.document.text == shown(editor) == "one1 two2"


def test_waiting_ghost_can_be_taken_or_discarded_first(
    editor: TextEditor, store: DocumentStore
) -> None:
    editor.insert("x")
    for key in ("a", "b", "c"):
        editor.begin_ghost(key, replace_selection=False)
        editor.append_ghost(key, key * 3)
    editor.discard_ghost("c")
    editor.commit_ghost("b", "B", "record")
    assert shown(editor).replace("aaa", "") == store.document.text == "xB"
    editor.discard_ghost("a")
    assert store.document.text == shown(editor) == "xB"


def compose(editor: TextEditor, preedit: str, commit: str = "") -> None:
    """What an input method sends."""
    event = QInputMethodEvent(preedit, [])
    event.setCommitString(commit)
    QCoreApplication.sendEvent(editor.area, event)


def test_composing_in_the_ghosts_paragraph_leaves_it_there(
    editor: TextEditor, store: DocumentStore
) -> None:
    type_text(editor, "a")
    editor.begin_ghost("job", replace_selection=False)
    editor.append_ghost("job", "GHOST")
    compose(editor, "ni")
    compose(editor, "nihao")
    assert store.document.text == "a"
    assert editor.area.ghost.text == "GHOST"
    compose(editor, "", "你好😀")
    assert store.document.text == "a你好😀"
    assert shown(editor) == "a你好😀GHOST"


def test_every_kind_of_line_end_becomes_one(editor: TextEditor, store: DocumentStore) -> None:
    editor.begin_ghost("job", replace_selection=False)
    editor.append_ghost("job", "a\r\nb")
    editor.commit_ghost("job", "a\r\nb\rc\u2029d", "record")
    type_text(editor, "!")
    assert store.document.text == shown(editor) == "a\nb\nc\nd!"


def test_selection_stays_what_it_was_while_its_rewriting_streams(
    editor: TextEditor, store: DocumentStore
) -> None:
    editor.insert("keep bad keep")
    move_to(editor, 8, anchor=5)
    editor.begin_ghost("job", replace_selection=True)
    editor.append_ghost("job", "go")
    editor.append_ghost("job", "od")
    assert editor.selection() == editor.area.textCursor().selectedText() == "bad"


PIECES = ("a", "b ", "😀", "字字", "\n", "word word")
ACTIONS = (
    "type", "compose", "backspace", "delete", "move", "select", "begin", "append", "append",
    "commit", "discard", "undo", "redo", "other",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(25))
def test_whatever_is_done_editor_and_document_agree(
    seed: int, editor: TextEditor, store: DocumentStore
) -> None:
    rng = random.Random(seed)
    for number in range(40):
        action, piece = rng.choice(ACTIONS), rng.choice(PIECES)
        key = str(rng.randint(max(0, number - 10), number))
        places = [units(shown(editor)[: rng.randint(0, len(shown(editor)))]) for _ in range(2)]
        if action == "type":
            type_text(editor, "xy ")
        elif action == "compose":
            compose(editor, "ni")
            compose(editor, "", piece)
        elif action in ("backspace", "delete"):
            QTest.keyClick(editor.area, getattr(Qt.Key, f"Key_{action.title()}"))
        elif action in ("move", "select"):
            move_to(editor, places[0], places[1] if action == "select" else None)
        elif action == "begin":
            editor.begin_ghost(str(number), replace_selection=rng.random() < 0.5)
        elif action == "append":
            editor.append_ghost(editor.area.ghost.key or key, piece)
        elif action == "commit":
            editor.commit_ghost(editor.area.ghost.key or key, piece, "record")
        elif action == "discard":
            before = store.document
            editor.discard_ghost(key)
            assert store.document is before
        elif action == "undo":
            store.undo()
        elif action == "redo":
            store.redo()
        else:
            text = store.document.text
            start = rng.randint(0, len(text))
            store.apply(ReplaceText(start, text[start : start + 3], piece))
        ghost = editor.area.ghost.text
        assert len(shown(editor)) == len(store.document.text) + len(ghost)
        assert ghost in shown(editor)
        if not ghost:
            assert shown(editor) == store.document.text
    if editor.area.ghost.key is not None:
        editor.discard_ghost(editor.area.ghost.key)
    while store.can_undo:
        store.undo()
    assert store.document.text == ""


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
    assert editor.length.text() == "3 words · under 1 min · 14 characters"
