"""Every blend mode against the W3C's formulas in float64, within one 8-bit step."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core.geometry import Rect
from studio.core.layers import BlendMode, PaintLayer
from studio.paint.composing import compose
from studio.paint.regions import Region, tiled
from tests.support.w3c_blending import blend

SIDE = 24
EDGES = np.array([0, 1, 2, 63, 64, 65, 126, 127, 128, 129, 254, 255], np.uint8)


def _composed(below: Region, above: Region, mode: BlendMode, opacity: float) -> np.ndarray:
    layers = (
        PaintLayer("below", "", tiled(below)),
        PaintLayer("above", "", tiled(above), blend_mode=mode, opacity=opacity),
    )
    return compose(layers, Rect(0, 0, SIDE, SIDE)).astype(np.float64)


def _formula(below: Region, above: Region, mode: BlendMode, opacity: float) -> np.ndarray:
    wanted = np.zeros((SIDE, SIDE, 4))
    source = above / 255.0
    source[..., 3] *= opacity
    for y in range(SIDE):
        for x in range(SIDE):
            wanted[y, x] = blend(mode.value, tuple(below[y, x] / 255.0), tuple(source[y, x]))
    return wanted * 255


def _worst(got: np.ndarray, wanted: np.ndarray) -> float:
    """What an eye would see: colours weigh as much as their alpha."""
    alpha = np.abs(got[..., 3] - wanted[..., 3])
    mine, theirs = got[..., :3] * got[..., 3:] / 255, wanted[..., :3] * wanted[..., 3:] / 255
    return float(max(alpha.max(), np.abs(mine - theirs).max()))


@pytest.mark.parametrize("opacity", [1.0, 128 / 255, 94 / 255])
@pytest.mark.parametrize("mode", list(BlendMode))
def test_mode_is_the_formula_within_one_step(mode: BlendMode, opacity: float) -> None:
    rng = np.random.default_rng(sum(mode.value.encode()))
    below = rng.integers(0, 256, (SIDE, SIDE, 4), np.uint8)
    above = rng.integers(0, 256, (SIDE, SIDE, 4), np.uint8)
    below[..., 3] = np.maximum(below[..., 3], 16)
    found = _composed(below, above, mode, opacity)
    assert _worst(found, _formula(below, above, mode, opacity)) <= 1


@pytest.mark.parametrize("mode", list(BlendMode))
def test_mode_is_the_formula_at_the_edges_of_its_cases(mode: BlendMode) -> None:
    rng = np.random.default_rng(3)
    below, above = rng.choice(EDGES, (2, SIDE, SIDE, 4))
    below[..., 3] = 255
    below[0], above[0] = 255, 0
    below[1], above[1] = 0, 255
    below[:2, :, 3] = above[:2, :, 3] = 255
    found = _composed(below, above, mode, 1.0)
    assert np.abs(found - _formula(below, above, mode, 1.0)).max() <= 1


@pytest.mark.parametrize("mode", list(BlendMode))
def test_mode_leaves_what_lies_under_nothing_and_takes_what_lies_over_nothing(
    mode: BlendMode,
) -> None:
    colours = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 4), np.uint8)
    colours[..., 3] = 255
    nothing = np.zeros((SIDE, SIDE, 4), np.uint8)
    np.testing.assert_array_equal(_composed(colours, nothing, mode, 1.0), colours)
    np.testing.assert_array_equal(_composed(nothing, colours, mode, 1.0), colours)
