"""The side conversation in the furnished window: asked by keys, nothing in the text until it is inserted."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest

from studio.core.conversation import Turn, earlier
from studio.io.paths import user_paths
from studio.ui.panels.turn_view import TurnView
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support.furnished import Run, bar_text, runner
from tests.support.qt_async import QtRunner, until
from tests.support.toy_desk import PLUGIN

TEXT = "Once upon a time. It rained."


@pytest.fixture
def run(qt_runner: QtRunner, theme: Theme) -> Run:
    paths = user_paths()
    paths.make()
    (paths.plugins / "toy_writer.py").write_text(PLUGIN, encoding="utf-8")
    return runner(qt_runner, paths, theme, "toy_writer.")


async def answered(bench: Workbench, count: int) -> TurnView:
    """The newest turn, once there are so many and it has its answer."""
    turns = bench.desk.conversation.turns
    await until(lambda: len(turns) == count and turns[-1].turn.answer)
    return turns[-1]


def select(bench: Workbench, start: int, end: int) -> None:
    cursor = bench.editor.area.textCursor()
    cursor.setPosition(start)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    bench.editor.area.setTextCursor(cursor)


def test_question_is_asked_by_keys_and_its_answer_inserted_as_one_step(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.editor.replace_all(TEXT)
        bench.window.actions_by_name["ask"].trigger()
        question = bench.desk.conversation.question
        assert question.hasFocus()
        QTest.keyClicks(question, "true")
        QTest.keyClick(question, Qt.Key.Key_Return)
        turn = await answered(bench, 1)
        assert turn.turn.answer == f"Yes, true of {TEXT!r} after 0"
        assert bench.store.document.text == TEXT
        assert bench.editor.area.ghost.key is None
        QTest.keyClicks(question, "again")
        QTest.keyClick(question, Qt.Key.Key_Return)
        turn = await answered(bench, 2)
        assert turn.turn.answer.endswith("after 1")
        assert question.toPlainText() == ""
        select(bench, 0, 0)
        turn.insert.click()
        assert bench.store.document.text == turn.turn.answer + TEXT
        (span,) = bench.store.document.spans
        assert bench.studio.history.get(span.record_id).record.generator_id == "toy_writer.ask"
        bench.store.undo()
        assert bench.store.document.text == TEXT

    run(test)


def test_question_is_about_what_is_selected_and_a_part_of_the_answer_is_inserted(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.editor.replace_all(TEXT)
        select(bench, 18, 28)
        bench.desk.asking.ask("why")
        turn = await answered(bench, 1)
        assert "'It rained.'" in turn.turn.answer
        cursor = turn.answer.textCursor()
        cursor.setPosition(3, QTextCursor.MoveMode.KeepAnchor)
        turn.answer.setTextCursor(cursor)
        select(bench, 28, 28)
        turn.insert.click()
        assert bench.store.document.text == TEXT + "Yes"

    run(test)


def test_summary_is_one_command_away_and_stays_beside_the_text(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        named = bench.window.actions_by_name
        named["toy_writer.sum_up names"].trigger()
        assert "no text yet" in bar_text(bench)
        bench.editor.replace_all(TEXT)
        named["toy_writer.sum_up places"].trigger()
        turn = await answered(bench, 1)
        assert (turn.turn.question, turn.turn.answer) == ("Sum up: places", "In short: Once")
        assert bench.store.document.text == TEXT
        menu = bench.desk.conversation.buttons["toy_writer.sum_up"].menu()
        assert [action.text() for action in menu.actions()] == ["Names", "Places"]

    run(test)


def test_generate_in_the_panel_answers_beside_the_text_too(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.editor.replace_all(TEXT)
        bench.editor.area.selectAll()
        bench.generate.choose("toy_writer.ask")
        form = bench.generate.form
        assert form is not None
        form.set_values({"question": "so"})
        bench.generate.submit()
        await answered(bench, 1)
        assert bench.store.document.text == TEXT
        bench.desk.conversation.clear.click()
        assert bench.desk.conversation.turns == []
        assert bench.history.model.rowCount() == 1

    run(test)


def test_earlier_turns_are_told_as_pairs_but_no_tasks_and_not_too_many() -> None:
    turns = [Turn("a", "1"), Turn("Summary", "s", asks=False), Turn("b", "")]
    assert earlier(turns) == '[["a", "1"]]'
    assert earlier([]) == ""
    assert earlier([Turn(f"q{n}", "天") for n in range(9)]).startswith('[["q3", "天"]')
