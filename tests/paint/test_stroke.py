"""Strokes: the same however the hand's points arrive, within opacity, selection and locked alpha."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.geometry import Rect
from studio.core.layers import PaintLayer
from studio.core.tiles import EMPTY, TILE_PX, TileMap
from studio.paint.brush import Brush, PressureCurve, StrokePoint
from studio.paint.regions import read, tiled
from studio.paint.stroke import CloneInk, ColourInk, EraserInk, MaskInk, Stroke, stroked

RED = ColourInk((255, 0, 0, 255))
LINE = [StrokePoint(20, 60), StrokePoint(120, 60), StrokePoint(240, 60), StrokePoint(300, 60)]
SMALL = Rect(0, 0, 320, 120)

_points = st.lists(
    st.builds(StrokePoint, st.floats(-50, 300), st.floats(-50, 300), st.floats(0, 1)),
    min_size=1,
    max_size=8,
)
_brushes = st.builds(
    Brush,
    size_px=st.floats(0.5, 60),
    hardness=st.floats(0, 1),
    opacity=st.floats(0, 1),
    flow=st.floats(0, 1),
    spacing=st.floats(0.05, 1),
    smoothing=st.floats(0, 1),
    size_by_pressure=st.booleans(),
    opacity_by_pressure=st.booleans(),
)


def _noise(width: int = 320, height: int = 120) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 4), np.uint8)


def _layer(pixels: TileMap = EMPTY, *, alpha_locked: bool = False) -> PaintLayer:
    return PaintLayer("a", "a", pixels, alpha_locked=alpha_locked)


@settings(max_examples=30, deadline=None)
@given(_brushes, _points)
def test_point_by_point_is_the_same_as_all_at_once(brush: Brush, points: list[StrokePoint]) -> None:
    layer = _layer(tiled(_noise()))
    stroke = Stroke(layer.pixels, brush, RED)
    for point in points:
        stroke.extend([point])
    assert stroke.finish() == stroked(layer, brush, RED, points).pixels


@settings(max_examples=20, deadline=None)
@given(_brushes, _points, st.integers(-300, 300), st.integers(-300, 300))
def test_stroke_lies_where_the_hand_was_wherever_the_layer_is(
    brush: Brush, points: list[StrokePoint], x: int, y: int
) -> None:
    here = stroked(_layer(), brush, RED, points).pixels
    there = stroked(replace(_layer(), x=x, y=y), brush, RED, points).pixels
    seen = Rect(-100, -100, 450, 450)
    np.testing.assert_array_equal(read(here, seen), read(there, seen.translated(-x, -y)))


def test_hard_stroke_covers_its_line_fully_and_nothing_else() -> None:
    pixels = read(stroked(_layer(), Brush(20, hardness=1.0), RED, LINE).pixels, SMALL)
    assert (pixels[52:68, 20:300] == (255, 0, 0, 255)).all()
    assert not pixels[:48].any()
    assert not pixels[72:].any()
    assert not pixels[:, :8].any()


def test_passing_twice_covers_no_more_than_the_opacity() -> None:
    brush = Brush(20, hardness=1.0, opacity=0.5, flow=0.4)
    pixels = read(stroked(_layer(), brush, RED, [*LINE, *reversed(LINE), *LINE]).pixels, SMALL)
    assert pixels[..., 3].max() <= 128
    assert pixels[60, 150, 3] in (127, 128)


def test_low_flow_builds_up_where_the_hand_passes_again() -> None:
    brush = Brush(20, flow=0.02)
    once = read(stroked(_layer(), brush, RED, LINE).pixels, SMALL)
    twice = read(stroked(_layer(), brush, RED, [*LINE, *reversed(LINE)]).pixels, SMALL)
    assert 0 < once[60, 150, 3] < twice[60, 150, 3] < 255


def test_pressure_makes_it_smaller_and_weaker_by_its_curve() -> None:
    half = [StrokePoint(p.x, p.y, 0.5) for p in LINE]
    full_size = stroked(_layer(), Brush(40, size_by_pressure=True), RED, LINE).pixels.bounds
    half_size = stroked(_layer(), Brush(40, size_by_pressure=True), RED, half).pixels.bounds
    assert half_size.height == pytest.approx(full_size.height / 2, abs=2)
    weak = Brush(40, opacity_by_pressure=True, pressure_curve=PressureCurve(((0, 0), (1, 0.5))))
    pixels = read(stroked(_layer(), weak, RED, half).pixels, SMALL)
    assert pixels[60, 150, 3] == 64


def test_unselected_and_far_pixels_stay_to_the_bit() -> None:
    noise = _noise()
    values = np.zeros((120, 320), np.uint8)
    values[:, 100:200] = 255
    values[:, 150:200] = 128
    after = stroked(
        _layer(tiled(noise)), Brush(30, hardness=1.0), RED, LINE, selection=tiled(values)
    )
    pixels = read(after.pixels, SMALL)
    np.testing.assert_array_equal(pixels[:, :100], noise[:, :100])
    np.testing.assert_array_equal(pixels[:, 200:], noise[:, 200:])
    assert (pixels[60, 100:150] == (255, 0, 0, 255)).all()
    assert not (pixels[60, 150:200] == (255, 0, 0, 255)).all()


def test_locked_alpha_takes_colour_only() -> None:
    noise = _noise()
    layer = _layer(tiled(noise), alpha_locked=True)
    pixels = read(stroked(layer, Brush(30, hardness=1.0), RED, LINE).pixels, SMALL)
    np.testing.assert_array_equal(pixels[..., 3], noise[..., 3])
    assert (pixels[60, 30:290, :3] == (255, 0, 0)).all()
    assert stroked(layer, Brush(30), EraserInk(), LINE).pixels == layer.pixels


def test_eraser_leaves_no_tile_where_all_is_gone() -> None:
    layer = _layer(tiled(np.full((10, 10, 4), 200, np.uint8), 60, 60))
    erased = stroked(layer, Brush(40, hardness=1.0), EraserInk(), [StrokePoint(65, 65)])
    assert not erased.pixels.tiles


def test_clone_copies_what_was_there_when_the_stroke_began() -> None:
    noise = _noise()
    noise[..., 3] = 255
    source = tiled(noise)
    ink = CloneInk(source, 0, -40)
    pixels = read(stroked(_layer(source), Brush(16, hardness=1.0), ink, LINE).pixels, SMALL)
    np.testing.assert_array_equal(pixels[56:64, 30:290], noise[16:24, 30:290])


def test_mask_is_painted_towards_its_value() -> None:
    mask = TileMap(channels=1, fill=255)
    stroke = Stroke(mask, Brush(20, hardness=1.0, opacity=0.5), MaskInk(0))
    stroke.extend(LINE)
    values = read(stroke.finish(), SMALL)
    assert values[60, 150] == 128
    assert values[10, 10] == 255
    with pytest.raises(ValueError, match="doesn't paint"):
        Stroke(mask, Brush(), RED)


def test_symmetry_paints_the_mirror_image() -> None:
    layer = stroked(
        _layer(), Brush(21), RED, [StrokePoint(40, 30), StrokePoint(90, 70)],
        mirrors=((-1, 320, 1, 0),),
    )  # fmt: skip
    pixels = read(layer.pixels, SMALL)
    np.testing.assert_array_equal(pixels, pixels[:, ::-1])


def test_move_that_changes_no_value_changes_no_tile() -> None:
    red = tiled(np.full((200, 300, 4), (255, 0, 0, 255), np.uint8))
    stroke = Stroke(red, Brush(20, hardness=1.0), RED)
    assert stroke.extend(LINE[:2]) is red
    faint = Stroke(red, Brush(20, flow=0.001), ColourInk((254, 0, 0, 255)))
    assert faint.extend(LINE[:1]) is red


def test_stroke_shares_all_tiles_it_does_not_touch() -> None:
    layer = _layer(tiled(_noise(1000, 1000)))
    after = stroked(layer, Brush(10), RED, [StrokePoint(5, 5), StrokePoint(50, 50)])
    assert list(after.pixels.differing(layer.pixels)) == [(0, 0)]
    assert TILE_PX == 256
