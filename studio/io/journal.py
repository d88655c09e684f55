"""The journal: an unsaved document on the disk as it is now, for the day the power or the process goes.

Each write is one transaction that brings the disk from the last document to this one: tiles never
change, so only new ones are written. Tiles that are in the saved file are not copied: the journal has a
name of its own for that file (`base.folio`), which no later save touches. One thread at a time.

While a journal is open nobody else can open it; a kill lets go of it. So what can be opened was left
behind (`studio.io.recovery`).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import time
import uuid
import weakref
import zlib
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.api.errors import StorageError
from studio.core.document import Document
from studio.core.layers import PaintLayer, walk
from studio.core.tiles import Tile, TileKey, TileMap
from studio.io.atomic import atomic_path, make_folder
from studio.io.folio_schema import PieceData
from studio.io.folio_tree import document_data

DATABASE = "journal.sqlite"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS tiles (id INTEGER PRIMARY KEY, pixels BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS maps (id INTEGER PRIMARY KEY, tiles TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS state (
  one INTEGER PRIMARY KEY CHECK (one = 1), at REAL NOT NULL, file TEXT NOT NULL,
  base TEXT NOT NULL, tree TEXT NOT NULL, text TEXT NOT NULL
);
"""
_PAGE_BYTES = 16384
_FASTEST = 1
_SPARE_BYTES = 64 << 20
"""How much no longer needed may lie about before it is cleared away."""


