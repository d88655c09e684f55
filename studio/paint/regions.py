"""Rectangles of pixels from and to tile maps. Pure; any thread."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from studio.core.geometry import Rect
from studio.core.layers import Layer, PaintLayer
from studio.core.tiles import TILE_PX, Tile, TileKey, TileMap

Region = npt.NDArray[np.uint8]
"""(H, W, 4) uint8 RGBA, straight alpha, or of a mask (H, W) uint8."""


def tiled(pixels: Region, x: int = 0, y: int = 0, *, fill: int = 0) -> TileMap:
    """A picture or mask as tiles, its top left corner at (x, y)."""
    channels = 4 if pixels.ndim == 3 else 1
    return written(TileMap(channels=channels, fill=fill), pixels, x, y)


def read(tiles: TileMap, rect: Rect) -> Region:
    """A copy of what is in a rectangle of the map's own pixels; writable."""
    shape = (rect.height, rect.width, 4) if tiles.channels == 4 else (rect.height, rect.width)
    region = np.full(shape, tiles.fill, np.uint8)
    for key in rect.cells(TILE_PX):
        tile = tiles.tiles.get(key)
        if tile is not None:
            part = rect.intersected(cell(key))
            region[within(part, rect)] = tile[within(part, cell(key))]
    return region


def written(tiles: TileMap, region: Region, x: int, y: int) -> TileMap:
    """The map with other pixels in a rectangle. Tiles that hold nothing but `fill` are left out.

    Raises:
        ValueError: the region has another number of channels, or isn't uint8.
    """
    if (region.ndim == 3 and region.shape[2] == 4) != (tiles.channels == 4):
        raise ValueError(f"{region.shape} doesn't go into {tiles.channels} channels")
    if region.dtype != np.uint8:
        raise ValueError(f"pixels must be uint8, not {region.dtype}")
    rect = Rect(x, y, region.shape[1], region.shape[0])
    changed: dict[TileKey, Tile | None] = {}
    for key in rect.cells(TILE_PX):
        part, there = rect.intersected(cell(key)), cell(key)
        old = tiles.tiles.get(key)
        piece = region[within(part, rect)]
        if old is not None and np.array_equal(old[within(part, there)], piece):
            continue
        tile = blank(tiles) if old is None else old.copy()
        tile[within(part, there)] = piece
        changed[key] = None if is_blank(tile, tiles) else tile
    return tiles.with_tiles({k: t for k, t in changed.items() if t is not None or k in tiles.tiles})


def read_layer(layer: PaintLayer, rect: Rect | None = None) -> Region:
    """A layer's own pixels (without mask and opacity) in canvas pixels; None: all that is painted."""
    rect = layer.bounds if rect is None else rect
    return read(layer.pixels, rect.translated(-layer.x, -layer.y))


def mask_values(layer: Layer, rect: Rect) -> Region | None:
    """(H, W) what the layer's mask lets through in a rectangle of the canvas; None: it has none."""
    mask = layer.mask
    if mask is None or not mask.enabled:
        return None
    return read(mask.pixels, rect.translated(-mask.x, -mask.y))


def cell(key: TileKey) -> Rect:
    """The rectangle of a tile."""
    return Rect(key[0] * TILE_PX, key[1] * TILE_PX, TILE_PX, TILE_PX)


def blank(tiles: TileMap) -> Tile:
    """A new writable tile such as the map has where it has none."""
    shape = (TILE_PX, TILE_PX, 4) if tiles.channels == 4 else (TILE_PX, TILE_PX)
    return np.full(shape, tiles.fill, np.uint8)


def is_blank(tile: Tile, tiles: TileMap) -> bool:
    """Whether leaving the tile out would show the same. Colours under alpha 0 are kept if there are any."""
    return not tile.any() if tiles.fill == 0 else bool((tile == tiles.fill).all())


def within(part: Rect, whole: Rect) -> tuple[slice, slice]:
    """Rows and columns of a part in the array of the whole."""
    top, left = part.y - whole.y, part.x - whole.x
    return slice(top, top + part.height), slice(left, left + part.width)
