"""The one compositor for the screen, exports, thumbnails and inputs: a document's picture at any scale.

Keeps what it composed as tiles, and what is seen from afar as a pyramid of halves. `show` finds out
what an edit changed; only that is composed again, and only when it is read. One thread at a time.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np

from studio.api.outputs import Pixels
from studio.core.document import Document
from studio.core.geometry import Rect
from studio.core.layers import GroupLayer, Layers
from studio.core.tiles import TILE_PX, Tile, TileKey
from studio.paint.composing import compose
from studio.paint.difference import changed_rects
from studio.paint.pyramid import children_of, halved
from studio.paint.regions import cell, within
from studio.paint.remembered import RememberedTiles

MAX_LEVEL = 8
"""One pixel for 256 × 256."""
_FEW = 128
"""Tiles; what changes more is a layer as a whole, and not remembered."""
_HALVING = 3
"""The effort for one tile of a pyramid's level."""
_PIECE, _LEAST_ROWS = 4, 16
"""The effort of one piece of a tile, where that isn't less than so many rows: some two milliseconds."""
_TILE_AREA = TILE_PX * TILE_PX
_TRANSPARENT: Tile = np.zeros((TILE_PX, TILE_PX, 4), np.uint8)
_TRANSPARENT.setflags(write=False)


