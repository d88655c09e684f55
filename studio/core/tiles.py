"""Pixels as sparse maps of immutable tiles that share what did not change. Pure; any thread.

Straight alpha, not premultiplied: files and generators give and take straight alpha, so nothing is
rounded on the way in or out, and colours survive under low alpha. What premultiplying costs is paid by
the compositor, which accumulates in 16 bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.geometry import Rect, around

TILE_PX = 256

Tile: TypeAlias = npt.NDArray[np.uint8]
"""(256, 256, 4) uint8 RGBA, straight alpha, sRGB, or of a mask (256, 256) uint8. Read-only, C order."""
TileKey: TypeAlias = tuple[int, int]
"""Column and row: tile (c, r) begins at pixel (256 c, 256 r). May be negative."""


class TileMap:
    """Tiles by column and row; what has no tile is `fill` everywhere.

    Args:
        tiles: Kept, not copied; frozen here.
        channels: 4 (RGBA, `fill` 0: transparent) or 1 (a mask).
        fill: What a mask is where it has no tile: 0 hides, 255 shows.

    Raises:
        ValueError: a tile has another shape, type or order.
    """

    __slots__ = (
        "__weakref__", "_bounds", "_boxes", "_opaque", "_replaced", "channels", "fill", "tiles",
    )  # fmt: skip

    def __init__(
        self,
        tiles: Mapping[TileKey, Tile] | None = None,
        *,
        channels: int = 4,
        fill: int = 0,
    ) -> None:
        if channels not in (1, 4) or not 0 <= fill <= 255 or (channels == 4 and fill):
            raise ValueError(f"no such pixels: {channels} channels filled with {fill}")
        shape = (TILE_PX, TILE_PX, 4) if channels == 4 else (TILE_PX, TILE_PX)
        for tile in (tiles or {}).values():
            if tile.shape != shape or tile.dtype != np.uint8 or not tile.flags.c_contiguous:
                raise ValueError(f"a tile must be {shape} uint8 in C order, not {tile.shape}")
            tile.setflags(write=False)
        self.tiles: Mapping[TileKey, Tile] = MappingProxyType(dict(tiles or {}))
        self.channels = channels
        self.fill = fill
        self._boxes: dict[TileKey, Rect] = {}
        self._opaque: dict[TileKey, bool] = {}
        self._bounds: Rect | None = None
        self._replaced: tuple[Rect, dict[TileKey, Rect]] | None = None
        """Of the map this was made from: its bounds, and the boxes of the tiles that are others here."""

    def with_tiles(self, changed: Mapping[TileKey, Tile | None]) -> TileMap:
        """Some tiles exchanged, None takes one away; all others are shared."""
        if not changed:
            return self
        tiles = dict(self.tiles)
        for key, tile in changed.items():
            if tile is None:
                tiles.pop(key, None)
            else:
                tiles[key] = tile
        after = TileMap.__new__(TileMap)
        TileMap.__init__(
            after, {k: t for k, t in changed.items() if t is not None},
            channels=self.channels, fill=self.fill,
        )  # fmt: skip
        after.tiles = MappingProxyType(tiles)
        after._boxes = {key: box for key, box in self._boxes.items() if key not in changed}
        after._opaque = {key: full for key, full in self._opaque.items() if key not in changed}
        if self._bounds is not None:
            boxes = {key: self.box(key) if key in self.tiles else Rect() for key in changed}
            after._replaced = self._bounds, boxes
        return after

    @property
    def bounds(self) -> Rect:
        """The smallest rectangle around all that differs from `fill`: for RGBA, alpha above 0."""
        if self._bounds is None:
            self._bounds = self._grown_bounds()
            if self._bounds is None:
                self._bounds = around(self.box(key) for key in self.tiles)
            self._replaced = None
        return self._bounds

    def _grown_bounds(self) -> Rect | None:
        """The bounds, if in no tile there is less than in the map before; None: all have to be asked.

        A stroke asks for the bounds at every move of the hand.
        """
        if self._replaced is None:
            return None
        bounds, boxes = self._replaced
        for key, before in boxes.items():
            now = self.box(key) if key in self.tiles else Rect()
            if now.united(before) != now:
                return None
            bounds = bounds.united(now)
        return bounds

    def box(self, key: TileKey) -> Rect:
        """The smallest rectangle around what differs from `fill` in one tile that is there."""
        box = self._boxes.get(key)
        if box is None:
            tile = self.tiles[key]
            filled = tile[..., 3] != 0 if self.channels == 4 else tile != self.fill
            rows, columns = np.flatnonzero(filled.any(1)), np.flatnonzero(filled.any(0))
            box = Rect()
            if rows.size:
                box = Rect.of_edges(
                    int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
                ).translated(key[0] * TILE_PX, key[1] * TILE_PX)
            self._boxes[key] = box
        return box

    @property
    def size_bytes(self) -> int:
        return sum(tile.nbytes for tile in self.tiles.values())

    def opaque(self, key: TileKey) -> bool:
        """Whether a tile is there, and all of it at full alpha."""
        full = self._opaque.get(key)
        if full is None:
            tile = self.tiles.get(key)
            full = tile is not None and self.channels == 4 and bool((tile[..., 3] == 255).all())
            self._opaque[key] = full
        return full

    def differing(self, other: TileMap) -> Iterator[TileKey]:
        """Where the two don't share a tile."""
        if self.tiles is other.tiles:
            return
        for key, tile in self.tiles.items():
            if other.tiles.get(key) is not tile:
                yield key
        yield from (key for key in other.tiles if key not in self.tiles)

    def __eq__(self, other: object) -> bool:
        """The same tiles with the same values; shared ones are not looked at."""
        if not isinstance(other, TileMap):
            return NotImplemented
        if (self.channels, self.fill) != (other.channels, other.fill):
            return False
        if self.tiles.keys() != other.tiles.keys():
            return False
        return all(
            mine is theirs or np.array_equal(mine, theirs)
            for mine, theirs in ((tile, other.tiles[key]) for key, tile in self.tiles.items())
        )

    def __hash__(self) -> int:
        return hash((self.channels, self.fill, frozenset(self.tiles)))

    def __repr__(self) -> str:
        return f"TileMap({len(self.tiles)} tiles, channels={self.channels}, fill={self.fill})"


EMPTY = TileMap()
"""Nothing painted."""
