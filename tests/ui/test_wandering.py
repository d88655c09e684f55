"""A map's pad: the picture follows the hand without being kept, and one layer changes when it lets go."""

from __future__ import annotations

import inspect
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from studio.core.edits import ChangeLayer
from studio.core.layers import PaintLayer
from studio.io.paths import Paths, user_paths
from studio.paint.regions import written
from studio.ui.forms.giving import FromResult, Thing
from studio.ui.panels.history_picker import HistoryPicker
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support import toy_portraits
from tests.support.furnished import Run, runner
from tests.support.qt_async import QtRunner, until

_LEFT = Qt.MouseButton.LeftButton
_NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def run(qt_runner: QtRunner, theme: Theme) -> Run:
    paths: Paths = user_paths()
    paths.make()
    source = inspect.getsource(toy_portraits)
    (paths.plugins / "toy_portraits.py").write_text(source, encoding="utf-8")
    return runner(qt_runner, paths, theme, "toyfaces.")


def _with_two_pictures(bench: Workbench) -> None:
    bench.generate.choose("toyfaces.map")
    for shade in (40, 200):
        pixels = np.full((12, 12, 4), shade, np.uint8)
        bench.generate.give("toyfaces.map", "pictures", Thing(pixels))


def _given(bench: Workbench) -> tuple[object, ...]:
    """What the map's form would give as its pictures."""
    form = bench.generate.form
    given = form.inputs().get("pictures", ()) if form is not None else ()
    assert isinstance(given, tuple)
    return given


def test_pad_shows_while_it_moves_and_keeps_one_layer(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        _with_two_pictures(bench)
        form = bench.generate.form
        assert form is not None
        pad = form.pads["place"].pad
        at = pad.handle_position().toPoint()
        QTest.mousePress(pad, _LEFT, _NONE, at)
        QTest.mouseMove(pad, at + QPoint(10, 0))
        await until(lambda: bench.canvas.preview_keys == ("toyfaces.map",))
        assert bench.studio.history.items() == []
        QTest.mouseRelease(pad, _LEFT, _NONE, at + QPoint(20, 0))
        await until(lambda: bench.store.document.layers)
        (layer,) = bench.store.document.layers
        assert bench.canvas.preview_keys == ()
        assert len(bench.studio.history.items()) == 1

        QTest.mousePress(pad, _LEFT, _NONE, at)
        QTest.mouseMove(pad, at + QPoint(-30, -20))
        await until(lambda: bench.canvas.live_layers == (layer.id,))
        assert bench.store.document.layers == (layer,)
        QTest.mouseRelease(pad, _LEFT, _NONE, at + QPoint(-30, -20))
        await until(lambda: bench.store.document.layers[0].record_id != layer.record_id)
        assert bench.canvas.live_layers == ()
        assert [other.id for other in bench.store.document.layers] == [layer.id]
        assert len(bench.studio.history.items()) == 2
        bench.store.undo()
        assert bench.store.document.layers == (layer,)

    run(scene)


def test_pad_without_pictures_asks_for_nothing(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        bench.generate.choose("toyfaces.map")
        form = bench.generate.form
        assert form is not None
        QTest.keyClick(form.pads["place"].pad, Qt.Key.Key_Right)
        assert not bench.wandering.live.busy
        assert form.rows["pictures"].problem.isHidden()
        bench.generate.submit()
        assert not form.rows["pictures"].problem.isHidden()

    run(scene)


def test_map_made_again_has_its_pictures_and_its_point(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        _with_two_pictures(bench)
        form = bench.generate.form
        assert form is not None
        form.set_values({"x": 0.25, "y": 0.75})
        bench.generate.submit()
        await until(lambda: bench.history.model.rowCount() == 1)
        form.clear_inputs()
        form.set_values({"x": 0.0})
        (item,) = bench.studio.history.items()
        bench.history.again_requested.emit(item)
        await until(lambda: len(_given(bench)) == 2)
        assert form.values()["x"] == 0.25
        assert _given(bench) == item.record.inputs["pictures"]

    run(scene)


def test_picker_gives_a_result_of_the_history(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        _with_two_pictures(bench)
        bench.generate.submit()
        await until(lambda: bench.history.model.rowCount() == 1)
        form = bench.generate.form
        assert form is not None
        form.clear_inputs()
        form.picker_asked.emit("pictures")
        picker = bench.generate.window().findChild(HistoryPicker)
        assert picker is not None
        await until(lambda: picker.model.rowCount() == 1)
        QTest.keyClick(picker.tiles, Qt.Key.Key_Return)
        await until(lambda: "pictures" in form.inputs())
        (item,) = bench.studio.history.items()
        assert form.inputs()["pictures"] == (item.picture_id,)
        # The same by a drop.
        form.input_asked.emit("pictures", FromResult(item.id))
        await until(lambda: len(_given(bench)) == 2)

    run(scene)


def test_layer_of_the_canvas_is_taken_and_an_empty_canvas_says_so(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        bench.generate.choose("toyfaces.map")
        form = bench.generate.form
        assert form is not None
        editor = form.rows["pictures"].editor
        editor.add_layer.click()  # type: ignore[attr-defined]
        await until(lambda: bench.window.message_bar.current)
        assert "canvas is empty" in bench.window.message_bar.current.text  # type: ignore[union-attr]
        grey = np.full((5, 7, 4), 90, np.uint8)
        await bench.placing.place_pixels(grey, "grey")
        editor.add_layer.click()  # type: ignore[attr-defined]
        await until(lambda: "pictures" in form.inputs())
        (given,) = _given(bench)
        np.testing.assert_array_equal(given, grey)

    run(scene)


def test_layer_that_is_still_as_it_was_generated_is_given_by_its_result(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        _with_two_pictures(bench)
        bench.generate.submit()
        await until(lambda: bench.store.document.layers)
        form = bench.generate.form
        assert form is not None
        form.clear_inputs()
        form.rows["pictures"].editor.add_layer.click()  # type: ignore[attr-defined]
        await until(lambda: "pictures" in form.inputs())
        (item,) = bench.studio.history.items()
        assert _given(bench) == (item.picture_id,)
        form.clear_inputs()
        layer = bench.store.document.layers[0]
        assert isinstance(layer, PaintLayer)
        painted = written(layer.pixels, np.zeros((2, 2, 4), np.uint8), 0, 0)
        bench.store.apply(ChangeLayer(layer, replace(layer, pixels=painted)))
        form.rows["pictures"].editor.add_layer.click()  # type: ignore[attr-defined]
        await until(lambda: "pictures" in form.inputs())
        (given,) = _given(bench)
        assert isinstance(given, np.ndarray)

    run(scene)


def test_history_menu_offers_what_suits_the_kind(run: Run) -> None:
    def names(menu: QMenu) -> list[str]:
        return [action.text() for action in menu.actions()[:2]]

    async def scene(bench: Workbench) -> None:
        _with_two_pictures(bench)
        bench.generate.submit()
        await until(lambda: bench.history.model.rowCount() == 1)
        (item,) = bench.studio.history.items()
        assert names(bench.history.menu_of(item)) == ["Place on the canvas", "Make again"]

    run(scene)
