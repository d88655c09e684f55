"""Grow, Shrink and Feather ask by how much, and remember it over a restart."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.core.document import Document
from studio.core.geometry import Rect
from studio.io.paths import Paths, user_paths
from studio.paint.regions import read
from studio.paint.selection import feathered, rectangle
from studio.ui.dialogs.amount import Amount
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support.folios import paint_layer
from tests.support.furnished import Run, bar_text, runner
from tests.support.qt_async import QtRunner, until

BEFORE = Rect(20, 10, 20, 20)


@pytest.fixture
def paths() -> Paths:
    paths = user_paths()
    paths.make()
    return paths


@pytest.fixture
def run(qt_runner: QtRunner, paths: Paths, theme: Theme) -> Run:
    return runner(qt_runner, paths, theme, "none.")


def _begun(bench: Workbench) -> None:
    document = Document("", (paint_layer("a", 1),), 60, 40, rectangle(BEFORE))
    bench.store.load(document)


def _asked(bench: Workbench, action: str) -> Amount:
    bench.window.actions_by_name[action].trigger()
    (dialog,) = (d for d in bench.window.findChildren(Amount) if d.isVisible())
    return dialog


async def _answered(bench: Workbench, action: str, amount: str) -> None:
    dialog = _asked(bench, action)
    dialog.field.setFocus()
    dialog.field.selectAll()
    QTest.keyClicks(dialog.field, amount)
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    await until(lambda: bench.store.can_undo)


def _bounds(bench: Workbench) -> Rect:
    selection = bench.store.document.selection
    assert selection is not None
    return selection.bounds


def test_selection_is_grown_shrunk_and_feathered_by_what_is_typed(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        _begun(bench)
        await _answered(bench, "select_grow", "7")
        assert _bounds(bench) == BEFORE.grown(7)
        assert bench.store.undo_label == "growing the selection"
        bench.store.undo()
        await _answered(bench, "select_shrink", "3")
        assert _bounds(bench) == BEFORE.grown(-3)
        bench.store.undo()
        await _answered(bench, "select_feather", "2.5")
        selection = bench.store.document.selection
        assert selection is not None
        area = Rect(0, 0, 60, 40)
        expected = read(feathered(rectangle(BEFORE), 2.5), area)
        np.testing.assert_array_equal(read(selection, area), expected)
        bench.store.undo()
        assert _bounds(bench) == BEFORE
        assert not bench.store.can_undo

    run(scene)


def test_last_amount_stands_there_again_also_in_the_next_window(run: Run) -> None:
    async def first(bench: Workbench) -> None:
        _begun(bench)
        assert _asked(bench, "select_grow").field.value() == 4
        for dialog in bench.window.findChildren(Amount):
            dialog.reject()
        await _answered(bench, "select_grow", "12")

    async def second(bench: Workbench) -> None:
        _begun(bench)
        dialog = _asked(bench, "select_grow")
        assert dialog.field.value() == 12
        dialog.reject()
        assert _asked(bench, "select_shrink").field.value() == 4

    run(first)
    run(second)


def test_shrinking_to_nothing_selects_nothing_and_no_selection_is_told(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        _begun(bench)
        await _answered(bench, "select_shrink", "15")
        assert bench.store.document.selection is None
        bench.window.actions_by_name["select_grow"].trigger()
        assert "Nothing is selected" in bar_text(bench)

    run(scene)
