"""Find and replace, by keys: from the first letter typed to one step of undo."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.core.spans import WrittenSpan
from studio.core.store import DocumentStore
from studio.ui.editor.editor import TextEditor

Key, SHIFT, ALT = Qt.Key, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def editor(editor: TextEditor) -> TextEditor:
    editor.insert("A cat, 😀 a Cat.\nConcat a cat.")
    editor.area.select(0, 0)
    return editor


def look_for(editor: TextEditor, text: str, *, replacing: bool = False) -> None:
    editor.finding.open(replacing=replacing)
    QTest.keyClicks(editor.finding.bar.pattern, text)


def press(editor: TextEditor, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    bar = editor.finding.bar
    field = bar.replacement if bar.replacement.hasFocus() else bar.pattern
    QTest.keyClick(field, key, modifier or Qt.KeyboardModifier.NoModifier)


def marked(editor: TextEditor) -> list[str]:
    text = editor.area.toPlainText().encode("utf-16-le")
    return [
        text[2 * start : 2 * end].decode("utf-16-le")
        for start, end, mark in editor.area.marked_between(0, len(text) // 2 + 1)
        if mark.ground is not None
    ]


def test_hits_are_marked_counted_and_walked_around(editor: TextEditor) -> None:
    look_for(editor, "cat")
    assert marked(editor) == ["cat", "Cat", "cat", "cat"]
    assert (editor.selection(), editor.finding.bar.tally.text()) == ("cat", "1 of 4")
    press(editor, Key.Key_Return)
    assert (editor.selection(), editor.finding.bar.tally.text()) == ("Cat", "2 of 4")
    for _ in range(2):
        press(editor, Key.Key_Return, SHIFT)
    assert editor.finding.bar.tally.text() == "4 of 4"
    editor.finding.bar.whole_words.click()
    assert marked(editor) == ["cat", "Cat", "cat"]
    editor.finding.bar.match_case.click()
    assert marked(editor) == ["cat", "cat"]
    press(editor, Key.Key_Escape)
    assert editor.finding.bar.isHidden()
    assert editor.area.hasFocus()
    assert marked(editor) == []


def test_selected_words_are_what_to_find(editor: TextEditor) -> None:
    editor.area.select(9, 14)
    editor.finding.open()
    assert editor.finding.bar.pattern.text() == "a Cat"
    assert editor.finding.bar.tally.text() == "2 of 3"


def test_hits_follow_typing_and_skip_a_ghost(editor: TextEditor) -> None:
    look_for(editor, "cat")
    editor.area.select(3, 3)
    editor.area.ghost.begin("job", replace_selection=False)
    editor.area.ghost.append("job", "cat")
    QTest.keyClicks(editor.area, "x")
    assert editor.finding.bar.tally.text() == "3 found"
    assert marked(editor) == ["Cat", "cat", "cat"]


def test_one_by_one_and_all_with_one_undo(editor: TextEditor, store: DocumentStore) -> None:
    before = store.document.text
    look_for(editor, "cat", replacing=True)
    QTest.keyClicks(editor.finding.bar.replacement, "dog")
    editor.finding.bar.replacement.setFocus()
    press(editor, Key.Key_Return)
    assert store.document.text == "A dog, 😀 a Cat.\nConcat a cat."
    assert editor.selection() == "Cat"
    press(editor, Key.Key_Return, ALT)
    assert store.document.text == "A dog, 😀 a dog.\nCondog a dog." == editor.area.toPlainText()
    assert editor.finding.bar.tally.text() == "3 replaced"
    store.undo()
    assert store.document.text == "A dog, 😀 a Cat.\nConcat a cat." == editor.area.toPlainText()
    store.undo()
    assert store.document.text == before == editor.area.toPlainText()


def test_expression_with_groups_keeps_a_model_s_passages(
    editor: TextEditor, store: DocumentStore
) -> None:
    editor.replace_all("")
    editor.insert("one two ", "r1")
    editor.insert("three four")
    look_for(editor, r"(\w+) (\w+)", replacing=True)
    editor.finding.bar.expression.click()
    editor.finding.bar.replacement.setText(r"\2-\1")
    editor.finding.bar.replace_all.click()
    assert store.document.text == "two-one four-three"
    assert store.document.spans == (WrittenSpan(7, 8, "r1", True),)
    store.undo()
    assert store.document.spans == (WrittenSpan(0, 8, "r1"),)


def test_bad_expression_says_where_and_nothing_is_replaced(
    editor: TextEditor, store: DocumentStore
) -> None:
    before = store.document
    editor.finding.bar.expression.click()
    look_for(editor, "(cat", replacing=True)
    assert (
        editor.finding.bar.tally.text() == "Not a regular expression: missing ). (at character 5)"
    )
    assert marked(editor) == []
    editor.finding.bar.replace_all.click()
    assert store.document is before
    QTest.keyClicks(editor.finding.bar.pattern, ")")
    assert editor.finding.bar.tally.text() == "1 of 4"
    editor.finding.bar.replacement.setText(r"\2")
    editor.finding.bar.replace_all.click()
    assert "group that isn't there" in editor.finding.bar.tally.text()
    assert store.document is before


def test_endless_expression_is_given_up_in_the_bar(
    editor: TextEditor, store: DocumentStore
) -> None:
    editor.insert("a" * 3000 + "!")
    editor.finding.bar.expression.click()
    look_for(editor, "(a+)+$", replacing=True)
    assert "takes too long" in editor.finding.bar.tally.text()
    before = store.document
    editor.finding.bar.replace_all.click()
    assert "nothing was replaced" in editor.finding.bar.tally.text()
    assert store.document is before
