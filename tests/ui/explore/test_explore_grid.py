"""What comes into an explore panel's grid, and goes from there to document and history, by its keys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest

from studio.core.layers import PaintLayer
from studio.io.images import encode_png
from studio.paint.qimages import from_qimage
from studio.ui.dropping import RESULT_MIME
from studio.ui.forms.giving import FromResult
from studio.ui.workbench import Workbench
from tests.support.furnished import Run
from tests.support.qt_async import until
from tests.ui.explore.conftest import choose, count_items, explorer, make, ready, shows

_KEY = Qt.Key


def test_faces_come_one_by_one_with_their_seeds(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = explorer(bench)
        assert found.panel.pages.currentIndex() == 0
        found = await make(bench, 5)
        tiles = found.exploration.tiles
        first = tiles[0].seed
        assert first is not None
        assert [tile.seed for tile in tiles] == [first + n for n in range(5)]
        assert found.panel.grid.tiles.rowCount() == 5
        assert found.panel.pages.currentWidget() is found.panel.grid
        assert count_items(bench) == 5
        assert bench.store.document.layers == ()

    run(scene)


def test_enter_puts_the_chosen_one_on_the_canvas_as_one_step(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench)
        await choose(found, 2)
        QTest.keyClick(found.panel.grid, _KEY.Key_Return)
        await until(lambda: bench.store.document.layers)
        (layer,) = bench.store.document.layers
        chosen = found.exploration.current
        assert chosen is not None
        assert chosen.latent is not None
        assert layer.record_id == chosen.latent.item_id
        assert (layer.bounds.width, layer.bounds.height) == (96, 96)
        bench.window.actions_by_name["undo"].trigger()
        assert bench.store.document.layers == ()

    run(scene)


def test_several_placed_with_one_enter_are_one_step_and_beside_each_other(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench)
        await choose(found, 2, 0, 1)
        QTest.keyClick(found.panel.grid, _KEY.Key_Return)
        await until(lambda: bench.store.document.layers)
        layers = bench.store.document.layers
        chosen = [tile.latent.item_id for tile in found.exploration.chosen if tile.latent]
        assert [layer.record_id for layer in layers] == chosen
        places = [(layer.x, layer.y) for layer in layers if isinstance(layer, PaintLayer)]
        assert places == [(0, 0), (112, 0), (224, 0)]
        assert "3 pictures" in bench.window.actions_by_name["undo"].text()
        bench.window.actions_by_name["undo"].trigger()
        assert bench.store.document.layers == ()

    run(scene)


def test_a_drop_on_the_canvas_puts_it_where_it_was_dropped(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench)
        grid, canvas = found.panel.grid, bench.canvas
        await choose(found, 0)
        QTest.keyClick(grid, _KEY.Key_Return)
        await until(lambda: bench.store.document.layers)
        data = grid.tiles.mimeData([grid.tiles.index(1), grid.tiles.index(2)])
        assert isinstance(data, QMimeData)
        assert data.hasFormat(RESULT_MIME)
        one = grid.tiles.mimeData([grid.tiles.index(1)])
        leaving = found.exploration.tiles[1].latent
        assert leaving is not None
        np.testing.assert_array_equal(from_qimage(one.imageData()), leaving.pixels)
        assert not data.hasImage()  # two of them are two files
        assert [Path(url.toLocalFile()).suffix for url in data.urls()] == [".png", ".png"]
        where = QPointF(canvas.width() / 2 + 40, canvas.height() / 2)
        drop = QDropEvent(
            where,
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        scale = canvas.scale
        canvas.dropEvent(drop)
        await until(lambda: len(bench.store.document.layers) == 3)
        middles = sorted(
            layer.bounds.x + layer.bounds.width // 2 for layer in bench.store.document.layers
        )
        assert abs(middles[1] - (48 + 40 / scale)) <= 1
        assert middles[2] == middles[1] + 32

    run(scene)


def test_space_keeps_it_here_and_in_the_history(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench)
        await choose(found, 1)
        QTest.keyClick(found.panel.grid, _KEY.Key_Space)
        await until(lambda: found.exploration.tiles[1].kept)
        latent = found.exploration.tiles[1].latent
        assert latent is not None
        assert bench.studio.history.get(latent.item_id).rating == 5
        found.panel.only_kept.click()
        assert found.panel.grid.tiles.rowCount() == 1
        QTest.keyClick(found.panel.grid, _KEY.Key_Space)
        await until(lambda: not found.exploration.tiles[1].kept)
        assert bench.studio.history.get(latent.item_id).rating == 0
        assert found.panel.pages.currentIndex() == 1

    run(scene)


def test_a_rating_given_in_the_history_shows_in_the_grid(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench, 1)
        (item,) = bench.studio.history.items()
        bench.history.rate_requested.emit(item, 3)
        await until(lambda: found.exploration.tiles[0].stars == 3)
        bench.history.delete_requested.emit(item)
        bench.window.message_bar.buttons[0].click()
        await until(lambda: not found.exploration.tiles)

    run(scene)


def test_pictures_and_latents_dropped_on_the_grid_are_taken_in(run: Run, tmp_path: Path) -> None:
    for name, shade in (("a.png", 30), ("b.png", 220)):
        picture = np.full((8, 8, 4), shade, np.uint8)
        (tmp_path / name).write_bytes(encode_png(picture))

    async def scene(bench: Workbench) -> None:
        found = explorer(bench)
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(tmp_path / name)) for name in ("a.png", "b.png")])
        drop = QDropEvent(
            QPointF(9, 9),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        found.panel.dropEvent(drop)
        await until(lambda: len(ready(found)) == 2)
        records = [item.record for item in bench.studio.history.items(kind="latent")]
        assert {record.generator_id for record in records} == {"toyfaces.project"}
        item = bench.studio.history.items(kind="latent")[0]
        found.exploration.forget(item.id)
        found.panel.dropped.emit([FromResult(item.id)])
        await until(lambda: len(ready(found)) == 2)
        assert count_items(bench) == 2  # taken up again, not made once more
        assert shows(found, item)

    run(scene)


def test_panel_opens_with_the_last_results_each_in_its_last_state(run: Run) -> None:
    made: list[str] = []

    async def first(bench: Workbench) -> None:
        found = await make(bench, 3)
        await choose(found, 1)
        weights = found.panel.slider_box.weights
        assert weights is not None
        await until(lambda: "hair" in weights.rows)
        weights.rows["hair"].box.setValue(1.5)
        await until(lambda: count_items(bench) == 4)
        await until(lambda: shows(found, bench.studio.history.items()[0]))
        made.extend(t.latent.item_id for t in found.exploration.tiles if t.latent)

    async def second(bench: Workbench) -> None:
        found = explorer(bench)
        await until(lambda: len(found.exploration.tiles) == 3)
        shown = [tile.latent.item_id for tile in found.exploration.tiles if tile.latent]
        assert sorted(shown) == sorted(made)
        assert found.exploration.chosen == ()
        assert found.exploration.tiles[0].weights == {"hair": 1.5}

    run(first)
    run(second)


def test_cancel_takes_the_empty_places_away(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = explorer(bench)
        found.panel.sample_form.set_values({"hold": True})
        found.panel.count.setValue(6)
        found.panel.make.click()
        await until(lambda: ready(found))
        assert len(found.exploration.tiles) == 6
        found.panel.cancel.click()
        await until(lambda: len(found.exploration.tiles) == 1)
        assert found.panel.progress.isHidden()

    run(scene)
