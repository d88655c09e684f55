"""Rewriting in the furnished window: from a selection over the card to the text, by keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.core.settings import Instruction
from studio.io.paths import user_paths
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support.furnished import Run, bar_text, runner
from tests.support.qt_async import QtRunner, until
from tests.support.toy_desk import PLUGIN

Key = Qt.Key


@pytest.fixture
def run(qt_runner: QtRunner, theme: Theme) -> Run:
    paths = user_paths()
    paths.make()
    (paths.plugins / "toy_writer.py").write_text(PLUGIN, encoding="utf-8")
    return runner(qt_runner, paths, theme, "toy_writer.")


def ask(bench: Workbench, text: str = "One two.\nThree four.") -> None:
    """Write, and ask to rewrite what the caret is in."""
    if not bench.store.document.text:
        bench.editor.replace_all(text)
    bench.editor.setFocus()
    bench.editor.area.moveCursor(bench.editor.area.textCursor().MoveOperation.End)
    bench.window.actions_by_name["rewrite_selection"].trigger()


def press(key: Qt.Key, times: int = 1) -> None:
    for _ in range(times):
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, key)


async def reviewed(bench: Workbench) -> None:
    """Asked for by the card, the changes have the focus."""
    await until(lambda: bench.reviewing.review)
    assert bench.reviewing.card.view.hasFocus()


def test_paragraph_is_rewritten_by_a_preset_and_accepted_by_keys(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        ask(bench)
        assert bench.rewriting.card.isVisible()
        assert bench.editor.selection() == "Three four."
        assert list(bench.rewriting.card.buttons) == ["shorten", "translate"]
        press(Key.Key_Return)
        assert not bench.rewriting.card.isVisible()
        await reviewed(bench)
        assert bench.reviewing.card.title.text() == "Shorten"
        assert bench.store.document.text == "One two.\nThree four."
        press(Key.Key_Return)
        assert bench.store.document.text == "One two.\nThree short"
        (span,) = bench.store.document.spans
        assert (span.start, span.end) == (15, 20)
        record = bench.studio.history.get(span.record_id).record
        assert record.params["task"] == "shorten"
        bench.store.undo()
        assert bench.store.document.text == "One two.\nThree four."

    run(test)


def test_own_instruction_is_kept_under_a_name_used_and_forgotten(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        ask(bench)
        card = bench.rewriting.card
        card.instruction.setFocus()
        QTest.keyClicks(card.instruction, "loudly")
        card.keep.click()
        QTest.keyClicks(card.name, "Loud")
        press(Key.Key_Return)
        assert bench.studio.settings_file.load()[0].instructions == (
            Instruction(name="Loud", text="loudly"),
        )
        card.buttons["Loud"].click()
        await reviewed(bench)
        press(Key.Key_Return)
        assert bench.store.document.text == "One two.\nThree loudly"
        ask(bench)
        card.buttons["Loud"].actions()[0].trigger()
        assert "Loud" not in card.buttons
        assert bench.studio.settings.instructions == ()

    run(test)


def test_instruction_and_language_are_typed(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        ask(bench, "One two")
        card = bench.rewriting.card
        assert card.language.isVisible()
        card.language.setText("Dutch")
        card.language.setFocus()
        press(Key.Key_Return)
        await reviewed(bench)
        assert bench.reviewing.card.view.toPlainText() == "One twoDutch"
        press(Key.Key_Escape)
        assert bench.store.document.text == "One two"
        ask(bench)
        card.instruction.setFocus()
        QTest.keyClicks(card.instruction, "softly")
        press(Key.Key_Return)
        await reviewed(bench)
        press(Key.Key_Return)
        assert bench.store.document.text == "One softly"

    run(test)


def test_escape_closes_the_card_and_an_empty_page_says_what_to_do(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.window.actions_by_name["rewrite_selection"].trigger()
        assert not bench.rewriting.card.isVisible()
        assert "select some text" in bar_text(bench)
        ask(bench)
        press(Key.Key_Escape)
        assert not bench.rewriting.card.isVisible()
        assert bench.editor.area.hasFocus()

    run(test)


def test_who_writes_on_keeps_the_focus_and_comes_to_the_changes_by_the_same_key(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        ask(bench, "One two")
        bench.rewriting.card.buttons["shorten"].click()
        QTest.keyClicks(bench.editor.area, " now")
        await until(lambda: bench.reviewing.review)
        assert bench.store.document.text == "One two now"
        assert bench.editor.area.hasFocus()
        assert "Ctrl+Shift+R" in bench.reviewing.card.keys.text()
        bench.window.actions_by_name["rewrite_selection"].trigger()
        assert bench.reviewing.card.view.hasFocus()
        press(Key.Key_Return)
        assert bench.store.document.text == "One short now"

    run(test)


def test_text_s_menu_rewrites_the_selection_by_one_click(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.editor.replace_all("One two")
        bench.editor.area.selectAll()
        bench.editor.setFocus()
        menu = bench.editor.area.open_menu(QPoint(5, 5), 0)
        found = {action.text(): action for action in menu.actions()}
        assert "Ask about the text" in found
        found["Rewrite: shorten"].trigger()
        menu.close()
        await until(lambda: bench.reviewing.review)
        QTest.keyClick(bench.reviewing.card.view, Key.Key_Return)
        assert bench.store.document.text == "One short"
        assert bench.window.actions_by_name["rewrite shorten"].isEnabled()

    run(test)


def test_generate_in_the_panel_shows_a_rewrite_as_a_difference_too(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.editor.replace_all("One two")
        bench.editor.area.selectAll()
        bench.generate.choose("toy_writer.rewrite")
        bench.generate.submit()
        await until(lambda: bench.reviewing.review)
        assert bench.store.document.text == "One two"
        bench.reviewing.card.accept_all.click()
        assert bench.store.document.text == "One Better"

    run(test)
