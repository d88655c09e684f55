"""Tile maps: what is written is read, untouched tiles are shared, bounds are tight."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.geometry import Rect
from studio.core.tiles import TILE_PX, TileMap
from studio.paint.regions import read, tiled, written

_places = st.integers(-600, 600)
_sides = st.integers(1, 400)


def _noise(width: int, height: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8)


@given(_places, _places, _sides, _sides, st.integers(0, 9))
def test_what_is_written_anywhere_is_read_again(
    x: int, y: int, width: int, height: int, seed: int
) -> None:
    pixels = _noise(width, height, seed)
    tiles = tiled(pixels, x, y)
    np.testing.assert_array_equal(read(tiles, Rect(x, y, width, height)), pixels)
    around = read(tiles, Rect(x - 1, y - 1, width + 2, height + 2))
    around[1:-1, 1:-1] = 0
    assert not around.any()


@given(_places, _places, _sides, _sides)
def test_writing_leaves_the_map_before_as_it_was_and_shares_the_rest(
    x: int, y: int, width: int, height: int
) -> None:
    before = tiled(_noise(700, 700, 1), -100, -100)
    kept = {key: tile.copy() for key, tile in before.tiles.items()}
    region = Rect(x, y, width, height)
    after = written(before, _noise(width, height, 2), x, y)
    assert all(np.array_equal(before.tiles[key], tile) for key, tile in kept.items())
    touched = set(region.cells(TILE_PX))
    assert set(after.differing(before)) <= touched
    for key in before.tiles.keys() - touched:
        assert after.tiles[key] is before.tiles[key]


@given(_places, _places, _sides, _sides)
def test_bounds_are_where_something_is(x: int, y: int, width: int, height: int) -> None:
    pixels = np.full((height, width, 4), 9, np.uint8)
    assert tiled(pixels, x, y).bounds == Rect(x, y, width, height)
    pixels[..., 3] = 0
    assert tiled(pixels, x, y).bounds == Rect()


def test_what_is_erased_leaves_no_tile() -> None:
    tiles = tiled(_noise(300, 300, 0))
    assert len(tiles.tiles) == 4
    assert written(tiles, np.zeros((300, 300, 4), np.uint8), 0, 0) == TileMap()


def test_mask_is_its_fill_where_it_has_no_tile() -> None:
    mask = tiled(np.full((10, 10), 255, np.uint8), fill=255)
    assert not mask.tiles
    hidden = written(mask, np.zeros((5, 5), np.uint8), 2, 2)
    values = read(hidden, Rect(0, 0, 10, 10))
    assert values.sum() == (100 - 25) * 255
    assert hidden.bounds == Rect(2, 2, 5, 5)


def test_same_pixels_written_again_change_nothing() -> None:
    tiles = tiled(_noise(300, 300, 0))
    assert written(tiles, _noise(300, 300, 0), 0, 0) is tiles


def test_tiles_cannot_be_written_to() -> None:
    tiles = tiled(_noise(10, 10, 0))
    with pytest.raises(ValueError, match="read-only"):
        tiles.tiles[0, 0][0, 0] = 1


@pytest.mark.parametrize(
    "tile",
    [
        np.zeros((256, 256, 3), np.uint8),
        np.zeros((256, 256), np.uint8),
        np.zeros((256, 256, 4), np.float32),
        np.zeros((256, 512, 4), np.uint8)[:, ::2],
    ],
    ids=["RGB", "mask", "float", "strided"],
)
def test_tile_of_another_shape_is_refused(tile: np.ndarray) -> None:
    with pytest.raises(ValueError, match="a tile must be"):
        TileMap({(0, 0): tile})
