"""Transformations: exact where they can be, of the right size and place always, there and back again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.geometry import Rect
from studio.core.layers import GroupLayer, Mask, PaintLayer, TextLayer
from studio.core.tiles import TileMap
from studio.paint.regions import read_layer, tiled
from studio.paint.transforming import (
    flipped,
    moving,
    perspective,
    scaling,
    transformed,
    turning,
)


def _noise(width: int, height: int) -> np.ndarray:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 4), np.uint8)
    pixels[..., 3] = 255
    return pixels


def _smooth(width: int, height: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    pixels = np.empty((height, width, 4), np.uint8)
    pixels[..., 0] = 127 + 100 * np.sin(x / 9)
    pixels[..., 1] = 127 + 100 * np.cos(y / 7)
    pixels[..., 2] = 90
    pixels[..., 3] = 255
    return pixels


def _layer(pixels: np.ndarray, x: int = 0, y: int = 0) -> PaintLayer:
    return PaintLayer("a", "a", tiled(pixels), x, y)


def _of(layer: object) -> np.ndarray:
    assert isinstance(layer, PaintLayer)
    return read_layer(layer)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 40), st.integers(1, 40), st.integers(-99, 99), st.sampled_from([90, 180, 270])
)
def test_right_angles_and_mirrors_are_exact(width: int, height: int, x: int, degrees: int) -> None:
    pixels = _noise(width, height)
    layer = _layer(pixels, x, 7)
    turned = transformed(layer, turning(degrees, x, 7))
    np.testing.assert_array_equal(_of(turned), np.rot90(pixels, -degrees // 90))
    np.testing.assert_array_equal(_of(transformed(turned, turning(-degrees, x, 7))), pixels)
    mirrored = flipped(layer, across=True, about=layer.bounds)
    assert mirrored.bounds == layer.bounds
    np.testing.assert_array_equal(_of(mirrored), pixels[:, ::-1])
    upside = flipped(layer, across=False, about=layer.bounds)
    np.testing.assert_array_equal(_of(upside), pixels[::-1])


def test_turn_about_the_middle_of_an_odd_picture_loses_nothing() -> None:
    pixels = _noise(11, 6)
    layer = _layer(pixels)
    turned = transformed(layer, turning(90, 5.5, 3))
    np.testing.assert_array_equal(_of(turned), np.rot90(pixels, -1))
    assert (turned.bounds.width, turned.bounds.height) == (6, 11)


@pytest.mark.parametrize("factor", [0.25, 0.5, 2.0, 3.0])
def test_scaling_has_the_size_and_keeps_the_picture(factor: float) -> None:
    layer = _layer(_smooth(120, 80), 40, 20)
    scaled = transformed(layer, scaling(factor, factor, 40, 20))
    assert scaled.bounds == Rect(40, 20, int(120 * factor), int(80 * factor))
    back = transformed(scaled, scaling(1 / factor, 1 / factor, 40, 20))
    assert back.bounds == layer.bounds
    assert np.abs(_of(back).astype(int) - _of(layer)).mean() < 6 if factor < 1 else 1.5


@pytest.mark.parametrize("degrees", [3, 30, 45, 200])
def test_turning_there_and_back_keeps_the_inside(degrees: float) -> None:
    layer = _layer(_smooth(120, 120))
    there = transformed(layer, turning(degrees, 60, 60))
    back = transformed(there, turning(-degrees, 60, 60))
    assert isinstance(back, PaintLayer)
    inside = Rect(30, 30, 60, 60)
    difference = read_layer(back, inside).astype(int) - read_layer(layer, inside)
    assert np.abs(difference).mean() < 1.5
    assert back.bounds.grown(-3).width <= 120 <= back.bounds.width


def test_shrinking_much_is_a_mean_and_no_picking() -> None:
    checks = np.zeros((256, 256, 4), np.uint8)
    checks[..., 3] = 255
    checks[::2, ::2, :3] = checks[1::2, 1::2, :3] = 255
    small = _of(transformed(_layer(checks), turning(10) @ scaling(0.1, 0.1)))
    inside = small[small[..., 3] == 255][:, 0].astype(int)
    assert np.abs(inside - 127).mean() < 15


def test_perspective_takes_the_corners_where_they_should_be() -> None:
    layer = _layer(_smooth(100, 100))
    corners = [(10.0, 10.0), (90.0, 30.0), (80.0, 90.0), (0.0, 70.0)]
    after = transformed(layer, perspective(layer.bounds, corners))
    matrix = perspective(layer.bounds, corners)
    for (x, y), wanted in zip([(0, 0), (100, 0), (100, 100), (0, 100)], corners, strict=True):
        u, v, w = matrix @ (x, y, 1)
        assert (u / w, v / w) == pytest.approx(wanted)
    bounds = after.bounds
    assert abs(bounds.x) <= 1
    assert abs(bounds.right - 90) <= 1
    assert abs(bounds.bottom - 90) <= 1
    with pytest.raises(ValueError, match="line"):
        perspective(layer.bounds, [(0, 0), (1, 1), (2, 2), (3, 3)])


def test_mask_group_and_text_go_along() -> None:
    mask = Mask(tiled(np.zeros((10, 10), np.uint8), fill=255), 5, 5)
    inner = PaintLayer("i", "i", tiled(_noise(20, 20)), mask=mask)
    group = transformed(GroupLayer("g", "g", (inner,)), moving(7, 3) @ scaling(2, 2))
    assert isinstance(group, GroupLayer)
    (child,) = group.layers
    assert child.bounds == Rect(7, 3, 40, 40)
    assert child.mask is not None
    hidden = child.mask.pixels.bounds.translated(child.mask.x, child.mask.y)
    assert hidden.intersected(Rect(17, 13, 20, 20)) == Rect(17, 13, 20, 20)
    assert hidden.width <= 28
    assert child.mask.pixels.fill == 255
    text = TextLayer("t", "t", tiled(_noise(9, 9)), text="words")
    assert type(transformed(text, scaling(2, 2))) is PaintLayer
    nothing = PaintLayer("n", "n", TileMap())
    assert transformed(nothing, scaling(2, 2)) == nothing


def test_transformation_to_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        transformed(_layer(_noise(9, 9)), scaling(0, 1))
