"""The wand finds exactly what hangs together, as a plain walk from pixel to pixel does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from studio.paint.flooding import alike, connected, flooded


def _walked(fits: np.ndarray, x: int, y: int) -> np.ndarray:
    reached = np.zeros_like(fits)
    waiting = [(x, y)] if fits[y, x] else []
    while waiting:
        x, y = waiting.pop()
        inside = 0 <= y < fits.shape[0] and 0 <= x < fits.shape[1]
        if inside and fits[y, x] and not reached[y, x]:
            reached[y, x] = True
            waiting += [(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)]
    return reached


@settings(max_examples=150, deadline=None)
@given(st.data(), st.integers(1, 14), st.integers(1, 14))
def test_connected_is_what_a_walk_reaches(data: st.DataObject, width: int, height: int) -> None:
    fits = data.draw(arrays(bool, (height, width)))
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    np.testing.assert_array_equal(connected(fits, x, y), _walked(fits, x, y))


def test_connected_follows_a_spiral_to_its_middle() -> None:
    fits = np.ones((41, 41), bool)
    for ring in range(1, 20, 2):
        fits[ring, ring : 41 - ring] = fits[40 - ring, ring : 41 - ring] = False
        fits[ring : 41 - ring, ring] = fits[ring : 41 - ring, 40 - ring] = False
        fits[ring + 1 if ring % 4 == 1 else 39 - ring, ring] = True
    np.testing.assert_array_equal(connected(fits, 0, 0), _walked(fits, 0, 0))


def test_tolerance_counts_in_steps_of_a_channel() -> None:
    pixels = np.zeros((1, 4, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[0, :, 1] = (100, 110, 111, 90)
    np.testing.assert_array_equal(alike(pixels, 0, 0, 10)[0], [True, True, False, True])
    np.testing.assert_array_equal(flooded(pixels, 0, 0, 10)[0], [255, 255, 0, 0])
    np.testing.assert_array_equal(
        flooded(pixels, 0, 0, 10, contiguous=False)[0], [255, 255, 0, 255]
    )


def test_transparent_pixels_are_alike_whatever_their_colour() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 5, 4), np.uint8)
    pixels[..., 3] = 0
    assert alike(pixels, 2, 2, 0).all()


def test_click_outside_is_refused() -> None:
    with pytest.raises(IndexError):
        flooded(np.zeros((5, 5, 4), np.uint8), 5, 0, 0)
