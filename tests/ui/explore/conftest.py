"""A window with the toy faces' explorer, and their model; what a hand does in its grid."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.io.paths import Paths, user_paths
from studio.library.history import HistoryItem
from studio.ui.explore.exploring import Exploring
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support import toy_portraits
from tests.support.furnished import Run, Scene, runner
from tests.support.qt_async import QtRunner, until


@pytest.fixture
def paths() -> Paths:
    made = user_paths()
    made.make()
    source = inspect.getsource(toy_portraits)
    (made.plugins / "toy_portraits.py").write_text(source, encoding="utf-8")
    return made


@pytest.fixture
def run_without_model(qt_runner: QtRunner, paths: Paths, theme: Theme) -> Run:
    return runner(qt_runner, paths, theme, "toyfaces.")


@pytest.fixture
def run(run_without_model: Run, tmp_path: Path) -> Run:
    model = tmp_path / "toy.model"
    model.write_bytes(toy_portraits.MODEL_TEXT)

    def go(scene: Scene) -> None:
        async def with_model(bench: Workbench) -> None:
            await bench.shelf.add(model)
            bench.window.show_dock(bench.window.added_docks["toyfaces.explore"])
            await until(explorer(bench).panel.isVisible)
            await scene(bench)

        run_without_model(with_model)

    return go


def explorer(bench: Workbench) -> Exploring:
    return bench.explorers.all["toyfaces.explore"]


async def make(bench: Workbench, count: int = 4) -> Exploring:
    """So many faces in the grid, none of them chosen but the first."""
    found = explorer(bench)
    found.panel.count.setValue(count)
    found.panel.make.click()
    await until(lambda: len(ready(found)) == count)
    await until(lambda: found.panel.progress.isHidden())
    return found


def ready(found: Exploring) -> list[str]:
    """Keys of the tiles that have come."""
    return [tile.key for tile in found.exploration.tiles if tile.latent is not None]


async def choose(found: Exploring, *rows: int) -> None:
    """Click these tiles, all but the first with Ctrl."""
    grid = found.panel.grid
    # Not by processEvents: a nested loop swallows the timers that this test itself waits on.
    await until(lambda: grid.isVisible() and grid.viewport().height() > 0)
    for number, row in enumerate(rows):
        where = grid.visualRect(grid.tiles.index(row)).center()
        modifier = Qt.KeyboardModifier.ControlModifier if number else Qt.KeyboardModifier.NoModifier
        QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, modifier, where)


def shows(found: Exploring, item: HistoryItem) -> bool:
    return any(tile.latent and tile.latent.item_id == item.id for tile in found.exploration.tiles)


def count_items(bench: Workbench, kind: str = "latent") -> int:
    """Results of the history."""
    return len(bench.studio.history.items(kind=kind))
