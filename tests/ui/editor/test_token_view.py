"""A word's alternatives: shown where the pointer rests or at the caret, and chosen by mouse or keys."""

from __future__ import annotations

import asyncio
import math

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.api.outputs import TextOutput
from studio.api.tokens import Alternative, TokenFact
from studio.core.edits import ReplaceText
from studio.core.records import Record
from studio.core.store import DocumentStore
from studio.io.executor import IoExecutor
from studio.library.history import History
from studio.ui.editor.editor import TextEditor
from studio.ui.editor.kept_texts import KeptTexts
from studio.ui.editor.token_view import TokenView
from studio.ui.editor.word_facts import WordFacts
from tests.ui.conftest import QtRunner

OTHERS = (
    Alternative(" fox", math.log(0.5)),
    Alternative(" cat", math.log(0.25)),
    Alternative(" 猫\n", -9.0),
)
TOKENS = (
    TokenFact(" cat", math.log(0.25), OTHERS),
    TokenFact("s", math.log(0.05), (Alternative("t", -1.0),)),
    TokenFact(" sat", None, ()),
)


@pytest.fixture
def known(store: DocumentStore, history: History) -> str:
    """A history's result of three tokens, in the text behind a person's words."""
    record = Record(generator_id="t.t", generator_version="1", params={}, seed=1)
    text = "".join(token.text for token in TOKENS)
    item = history.add(TextOutput(text, token_facts=TOKENS), record)
    store.apply(ReplaceText(0, "", "A 😀 black"))
    store.apply(ReplaceText(9, "", text, item.id))
    return item.id


@pytest.fixture
def view(
    editor: TextEditor,
    store: DocumentStore,
    history: History,
    io: IoExecutor,
    known: str,
    qt_runner: QtRunner,
) -> TokenView:
    """With all facts read already."""
    texts = KeptTexts(history, io, qt_runner.loop.create_task, dict)
    facts = WordFacts(store, texts)
    made = TokenView(editor.area, editor, store, facts)

    async def read() -> None:
        facts.places()
        while texts.known(known) is None:
            await asyncio.sleep(0.001)

    qt_runner.run(read)
    return made


def rest_on(editor: TextEditor, character: int) -> None:
    """The pointer rests on a character."""
    word = editor.area.rect_of(character, character + 1)
    point = word.center()
    viewport = editor.area.viewport()
    QApplication.sendEvent(
        viewport, QHelpEvent(QHelpEvent.Type.ToolTip, point, viewport.mapToGlobal(point))
    )


def chosen(view: TokenView) -> list[tuple[int, int, str]]:
    told: list[tuple[int, int, str]] = []
    view.branch_requested.connect(lambda place, text: told.append((place.start, place.end, text)))
    return told


def test_resting_on_a_generated_word_shows_it_and_a_click_takes_another(
    view: TokenView, editor: TextEditor
) -> None:
    told = chosen(view)
    rest_on(editor, 11)
    card = view.card
    assert card.isVisible()
    assert card.heading.text() == "cat"
    assert card.words.text() == "25 % likely · 2.0 bits of surprise"
    assert [choice.text() for choice in card.choices] == ["fox", "猫↵"]
    assert card.choices[0].accessibleName() == "fox, 50 %"
    QTest.mouseClick(card.choices[0], Qt.MouseButton.LeftButton)
    assert told == [(9, 13, " fox")]
    assert not card.isVisible()


def test_a_word_s_end_is_told_from_a_word(view: TokenView, editor: TextEditor) -> None:
    rest_on(editor, 13)
    assert view.card.heading.text() == "…s"
    assert [choice.text() for choice in view.card.choices] == ["…t"]


@pytest.mark.parametrize("character", [0, 2, 5, 15])
def test_a_person_s_words_and_what_nothing_is_known_of_show_nothing(
    view: TokenView, editor: TextEditor, character: int
) -> None:
    rest_on(editor, character)
    assert not view.card.isVisible()


def test_beside_the_words_nothing_is_shown(view: TokenView, editor: TextEditor) -> None:
    viewport = editor.area.viewport()
    for point in (QPoint(viewport.width() - 3, 10), QPoint(40, viewport.height() - 5)):
        QApplication.sendEvent(
            viewport, QHelpEvent(QHelpEvent.Type.ToolTip, point, viewport.mapToGlobal(point))
        )
        assert not view.card.isVisible()


def test_switched_off_the_pointer_shows_nothing_and_the_key_still_does(
    view: TokenView, editor: TextEditor
) -> None:
    view.shown = False
    rest_on(editor, 11)
    assert not view.card.isVisible()
    put_caret(editor, 11)
    assert view.show_at_caret()
    assert view.card.isVisible()


def put_caret(editor: TextEditor, character: int) -> None:
    cursor = editor.area.textCursor()
    cursor.setPosition(character + 1)  # the emoji takes two of Qt's units
    editor.area.setTextCursor(cursor)


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ((Qt.Key.Key_Return,), " fox"),
        ((Qt.Key.Key_Down, Qt.Key.Key_Return), " 猫\n"),
        ((Qt.Key.Key_Tab, Qt.Key.Key_Tab, Qt.Key.Key_Enter), " fox"),
        ((Qt.Key.Key_Up, Qt.Key.Key_Return), " 猫\n"),
        ((Qt.Key.Key_2,), " 猫\n"),
    ],
)
def test_keys_choose(
    view: TokenView, editor: TextEditor, store: DocumentStore, keys: tuple[Qt.Key, ...], wanted: str
) -> None:
    told = chosen(view)
    put_caret(editor, 12)
    assert view.show_at_caret()
    before = store.document
    for key in keys:
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, key)
    assert told == [(9, 13, wanted)]
    assert store.document is before
    assert editor.area.hasFocus()


def test_escape_gives_the_keys_back_to_the_text(
    view: TokenView, editor: TextEditor, store: DocumentStore
) -> None:
    put_caret(editor, 12)
    view.show_at_caret()
    focused = QApplication.focusWidget()
    assert focused is view.card.choices[0]
    QTest.keyClick(focused, Qt.Key.Key_Escape)
    assert not view.card.isVisible()
    QTest.keyClicks(editor.area, "x")
    assert store.document.text == "A 😀 black caxts sat"


def test_caret_where_nothing_is_known_says_so(view: TokenView, editor: TextEditor) -> None:
    told: list[bool] = []
    view.nothing_known.connect(lambda: told.append(True))
    put_caret(editor, 3)
    assert not view.show_at_caret()
    assert told == [True]


def test_pointer_that_goes_away_takes_the_card_along_and_one_that_goes_into_it_does_not(
    view: TokenView, editor: TextEditor, qtbot: QtBot
) -> None:
    rest_on(editor, 11)
    QTest.mouseMove(editor.area.viewport(), QPoint(20, 300))
    view.card.entered.emit()
    assert not view._leaving.isActive()
    QTest.mouseMove(editor.area.viewport(), QPoint(24, 310))
    qtbot.waitUntil(lambda: not view.card.isVisible())


def test_typing_puts_the_card_away(view: TokenView, editor: TextEditor) -> None:
    rest_on(editor, 11)
    QTest.keyClicks(editor.area, "x")
    assert not view.card.isVisible()