class Compositor:
    """`show(document)`, then `read(rect, level)`. At level n a pixel stands for 2ⁿ × 2ⁿ of the canvas."""

    def __init__(self, document: Document | None = None) -> None:
        self._document = document or Document()
        self._extents = _extents(self._document.layers)
        self._levels: list[dict[TileKey, Tile]] = [{} for _ in range(MAX_LEVEL + 1)]
        self._remembered = RememberedTiles()
        self._touched: set[TileKey] = set()
        self._settled = True
        self._dirty: list[dict[TileKey, Rect]] = [{} for _ in range(MAX_LEVEL + 1)]

    @property
    def document(self) -> Document:
        return self._document

    def show(self, document: Document, *, settled: bool = True) -> list[Rect]:
        """Compose this document from now on.

        Args:
            settled: Whether undo or redo may come back to it; not so while something is in the making.

        Returns:
            The canvas rectangles that may look different.
        """
        rects = changed_rects(self._document, document)
        self._remember(rects)
        self._settled = settled
        if settled:
            self._touched.clear()
        self._document = document
        self._extents = _extents(document.layers)
        for rect in rects:
            self._soil(rect)
        return rects

    def read(self, rect: Rect, level: int = 0) -> Pixels:
        """The composed picture in a rectangle of the level's pixels.

        Returns:
            (H, W, 4) uint8 RGBA, straight alpha. At level 0 exact, above it the mean of what lies beneath.

        Raises:
            ValueError: the rectangle is empty.
        """
        if rect.empty:
            raise ValueError("an empty rectangle has no pixels")
        picture = np.empty((rect.height, rect.width, 4), np.uint8)
        for key in rect.cells(TILE_PX):
            place = cell(key)
            part = rect.intersected(place)
            top, left = part.y - rect.y, part.x - rect.x
            y, x = part.y - place.y, part.x - place.x
            tile = self.tile(key, level)
            picture[top : top + part.height, left : left + part.width] = tile[
                y : y + part.height, x : x + part.width
            ]
        return picture

    def tile(self, key: TileKey, level: int = 0) -> Tile:
        """One tile of the composed picture, as `read` gives it: to be looked at now, not kept nor changed."""
        return self._tile(key, level)

    def ready(self, key: TileKey, level: int = 0) -> bool:
        """Whether a tile can be given at once."""
        return key in self._levels[level] and key not in self._dirty[level]

    def effort(self, key: TileKey, level: int = 0, limit: int = 1 << 30) -> int:
        """How much is to be done before a tile can be given: 0 nothing, 1 about one layer on one tile.

        Args:
            limit: Above it nothing more is counted.
        """
        if self.ready(key, level) or self._empty(key, level):
            return 0
        if level == 0:
            if self._recalled(key) is not None:
                return 0
            if limit <= 0:
                return 1
            area = _area(self._dirty[0].get(key, cell(key)))
            return max(1, self._remembered.effort(self._document.layers, key) * area // _TILE_AREA)
        done = _HALVING
        for child in children_of(key):
            if done > limit:
                break
            done += self.effort(child, level - 1, limit - done)
        return done

    def advance(self, key: TileKey, level: int = 0) -> None:
        """Do a few milliseconds' worth of what a tile still needs."""
        for child in children_of(key) if level else ():
            if self.effort(child, level - 1, 0):
                self.advance(child, level - 1)
                return
        tiles, dirty = self._levels[level], self._dirty[level]
        if self._empty(key, level) or (level == 0 and self._recalled(key) is not None):
            self._tile(key, level)
            return
        if key not in tiles:
            tiles[key], dirty[key] = np.empty((TILE_PX, TILE_PX, 4), np.uint8), cell(key)
        left = dirty.pop(key, Rect())
        if left.empty:
            return
        each = 2 * _HALVING
        if level == 0:
            each = self._remembered.effort(self._document.layers, key)
        rows = max(_LEAST_ROWS, TILE_PX * _PIECE // max(1, each))
        band = Rect(left.x, left.y, left.width, min(rows, left.height))
        self._draw(self._writable(key, level), key, level, band)
        if band != left:
            dirty[key] = Rect.of_edges(left.x, band.bottom, left.right, left.bottom)

    def prepare(self, seconds: float) -> bool:
        """Compose what isn't yet, for about this long, in idle moments; then panning waits for nothing.

        Returns:
            Whether something is left to do.
        """
        until = time.monotonic() + seconds
        frame = self._document.frame
        return any(
            self._advance_until(until, frame.cells(TILE_PX << level), level)
            for level in range(MAX_LEVEL + 1)
        )

    def prepare_region(self, region: Rect, level: int, seconds: float) -> bool:
        """As `prepare`, only a region of a level, in that level's pixels."""
        return self._advance_until(time.monotonic() + seconds, region.cells(TILE_PX), level)

    def _advance_until(self, until: float, keys: Iterable[TileKey], level: int) -> bool:
        for key in keys:
            while self.effort(key, level, 0):
                if time.monotonic() >= until:
                    return True
                self.advance(key, level)
        return False

    def forget(self) -> None:
        """Give the memory back; everything is composed again when it is read."""
        for tiles, dirty in zip(self._levels, self._dirty, strict=True):
            tiles.clear()
            dirty.clear()
        self._remembered.clear()

    def _tile(self, key: TileKey, level: int) -> Tile:
        tiles, dirty = self._levels[level], self._dirty[level]
        tile = tiles.get(key)
        if tile is not None and key not in dirty:
            return tile
        part = dirty.pop(key, cell(key))
        if self._empty(key, level):
            tiles[key] = _TRANSPARENT
            return _TRANSPARENT
        known = self._recalled(key) if level == 0 else None
        if known is not None:
            tiles[key] = known
            return known
        if tile is None or tile is _TRANSPARENT:
            part = cell(key)
            tiles[key] = np.empty((TILE_PX, TILE_PX, 4), np.uint8)
        self._draw(self._writable(key, level), key, level, part)
        return tiles[key]

    def _empty(self, key: TileKey, level: int) -> bool:
        """Whether nothing is painted where a tile is."""
        side = TILE_PX << level
        place = Rect(key[0] * side, key[1] * side, side, side)
        return all(place.intersected(extent).empty for extent in self._extents)

    def _recalled(self, key: TileKey) -> Tile | None:
        """A tile of the finest level as it was composed before."""
        if not self._settled:  # what is in the making was never seen before
            return None
        return self._remembered.get(self._document.layers, key)

    def _writable(self, key: TileKey, level: int) -> Tile:
        """A cached tile to draw on: another one if this one is remembered."""
        tile = self._levels[level][key]
        if not tile.flags.writeable:
            tile = self._levels[level][key] = tile.copy()
        return tile

    def _remember(self, rects: list[Rect]) -> None:
        """Keep the composed tiles that change for the first time since the last settled document."""
        keys = {key for rect in rects for key in rect.cells(TILE_PX)} - self._touched
        self._touched |= keys
        if len(keys) > _FEW:
            return
        for key in keys:
            tile = self._levels[0].get(key)
            if tile is not None and key not in self._dirty[0]:
                tile.setflags(write=False)
                self._remembered.put(self._document.layers, key, tile)

    def _draw(self, tile: Tile, key: TileKey, level: int, part: Rect) -> None:
        """Compose a part, in pixels of the level, of a cached tile anew."""
        place = cell(key)
        if level == 0:
            self._compose(key, part)
            return
        half = TILE_PX // 2
        for child in children_of(key):
            origin = cell(child)
            wanted = part.intersected(Rect(origin.x // 2, origin.y // 2, half, half))
            if wanted.empty:
                continue
            finer = self._tile(child, level - 1)
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
        if sum(_area(piece) for _, piece in pieces) < _area(around) // 2:
            pieces, around = pieces[:1], part
        pixels = compose(self._document.layers, around)
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


def _area(rect: Rect) -> int:
    return rect.width * rect.height
