"""Misspelt words are underlined and mended from the context menu, by mouse and by keys."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from studio.core.store import DocumentStore
from studio.io.dictionaries import Dictionary
from studio.ui.editor.editor import TextEditor
from studio.ui.editor.spelling import Spelling

TEXT = "Mara 😀 will recieve `cde` teh lamp.\n\n```\nwrng\n```\nAt lst."


@pytest.fixture
def dictionary(tmp_path: Path) -> Dictionary:
    return Dictionary("en", tmp_path / "own.txt")


@pytest.fixture
def spelling(editor: TextEditor, store: DocumentStore, dictionary: Dictionary) -> Spelling:
    async def read(language: str) -> Dictionary:
        return dictionary

    made = Spelling(editor.area, store, read, lambda error: None)
    editor.insert(TEXT)
    editor.area.select(0, 0)
    editor.grab()
    asyncio.run(made.choose("en"))
    return made


def wrong(editor: TextEditor) -> list[str]:
    text = editor.area.toPlainText().encode("utf-16-le")
    ranges = editor.area.marked_between(0, len(text) // 2 + 1)
    return [text[2 * a : 2 * b].decode("utf-16-le") for a, b, mark in ranges if mark.wavy]


def menu_at(editor: TextEditor, word: str) -> QMenu:
    """The context menu of a word, asked for by the menu key."""
    at = editor.area.toPlainText().index(word)
    editor.area.select(at + 1, at + 1)
    point = editor.area.cursorRect().center()
    asked = QContextMenuEvent(
        QContextMenuEvent.Reason.Keyboard, point, editor.area.viewport().mapToGlobal(point)
    )
    menus: list[QMenu] = []
    editor.area.menu_opening.connect(lambda menu, _: menus.append(menu))
    editor.area.contextMenuEvent(asked)
    return menus[0]


def choose(menu: QMenu, text: str) -> None:
    (action,) = [action for action in menu.actions() if action.text() == text]
    action.trigger()
    menu.close()


def test_wrong_words_are_underlined_and_move_with_the_text(
    editor: TextEditor, spelling: Spelling, store: DocumentStore
) -> None:
    assert wrong(editor) == ["recieve", "teh", "lst"]
    QTest.keyClicks(editor.area, "So ")
    assert wrong(editor) == ["recieve", "teh", "lst"]
    editor.area.select(store.document.text.index("teh"), store.document.text.index("teh") + 4)
    QTest.keyClicks(editor.area, "a ")
    assert wrong(editor) == ["recieve", "lst"]


def test_word_is_not_wrong_while_it_is_typed(editor: TextEditor, spelling: Spelling) -> None:
    editor.area.select(len(TEXT), len(TEXT))
    QTest.keyClicks(editor.area, " Wrld")
    spelling.look()
    assert "Wrld" not in wrong(editor)
    QTest.keyClicks(editor.area, " ")
    spelling.look()
    assert "Wrld" in wrong(editor)


def test_menu_mends_the_word_in_one_step_of_undo(
    editor: TextEditor, spelling: Spelling, store: DocumentStore
) -> None:
    menu = menu_at(editor, "recieve")
    assert menu.actions()[0].text() == "receive"
    names = [action.objectName() for action in menu.actions()]
    assert "edit-paste" in names
    assert "edit-undo" not in names
    choose(menu, "receive")
    assert "will receive `cde`" in store.document.text
    store.undo()
    assert store.document.text == TEXT


def test_word_is_ignored_or_learnt(
    editor: TextEditor, spelling: Spelling, dictionary: Dictionary
) -> None:
    choose(menu_at(editor, "lst"), "Ignore it for now")
    choose(menu_at(editor, "teh"), "Add “teh” to the dictionary")
    editor.area.select(0, 0)
    spelling.look()
    assert wrong(editor) == ["recieve"]


def test_right_word_has_the_plain_menu(editor: TextEditor, spelling: Spelling) -> None:
    menu = menu_at(editor, "lamp")
    assert not any("dictionary" in action.text() for action in menu.actions())
    menu.close()


def test_next_wrong_word_is_selected_and_its_menu_opened(
    editor: TextEditor, spelling: Spelling
) -> None:
    menus: list[QMenu] = []
    editor.area.menu_opening.connect(lambda menu, _: menus.append(menu))
    found = []
    for _ in range(3):
        spelling.go_on()
        found.append(editor.selection())
        assert any("dictionary" in action.text() for action in menus[-1].actions())
        menus[-1].close()
    assert found == ["recieve", "teh", "lst"]


def test_off_underlines_nothing(editor: TextEditor, spelling: Spelling) -> None:
    asyncio.run(spelling.choose(""))
    assert wrong(editor) == []
