"""What a creator does in an explore panel, by its buttons and keys: seen in document and history."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QWidget

from studio.core.layers import PaintLayer
from studio.io.images import encode_png
from studio.jobs.events import EngineStatus
from studio.library.history import HistoryItem
from studio.paint.qimages import from_qimage
from studio.ui.dropping import RESULT_MIME
from studio.ui.explore.exploring import Exploring
from studio.ui.forms.giving import FromFile, FromResult
from studio.ui.workbench import Workbench
from tests.support.furnished import Run, bar_text
from tests.support.qt_async import until
from tests.ui.explore.conftest import explorer, make, ready

_KEY = Qt.Key
_CONTROL = Qt.KeyboardModifier.ControlModifier


async def _choose(found: Exploring, *rows: int) -> None:
    """Click these tiles, all but the first with Ctrl."""
    grid = found.panel.grid
    # Not by processEvents: a nested loop swallows the timers that this test itself waits on.
    await until(lambda: grid.isVisible() and grid.viewport().height() > 0)
    for number, row in enumerate(rows):
        where = grid.visualRect(grid.tiles.index(row)).center()
        modifier = _CONTROL if number else Qt.KeyboardModifier.NoModifier
        QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, modifier, where)


def _shows(found: Exploring, item: HistoryItem) -> bool:
    return any(tile.latent and tile.latent.item_id == item.id for tile in found.exploration.tiles)


def _items(bench: Workbench, kind: str = "latent") -> int:
    return len(bench.studio.history.items(kind=kind))


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
        assert _items(bench) == 5
        assert bench.store.document.layers == ()

    run(scene)


def test_enter_puts_the_chosen_one_on_the_canvas_as_one_step(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench)
        await _choose(found, 2)
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


def test_nothing_that_opens_makes_the_window_grow_beyond_a_small_screen(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench, 6)
        panel = found.panel
        await _choose(found, 0, 1)
        await until(lambda: panel.slider_box.isVisible())
        assert bench.window.minimumSizeHint().height() <= 700
        panel.options.click()
        assert panel.sample_form.isVisible()
        assert not panel.slider_box.isVisible()
        await until(lambda: bench.window.minimumSizeHint().height() <= 700)
        panel.start("walk")
        assert panel.cards["walk"].isVisible()
        assert not panel.sample_form.isVisible()
        await until(lambda: bench.window.minimumSizeHint().height() <= 700)
        panel.options.click()
        assert not panel.cards["walk"].isVisible()

    run(scene)


def test_several_placed_with_one_enter_are_one_step_and_beside_each_other(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench)
        await _choose(found, 2, 0, 1)
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
        await _choose(found, 0)
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
        await _choose(found, 1)
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


def test_more_like_this_brings_neighbours_on_top(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench, 3)
        await _choose(found, 0)
        original = found.exploration.current
        QTest.keyClick(found.panel.grid, _KEY.Key_L)
        await until(lambda: len(ready(found)) == 6)
        assert found.exploration.current is not None
        assert original is not None
        assert found.exploration.current.key == original.key
        newest = bench.studio.history.items()[0].record
        assert newest.generator_id == "toyfaces.vary"
        assert newest.inputs["face"] == (original.latent.blob_id,) if original.latent else False

    run(scene)


def test_two_are_mixed_in_the_order_they_were_chosen(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench, 3)
        panel = found.panel
        await _choose(found, 2)
        assert not panel.steps["mix"].isEnabled()
        await _choose(found, 2, 0)
        assert panel.steps["mix"].isEnabled()
        first, second = (tile.latent for tile in found.exploration.chosen)
        assert first is not None
        assert second is not None
        QTest.keyClick(panel.grid, _KEY.Key_M)
        form = panel.form_of("mix")
        assert form is not None
        assert "faces" not in form.rows
        form.set_values({"coarse": "second", "fine": "first"})
        panel.cards["mix"].go.click()
        await until(lambda: len(ready(found)) == 4)
        record = bench.studio.history.items()[0].record
        assert record.inputs["faces"] == (first.blob_id, second.blob_id)
        assert record.params["coarse"] == "second"
        assert panel.cards["mix"].isHidden()

    run(scene)


def test_slider_redraws_while_it_moves_and_stores_once_when_let_go(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench, 2)
        await _choose(found, 1)
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
        assert _items(bench) == 2
        slider.setSliderDown(False)
        await until(lambda: found.exploration.tiles[1].latent != base)
        assert _items(bench) == 3
        record = bench.studio.history.items()[0].record
        assert record.params["directions"] == {"smile": 2.0}
        assert record.inputs["face"] == (base.blob_id,)
        found.panel.slider_box.weights.reset_all.click()  # type: ignore[union-attr]
        assert found.exploration.tiles[1].latent == base
        assert _items(bench) == 3

    run(scene)


def test_sliders_change_the_layer_that_shows_the_face(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench, 1)
        await _choose(found, 0)
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
        await _choose(found, 0)
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


def test_a_walk_through_the_chosen_is_a_film_that_plays(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench, 3)
        await _choose(found, 0, 2, 1)
        stops = [tile.latent.blob_id for tile in found.exploration.chosen if tile.latent]
        QTest.keyClick(found.panel.grid, _KEY.Key_W)
        form = found.panel.form_of("walk")
        assert form is not None
        form.set_values({"format": "gif", "seconds": 0.5, "loop": False})
        found.panel.cards["walk"].go.click()
        await until(lambda: _items(bench, "video") == 1)
        (film,) = bench.studio.history.items(kind="video")
        assert film.media_type == "image/gif"
        assert list(film.record.inputs["faces"]) == stops
        await until(lambda: "in the history" in bar_text(bench))
        assert len(found.exploration.tiles) == 3
        bench.window.message_bar.buttons[0].click()
        player = bench.explorers.player
        assert player is not None
        await until(lambda: player.count == 5 and not player.picture.image.isNull())
        player.accept()

    run(scene)


def test_a_picture_becomes_a_face_that_shows_itself_on_the_way(run: Run, tmp_path: Path) -> None:
    (tmp_path / "me.png").write_bytes(encode_png(np.full((20, 20, 4), 200, np.uint8)))

    async def scene(bench: Workbench) -> None:
        found = explorer(bench)
        found.panel.project.click()
        form = found.panel.form_of("project")
        assert form is not None
        found.panel.cards["project"].go.click()
        assert not form.rows["picture"].problem.isHidden()
        form.rows["picture"].editor.asked.emit(FromFile(tmp_path / "me.png"))  # type: ignore[attr-defined]
        await until(lambda: form.inputs())
        found.panel.cards["project"].go.click()
        await until(lambda: len(ready(found)) == 1)
        assert found.exploration.current is not None

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
        assert _items(bench) == 2  # taken up again, not made once more
        assert _shows(found, item)

    run(scene)


def test_edit_again_brings_the_sliders_back_as_they_were(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench, 1)
        await _choose(found, 0)
        base = found.exploration.tiles[0].base
        weights = found.panel.slider_box.weights
        assert weights is not None
        await until(lambda: "hair" in weights.rows)
        weights.rows["hair"].box.setValue(1.5)
        await until(lambda: _items(bench) == 2)
        item = bench.studio.history.items()[0]
        await until(lambda: _shows(found, item))
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


def test_panel_opens_with_the_last_results_each_in_its_last_state(run: Run) -> None:
    made: list[str] = []

    async def first(bench: Workbench) -> None:
        found = await make(bench, 3)
        await _choose(found, 1)
        weights = found.panel.slider_box.weights
        assert weights is not None
        await until(lambda: "hair" in weights.rows)
        weights.rows["hair"].box.setValue(1.5)
        await until(lambda: _items(bench) == 4)
        await until(lambda: _shows(found, bench.studio.history.items()[0]))
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


def test_without_a_model_it_says_what_to_do(run_without_model: Run) -> None:
    async def scene(bench: Workbench) -> None:
        panel = explorer(bench).panel
        assert panel.pages.currentWidget() is panel.no_model
        assert not panel.make.isEnabled()
        assert not panel.project.isEnabled()
        asked: list[str] = []
        panel.add_model_requested.connect(asked.append)
        panel.no_model.add.click()
        assert asked == ["toy"]
        dialog = next(d for d in bench.window.findChildren(QDialog) if d.isVisible())
        assert dialog.windowTitle() == "Models"
        dialog.reject()

    run_without_model(scene)


def test_it_works_while_the_engine_is_still_starting(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        assert bench.studio.queue.status.state == "off"
        bench.studio.queue.engine_changed.emit(EngineStatus("starting"))
        found = explorer(bench)
        found.panel.count.setValue(2)
        found.panel.make.click()
        await until(lambda: len(found.exploration.tiles) == 2)
        assert not found.panel.progress.isHidden()
        await until(lambda: len(ready(found)) == 2)

    run(scene)


def test_control_enter_makes_new_ones_while_the_panel_is_in_front(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = explorer(bench)
        found.panel.count.setValue(2)
        bench.window.actions_by_name["generate"].trigger()
        await until(lambda: len(ready(found)) == 2)

    run(scene)


def test_arrow_keys_walk_and_every_control_has_a_name(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        found = await make(bench, 3)
        await _choose(found, 0)
        QTest.keyClick(found.panel.grid, _KEY.Key_Right)
        assert found.exploration.current is found.exploration.tiles[1]
        nameless = []
        for widget in found.panel.findChildren(QWidget):
            takes_focus = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            spoken = widget.accessibleName() or getattr(widget, "text", lambda: "")()
            if takes_focus and widget.isVisible() and not spoken and widget.focusProxy() is None:
                nameless.append(widget)
        assert nameless == []

    run(scene)
