"""The one compositor for the screen, exports, thumbnails and inputs: a document's picture at any scale.

Keeps what it composed as tiles, and what is seen from afar as a pyramid of halves. `show` finds out
what an edit changed; only that is composed again, and only when it is read. One thread at a time.
"""

from __future__ import annotations

import time

import numpy as np
from PIL import Image

from studio.api.outputs import Pixels
from studio.core.document import Document
from studio.core.geometry import Rect
from studio.core.layers import GroupLayer, Layers
from studio.core.tiles import TILE_PX, Tile, TileKey
from studio.paint.composing import compose
from studio.paint.difference import changed_rects
from studio.paint.regions import cell, within
from studio.paint.remembered import RememberedTiles

MAX_LEVEL = 8
"""One pixel for 256 × 256."""
_FEW = 128
"""Tiles; what changes more is a layer as a whole, and not remembered."""
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

    def prepare(self, seconds: float) -> bool:
        """Compose what isn't yet, for about this long, in idle moments; then panning waits for nothing.

        Returns:
            Whether something is left to do.
        """
        until = time.monotonic() + seconds
        frame = self._document.frame
        for level in range(MAX_LEVEL + 1):
            side = TILE_PX << level
            for key in frame.cells(side):
                if key not in self._levels[level] or key in self._dirty[level]:
                    if time.monotonic() >= until:
                        return True
                    self._tile(key, level)
        return False

    def forget(self) -> None:
        """Give the memory back; everything is composed again when it is read."""
        for tiles, dirty in zip(self._levels, self._dirty, strict=True):
            tiles.clear()
            dirty.clear()
        self._remembered.clear()

    def _tile(self, key: TileKey, level: int) -> Tile:
        tile = self._levels[level].get(key)
        if level == 0 and (tile is None or key in self._dirty[0]):
            known = None
            if self._settled:  # what is in the making was never seen before
                known = self._remembered.get(self._document.layers, key)
            if known is not None:
                self._dirty[0].pop(key, None)
                tile = self._levels[0][key] = known
        part = cell(key) if tile is None else self._dirty[level].pop(key, None)
        if part is None and tile is not None:
            return tile
        assert part is not None
        column, row, side = *key, TILE_PX << level
        place = Rect(column * side, row * side, side, side)
        if all(place.intersected(extent).empty for extent in self._extents):
            self._levels[level][key] = _TRANSPARENT
            return _TRANSPARENT
        if tile is None or tile is _TRANSPARENT:
            part = cell(key)
            tile = np.empty((TILE_PX, TILE_PX, 4), np.uint8)
            self._levels[level][key] = tile
        self._draw(self._writable(key, level), key, level, part)
        return self._levels[level][key]

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
        for dx in (0, 1):
            for dy in (0, 1):
                quarter = Rect(place.x + dx * half, place.y + dy * half, half, half)
                wanted = part.intersected(quarter)
                if wanted.empty:
                    continue
                child = (2 * key[0] + dx, 2 * key[1] + dy)
                finer, origin = self._tile(child, level - 1), cell(child)
                y, x = 2 * wanted.y - origin.y, 2 * wanted.x - origin.x
                pixels = finer[y : y + 2 * wanted.height, x : x + 2 * wanted.width]
                top, left = wanted.y - place.y, wanted.x - place.x
                tile[top : top + wanted.height, left : left + wanted.width] = halved(pixels)

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


def halved(pixels: Pixels) -> Pixels:
    """Half as wide and high: the mean of each 2 × 2 pixels, weighted by their alpha. Even sizes only."""
    if (pixels[..., 3] == 255).all():
        return np.asarray(Image.fromarray(pixels).reduce(2))
    quarters = [pixels[y::2, x::2] for y in (0, 1) for x in (0, 1)]
    weights = [quarter[..., 3].astype(np.float32) for quarter in quarters]
    total = weights[0] + weights[1] + weights[2] + weights[3]
    result = np.empty(quarters[0].shape, np.uint8)
    result[..., 3] = total * np.float32(0.25) + np.float32(0.5)
    share = np.float32(1) / np.maximum(total, np.float32(1))
    for channel in range(3):
        mean = quarters[0][..., channel] * weights[0]
        for quarter, weight in zip(quarters[1:], weights[1:], strict=True):
            mean += quarter[..., channel] * weight
        result[..., channel] = mean * share + np.float32(0.5)
    return result
