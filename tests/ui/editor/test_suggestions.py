"""What a model wrote waits at the caret and is answered by keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.core.document import Document
from studio.core.spans import WrittenSpan
from studio.core.store import DocumentStore
from studio.ui.editor.editor import TextEditor

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
Key = Qt.Key


@pytest.fixture
def editor(editor: TextEditor) -> TextEditor:
    """With a word, and a suggestion of two more."""
    QTest.keyClicks(editor.area, "Once")
    editor.begin_ghost("job", replace_selection=False)
    editor.append_ghost("job", " upon a")
    return editor


def settle(editor: TextEditor, text: str = " upon a time. It rained.", record: str = "r1") -> None:
    editor.area.ghost.settle("job", text, record)


def press(editor: TextEditor, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    QTest.keyClick(editor.area, key, modifier or Qt.KeyboardModifier.NoModifier)


def shown(editor: TextEditor) -> str:
    return editor.area.toPlainText()


def test_finished_ghost_waits_and_tab_takes_all_in_one_step(
    editor: TextEditor, store: DocumentStore
) -> None:
    settle(editor)
    assert store.document.text == "Once"
    assert editor.answers.isVisible()
    press(editor, Key.Key_Tab)
    assert store.document.text == shown(editor) == "Once upon a time. It rained."
    assert store.document.spans == (WrittenSpan(4, 28, "r1"),)
    assert editor.text_before_caret() == store.document.text
    assert not editor.answers.isVisible()
    press(editor, Key.Key_Z, CTRL)
    assert store.document.text == shown(editor) == "Once"


def test_word_sentence_and_the_rest_rejected(editor: TextEditor, store: DocumentStore) -> None:
    rejected: list[str] = []
    editor.ghost_cancel_requested.connect(rejected.append)
    settle(editor)
    press(editor, Key.Key_Right, CTRL)
    assert store.document.text == "Once upon"
    assert shown(editor) == "Once upon a time. It rained."
    press(editor, Key.Key_Right, CTRL | SHIFT)
    assert store.document.text == "Once upon a time."
    press(editor, Key.Key_Right, CTRL)
    assert store.document.text == "Once upon a time. It"
    press(editor, Key.Key_Escape)
    editor.discard_ghost(rejected[0])
    assert shown(editor) == store.document.text == "Once upon a time. It"
    assert store.document.spans == (WrittenSpan(4, 20, "r1"),)
    for left in ("Once upon a time.", "Once upon", "Once"):
        press(editor, Key.Key_Z, CTRL)
        assert store.document.text == shown(editor) == left


def test_last_word_taken_ends_the_suggestion(editor: TextEditor, store: DocumentStore) -> None:
    settle(editor, " upon a")
    for _ in range(2):
        press(editor, Key.Key_Right, CTRL)
    assert store.document.text == shown(editor) == "Once upon a"
    assert editor.area.ghost.suggestion is None
    QTest.keyClicks(editor.area, "!")
    assert store.document.text == "Once upon a!"


def test_alternatives_are_paged_and_the_shown_one_is_taken(
    editor: TextEditor, store: DocumentStore
) -> None:
    asked: list[str] = []
    editor.ghost_again_requested.connect(asked.append)
    settle(editor, " upon", "r1")
    press(editor, Key.Key_Return, ALT)
    assert asked == ["job"]
    editor.area.ghost.restart("job")
    assert shown(editor) == "Once"
    editor.append_ghost("job", " mo")
    press(editor, Key.Key_Tab)
    assert store.document.text == "Once"
    settle(editor, " more", "r2")
    assert shown(editor) == "Once more"
    assert "2 of 2" in editor.answers.text()
    press(editor, Key.Key_Up, ALT)
    assert shown(editor) == "Once upon"
    press(editor, Key.Key_Down, ALT)
    press(editor, Key.Key_Tab)
    assert store.document.text == shown(editor) == "Once more"
    assert store.document.spans[0].record_id == "r2"


def test_tab_while_it_streams_accepts_it_once_it_is_there(
    editor: TextEditor, store: DocumentStore
) -> None:
    press(editor, Key.Key_Tab)
    assert store.document.text == "Once"
    settle(editor)
    assert store.document.text == shown(editor) == "Once upon a time. It rained."


def test_keys_elsewhere_are_the_text_s_own(editor: TextEditor, store: DocumentStore) -> None:
    settle(editor)
    cursor = editor.area.textCursor()
    cursor.setPosition(0)
    editor.area.setTextCursor(cursor)
    press(editor, Key.Key_Tab)
    assert store.document.text == "\tOnce"
    assert editor.area.ghost.suggestion is not None


def test_asking_for_more_accepts_what_waits(editor: TextEditor, store: DocumentStore) -> None:
    settle(editor)
    assert editor.begin_ghost("next", replace_selection=False)
    assert store.document.text == "Once upon a time. It rained."
    editor.append_ghost("next", " Much")
    assert shown(editor) == "Once upon a time. It rained. Much"


def test_another_document_ends_the_suggestion(editor: TextEditor, store: DocumentStore) -> None:
    settle(editor)
    store.load(Document("new"))
    assert shown(editor) == "new"
    assert editor.area.ghost.suggestion is None
    assert not editor.answers.isVisible()
