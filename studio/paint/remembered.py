"""Composed tiles that were seen before: undo and redo show them again instead of composing. One thread.

A composed tile is known by all that went into it: the layers' tiles, themselves and not their values, with
places and looks. Those tiles are held weakly, so nothing is kept alive for it.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Hashable, Iterator

from studio.core.geometry import Rect
from studio.core.layers import GroupLayer, Layer, Layers, PaintLayer
from studio.core.tiles import TILE_PX, Tile, TileKey, TileMap
from studio.paint.regions import cell

Signature = tuple[Hashable, ...]


class RememberedTiles:
    """The composed tiles used last, at most `limit` of them."""

    def __init__(self, limit: int = 128) -> None:
        self._limit = limit
        self._tiles: OrderedDict[
            tuple[TileKey, Signature], tuple[Tile, list[weakref.ref[Tile]]]
        ] = OrderedDict()

    def put(self, layers: Layers, key: TileKey, composed: Tile) -> None:
        """Remember a tile that was composed of these layers. Kept, not copied: never write to it again."""
        sources: list[Tile] = []
        signature = tuple(_parts(layers, cell(key), sources))
        self._tiles[key, signature] = composed, [weakref.ref(tile) for tile in sources]
        self._tiles.move_to_end((key, signature))
        while len(self._tiles) > self._limit:
            self._tiles.popitem(last=False)

    def get(self, layers: Layers, key: TileKey) -> Tile | None:
        """The tile as it would be composed of these layers, if it was before."""
        if not self._tiles:
            return None
        whole = (key, tuple(_parts(layers, cell(key), [])))
        found = self._tiles.get(whole)
        if found is None:
            return None
        composed, sources = found
        if any(source() is None for source in sources):  # a new tile may have an old one's id
            del self._tiles[whole]
            return None
        self._tiles.move_to_end(whole)
        return composed

    def clear(self) -> None:
        self._tiles.clear()


def _parts(layers: Layers, place: Rect, sources: list[Tile]) -> Iterator[Hashable]:
    for layer in layers:
        if not layer.visible or layer.opacity <= 0:
            if not layer.clipped:
                yield "hidden"  # what is clipped to it doesn't show either
            continue
        yield layer.blend_mode, layer.opacity, layer.clipped
        yield from _mask_parts(layer, place, sources)
        if isinstance(layer, GroupLayer):
            yield "("
            yield from _parts(layer.layers, place, sources)
            yield ")"
        elif isinstance(layer, PaintLayer):
            yield from _tile_parts(layer.pixels, layer.x, layer.y, place, sources)


def _mask_parts(layer: Layer, place: Rect, sources: list[Tile]) -> Iterator[Hashable]:
    mask = layer.mask
    if mask is not None and mask.enabled:
        yield "mask", mask.pixels.fill
        yield from _tile_parts(mask.pixels, mask.x, mask.y, place, sources)


def _tile_parts(
    tiles: TileMap, x: int, y: int, place: Rect, sources: list[Tile]
) -> Iterator[Hashable]:
    for key in place.translated(-x, -y).cells(TILE_PX):
        tile = tiles.tiles.get(key)
        if tile is not None:
            sources.append(tile)
            yield id(tile), key, x, y
