"""Tile maps as PNG, kept while they live: a save encodes only what changed since the last one. I/O threads.

Tile maps never change, so one that is still there is still what was encoded.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from studio.core.geometry import Rect
from studio.core.tiles import TileMap
from studio.io.png_writer import encode_tiles

BUDGET_BYTES = 512 << 20


class EncodedTiles:
    """`png(tiles, rect)`. Those used longest ago go when the budget is used up."""

    def __init__(self, budget_bytes: int = BUDGET_BYTES) -> None:
        self._budget_bytes = budget_bytes
        self._lock = threading.RLock()
        self._kept: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._watched: dict[int, weakref.ref[Any]] = {}
        self._used_bytes = 0
        self.encoded_count = 0
        """How often something had to be encoded."""

    def png(self, tiles: TileMap, rect: Rect) -> bytes:
        """As `encode_tiles`."""
        return self.made((tiles,), rect, lambda: encode_tiles(tiles, rect))

    def made(self, sources: tuple[object, ...], rect: Rect, make: Callable[[], bytes]) -> bytes:
        """A PNG that is made of some immutable things, from here if these very things gave it before."""
        key = (*(id(source) for source in sources), rect)
        with self._lock:
            data = self._kept.get(key)
            if data is not None:
                self._kept.move_to_end(key)
                return data
        data = make()
        self.encoded_count += 1
        self._keep(key, sources, data)
        return data

    def put(self, tiles: TileMap, rect: Rect, data: bytes) -> None:
        """What was just read from a file needn't be encoded again."""
        self._keep((id(tiles), rect), (tiles,), data)

    def _keep(self, key: tuple[object, ...], sources: tuple[object, ...], data: bytes) -> None:
        with self._lock:
            self._drop(key)
            self._kept[key] = data
            self._used_bytes += len(data)
            for source in sources:
                if id(source) not in self._watched:
                    self._watched[id(source)] = weakref.ref(source, self._forgetting(id(source)))
            while self._used_bytes > self._budget_bytes and len(self._kept) > 1:
                self._drop(next(iter(self._kept)))

    def _forgetting(self, identity: int) -> Callable[[object], None]:
        """The number may be another thing's as soon as this one is gone."""

        def forget(_: object) -> None:
            with self._lock:
                self._watched.pop(identity, None)
                for key in [key for key in self._kept if identity in key[:-1]]:
                    self._drop(key)

        return forget

    def _drop(self, key: tuple[object, ...]) -> None:
        self._used_bytes -= len(self._kept.pop(key, b""))
