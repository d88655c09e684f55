"""A result changed by an explore panel's sliders: live while they move, stored once they are let go."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.ui.workbench import Workbench
from tests.support.furnished import Run, bar_text
from tests.support.qt_async import until
from tests.ui.explore.conftest import choose, count_items, make, shows

_KEY = Qt.Key


def test_slider_redraws_while_it_moves_and_stores_once_when_let_go(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench, 2)
        await choose(found, 1)
        base = found.exploration.tiles[1].latent
        weights = found.panel.slider_box.weights
        assert weights is not None
        await until(lambda: "smile" in weights.rows)
        slider = weights.rows["smile"].slider
        slider.setSliderDown(True)
        for position in (10, 20, 30, 40):
            slider.setSliderPosition(position)
        await until(lambda: not found.live.busy)
        tile = found.exploration.tiles[1]
        assert tile.latent == base
        assert tile.weights == {"smile": 2.0}
        assert tile.picture is not None
        assert base is not None
        assert not np.array_equal(tile.picture, base.pixels)
        assert count_items(bench) == 2
        slider.setSliderDown(False)
        await until(lambda: found.exploration.tiles[1].latent != base)
        assert count_items(bench) == 3
        record = bench.studio.history.items()[0].record
        assert record.params["directions"] == {"smile": 2.0}
        assert record.inputs["face"] == (base.blob_id,)
        found.panel.slider_box.weights.reset_all.click()  # type: ignore[union-attr]
        assert found.exploration.tiles[1].latent == base
        assert count_items(bench) == 3

    run(scene)


def test_sliders_change_the_layer_that_shows_the_face(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench, 1)
        await choose(found, 0)
        QTest.keyClick(found.panel.grid, _KEY.Key_Return)
        await until(lambda: bench.store.document.layers)
        before = bench.store.document.layers[0]
        weights = found.panel.slider_box.weights
        assert weights is not None
        await until(lambda: "eyes" in weights.rows)
        slider = weights.rows["eyes"].slider
        slider.setSliderDown(True)
        slider.setSliderPosition(25)
        await until(lambda: bench.canvas.live_layers == (before.id,))
        assert bench.store.document.layers == (before,)
        slider.setSliderDown(False)
        await until(lambda: bench.store.document.layers[0].record_id != before.record_id)
        assert bench.canvas.live_layers == ()
        assert len(bench.store.document.layers) == 1
        bench.store.undo()
        assert bench.store.document.layers == (before,)

    run(scene)


def test_a_failing_slider_says_why_and_shows_what_was(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench, 1)
        await choose(found, 0)
        weights = found.panel.slider_box.weights
        assert weights is not None
        await until(lambda: "smile" in weights.rows)
        weights.rows["smile"].box.setValue(2.9)
        await until(lambda: "too far for a face" in bar_text(bench))
        await until(lambda: not found.live.busy)
        tile = found.exploration.tiles[0]
        assert tile.latent is not None
        assert tile.picture is tile.latent.pixels

    run(scene)


def test_edit_again_brings_the_sliders_back_as_they_were(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench, 1)
        await choose(found, 0)
        base = found.exploration.tiles[0].base
        weights = found.panel.slider_box.weights
        assert weights is not None
        await until(lambda: "hair" in weights.rows)
        weights.rows["hair"].box.setValue(1.5)
        await until(lambda: count_items(bench) == 2)
        item = bench.studio.history.items()[0]
        await until(lambda: shows(found, item))
        found.exploration.forget(item.id)
        assert found.exploration.tiles == ()
        bench.window.show_dock(bench.window.generate_dock)
        bench.history.edit_requested.emit(item)
        await until(lambda: found.exploration.current)
        tile = found.exploration.current
        assert tile is not None
        assert tile.base == base
        assert tile.weights == {"hair": 1.5}
        assert weights.rows["hair"].weight == 1.5
        assert found.panel.isVisible()

    run(scene)
