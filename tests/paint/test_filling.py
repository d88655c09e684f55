"""Colour through masks: exactly where it should be, nothing else touched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studio.core.geometry import Rect
from studio.core.layers import BlendMode, PaintLayer
from studio.paint.filling import (
    Gradient,
    GradientKind,
    Shape,
    ShapeKind,
    cleared,
    drawn,
    filled,
    graded,
    picked,
)
from studio.paint.regions import read_layer, tiled
from studio.paint.selection import inverted, rectangle

RED = (255, 0, 0, 255)
SEEN = Rect(0, 0, 320, 300)


def _layer(x: int = 0, y: int = 0, *, alpha_locked: bool = False) -> PaintLayer:
    noise = np.random.default_rng(0).integers(0, 256, (300, 320, 4), np.uint8)
    return PaintLayer("a", "a", tiled(noise, -x, -y), x, y, alpha_locked=alpha_locked)


def _empty() -> PaintLayer:
    return PaintLayer("a", "a")


@pytest.mark.parametrize("place", [(0, 0), (37, -300)])
def test_fill_covers_its_mask_within_the_selection(place: tuple[int, int]) -> None:
    layer = _layer(*place)
    before = read_layer(layer, SEEN)
    mask, selection = rectangle(Rect(200, 100, 100, 100)), rectangle(Rect(250, 0, 70, 300))
    after = read_layer(filled(layer, mask, RED, selection=selection), SEEN)
    assert (after[100:200, 250:300] == RED).all()
    after[100:200, 250:300] = before[100:200, 250:300]
    np.testing.assert_array_equal(after, before)


def test_fill_with_half_opacity_mixes() -> None:
    layer = PaintLayer("a", "a", tiled(np.full((4, 4, 4), 255, np.uint8)))
    after = filled(layer, rectangle(Rect(0, 0, 4, 4)), (0, 0, 0, 255), opacity=0.5)
    assert (read_layer(after) == (128, 128, 128, 255)).all()


def test_delete_takes_what_is_selected_and_leaves_no_empty_tiles() -> None:
    layer = _layer()
    assert not cleared(layer, rectangle(SEEN)).pixels.tiles
    rest = read_layer(cleared(layer, inverted(rectangle(Rect(10, 10, 20, 20)))), SEEN)
    np.testing.assert_array_equal(rest[10:30, 10:30], read_layer(layer, SEEN)[10:30, 10:30])
    rest[10:30, 10:30] = 0
    assert not rest.any()
    locked = replace(layer, alpha_locked=True)
    assert cleared(locked, rectangle(SEEN)) == locked


def test_gradient_runs_from_one_colour_to_the_other() -> None:
    stops = ((0.0, (0, 0, 0, 255)), (1.0, (255, 255, 255, 255)))
    linear = Gradient((10, 0), (265, 0), stops)
    row = read_layer(graded(_empty(), linear, SEEN), SEEN)[50]
    assert (row[:10] == (0, 0, 0, 255)).all()
    assert (row[266:] == 255).all()
    np.testing.assert_allclose(row[10:265, 0], np.arange(255) + 0.5, atol=1)
    ring = replace(linear, kind=GradientKind.RADIAL, start=(160, 150), end=(260, 150))
    square = read_layer(graded(_empty(), ring, SEEN), SEEN)
    assert square[150, 160, 0] < 3
    assert int(square[150, 210, 0]) == pytest.approx(int(square[100, 160, 0]), abs=4)
    selected = graded(_layer(), linear, SEEN, selection=rectangle(Rect(0, 0, 5, 5)))
    untouched = read_layer(selected, SEEN)[5:]
    np.testing.assert_array_equal(untouched, read_layer(_layer(), SEEN)[5:])


def test_shapes_have_their_fill_and_outline() -> None:
    box = Shape(ShapeKind.RECTANGLE, [(20, 20), (120, 80)], RED, (0, 0, 255, 255), 4)
    pixels = read_layer(drawn(_empty(), box), SEEN)
    assert (pixels[30:70, 30:110] == RED).all()
    assert (pixels[20:22, 30:110] == (0, 0, 255, 255)).all()
    assert (pixels[18:20, 30:110] == (0, 0, 255, 255)).all()
    assert not pixels[:17].any()
    line = Shape(ShapeKind.LINE, [(20, 50), (200, 50)], outline=RED, outline_px=6)
    pixels = read_layer(drawn(_empty(), line), SEEN)
    assert (pixels[48:52, 20:200] == RED).all()
    assert pixels[..., 3].sum() / 255 == pytest.approx(180 * 6 + np.pi * 9, rel=0.02)
    blob = Shape(ShapeKind.ELLIPSE, [(100, 100), (50, 20)], fill=RED)
    area = read_layer(drawn(_empty(), blob), SEEN)[..., 3].sum() / 255
    assert area == pytest.approx(np.pi * 25 * 40, rel=0.02)
    rounded = Shape(ShapeKind.RECTANGLE, [(0, 0), (40, 40)], fill=RED, corner_px=20)
    area = read_layer(drawn(_empty(), rounded), SEEN)[..., 3].sum() / 255
    assert area == pytest.approx(np.pi * 400, rel=0.02)
    corner = Shape(ShapeKind.POLYGON, [(0, 0), (100, 0), (0, 100)], fill=RED)
    area = read_layer(drawn(_empty(), corner), SEEN)[..., 3].sum() / 255
    assert area == pytest.approx(5000, rel=0.02)


def test_locked_alpha_keeps_shapes_within_what_is_painted() -> None:
    layer = _layer(alpha_locked=True)
    after = drawn(layer, Shape(ShapeKind.RECTANGLE, [(0, 0), (400, 400)], fill=RED))
    np.testing.assert_array_equal(read_layer(after)[..., 3], read_layer(layer)[..., 3])
    assert after.pixels.bounds == layer.pixels.bounds


def test_picked_colour_is_what_is_seen() -> None:
    below = PaintLayer("a", "", tiled(np.full((9, 9, 4), (200, 100, 50, 255), np.uint8)))
    above = PaintLayer(
        "b", "", tiled(np.full((9, 9, 4), 128, np.uint8)), blend_mode=BlendMode.MULTIPLY
    )
    assert picked((below,), 4, 4) == (200, 100, 50, 255)
    assert picked((below, above), 4, 4)[0] == pytest.approx(150, abs=1)
    assert picked((below,), 0, 4, radius_px=1) == (200, 100, 50, 170)
    assert picked((), 4, 4) == (0, 0, 0, 0)
