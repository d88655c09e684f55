"""The compositor's cache shows what composing everything anew would, whatever was edited."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.document import Document
from studio.core.geometry import Rect
from studio.core.layers import BlendMode, GroupLayer, Layer, Layers, Mask, PaintLayer
from studio.paint.composing import compose
from studio.paint.compositor import Compositor
from studio.paint.pyramid import halved
from studio.paint.regions import tiled, within, written

VIEW = Rect(-40, -10, 330, 280)


def _pixels(seed: int, width: int = 90, height: int = 70) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8)


@st.composite
def layer_lists(draw: st.DrawFn, depth: int = 2) -> Layers:
    found: list[Layer] = []
    for number in draw(st.lists(st.integers(0, 5), max_size=4, unique=True)):
        mask = None
        if draw(st.booleans()):
            values = np.full((60, 60), draw(st.integers(0, 255)), np.uint8)
            mask = Mask(
                tiled(values, fill=draw(st.sampled_from([0, 255]))),
                draw(st.integers(-20, 250)),
                7,
                draw(st.booleans()),
            )
        looks: dict[str, Any] = {
            "visible": draw(st.booleans()),
            "opacity": draw(st.sampled_from([0.0, 0.5, 1.0])),
            "blend_mode": draw(st.sampled_from(list(BlendMode))),
            "clipped": draw(st.booleans()),
            "mask": mask,
        }
        if depth and draw(st.integers(0, 3)) == 0:
            group = GroupLayer(f"g{depth}{number}", "g", draw(layer_lists(depth - 1)), **looks)
            found.append(group)
        else:
            place = draw(st.integers(-30, 300)), draw(st.integers(-30, 300))
            seed = draw(st.integers(0, 3))
            found.append(PaintLayer(f"{depth}{number}", "p", tiled(_pixels(seed)), *place, **looks))
    return tuple(found)


@settings(max_examples=25, deadline=None)
@given(layer_lists(), layer_lists())
def test_after_any_change_the_cache_is_as_new(before: Layers, after: Layers) -> None:
    compositor = Compositor(Document(layers=before))
    compositor.read(VIEW)
    compositor.show(Document(layers=after))
    np.testing.assert_array_equal(compositor.read(VIEW), compose(after, VIEW))


@settings(max_examples=25, deadline=None)
@given(layer_lists(), st.data())
def test_one_change_of_a_layer_is_seen(layers: Layers, data: st.DataObject) -> None:
    compositor = Compositor(Document(layers=layers))
    compositor.read(VIEW)
    if layers:
        index = data.draw(st.integers(0, len(layers) - 1))
        other = layers[index]
        change: dict[str, object] = data.draw(
            st.sampled_from(
                [
                    {"visible": not other.visible},
                    {"opacity": 0.25},
                    {"clipped": not other.clipped},
                    {"mask": None},
                    {"blend_mode": BlendMode.MULTIPLY},
                ]
            )
        )
        changed = replace(other, **change)  # type: ignore[arg-type]
        layers = (*layers[:index], changed, *layers[index + 1 :])
        if data.draw(st.booleans()):
            layers = tuple(reversed(layers))
    compositor.show(Document(layers=layers))
    np.testing.assert_array_equal(compositor.read(VIEW), compose(layers, VIEW))


@given(st.integers(0, 290), st.integers(1, 40), st.sampled_from(list(BlendMode)))
@settings(max_examples=20, deadline=None)
def test_pixel_is_the_same_whichever_rectangle_it_is_read_with(
    x: int, width: int, mode: BlendMode
) -> None:
    layers = tuple(
        PaintLayer(str(n), "", tiled(_pixels(n, 320, 9)), 3 * n, 0, blend_mode=mode, opacity=0.7)
        for n in range(3)
    )
    whole = compose(layers, Rect(0, 0, 330, 9))
    part = compose(layers, Rect(x, 2, width, 5))
    np.testing.assert_array_equal(part, whole[2:7, x : x + width])


@given(layer_lists(), st.integers(-40, 230), st.integers(1, 60), st.integers(-10, 200))
@settings(max_examples=40, deadline=None)
def test_any_part_of_any_stack_is_as_in_the_whole(
    layers: Layers, x: int, width: int, y: int
) -> None:
    part = Rect(x, y, width, 40)
    rows, columns = within(part, VIEW)
    np.testing.assert_array_equal(compose(layers, part), compose(layers, VIEW)[rows, columns])


@settings(max_examples=25, deadline=None)
@given(layer_lists(), layer_lists(), st.booleans())
def test_going_back_and_forth_shows_what_composing_anew_would(
    before: Layers, after: Layers, settled: bool
) -> None:
    compositor = Compositor(Document(layers=before))
    compositor.read(VIEW)
    for layers in (after, before, after, (), before):
        compositor.show(Document(layers=layers), settled=settled)
        np.testing.assert_array_equal(compositor.read(VIEW), compose(layers, VIEW))


def test_layer_clipped_to_a_hidden_lowest_one_is_not_taken_for_it_alone() -> None:
    """The lowest layer is a base even if it says that it is clipped."""
    hidden = PaintLayer("a", "", tiled(_pixels(0)), clipped=True, visible=False)
    above = PaintLayer("b", "", tiled(_pixels(1)), clipped=True)
    compositor = Compositor(Document(layers=(hidden, above)))
    view = Rect(0, 0, 90, 70)
    assert not compositor.read(view).any()
    compositor.show(Document(layers=(above,)))
    np.testing.assert_array_equal(compositor.read(view), compose((above,), view))


def test_undone_picture_is_not_composed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    base = PaintLayer("a", "a", tiled(_pixels(0, 800, 300)))
    stroked_one = replace(base, pixels=written(base.pixels, _pixels(1, 600, 30), 50, 50))
    compositor = Compositor(Document(layers=(base,)))
    view = Rect(0, 0, 800, 300)
    first = compositor.read(view)
    half = replace(base, pixels=written(base.pixels, _pixels(1, 300, 30), 50, 50))
    for layer, settled in ((half, False), (stroked_one, True)):
        compositor.show(Document(layers=(layer,)), settled=settled)
        last = compositor.read(view)
    composed: list[Rect] = []

    def counted(layers: Layers, rect: Rect) -> np.ndarray:
        composed.append(rect)
        return compose(layers, rect)

    monkeypatch.setattr("studio.paint.composed_tiles.compose", counted)
    compositor.show(Document(layers=(base,)))
    np.testing.assert_array_equal(compositor.read(view), first)
    compositor.show(Document(layers=(stroked_one,)))
    np.testing.assert_array_equal(compositor.read(view), last)
    assert composed == []


def test_only_what_an_edit_touched_is_composed_again() -> None:
    below = PaintLayer("a", "a", tiled(_pixels(0, 800, 800)))
    dot = PaintLayer("b", "b", tiled(_pixels(1, 5, 5)), 300, 10)
    compositor = Compositor(Document(layers=(below,)))
    compositor.read(Rect(0, 0, 800, 800))
    rects = compositor.show(Document(layers=(below, dot)))
    assert rects == [Rect(300, 10, 5, 5)]
    assert compositor.show(Document("text", (below, dot))) == []


def test_levels_are_means_weighted_by_alpha() -> None:
    pixels = np.zeros((2, 4, 4), np.uint8)
    pixels[0, 0] = (200, 0, 0, 255)
    pixels[:, 2:] = (10, 20, 30, 255)
    np.testing.assert_array_equal(halved(pixels), [[[200, 0, 0, 64], [10, 20, 30, 255]]])
    grey = PaintLayer("a", "a", tiled(np.full((600, 600, 4), 77, np.uint8)), -300, -300)
    compositor = Compositor(Document(layers=(grey,)))
    for level in (1, 3, 8):
        side = 300 >> level
        pixels = compositor.read(Rect(-side, -side, 2 * side or 1, 2 * side or 1), level)
        if side:
            assert (pixels == 77).all()


def test_nothing_shows_through_what_is_opaque_but_through_all_else() -> None:
    view = Rect(0, 0, 300, 300)
    colours = np.random.default_rng(4).integers(0, 256, (300, 300, 4), np.uint8)
    colours[..., 3] = 255
    colours[7, 270, 3] = 254
    cover = PaintLayer("b", "", tiled(colours))
    for looks in ({}, {"opacity": 0.5}, {"blend_mode": BlendMode.SCREEN}, {"visible": False}):
        upper = replace(cover, **looks)
        shown = []
        for grey in (0, 255):
            lower = PaintLayer("a", "", tiled(np.full((300, 300, 4), grey, np.uint8)))
            shown.append(compose((replace(lower, opacity=0.9), upper), view))
        through = (shown[0] != shown[1]).any(-1)
        assert through[7, 270]
        assert through[0, 0] == bool(looks)


def test_prepared_pictures_are_those_that_are_read() -> None:
    layer = PaintLayer("a", "", tiled(_pixels(0, 700, 500)), -20, 30)
    compositor, fresh = Compositor(Document(layers=(layer,))), Compositor(Document(layers=(layer,)))
    assert compositor.prepare(0)
    while compositor.prepare(1):
        pass
    for level in (0, 2):
        rect = Rect(-20 >> level, 30 >> level, 700 >> level, 500 >> level)
        np.testing.assert_array_equal(compositor.read(rect, level), fresh.read(rect, level))


def test_clipped_layer_shows_within_its_base_only() -> None:
    base = np.zeros((1, 3, 4), np.uint8)
    base[0, 1:] = ((255, 0, 0, 255), (255, 0, 0, 128))
    above = np.full((1, 3, 4), 255, np.uint8)
    above[..., :2] = 0
    layers = (
        PaintLayer("base", "", tiled(base)),
        PaintLayer("clipped", "", tiled(above), clipped=True),
    )
    shown = compose(layers, Rect(0, 0, 3, 1))[0]
    np.testing.assert_array_equal(shown[0], (0, 0, 0, 0))
    np.testing.assert_array_equal(shown[1:], [(0, 0, 255, 255), (0, 0, 255, 128)])


def test_group_is_blended_as_one() -> None:
    grey = np.full((1, 1, 4), (128, 128, 128, 255), np.uint8)
    white = np.full((1, 1, 4), 255, np.uint8)
    black = np.full((1, 1, 4), (0, 0, 0, 255), np.uint8)
    inner = (
        PaintLayer("b", "", tiled(black)),
        PaintLayer("c", "", tiled(white), blend_mode=BlendMode.MULTIPLY),
    )
    layers = (PaintLayer("a", "", tiled(grey)), GroupLayer("g", "", inner, opacity=0.5))
    np.testing.assert_array_equal(compose(layers, Rect(0, 0, 1, 1))[0, 0], (64, 64, 64, 255))


@settings(max_examples=25, deadline=None)
@given(layer_lists(), layer_lists(), st.integers(0, 2), st.integers(0, 12))
def test_pieces_composed_one_by_one_are_the_whole(
    before: Layers, after: Layers, level: int, steps: int
) -> None:
    """Also if the picture becomes another one while a tile is half done."""
    compositor = Compositor(Document(layers=before))
    keys = list(Rect(VIEW.x >> level, VIEW.y >> level, 330, 280).cells(256))
    for step in range(steps):
        compositor.advance(keys[step % len(keys)], level)
    compositor.show(Document(layers=after))
    for key in keys:
        for _ in range(4000):
            if not compositor.effort(key, level):
                break
            compositor.advance(key, level)
        assert compositor.effort(key, level) == 0
    fresh = Compositor(Document(layers=after))
    for key in keys:
        np.testing.assert_array_equal(compositor.tile(key, level), fresh.tile(key, level))
    np.testing.assert_array_equal(fresh.read(VIEW), compose(after, VIEW))


def test_effort_grows_with_layers_and_falls_to_nothing_once_done() -> None:
    one = PaintLayer("a", "", tiled(_pixels(0, 600, 300)))
    compositor = Compositor(Document(layers=(one,)))
    assert compositor.effort((0, 0)) == 1
    assert compositor.effort((5, 0)) == 0
    assert compositor.effort((0, 0), 1) > 4
    assert compositor.effort((0, 0), 1, limit=0) > 0
    compositor.show(Document(layers=(one, replace(one, id="b"), replace(one, id="c"))))
    assert compositor.effort((0, 0)) == 3
    compositor.tile((0, 0), 1)
    assert compositor.effort((0, 0)) == compositor.effort((0, 0), 1) == 0
    dot = PaintLayer("d", "", tiled(_pixels(1, 5, 5)), 3, 3)
    compositor.show(Document(layers=(*compositor.document.layers, dot)))
    assert compositor.effort((0, 0)) == 1
    assert compositor.effort((1, 0)) == 0


@settings(max_examples=15, deadline=None)
@given(layer_lists(), layer_lists(), st.integers(0, 3))
def test_few_kept_tiles_show_what_many_would(before: Layers, after: Layers, level: int) -> None:
    few = Compositor(Document(layers=before), most_tiles=4)
    region = Rect(VIEW.x >> level, VIEW.y >> level, VIEW.width, VIEW.height)
    few.read(region, level)
    few.advance((0, 0), level)
    few.show(Document(layers=after))
    few.advance((1, 0), level)
    many = Compositor(Document(layers=after))
    np.testing.assert_array_equal(few.read(region, level), many.read(region, level))
    assert all(len(tiles) <= 4 for tiles in few._tiles._levels)


def test_canvas_too_large_to_be_kept_is_prepared_from_afar_and_that_ends() -> None:
    layer = PaintLayer("a", "a", tiled(_pixels(0, 1024, 1024)))
    compositor = Compositor(Document("", (layer,), 1024, 1024), most_tiles=4)
    for _ in range(1000):
        if not compositor.prepare(0.001):
            break
    assert not compositor.prepare(0)
    assert max(len(tiles) for tiles in compositor._tiles._levels) == 4
    assert all(compositor.ready(key, 1) for key in Rect(0, 0, 512, 512).cells(256))
    assert compositor.ready((0, 0), 8)
