"""Rewritings that were not taken are branches: in the furnished window, by keys, from review to tree."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.io.paths import user_paths
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support.furnished import Run, runner
from tests.support.qt_async import QtRunner, until
from tests.support.toy_desk import PLUGIN

Key = Qt.Key
TEXT = "One two.\nThree old four.\nFive."
PASSAGE = "Three old four."


@pytest.fixture
def run(qt_runner: QtRunner, theme: Theme) -> Run:
    paths = user_paths()
    paths.make()
    (paths.plugins / "toy_writer.py").write_text(PLUGIN, encoding="utf-8")
    return runner(qt_runner, paths, theme, "toy_writer.")


async def reviewed(bench: Workbench, variants: int = 1) -> None:
    """The middle paragraph rewritten so often, all of it waiting for an answer, with the focus."""
    bench.editor.replace_all(TEXT)
    start = TEXT.index(PASSAGE)
    bench.editor.area.select(start, start + len(PASSAGE))
    bench.editor.setFocus()
    bench.rewriting.rewrite({"task": "own", "instruction": "Trois|quatre.", "variants": variants})
    await until(lambda: bench.reviewing.review)
    of = f"version 1 of {variants}" if variants > 1 else "open"
    await until(lambda: of in bench.reviewing.card.state.text())
    bench.reviewing.card.setFocus()


def press(key: Qt.Key) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key)


async def rows(bench: Workbench, count: int) -> list[str]:
    """The tree's, once all words of it are read."""
    panel = bench.branches.panel
    bench.window.actions_by_name["branches"].trigger()
    await until(lambda: len(panel.rows()) == count and "not known" not in "".join(panel.rows()))
    return panel.rows()


def test_a_rejected_rewriting_is_a_branch_and_enter_puts_it_into_the_text(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        await reviewed(bench)
        press(Key.Key_Escape)
        assert bench.store.document.text == TEXT
        assert await rows(bench, 3) == [
            "… One two.",
            f"  {PASSAGE}",
            "  Trois old quatre.",
        ]
        panel = bench.branches.panel
        panel.choose(2)
        press(Key.Key_Return)
        text = bench.store.document.text
        assert text == bench.editor.area.toPlainText() == "One two.\nTrois old quatre.\nFive."
        (span,) = bench.store.document.spans
        assert text[span.start : span.end] == "Trois old quatre."
        assert bench.studio.history.get(span.record_id).excerpt == "Trois old quatre."
        bench.window.actions_by_name["undo"].trigger()
        assert bench.store.document.text == TEXT

    run(test)


def test_of_two_rewritings_the_one_passed_over_is_a_branch_beside_the_one_taken(
    run: Run,
) -> None:
    async def test(bench: Workbench) -> None:
        await reviewed(bench, variants=2)
        bench.reviewing.card.on.click()
        assert "version 2 of 2" in bench.reviewing.card.state.text()
        bench.reviewing.card.accept_all.click()
        assert bench.store.document.text == "One two.\nTrois old quatre. 2\nFive."
        assert await rows(bench, 4) == [
            "… One two.",
            f"  {PASSAGE}",
            "  Trois old quatre.",
            "  Trois old quatre. 2",
        ]
        bench.branches.go_to(2)
        assert bench.store.document.text == "One two.\nTrois old quatre.\nFive."
        bench.store.undo()
        assert bench.store.document.text == "One two.\nTrois old quatre. 2\nFive."
        bench.store.undo()
        assert bench.store.document.text == TEXT

    run(test)


def test_a_rewriting_is_passed_over_where_its_passage_has_moved_to(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        await reviewed(bench)
        bench.editor.area.select(0, 0)
        QTest.keyClicks(bench.editor.area, "So: ")
        bench.reviewing.card.setFocus()
        press(Key.Key_Escape)
        (fork,) = bench.store.document.forks
        assert bench.store.document.text[fork.position : fork.end] == PASSAGE
        await rows(bench, 3)
        bench.branches.go_to(2)
        assert bench.store.document.text == "So: One two.\nTrois old quatre.\nFive."

    run(test)


def test_a_rewriting_taken_whole_leaves_only_what_it_replaced(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        await reviewed(bench)
        bench.reviewing.card.accept_all.click()
        assert bench.store.document.text == "One two.\nTrois old quatre.\nFive."
        found = await rows(bench, 3)
        assert [row.strip() for row in found[1:]] == ["Three old four", "Trois old quatre"]

    run(test)
