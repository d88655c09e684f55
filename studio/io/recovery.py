"""What windows that didn't end well left in their journals: found, read, thrown away. I/O thread."""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from studio.api.errors import StorageError
from studio.core.document import Document
from studio.core.tiles import TILE_PX, Tile, TileKey, TileMap
from studio.io.folio_reader import FolioFile, read_folio
from studio.io.folio_schema import FormatError, PieceData, read_data
from studio.io.folio_texts import KeptText
from studio.io.folio_tree import document_of
from studio.io.journal import DATABASE, open_exclusively, tile_maps

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LeftBehind:
    """One document that was not saved. `at`: seconds since 1970 of its last change; `file`: where it was
    saved before, if it was."""

    folder: Path
    document: Document
    at: float
    file: Path | None = None
    records: Mapping[str, str] = field(default_factory=dict)
    saved: Document = field(default_factory=Document)
    """What was in the file when it was last saved; shares its tiles with `document`."""
    base: Path | None = None
    """The journal's own copy of that file."""
    texts: Mapping[str, KeptText] = field(default_factory=dict)
    """The results that file's text is from."""

    @property
    def name(self) -> str:
        return self.file.name if self.file is not None else "Untitled"


def find_left_behind(folder: Path) -> tuple[list[LeftBehind], list[str]]:
    """Unsaved documents that nobody looks after any more, newest first, and what can't be read, in words.

    Journals without anything unsaved are removed; those of living windows are left alone.
    """
    found: list[LeftBehind] = []
    problems: list[str] = []
    if not folder.is_dir():
        return found, problems
    for journal in sorted(entry for entry in folder.iterdir() if entry.is_dir()):
        try:
            left = _read(journal)
        except _InUseError:
            continue
        except (StorageError, FormatError, sqlite3.Error, zlib.error, OSError, ValueError) as error:
            log.warning("a journal can't be read: %s", error)
            problems.append(
                f"Unsaved work of another time can't be read: {error} It stays in {journal}."
            )
            continue
        if left is None:
            discard(journal)
        else:
            found.append(left)
    return sorted(found, key=lambda left: left.at, reverse=True), problems


def discard(folder: Path) -> None:
    """Throw a journal, or an older version's draft, away."""
    if folder.is_file():
        folder.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


class _InUseError(Exception):
    """A living window's."""


def _read(folder: Path) -> LeftBehind | None:
    path = folder / DATABASE
    if not path.exists():
        return None
    try:
        database = open_exclusively(path)
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise _InUseError from None
        raise
    try:
        if not database.execute("SELECT name FROM sqlite_master WHERE name = 'state'").fetchone():
            return None
        row = database.execute("SELECT at, file, base, tree, text FROM state").fetchone()
        if row is None:
            return None
        at, file, base, tree, text = row
        saved = read_folio(folder / base) if base else FolioFile(Document())
        tiles = _Tiles(database, list(tile_maps(saved.document)))
        document = document_of(read_data(str(tree).encode()), str(text), tiles.get)
    finally:
        database.close()
    return LeftBehind(
        folder,
        document,
        float(at),
        Path(file) if file else None,
        saved.records,
        saved.document,
        folder / base if base else None,
        saved.texts,
    )


class _Tiles:
    """Tile maps of one journal, put together from its own tiles and those of the saved file."""

    def __init__(self, database: sqlite3.Connection, base: list[TileMap]) -> None:
        self._database = database
        self._base = base
        self._maps: dict[tuple[str, int], TileMap] = {}
        self._tiles: dict[int, Tile] = {}

    def get(self, pieces: tuple[PieceData, ...], channels: int, fill: int) -> TileMap:
        if len(pieces) != 1:
            raise FormatError("a layer of the journal has no pixels")
        source = pieces[0].src
        known = self._maps.get((source, channels))
        if known is not None:
            return known
        row = self._database.execute("SELECT tiles FROM maps WHERE id = ?", (source,)).fetchone()
        if row is None:
            raise FormatError("the journal lacks a layer")
        tiles: dict[TileKey, Tile] = {}
        for column, line, base, number in json.loads(row[0]):
            key = (int(column), int(line))
            tile = self._own(number, channels) if base < 0 else self._base[base].tiles.get(key)
            if tile is not None:  # blank tiles are not in a file
                tiles[key] = tile
        made = self._maps[source, channels] = TileMap(tiles, channels=channels, fill=fill)
        return made

    def _own(self, number: int, channels: int) -> Tile:
        tile = self._tiles.get(number)
        if tile is None:
            row = self._database.execute("SELECT pixels FROM tiles WHERE id = ?", (number,))
            found = row.fetchone()
            if found is None:
                raise FormatError("the journal lacks a tile")
            shape = (TILE_PX, TILE_PX, 4) if channels == 4 else (TILE_PX, TILE_PX)
            tile = np.frombuffer(zlib.decompress(found[0]), np.uint8).reshape(shape)
            self._tiles[number] = tile
        return tile
