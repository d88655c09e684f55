"""A panel whose tab is behind another's finds nothing out about the text until it comes to the front."""

from __future__ import annotations

import pytest
from PySide6.QtTest import QTest

from studio.io.paths import user_paths
from studio.ui.seen import is_seen
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support.furnished import Run, runner
from tests.support.qt_async import QtRunner, until
from tests.support.toy_writer import SOURCE


@pytest.fixture
def run(qt_runner: QtRunner, theme: Theme) -> Run:
    paths = user_paths()
    paths.make()
    (paths.plugins / "a_toy.py").write_text(SOURCE, encoding="utf-8")
    return runner(qt_runner, paths, theme, "a_toy.")


def test_outline_reads_the_text_once_its_tab_is_in_front(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        window, outline = bench.window, bench.writing.outline
        window.tabifyDockWidget(window.layers_dock, window.outline_dock)
        window.show_dock(window.layers_dock)
        await until(lambda: not is_seen(outline))
        assert outline.isVisible()
        QTest.keyClicks(bench.editor.area, "# One")
        outline.look()
        assert outline.tree.topLevelItemCount() == 0
        window.show_dock(window.outline_dock)
        await until(lambda: outline.tree.topLevelItemCount() == 1)

    run(test)


def test_branches_are_read_once_their_tab_is_in_front(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        window, branches = bench.window, bench.branches
        window.tabifyDockWidget(window.layers_dock, branches.dock)
        window.show_dock(branches.dock)
        await until(lambda: is_seen(branches.panel))
        window.show_dock(window.layers_dock)
        await until(lambda: not is_seen(branches.panel))
        assert branches.dock.isVisible()
        bench.editor.insert("The cat")
        bench.editor.insert(" sat", "a-result")
        branches.panel.only_choices.setChecked(False)
        branches.show_again()
        assert branches.panel.rows() == []
        window.show_dock(branches.dock)
        await until(lambda: branches.panel.rows() == ["… The cat", "  sat"])

    run(test)