class Journal:
    """Args:
    folder: The journals' folder; this one makes its own in it.

    Raises:
        StorageError: from every method, when the disk is full or not writable.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / uuid.uuid4().hex
        self._base = ""
        self._maps = _Numbers()
        self._tiles = _Numbers()
        self._sizes: dict[int, int] = {}
        self._from_base: dict[int, tuple[weakref.ref[Tile], int, TileKey]] = {}
        self._next = 1
        self._database: sqlite3.Connection | None = None
        with self._telling():
            make_folder(self.folder)
            self._database = open_exclusively(self.folder / DATABASE)
            with self._database as database:
                database.executescript(_SCHEMA)

    def write(self, document: Document, *, file: Path | None = None) -> None:
        """Bring the disk to this document, which isn't saved.

        Args:
            file: Where it was saved before, if it was.
        """
        with self._transaction() as database:
            self._write(database, document, file)
        self._clear_away(document)

    def rebase(
        self,
        base: Document,
        path: Path | None,
        current: Document | None = None,
        file: Path | None = None,
    ) -> None:
        """`base` was just saved to, or opened from, `path`: what is in that file needn't be written.

        Args:
            path: None: a new document, which isn't saved anywhere.
            current: The document by now, if it is another one already; `file` as for `write`.
        """
        old, name = self._base, ""
        if path is not None:
            name = f"base-{uuid.uuid4().hex[:8]}.folio"
            try:
                _keep_as(path, self.folder / name)
            except (OSError, StorageError):
                # Its disk was pulled out, or this one is full: then every tile is written.
                path, name = None, ""
        self._base = name
        self._maps, self._tiles, self._sizes, self._from_base = _Numbers(), _Numbers(), {}, {}
        if path is not None:
            self._from_base = {
                id(tile): (weakref.ref(tile), number, key)
                for number, tiles in enumerate(tile_maps(base))
                for key, tile in tiles.tiles.items()
            }
        with self._transaction() as database:
            for table in ("state", "maps", "tiles"):
                database.execute(f"DELETE FROM {table}")
            if current is not None:
                self._write(database, current, file)
        if old:
            with contextlib.suppress(OSError):
                (self.folder / old).unlink()

    def clear(self) -> None:
        """Nothing is unsaved any more."""
        with self._transaction() as database:
            database.execute("DELETE FROM state")

    def close(self, *, keep: bool = False) -> None:
        """With `keep`, what was written stays for the next start; else it goes. Idempotent."""
        database, self._database = self._database, None
        if database is None:
            return
        database.close()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self, database: sqlite3.Connection, document: Document, file: Path | None) -> None:
        data = document_data(document, lambda tiles, _: (self._piece(database, tiles),))
        row = (time.time(), str(file or ""), self._base, data.model_dump_json(), document.text)
        database.execute("INSERT OR REPLACE INTO state VALUES (1, ?, ?, ?, ?, ?)", row)

    def _piece(self, database: sqlite3.Connection, tiles: TileMap) -> PieceData:
        number = self._maps.get(tiles)
        if number is None:
            number = self._maps.put(tiles, self._number())
            places = [[*key, *self._place(database, key, t)] for key, t in tiles.tiles.items()]
            row = (number, json.dumps(places))
            database.execute("INSERT INTO maps VALUES (?, ?)", row)
        return PieceData(src=str(number), x=0, y=0)

    def _place(self, database: sqlite3.Connection, key: TileKey, tile: Tile) -> tuple[int, int]:
        """(map of the base, 0), or (-1, number of the tile)."""
        known = self._from_base.get(id(tile))
        if known is not None and known[0]() is tile and known[2] == key:
            return known[1], 0
        number = self._tiles.get(tile)
        if number is None:
            number = self._tiles.put(tile, self._number())
            packed = zlib.compress(tile.data, _FASTEST)
            self._sizes[number] = len(packed)
            database.execute("INSERT INTO tiles VALUES (?, ?)", (number, packed))
        return -1, number

    def _number(self) -> int:
        self._next += 1
        return self._next

    def _clear_away(self, document: Document) -> None:
        """Tiles and maps that only older documents had, once there are many of them."""
        maps = list(tile_maps(document))
        tiles = {self._tiles.get(tile) for each in maps for tile in each.tiles.values()}
        used = sum(self._sizes[number] for number in tiles if number is not None)
        if sum(self._sizes.values()) <= 2 * used + _SPARE_BYTES:
            return
        with self._transaction() as database:
            for table, numbers, kept in (
                ("maps", self._maps, {self._maps.get(each) for each in maps}),
                ("tiles", self._tiles, tiles),
            ):
                staying = json.dumps([number for number in kept if number is not None])
                database.execute(
                    f"DELETE FROM {table} WHERE id NOT IN (SELECT value FROM json_each(?))",
                    (staying,),
                )
                numbers.keep_only(kept)
            self._sizes = {n: size for n, size in self._sizes.items() if n in tiles}

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if self._database is None:
            raise RuntimeError("the journal is closed")
        with self._telling():
            try:
                with self._database as database:
                    yield database
            except BaseException:
                # What was numbered meanwhile isn't there: everything is written anew next time.
                self._maps, self._tiles, self._sizes = _Numbers(), _Numbers(), {}
                raise

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise StorageError(
                f"Unsaved work can't be kept safe meanwhile: {error}.",
                where=str(self.folder),
                remedy="Save often, and free some space on the disk.",
            ) from None


@dataclass
class _Entry:
    reference: weakref.ref[Any]
    number: int


class _Numbers:
    """Numbers for things that never change, by which very thing it is; gone things are forgotten."""

    def __init__(self) -> None:
        self._entries: dict[int, _Entry] = {}

    def get(self, thing: object) -> int | None:
        entry = self._entries.get(id(thing))
        return entry.number if entry is not None and entry.reference() is thing else None

    def put(self, thing: object, number: int) -> int:
        self._entries[id(thing)] = _Entry(weakref.ref(thing), number)
        return number

    def keep_only(self, numbers: Container[int | None]) -> None:
        self._entries = {k: e for k, e in self._entries.items() if e.number in numbers}


def tile_maps(document: Document) -> Iterator[TileMap]:
    """Every tile map of a document, always in the same order."""
    for layer in walk(document.layers):
        if isinstance(layer, PaintLayer):
            yield layer.pixels
        if layer.mask is not None:
            yield layer.mask.pixels
    if document.selection is not None:
        yield document.selection


def open_exclusively(path: Path) -> sqlite3.Connection:
    """A database that nobody else can open while this is. Raises sqlite3.Error."""
    database = sqlite3.connect(path, timeout=0, check_same_thread=False)
    try:
        database.execute(f"PRAGMA page_size={_PAGE_BYTES}")
        database.execute("PRAGMA locking_mode=EXCLUSIVE")
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        # Taken with the first write, and held from then on.
        database.execute("BEGIN IMMEDIATE")
        database.execute("COMMIT")
    except BaseException:  # whatever it is: no lock stays; then it goes on
        database.close()
        raise
    return database


def _keep_as(path: Path, name: Path) -> None:
    """The file as it is now under another name: saves replace files, they never write into them."""
    try:
        os.link(os.path.realpath(path), name)
    except (OSError, NotImplementedError):
        with atomic_path(name, force=True) as temporary:
            shutil.copyfile(path, temporary)
