"""Answers to a suggestion and to changes through the command palette."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.io.paths import user_paths
from studio.ui.command_palette import shown_keys
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support.furnished import Run, runner
from tests.support.qt_async import QtRunner, until
from tests.support.toy_desk import PLUGIN


@pytest.fixture
def run(qt_runner: QtRunner, theme: Theme) -> Run:
    paths = user_paths()
    paths.make()
    (paths.plugins / "toy_writer.py").write_text(PLUGIN, encoding="utf-8")
    return runner(qt_runner, paths, theme, "toy_writer.")


def found(bench: Workbench, query: str) -> list[str]:
    """What the palette lists for a query."""
    bench.window.open_palette()
    palette = bench.window.palette_overlay
    assert palette is not None
    palette.line.setText(query)
    return [palette.list.item(row).text() for row in range(palette.list.count())]


def choose(bench: Workbench, query: str) -> None:
    assert found(bench, query)
    palette = bench.window.palette_overlay
    assert palette is not None
    QTest.keyClick(palette.line, Qt.Key.Key_Return)


async def suggested(bench: Workbench) -> str:
    """Have the model go on, and wait until it is there."""
    bench.editor.replace_all("Once")
    bench.editor.area.moveCursor(bench.editor.area.textCursor().MoveOperation.End)
    bench.window.actions_by_name["continue_writing"].trigger()
    ghost = bench.editor.area.ghost
    await until(lambda: ghost.suggestion)
    await until(lambda: all(handle.state.final for handle in bench.studio.queue.jobs))
    return ghost.text


def test_suggestion_is_answered_from_the_palette_wherever_the_caret_is(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        assert "Accept the suggestion" not in found(bench, "accept the suggestion")
        bench.window.open_palette()
        text = await suggested(bench)
        assert text.startswith(" and ")
        bench.editor.area.moveCursor(bench.editor.area.textCursor().MoveOperation.Start)
        choose(bench, "accept a word of the suggestion")
        assert bench.store.document.text == "Once and"
        choose(bench, "accept the suggestion")
        assert bench.store.document.text == f"Once{text}"
        await suggested(bench)
        choose(bench, "reject the suggestion")
        assert bench.store.document.text == "Once" == bench.editor.area.toPlainText()

    run(test)


def test_again_draws_another_seed_and_both_can_be_paged_through_a_real_queue(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        first = await suggested(bench)
        ghost = bench.editor.area.ghost
        choose(bench, "another suggestion")
        await until(lambda: ghost.suggestion is not None and len(ghost.suggestion.offers) == 2)
        await until(lambda: ghost.complete)
        specs = [handle.spec for handle in bench.studio.queue.jobs][::-1]
        assert len({spec.seed for spec in specs}) == 2
        assert all(spec.params["seed"] == spec.seed for spec in specs)
        second = ghost.text
        assert [first, second] == [f" and {spec.seed % 100}" for spec in specs]
        choose(bench, "the suggestion before")
        assert ghost.text == first
        choose(bench, "the next suggestion")
        QTest.keyClick(bench.editor.area, Qt.Key.Key_Tab)
        assert bench.store.document.text == f"Once{second}"
        (span,) = bench.store.document.spans
        record = bench.studio.history.get(span.record_id).record
        assert record.seed == specs[1].seed

    run(test)


def test_changes_are_answered_from_the_palette(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.editor.replace_all("One two three")
        choose(bench, "rewrite: shorten")
        await until(lambda: bench.reviewing.review)
        assert "Accept the change" in found(bench, "accept the change")
        choose(bench, "accept all changes")
        assert bench.store.document.text == "One two short"
        named = bench.window.actions_by_name
        assert shown_keys(named["change_accept"]) == "Enter"
        assert not named["change_accept"].isEnabled()

    run(test)
