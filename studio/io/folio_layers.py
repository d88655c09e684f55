"""Layers into a folio's file: the same tree told twice, for Folio and for other programs.

What OpenRaster can say, layers and groups with an opacity and a mode, both tell with the same pictures.
What it can't, masks and clipping, is composed into one picture for others and kept in full for Folio.
I/O thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from studio.core.geometry import Rect, around
from studio.core.layers import BlendMode, GroupLayer, Layer, Layers, PaintLayer
from studio.core.tiles import TileMap
from studio.io.encoded_tiles import EncodedTiles
from studio.io.folio_schema import PieceData
from studio.io.images import MAX_PIXELS
from studio.io.openraster import StackItem
from studio.io.png_writer import BAND_PX, encode_bands
from studio.paint.composing import compose
from studio.paint.regions import cell

_PIECE_PX = 8192
"""Layers with more pixels than are read from one picture are kept as squares of this side."""

PutPicture = Callable[[str, bytes], None]


@dataclass
class LayerWriter:
    """`written(tiles, folder)` and `items(layers)`: every picture they name was given to `put` before."""

    put: PutPicture
    encoded: EncodedTiles
    corner: Rect
    """The canvas: others count from its top left corner."""

    def __post_init__(self) -> None:
        self._number = 0
        self._pieces: dict[int, tuple[TileMap, tuple[PieceData, ...]]] = {}

    def items(self, layers: Layers) -> tuple[StackItem, ...]:
        """The layers as others read them, topmost first."""
        made = [self._item(base, clipped) for base, clipped in clip_groups(layers)]
        return tuple(reversed(made))

    def _item(self, base: Layer, clipped: Layers) -> StackItem:
        facts = StackItem(
            name=base.name,
            opacity=base.opacity,
            visible=base.visible,
            blend_mode=base.blend_mode,
        )
        masked = base.mask is not None and base.mask.enabled
        if clipped or masked:
            return self._composed(facts, base, clipped)
        if isinstance(base, GroupLayer):
            return replace(facts, is_stack=True, items=self.items(base.layers))
        assert isinstance(base, PaintLayer)
        pieces = self.written(base.pixels, "data")
        dx, dy = base.x - self.corner.x, base.y - self.corner.y
        if len(pieces) == 1:
            (piece,) = pieces
            return replace(facts, src=piece.src, x=piece.x + dx, y=piece.y + dy)
        plain = [StackItem(base.name, p.src, p.x + dx, p.y + dy) for p in pieces]
        return replace(facts, is_stack=True, items=tuple(plain))

    def _composed(self, facts: StackItem, base: Layer, clipped: Layers) -> StackItem:
        alone = replace(base, opacity=1.0, visible=True, blend_mode=BlendMode.NORMAL)
        items: list[StackItem] = []
        for rect in squares(base.bounds):

            def make(rect: Rect = rect) -> bytes:
                return encode_bands(rect.width, rect.height, 4, bands((alone, *clipped), rect))

            src = self._named("data", self.encoded.made((base, *clipped), rect, make))
            x, y = rect.x - self.corner.x, rect.y - self.corner.y
            items.append(StackItem(base.name, src, x, y))
        if len(items) == 1:
            return replace(facts, src=items[0].src, x=items[0].x, y=items[0].y)
        return replace(facts, is_stack=True, items=tuple(items))

    def written(self, tiles: TileMap, folder: str) -> tuple[PieceData, ...]:
        """The pictures of a tile map; written once, however often it occurs."""
        known = self._pieces.get(id(tiles))
        if known is None:
            pieces = tuple(
                PieceData(src=self._named(folder, self.encoded.png(tiles, r)), x=r.x, y=r.y)
                for r in content_rects(tiles)
            )
            known = self._pieces[id(tiles)] = (tiles, pieces)
        return known[1]

    def _named(self, folder: str, data: bytes) -> str:
        name = f"{folder}/{self._number:03}.png"
        self._number += 1
        self.put(name, data)
        return name


def clip_groups(layers: Layers) -> Iterator[tuple[Layer, Layers]]:
    """Each layer that isn't clipped with those clipped to it, as the compositor sees them."""
    base: Layer | None = None
    clipped: list[Layer] = []
    for layer in layers:
        if layer.clipped and base is not None:
            clipped.append(layer)
            continue
        if base is not None:
            yield base, tuple(clipped)
        base, clipped = layer, []
    if base is not None:
        yield base, tuple(clipped)


def bands(layers: Layers, rect: Rect) -> Iterator[npt.NDArray[np.uint8]]:
    """What is seen in a rectangle, in rows for a PNG: each composed only when it is asked for."""
    for y in range(rect.y, rect.bottom, BAND_PX):
        yield compose(layers, Rect(rect.x, y, rect.width, min(BAND_PX, rect.bottom - y)))


def content_rects(tiles: TileMap) -> list[Rect]:
    """Rectangles of the map that together hold all that isn't `fill`: colours under alpha 0 too."""
    box = around(content_box(tiles, key) for key in tiles.tiles)
    return [
        found
        for square in squares(box)
        if not (found := around(
            content_box(tiles, key).intersected(square)
            for key in square.cells(cell((0, 0)).width) if key in tiles.tiles
        )).empty
    ]  # fmt: skip


def content_box(tiles: TileMap, key: tuple[int, int]) -> Rect:
    """Where one tile differs from `fill`, in the map's pixels."""
    tile = tiles.tiles[key]
    filled = np.any(tile, axis=2) if tiles.channels == 4 else tile != tiles.fill
    rows, columns = np.flatnonzero(filled.any(1)), np.flatnonzero(filled.any(0))
    if not rows.size:
        return Rect()
    box = Rect.of_edges(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return box.translated(cell(key).x, cell(key).y)


def squares(rect: Rect) -> list[Rect]:
    """The rectangle itself, or in squares where it is too large for one picture."""
    if rect.empty:
        return []
    if rect.area <= MAX_PIXELS:
        return [rect]
    side = _PIECE_PX
    parts = (Rect(c * side, r * side, side, side) for c, r in rect.cells(side))
    return [part.intersected(rect) for part in parts]
