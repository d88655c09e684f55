"""The one compositor for the screen, exports, thumbnails and inputs: a document's picture at any scale.

`show` finds out what an edit changed; only that is composed again, and only when it is read. Composing can
be cut into pieces of a few milliseconds. One thread at a time.
"""

from __future__ import annotations

import time

import numpy as np

from studio.api.outputs import Pixels
from studio.core.document import Document
from studio.core.geometry import Rect
from studio.core.tiles import TILE_PX, Tile, TileKey
from studio.paint.composed_tiles import ComposedTiles
from studio.paint.difference import changed_rects
from studio.paint.pyramid import MAX_LEVEL, children_of
from studio.paint.regions import cell, within

_HALVING = 3
"""The effort for one tile of a pyramid's level."""
_PIECE, _LEAST_ROWS = 4, 16
"""The effort of one piece of a tile, where that isn't less than so many rows: some two milliseconds."""
MOST_TILES = 2048
"""Of a level, of 256 KB each: all of a canvas of 11,000 × 11,000 pixels."""
_TILE_AREA = TILE_PX * TILE_PX


class Compositor:
    """`show(document)`, then `read(rect, level)`. At level n a pixel stands for 2ⁿ × 2ⁿ of the canvas."""

    def __init__(self, document: Document | None = None, *, most_tiles: int = MOST_TILES) -> None:
        self._document = document or Document()
        self._most_tiles = most_tiles
        self._tiles = ComposedTiles(self._document.layers, most_tiles)

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
        self._tiles.show(document.layers, rects, settled=settled)
        self._document = document
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
            picture[within(part, rect)] = self.tile(key, level)[within(part, place)]
        return picture

    def tile(self, key: TileKey, level: int = 0) -> Tile:
        """One tile of the composed picture, as `read` gives it: to be looked at now, not kept nor changed."""
        return self._tiles.tile(key, level)

    def ready(self, key: TileKey, level: int = 0) -> bool:
        """Whether a tile is composed, and holds."""
        return self._tiles.ready(key, level)

    def pending(self, key: TileKey, level: int = 0) -> bool:
        """Whether a tile can't be given at once."""
        return self._tiles.pending(key, level)

    def effort(self, key: TileKey, level: int = 0, limit: int = 1 << 30) -> int:
        """How much is to be done before a tile can be given: 0 nothing, 1 about one layer on one tile.

        Args:
            limit: Above it nothing more is counted.
        """
        if not self.pending(key, level):
            return 0
        if level == 0:
            return max(1, self._tiles.work(key) * self._tiles.left(key).area // _TILE_AREA)
        done = _HALVING
        for child in children_of(key):
            if done > limit:
                break
            done += self.effort(child, level - 1, limit - done)
        return done

    def advance(self, key: TileKey, level: int = 0) -> None:
        """Do a few milliseconds' worth of what a tile still needs."""
        if not self.pending(key, level):
            return
        for child in children_of(key) if level else ():
            if self.pending(child, level - 1):
                self.advance(child, level - 1)
                return
        work = 2 * _HALVING if level else self._tiles.work(key)
        self._tiles.draw_rows(key, level, max(_LEAST_ROWS, TILE_PX * _PIECE // max(1, work)))

    def finish(self, key: TileKey, level: int, until: float) -> bool:
        """Advance a tile until it can be given at once; False: at `until` (`time.monotonic`) it couldn't."""
        while self.pending(key, level):
            if time.monotonic() >= until:
                return False
            self.advance(key, level)
        return True

    def prepare(self, seconds: float) -> bool:
        """Compose what isn't yet, for about this long, in idle moments; then panning waits for nothing.

        Of a canvas too large for all its tiles to be kept only the levels that can be are prepared.

        Returns:
            Whether something is left to do.
        """
        until = time.monotonic() + seconds
        frame = self._document.frame
        return not all(
            self.finish(key, level, until)
            for level in range(MAX_LEVEL + 1)
            if frame.cell_count(TILE_PX << level) <= self._most_tiles
            for key in frame.cells(TILE_PX << level)
        )

    def prepare_region(self, region: Rect, level: int, seconds: float) -> bool:
        """As `prepare`, only a region of a level, in that level's pixels."""
        until = time.monotonic() + seconds
        return not all(self.finish(key, level, until) for key in region.cells(TILE_PX))
