"""Composed tiles that were seen before: undo and redo show them again instead of composing. One thread.

A composed tile is known by all that went into it: the layers' tiles, themselves and not their values, with
places and looks. Those tiles are held weakly: of documents only the one asked for last is kept alive.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Hashable, Iterator

from studio.core.layers import GroupLayer, Layers, PaintLayer
from studio.core.tiles import TILE_PX, Tile, TileKey, TileMap
from studio.paint.blending import PAINTER_MODES
from studio.paint.regions import cell

_Placed = tuple[TileMap, int, int, int]
"""Tiles, where their pixel (0, 0) is on the canvas, and how much work one of them is."""
_BY_NUMPY = 6
"""How many times as long a mode takes that QPainter doesn't do."""


class _Looks:
    """All but the pixels of a layer tree, with its hash: it is asked for at every tile."""

    def __init__(self, parts: tuple[Hashable, ...]) -> None:
        self.parts = parts
        self._hash = hash(parts)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Looks) and self.parts == other.parts


_Known = tuple[TileKey, _Looks, tuple[int, ...]]


class RememberedTiles:
    """The composed tiles used last, at most `limit` of them."""

    def __init__(self, limit: int = 128) -> None:
        self._limit = limit
        self._tiles: OrderedDict[_Known, tuple[Tile, list[weakref.ref[Tile]]]] = OrderedDict()
        self._layers: Layers = ()
        self._looks = _Looks(())
        self._maps: list[_Placed] = []
        self._efforts: dict[TileKey, int] = {}

    def put(self, layers: Layers, key: TileKey, composed: Tile) -> None:
        """Remember a tile that was composed of these layers. Kept, not copied: never write to it again."""
        sources = self._sources(layers, key)
        known = self._known(key, sources)
        self._tiles[known] = composed, [weakref.ref(tile) for tile in sources if tile is not None]
        self._tiles.move_to_end(known)
        while len(self._tiles) > self._limit:
            self._tiles.popitem(last=False)

    def get(self, layers: Layers, key: TileKey) -> Tile | None:
        """The tile as it would be composed of these layers, if it was before."""
        if not self._tiles:
            return None
        known = self._known(key, self._sources(layers, key))
        found = self._tiles.get(known)
        if found is None:
            return None
        composed, sources = found
        if any(source() is None for source in sources):  # a new tile may have an old one's id
            del self._tiles[known]
            return None
        self._tiles.move_to_end(known)
        return composed

    def effort(self, layers: Layers, key: TileKey) -> int:
        """How much work a composed tile is: 1 for each layer that goes into it, more in some modes."""
        self._look_at(layers)
        effort = self._efforts.get(key)
        if effort is None:
            place = cell(key)
            effort = self._efforts[key] = sum(
                weight
                for tiles, x, y, weight in self._maps
                if any(part in tiles.tiles for part in place.translated(-x, -y).cells(TILE_PX))
            )
        return effort

    def _known(self, key: TileKey, sources: list[Tile | None]) -> _Known:
        return key, self._looks, tuple(map(id, sources))

    def _look_at(self, layers: Layers) -> None:
        if layers is not self._layers:
            self._layers, self._maps, self._efforts = layers, [], {}
            parts = tuple(_flattened(layers, self._maps))
            if parts != self._looks.parts:
                self._looks = _Looks(parts)

    def _sources(self, layers: Layers, key: TileKey) -> list[Tile | None]:
        """What goes into a tile, in order; None where a layer has nothing."""
        self._look_at(layers)
        left, top = key[0] * TILE_PX, key[1] * TILE_PX
        found: list[Tile | None] = []
        for tiles, x, y, _ in self._maps:
            column, shift_x = divmod(left - x, TILE_PX)
            row, shift_y = divmod(top - y, TILE_PX)
            found.append(tiles.tiles.get((column, row)))
            if shift_x:
                found.append(tiles.tiles.get((column + 1, row)))
            if shift_y:
                found.append(tiles.tiles.get((column, row + 1)))
            if shift_x and shift_y:
                found.append(tiles.tiles.get((column + 1, row + 1)))
        return found


def _flattened(layers: Layers, maps: list[_Placed]) -> Iterator[Hashable]:
    """What is seen of a layer tree but its pixels; those are added to `maps`, in the same order."""
    for index, layer in enumerate(layers):
        if not layer.visible or layer.opacity <= 0:
            if index == 0 or not layer.clipped:
                yield "hidden"  # what is clipped to it doesn't show either
            continue
        yield layer.blend_mode, layer.opacity, layer.clipped
        mask = layer.mask
        if mask is not None and mask.enabled:
            yield "mask", mask.pixels.fill, mask.x, mask.y
            maps.append((mask.pixels, mask.x, mask.y, 1))
        if isinstance(layer, GroupLayer):
            yield "("
            yield from _flattened(layer.layers, maps)
            yield ")"
        elif isinstance(layer, PaintLayer):
            yield layer.x, layer.y
            weight = 1 if layer.blend_mode in PAINTER_MODES else _BY_NUMPY
            maps.append((layer.pixels, layer.x, layer.y, weight))
