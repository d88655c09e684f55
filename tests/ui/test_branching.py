"""Branching from a word's alternative in the furnished window, driven by keys and the mouse."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.io.paths import Paths, user_paths
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support.furnished import Run, bar_text, runner
from tests.support.qt_async import QtRunner, until
from tests.support.toy_writer import SOURCE


@pytest.fixture
def paths() -> Paths:
    made = user_paths()
    made.make()
    (made.plugins / "a_toy.py").write_text(SOURCE, encoding="utf-8")
    return made


@pytest.fixture
def run(qt_runner: QtRunner, paths: Paths, theme: Theme) -> Run:
    return runner(qt_runner, paths, theme, "a_toy.")


async def write_on(bench: Workbench, text: str) -> None:
    """A person's words, and the model's, accepted."""
    area = bench.editor.area
    area.setFocus()
    QTest.keyClicks(area, text)
    bench.window.actions_by_name["continue_writing"].trigger()
    await until(lambda: area.ghost.suggestion)
    QTest.keyClick(area, Qt.Key.Key_Tab)


def rest_on(bench: Workbench, character: int) -> None:
    area = bench.editor.area
    point = area.rect_of(character, character + 1).center()
    at = area.viewport().mapToGlobal(point)
    QApplication.sendEvent(area.viewport(), QHelpEvent(QHelpEvent.Type.ToolTip, point, at))


async def open_card(bench: Workbench, character: int) -> None:
    rest_on(bench, character)
    await until(bench.mind.token_view.card.isVisible)


def test_click_on_an_alternative_goes_on_from_there_in_one_undo_step(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        await write_on(bench, "The cat")
        assert bench.store.document.text == "The cat sat down."
        before = bench.store.document
        await open_card(bench, 9)
        (choice,) = bench.mind.token_view.card.choices
        assert choice.text() == "ran"
        QTest.mouseClick(choice, Qt.MouseButton.LeftButton)
        await until(lambda: bench.store.document is not before)
        assert bench.store.document.text == "The cat ran then down."
        (span,) = bench.store.document.spans
        assert (span.start, span.end, span.edited) == (7, 22, False)
        assert span.record_id != before.spans[0].record_id
        record = bench.studio.history.get(span.record_id).record
        assert record.params["text"] == "The cat ran"
        QTest.keyClick(bench.editor.area, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert bench.store.document == before
        assert bench.editor.area.toPlainText() == before.text

    run(test)


def test_keys_alone_branch_and_what_follows_the_passage_stays(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        await write_on(bench, "The cat")
        QTest.keyClicks(bench.editor.area, " And I?")
        area = bench.editor.area
        cursor = area.textCursor()
        cursor.setPosition(9)
        area.setTextCursor(cursor)
        rest_on(bench, 9)
        await until(lambda: bench.mind.facts.at(9))
        bench.mind.token_view.hide()
        bench.window.actions_by_name["alternatives"].trigger()
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, Qt.Key.Key_Return)
        await until(lambda: "ran" in bench.store.document.text)
        assert bench.store.document.text == "The cat ran then down. And I?"

    run(test)


def test_a_suggestion_that_waits_further_up_is_accepted_and_the_right_words_give_way(
    run: Run,
) -> None:
    async def test(bench: Workbench) -> None:
        await write_on(bench, "The cat")
        area = bench.editor.area
        area.select(0, 0)
        bench.window.actions_by_name["continue_writing"].trigger()
        await until(lambda: area.ghost.suggestion)
        await open_card(bench, 9)
        QTest.mouseClick(bench.mind.token_view.card.choices[0], Qt.MouseButton.LeftButton)
        await until(lambda: "ran" in bench.store.document.text)
        assert bench.store.document.text == " then down.The cat ran then down."
        assert area.toPlainText() == bench.store.document.text
        record_id = bench.store.document.spans[-1].record_id
        record = bench.studio.history.get(record_id).record
        assert record.params["text"] == " then down.The cat ran"

    run(test)


def test_the_passage_s_own_settings_go_on(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.generate.fill("a_toy.line", {"ending": " up."})
        await write_on(bench, "The cat")
        assert bench.generate.form is not None
        bench.generate.form.set_values({"ending": " else."})
        await open_card(bench, 9)
        QTest.mouseClick(bench.mind.token_view.card.choices[0], Qt.MouseButton.LeftButton)
        await until(lambda: "ran" in bench.store.document.text)
        assert bench.store.document.text == "The cat ran then up."

    run(test)


def test_alternatives_are_there_after_saving_and_opening_elsewhere(
    run: Run, tmp_path: Path
) -> None:
    async def test(bench: Workbench) -> None:
        await write_on(bench, "The cat")
        await bench.filing.save_to(tmp_path / "a.folio")
        for item in bench.studio.history.items():
            bench.studio.history.remove(item.id)
        bench.mind.texts.forget()
        await bench.filing.open_document(tmp_path / "a.folio")
        assert bench.store.document.text == "The cat sat down."
        await open_card(bench, 9)
        assert [choice.text() for choice in bench.mind.token_view.card.choices] == ["ran"]
        await bench.filing.save_to(tmp_path / "b.folio")
        await bench.filing.open_document(tmp_path / "b.folio")
        await open_card(bench, 9)

    run(test)


def test_where_settings_keep_none_the_key_says_so(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.studio.change_settings(token_alternatives=0)
        await write_on(bench, "The cat")
        bench.window.actions_by_name["alternatives"].trigger()
        assert "Nothing is known of this word" in bar_text(bench)

    run(test)
