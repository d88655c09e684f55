"""The composed picture kept as tiles, and as a pyramid of halves for what is far. One thread at a time.

What an edit changed is known by rectangles; it is composed again when a tile is asked for, or by and by.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

import numpy as np

from studio.core.geometry import Rect
from studio.core.layers import GroupLayer, Layers
from studio.core.tiles import TILE_PX, Tile, TileKey
from studio.paint.composing import compose
from studio.paint.pyramid import MAX_LEVEL, children_of, halved
from studio.paint.regions import cell, within
from studio.paint.remembered import RememberedTiles

_FEW = 128
"""Tiles; what changes more is a layer as a whole, and not remembered."""
_TRANSPARENT: Tile = np.zeros((TILE_PX, TILE_PX, 4), np.uint8)
_TRANSPARENT.setflags(write=False)


class ComposedTiles:
    """`show` other layers, then ask for a `tile`, or for some of its rows first.

    Args:
        most: Of each level, how many tiles are kept.
    """

    def __init__(self, layers: Layers, most: int) -> None:
        self._layers = layers
        self._most = most
        self._extents = _extents(layers)
        self._levels = [OrderedDict[TileKey, Tile]() for _ in range(MAX_LEVEL + 1)]
        self._dirty: list[dict[TileKey, Rect]] = [{} for _ in range(MAX_LEVEL + 1)]
        self._remembered = RememberedTiles()
        self._touched: set[TileKey] = set()
        self._settled = True

    def show(self, layers: Layers, changed: Iterable[Rect], *, settled: bool) -> None:
        """Compose these layers from now on.

        Args:
            changed: The rectangles of the canvas where they may look different.
            settled: Whether undo or redo may come back to them.
        """
        rects = list(changed)
        self._remember(rects)
        self._settled = settled
        if settled:
            self._touched.clear()
        self._layers, self._extents = layers, _extents(layers)
        for rect in rects:
            self._soil(rect)

    def tile(self, key: TileKey, level: int = 0) -> Tile:
        """(256, 256, 4) uint8 RGBA, straight alpha: to be looked at now, not kept nor changed."""
        tiles, dirty = self._levels[level], self._dirty[level]
        tile = tiles.get(key)
        if tile is not None and key not in dirty:
            tiles.move_to_end(key)
            return tile
        part = dirty.pop(key, cell(key))
        if self._empty(key, level):
            return self._kept(key, level, _TRANSPARENT)
        known = self._recalled(key) if level == 0 else None
        if known is not None:
            return self._kept(key, level, known)
        if tile is None or tile is _TRANSPARENT:
            part = cell(key)
            self._kept(key, level, np.empty((TILE_PX, TILE_PX, 4), np.uint8))
        self._draw(key, level, part)
        return tiles[key]

    def ready(self, key: TileKey, level: int = 0) -> bool:
        """Whether a tile is here, and as it should be."""
        return key in self._levels[level] and key not in self._dirty[level]

    def pending(self, key: TileKey, level: int = 0) -> bool:
        """Whether something must be composed before a tile can be given."""
        if self.ready(key, level) or self._empty(key, level):
            return False
        return level > 0 or self._recalled(key) is None

    def left(self, key: TileKey, level: int = 0) -> Rect:
        """What of a pending tile is to be composed yet, in pixels of the level."""
        return self._dirty[level].get(key, cell(key))

    def work(self, key: TileKey) -> int:
        """What composing a whole tile of the finest level is: 1 for each layer in it, more in some modes."""
        return self._remembered.effort(self._layers, key)

    def draw_rows(self, key: TileKey, level: int, rows: int) -> None:
        """Compose the topmost of the rows that a pending tile still needs, and what they need for it."""
        dirty = self._dirty[level]
        if key not in self._levels[level]:
            self._kept(key, level, np.empty((TILE_PX, TILE_PX, 4), np.uint8))
        left = dirty.pop(key, cell(key))
        band = Rect(left.x, left.y, left.width, min(rows, left.height))
        self._draw(key, level, band)
        if band != left:
            dirty[key] = Rect.of_edges(left.x, band.bottom, left.right, left.bottom)

    def _kept(self, key: TileKey, level: int, tile: Tile) -> Tile:
        """Keep a tile; those of its level that were asked for longest ago go when there are too many."""
        tiles, dirty = self._levels[level], self._dirty[level]
        tiles[key] = tile
        tiles.move_to_end(key)
        while len(tiles) > self._most:
            gone, _ = tiles.popitem(last=False)
            dirty.pop(gone, None)
        return tile

    def _empty(self, key: TileKey, level: int) -> bool:
        """Whether nothing is painted where a tile is."""
        side = TILE_PX << level
        place = Rect(key[0] * side, key[1] * side, side, side)
        return all(place.intersected(extent).empty for extent in self._extents)

    def _recalled(self, key: TileKey) -> Tile | None:
        """A tile of the finest level as it was composed before."""
        if not self._settled:  # what is in the making was never seen before
            return None
        return self._remembered.get(self._layers, key)

    def _writable(self, key: TileKey, level: int) -> Tile:
        """A cached tile to draw on: another one if this one is remembered."""
        tile = self._levels[level][key]
        if not tile.flags.writeable:
            tile = self._levels[level][key] = tile.copy()
        return tile

    def _remember(self, rects: list[Rect]) -> None:
        """Keep the composed tiles that change for the first time since the last settled picture."""
        keys = {key for rect in rects for key in rect.cells(TILE_PX)} - self._touched
        self._touched |= keys
        if len(keys) > _FEW:
            return
        for key in keys:
            tile = self._levels[0].get(key)
            if tile is not None and key not in self._dirty[0]:
                tile.setflags(write=False)
                self._remembered.put(self._layers, key, tile)

    def _draw(self, key: TileKey, level: int, part: Rect) -> None:
        """Compose a part, in pixels of the level, of a cached tile anew."""
        if level == 0:
            self._compose(key, part)
        else:
            self._halve(key, level, part)

    def _halve(self, key: TileKey, level: int, part: Rect) -> None:
        tile, place, half = self._writable(key, level), cell(key), TILE_PX // 2
        for child in children_of(key):
            origin = cell(child)
            wanted = part.intersected(Rect(origin.x // 2, origin.y // 2, half, half))
            if wanted.empty:
                continue
            finer = self.tile(child, level - 1)
            y, x = 2 * wanted.y - origin.y, 2 * wanted.x - origin.x
            pixels = finer[y : y + 2 * wanted.height, x : x + 2 * wanted.width]
            tile[within(wanted, place)] = halved(pixels)

    def _compose(self, key: TileKey, part: Rect) -> None:
        """Compose a part of a tile of the finest level, and what is dirty beside it in one go with it."""
        tiles, dirty = self._levels[0], self._dirty[0]
        pieces = [(key, part)]
        around = part
        for other, piece in dirty.items():
            whole = around.united(piece)
            beside = other in tiles and tiles[other] is not _TRANSPARENT
            if beside and max(whole.width, whole.height) <= TILE_PX:
                pieces.append((other, piece))
                around = whole
        if sum(piece.area for _, piece in pieces) < around.area // 2:
            pieces, around = pieces[:1], part
        pixels = compose(self._layers, around)
        for where, piece in pieces:
            dirty.pop(where, None)
            self._writable(where, 0)[within(piece, cell(where))] = pixels[within(piece, around)]

    def _soil(self, rect: Rect) -> None:
        """What is composed in a rectangle of the canvas holds no more, on any level."""
        for level, tiles in enumerate(self._levels):
            if not tiles:
                continue
            side = 1 << level
            scaled = Rect.of_edges(
                rect.x // side, rect.y // side, -(-rect.right // side), -(-rect.bottom // side)
            )
            for key in scaled.cells(TILE_PX):
                if key in tiles:
                    part = scaled.intersected(cell(key))
                    dirty = self._dirty[level]
                    dirty[key] = dirty.get(key, Rect()).united(part)


def _extents(layers: Layers) -> list[Rect]:
    """The rectangles outside of which everything is transparent."""
    found: list[Rect] = []
    for layer in layers:
        if layer.visible and isinstance(layer, GroupLayer):
            found += _extents(layer.layers)
        elif layer.visible and not layer.bounds.empty:
            found.append(layer.bounds)
    return found
