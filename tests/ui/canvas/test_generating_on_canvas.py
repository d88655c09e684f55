"""Generators on the canvas: inputs from what is seen, selected or chosen; results wait where they belong."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.api import ImageOutput, Placement
from studio.core.edits import PlaceLayer
from studio.core.geometry import Rect
from studio.core.layers import PaintLayer
from studio.io.paths import Paths, user_paths
from studio.paint.composing import compose
from studio.paint.regions import read_layer, tiled
from studio.ui.canvas.result_places import ghost_of
from studio.ui.forms.picture import PictureEditor
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support.furnished import Run, bar_text, runner
from tests.support.qt_async import QtRunner, until
from tests.ui.canvas.hand import Hand

PLUGIN = """
from typing import Annotated
import numpy as np
from studio.api import (GeneratorSpec, ImageHint, ImageOutput, MaskHint, Params, Placement, Seed,
    hookimpl, seed_field)

FOLIO_API = 1

class TouchParams(Params):
    image: Annotated[str, ImageHint()]
    mask: Annotated[str | None, MaskHint()] = None
    count: int = 1
    seed: Seed = seed_field()

class Touch:
    def generate(self, params, inputs, ctx):
        picture = inputs.image("image")
        mask = inputs.mask("mask") if params.mask else np.full(picture.shape[:2], 255, np.uint8)
        assert mask.shape == picture.shape[:2], (mask.shape, picture.shape)
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        top, left, bottom, right = rows[0], columns[0], rows[-1] + 1, columns[-1] + 1
        for number in range(params.count):
            patch = 255 - picture[top:bottom, left:right]
            patch[..., 3] = mask[top:bottom, left:right]
            patch[..., 2] = number
            yield ImageOutput(patch, seed=ctx.seed,
                placement=Placement("image", int(left), int(top), int(right - left), int(bottom - top)))

@hookimpl
def folio_generators():
    return [GeneratorSpec(id="a_touch.up", title="Touch up", description="Turns colours round.",
        params=TouchParams, factory=Touch, yields=("image",), version="1")]
