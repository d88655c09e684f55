"""Selections are what sets of pixels are; soft ones keep to the rules of the largest and smallest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.geometry import Rect
from studio.core.tiles import TileMap
from studio.paint.regions import read, tiled
from studio.paint.selection import (
    Combining,
    combined,
    ellipse,
    feathered,
    grown,
    inverted,
    polygon,
    rectangle,
    within_frame,
)

SEEN = Rect(-20, -20, 340, 300)

_rects = st.builds(
    Rect, st.integers(-10, 250), st.integers(-10, 250), st.integers(1, 60), st.integers(1, 60)
)


def _mask(selection: TileMap) -> np.ndarray:
    return read(selection, SEEN) > 127


def _any_selection(draw: st.DrawFn) -> TileMap:
    selection = rectangle(draw(_rects))
    return inverted(selection) if draw(st.booleans()) else selection


selections = st.composite(_any_selection)()


@settings(max_examples=40, deadline=None)
@given(selections, selections)
def test_combining_is_what_it_is_for_sets(one: TileMap, two: TileMap) -> None:
    a, b = _mask(one), _mask(two)
    for how, wanted in (
        (Combining.REPLACE, b),
        (Combining.ADD, a | b),
        (Combining.SUBTRACT, a & ~b),
        (Combining.INTERSECT, a & b),
    ):
        np.testing.assert_array_equal(_mask(combined(one, two, how)), wanted)


@settings(max_examples=20, deadline=None)
@given(selections)
def test_inverting_twice_is_nothing(selection: TileMap) -> None:
    assert inverted(inverted(selection)) == selection
    np.testing.assert_array_equal(_mask(inverted(selection)), ~_mask(selection))


def test_no_selection_is_everything() -> None:
    shape = rectangle(Rect(5, 5, 10, 10))
    assert combined(None, shape, Combining.ADD) == shape
    assert combined(None, shape, Combining.INTERSECT) == shape
    np.testing.assert_array_equal(_mask(combined(None, shape, Combining.SUBTRACT)), ~_mask(shape))
    assert not _mask(inverted(None)).any()
    assert within_frame(inverted(shape), Rect(0, 0, 100, 100)).bounds == Rect(0, 0, 100, 100)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 12), st.integers(0, 5))
def test_growing_takes_what_is_within_the_radius(radius: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    dots = (rng.random((40, 50)) > 0.99).astype(np.uint8) * 255
    dots[20, 20] = 255
    result = read(grown(tiled(dots, 100, 100), radius), Rect(80, 80, 90, 80)) > 0
    ys, xs = np.nonzero(dots)
    gy, gx = np.mgrid[80:160, 80:170]
    nearest = np.min(
        [np.hypot(gx - (x + 100), gy - (y + 100)) for y, x in zip(ys, xs, strict=True)], 0
    )
    np.testing.assert_array_equal(result, nearest <= radius + 0.5)


def test_shrinking_takes_a_border_off_and_may_leave_nothing() -> None:
    square = rectangle(Rect(10, 10, 30, 30))
    assert grown(square, -5).bounds == Rect(15, 15, 20, 20)
    assert not grown(square, -20).tiles
    assert not _mask(grown(inverted(square), 5))[25:55, 35:55].all()
    assert grown(inverted(square), -5).fill == 255
    assert grown(inverted(square), -5).bounds == Rect(5, 5, 40, 40)


def test_feather_is_soft_half_at_the_edge_and_keeps_the_sum() -> None:
    square = rectangle(Rect(100, 100, 60, 60))
    soft = read(feathered(square, 4), Rect(60, 60, 140, 140))
    assert soft[70, 70] == 255
    assert int(soft[70, 40]) + int(soft[70, 39]) == pytest.approx(255, abs=6)
    assert soft.sum() == pytest.approx(60 * 60 * 255, rel=0.01)
    again = feathered(inverted(square), 4)
    np.testing.assert_allclose(read(again, Rect(60, 60, 140, 140)), 255 - soft.astype(int), atol=1)


def test_ellipse_and_lasso_have_their_area_and_smooth_edges() -> None:
    round_one = read(ellipse(10, 10, 100, 60), SEEN).astype(float) / 255
    assert round_one.sum() == pytest.approx(np.pi * 50 * 30, rel=0.01)
    assert ((round_one > 0) & (round_one < 1)).any()
    triangle = read(polygon([(0, 0), (100, 0), (0, 100)]), SEEN).astype(float) / 255
    assert triangle.sum() == pytest.approx(5000, rel=0.01)
    assert not polygon([(3, 3), (9, 9)]).tiles
