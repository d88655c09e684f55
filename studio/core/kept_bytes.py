"""What edits keep alive: each tile counted once, however many steps hold it. Pure."""

from __future__ import annotations

from collections.abc import Container

from studio.core.edits import Edit


class KeptBytes:
    """`add` a step that could be taken back, `drop` it when it can't be any more."""

    def __init__(self) -> None:
        self._plain_bytes = 0
        self._tile_bytes = 0
        self._tiles: dict[int, tuple[int, int]] = {}
        """How many steps hold a tile, and its bytes. Those steps keep it alive, so its id stays its own."""

    @property
    def most_bytes(self) -> int:
        """As if the document shared none of it."""
        return self._plain_bytes + self._tile_bytes

    def beside(self, shown: Container[int]) -> int:
        """The bytes that are kept beside the tiles the document holds, given by `id`."""
        shared = sum(size for key, (_, size) in self._tiles.items() if key in shown)
        return self.most_bytes - shared

    def add(self, edit: Edit) -> None:
        self._plain_bytes += edit.size_bytes
        for key, tile in edit.tiles_lost.items():
            count, size = self._tiles.get(key, (0, tile.nbytes))
            self._tile_bytes += 0 if count else size
            self._tiles[key] = count + 1, size

    def drop(self, edit: Edit) -> None:
        self._plain_bytes -= edit.size_bytes
        for key in edit.tiles_lost:
            count, size = self._tiles[key]
            if count > 1:
                self._tiles[key] = count - 1, size
            else:
                del self._tiles[key]
                self._tile_bytes -= size