"""


@pytest.fixture
def paths() -> Paths:
    made = user_paths()
    made.make()
    (made.plugins / "a_touch.py").write_text(PLUGIN, encoding="utf-8")
    return made


@pytest.fixture
def run(qt_runner: QtRunner, paths: Paths, theme: Theme) -> Run:
    return runner(qt_runner, paths, theme, "a_touch.")


def _place(bench: Workbench, x: int = 10, y: int = 20) -> PaintLayer:
    pixels = np.full((80, 100, 4), (200, 100, 50, 255), np.uint8)
    layer = PaintLayer("base", "Base", tiled(pixels), x, y)
    bench.store.apply(PlaceLayer(layer, 0))
    return layer


def _editor(bench: Workbench, name: str) -> PictureEditor:
    form = bench.generate.form
    assert form is not None
    editor = form.rows[name].editor
    assert isinstance(editor, PictureEditor)
    return editor


async def _take(bench: Workbench, name: str, button: str) -> None:
    editor = _editor(bench, name)
    getattr(editor, button).click()
    await until(lambda: editor.pixels is not None)


def test_selection_is_painted_into_in_place_and_accepted_in_one_step(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        base = _place(bench)
        bench.canvas.zoom_to_actual_size()
        bench.drawing.choose_tool("select_rectangle")
        hand = Hand(bench.canvas)
        hand.drag((30, 40), (60, 70))
        await _take(bench, "image", "add_visible")
        await _take(bench, "mask", "add_selection")
        before = compose(bench.store.document.layers, base.bounds)
        bench.generate.button.click()
        await until(lambda: bench.canvas.ghosts.shown is not None)
        assert bench.store.document.layers == (base,)
        ghost = bench.canvas.ghosts.shown
        assert ghost is not None
        assert ghost.layer.bounds == Rect(30, 40, 30, 30)
        seen = compose(bench.canvas.compositor.document.layers, Rect(30, 40, 1, 1))
        assert tuple(seen[0, 0]) == (55, 155, 0, 255)
        bench.canvas.setFocus()
        hand.key(Qt.Key.Key_Return)
        placed = bench.store.document.layers[-1]
        assert isinstance(placed, PaintLayer)
        assert bench.studio.history.get(placed.record_id).record.generator_id == "a_touch.up"
        after = compose(bench.store.document.layers, base.bounds)
        outside = np.ones(before.shape[:2], bool)
        outside[20:50, 20:50] = False
        np.testing.assert_array_equal(after[outside], before[outside])
        bench.store.undo()
        assert bench.store.document.layers == (base,)

    run(test)


def test_several_results_are_paged_through_and_rejected_without_a_trace(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        _place(bench)
        bench.drawing.easel.choose("base")
        await _take(bench, "image", "add_layer")
        form = bench.generate.form
        assert form is not None
        form.set_values({"count": 3})
        bench.generate.button.click()
        ghosts, bar = bench.canvas.ghosts, bench.canvas.ghost_bar
        await until(lambda: len(ghosts.waiting) == 3)
        assert bar.isVisibleTo(bench.canvas)
        assert bar.words.text() == "1 of 3"
        QTest.mouseClick(bar.after, Qt.MouseButton.LeftButton)
        assert bar.words.text() == "2 of 3"
        QTest.mouseClick(bar.reject, Qt.MouseButton.LeftButton)
        assert len(ghosts.waiting) == 2
        ghosts.reject_all()
        assert not bar.isVisibleTo(bench.canvas)
        assert len(bench.store.document.layers) == 1
        await until(lambda: bench.history.model.rowCount() == 3)

    run(test)


def test_what_is_painted_after_choosing_the_input_counts(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        _place(bench)
        await _take(bench, "image", "add_visible")
        bench.canvas.zoom_to_actual_size()
        bench.drawing.choose_tool("brush")
        bench.drawing.easel.choose("base")
        bench.drawing.easel.inks.take((0, 0, 0, 255))
        Hand(bench.canvas).drag((30, 60), (90, 60))
        bench.generate.button.click()
        await until(lambda: bench.canvas.ghosts.shown is not None)
        ghost = bench.canvas.ghosts.shown
        assert ghost is not None
        assert tuple(read_layer(ghost.layer, Rect(60, 60, 1, 1))[0, 0, :2]) == (255, 255)

    run(test)


def test_layer_taken_as_a_mask_counts_where_it_lies_on_the_picture(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        _place(bench)
        stroke = np.full((10, 20, 4), 255, np.uint8)
        stroke[:, :5] = (255, 255, 255, 0)  # white, but not there
        stroke[:, 15:] = (0, 0, 0, 255)
        marked = PaintLayer("marked", "Marked", tiled(stroke), 40, 50, visible=False)
        bench.store.apply(PlaceLayer(marked, 1))
        await _take(bench, "image", "add_visible")
        bench.drawing.easel.choose("marked")
        await _take(bench, "mask", "add_layer")
        bench.generate.button.click()
        await until(lambda: bench.canvas.ghosts.shown is not None)
        ghost = bench.canvas.ghosts.shown
        assert ghost is not None
        assert ghost.layer.bounds == Rect(45, 50, 10, 10)

    run(test)


def test_taking_a_selection_that_is_not_there_says_what_to_do(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        _place(bench)
        _editor(bench, "mask").add_selection.click()
        await until(lambda: "Nothing is selected" in bar_text(bench))

    run(test)


def test_live_mode_runs_again_after_a_stroke_and_keeps_only_what_is_accepted(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        _place(bench)
        await _take(bench, "image", "add_visible")
        ghosts = bench.canvas.ghosts
        bench.window.actions_by_name["live"].trigger()
        await until(lambda: ghosts.shown is not None)
        first = ghosts.shown
        assert first is not None
        assert first.live
        bench.canvas.add_guide("x")  # no part of the picture, as the text isn't
        bench.editor.replace_all("Words")
        assert not bench.live_canvas.waits()
        bench.canvas.zoom_to_actual_size()
        bench.drawing.choose_tool("brush")
        bench.drawing.easel.choose("base")
        Hand(bench.canvas).drag((30, 60), (90, 60))
        assert bench.live_canvas.waits()
        await until(lambda: ghosts.shown is not None and ghosts.shown is not first)
        assert len(ghosts.waiting) == 1
        assert bench.history.model.rowCount() == 0
        bench.canvas.ghost_bar.accept.click()
        await until(lambda: len(bench.store.document.layers) == 2)
        bench.window.actions_by_name["live"].trigger()
        placed = bench.store.document.layers[-1]
        assert isinstance(placed, PaintLayer)
        record = bench.studio.history.get(placed.record_id).record
        assert record.generator_id == "a_touch.up"
        assert tuple(read_layer(placed, Rect(60, 60, 1, 1))[0, 0, :2]) == (255, 255)
        bench.store.undo()
        assert [layer.id for layer in bench.store.document.layers] == ["base"]

    run(test)


def test_what_a_mask_left_as_it_was_is_not_drawn_twice() -> None:
    source = np.full((20, 30, 4), (200, 100, 50, 90), np.uint8)
    result = source.copy()
    result[5:10, 5:15] = (1, 2, 3, 255)
    output = ImageOutput(result, placement=Placement("image", 0, 0, 30, 20))
    ghost = ghost_of(output, {"image": [100, 50, 30, 20, "base"]}, "a", "r", source=source)
    assert ghost.layer.bounds == Rect(105, 55, 10, 5)
    assert ghost.above_id == "base"
