"""The history: every result with its record, used or not. Any thread; one lock around the database."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from studio.api.errors import StorageError
from studio.api.outputs import (
    FileOutput,
    ImageOutput,
    LatentOutput,
    Output,
    Pixels,
    TextOutput,
    as_pixels,
)
from studio.core.records import Record, utc_now
from studio.core.signal import Signal
from studio.io.atomic import atomic_path
from studio.io.images import decode_image, encode_png, thumbnail_png
from studio.library.blobs import BlobStore

_SCHEMA = """
CREATE TABLE IF NOT EXISTS items (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, blob_id TEXT NOT NULL, thumbnail_id TEXT NOT NULL,
  record TEXT NOT NULL, title TEXT NOT NULL, rating INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL, width_px INTEGER NOT NULL, height_px INTEGER NOT NULL,
  excerpt TEXT NOT NULL, words TEXT NOT NULL, media_type TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS items_by_time ON items (created_at DESC, id);
"""
_SUFFIXES = {"image": ".png", "text": ".md", "latent": ".safetensors"}
_EXCERPT_CHARACTERS = 200


@dataclass(frozen=True)
class HistoryItem:
    """One result. `kind` is "image", "text", "latent" or "video"; ids are sha256 or hex."""

    id: str
    kind: str
    blob_id: str
    thumbnail_id: str
    record: Record
    title: str
    rating: int
    created_at: str
    width_px: int
    height_px: int
    excerpt: str
    media_type: str


class History:
    """Results go in at once and stay until the person removes them.

    Raises:
        StorageError: from every method, when the disk is full, not writable, or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._blobs = BlobStore(folder / "blobs")
        self._lock = threading.RLock()
        self._database: sqlite3.Connection | None = None
        self.added = Signal[[HistoryItem]]()

    def add(self, output: Output, record: Record, *, title: str = "") -> HistoryItem:
        """Store a result. `added` is emitted in this thread."""
        kind, media_type, data, preview = _content(output, record)
        item = HistoryItem(
            id=uuid.uuid4().hex,
            kind=kind,
            blob_id=self._blobs.put(data),
            thumbnail_id=self._blobs.put(thumbnail_png(preview)) if preview is not None else "",
            record=record,
            title=title or record.generator_id,
            rating=0,
            created_at=record.created_at or utc_now(),
            width_px=preview.shape[1] if preview is not None else 0,
            height_px=preview.shape[0] if preview is not None else 0,
            excerpt=_excerpt(output),
            media_type=media_type,
        )
        words = " ".join(str(value) for value in record.params.values() if isinstance(value, str))
        row = (
            item.id, kind, item.blob_id, item.thumbnail_id, record.model_dump_json(), item.title, 0,
            item.created_at, item.width_px, item.height_px, item.excerpt,
            f"{item.title} {words} {item.excerpt}".lower(), media_type,
        )  # fmt: skip
        with self._open() as database:
            database.execute(f"INSERT INTO items VALUES ({','.join('?' * len(row))})", row)
        self.added.emit(item)
        return item

    def items(
        self,
        *,
        query: str = "",
        kind: str | None = None,
        limit: int = 200,
        before: str | None = None,
    ) -> list[HistoryItem]:
        """Newest first. Every word of `query` must occur; `before` is the id to go on after."""
        conditions, values = ["1"], []
        for word in query.lower().split():
            conditions.append("words LIKE ? ESCAPE '\\'")
            escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            values.append(f"%{escaped}%")
        if kind is not None:
            conditions.append("kind = ?")
            values.append(kind)
        if before is not None:
            conditions.append("rowid < (SELECT rowid FROM items WHERE id = ?)")
            values.append(before)
        where = " AND ".join(conditions)
        with self._open() as database:
            rows = database.execute(
                f"SELECT * FROM items WHERE {where} ORDER BY rowid DESC LIMIT ?", (*values, limit)
            ).fetchall()
        return [_item(row) for row in rows]

    def get(self, id_or_prefix: str) -> HistoryItem:
        """Raises StorageError: none, or several begin so."""
        with self._open() as database:
            rows = database.execute(
                "SELECT * FROM items WHERE substr(id, 1, ?) = ? LIMIT 2",
                (len(id_or_prefix), id_or_prefix),
            ).fetchall()
        if len(rows) != 1 or not id_or_prefix:
            what = (
                "Several items of the history begin so."
                if rows
                else "The history has no such item."
            )
            raise StorageError(what, where=id_or_prefix, remedy="See 'studio history list'.")
        return _item(rows[0])

    def pixels(self, item: HistoryItem) -> Pixels:
        """An image's pixels; of another kind its preview's."""
        blob = item.blob_id if item.kind == "image" else item.thumbnail_id
        return decode_image(self._blobs.read(blob), where=item.title)

    def text(self, item: HistoryItem) -> str:
        return self._blobs.read(item.blob_id).decode("utf-8")

    def data(self, item: HistoryItem) -> bytes:
        return self._blobs.read(item.blob_id)

    def thumbnail(self, item: HistoryItem) -> bytes | None:
        """A PNG with a longest side of 256, or None for a text."""
        return self._blobs.read(item.thumbnail_id) if item.thumbnail_id else None

    def export(self, item: HistoryItem, path: Path, *, force: bool = False) -> Path:
        """Write the result to a file; a folder gets a name of its own. Returns where it went."""
        if path.is_dir():
            path = path / f"{item.title.replace('/', '-')[:60]}-{item.id[:8]}{suffix_of(item)}"
        self._blobs.read(item.blob_id)
        with atomic_path(path, force=force) as temporary:
            shutil.copyfile(self._blobs.path(item.blob_id), temporary)
        return path

    def rate(self, item_id: str, stars: int) -> None:
        """0 (none) to 5."""
        if not 0 <= stars <= 5:
            raise ValueError("a rating is 0 to 5")
        with self._open() as database:
            database.execute("UPDATE items SET rating = ? WHERE id = ?", (stars, item_id))

    def remove(self, item_id: str) -> None:
        """Forget an item. Its blob stays: a folio may refer to it."""
        with self._open() as database:
            database.execute("DELETE FROM items WHERE id = ?", (item_id,))

    def put_input(self, pixels: Pixels) -> str:
        """Keep a picture or mask that a job gets; returns its blob id."""
        return self._blobs.put(encode_png(as_pixels(pixels)))

    def read_input(self, blob_id: str) -> Pixels:
        return decode_image(self._blobs.read(blob_id), where=f"input {blob_id[:12]}")

    def close(self) -> None:
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The database within a transaction; a damaged one is moved aside and begun anew."""
        with self._lock:
            try:
                if self._database is None:
                    self._database = self._connect()
                with self._database:
                    yield self._database
            except sqlite3.DatabaseError as error:
                raise StorageError(
                    f"The history can't be used: {error}.",
                    where=str(self._folder),
                    remedy="Check the disk's free space and permissions.",
                ) from None

    def _connect(self) -> sqlite3.Connection:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"The history's folder can't be made: {error.strerror}.", where=str(self._folder)
            ) from None
        path = self._folder / "history.sqlite"
        try:
            return _ready(path)
        except sqlite3.DatabaseError as error:
            if "not a database" not in str(error) and "malformed" not in str(error):
                raise
        path.replace(path.with_suffix(".damaged"))
        for extra in ("-wal", "-shm"):
            path.with_name(path.name + extra).unlink(missing_ok=True)
        return _ready(path)


def _ready(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.executescript(_SCHEMA)
        database.execute("SELECT count(*) FROM items").fetchone()
    except sqlite3.DatabaseError:
        database.close()
        raise
    return database


def suffix_of(item: HistoryItem) -> str:
    """The suffix a file of this item should have, with its dot."""
    if item.kind in _SUFFIXES:
        return _SUFFIXES[item.kind]
    return {"video/mp4": ".mp4", "image/gif": ".gif", "image/webp": ".webp"}.get(
        item.media_type, ".bin"
    )


def _content(output: Output, record: Record) -> tuple[str, str, bytes, Pixels | None]:
    """Kind, media type, bytes, preview."""
    if isinstance(output, ImageOutput):
        return "image", "image/png", encode_png(output.pixels, record), output.pixels
    if isinstance(output, TextOutput):
        return "text", "text/markdown", output.text.encode("utf-8"), None
    if isinstance(output, LatentOutput):
        import safetensors.numpy

        data = safetensors.numpy.save(dict(output.arrays))
        return "latent", "application/safetensors", data, output.preview
    if isinstance(output, FileOutput):
        return "video", output.media_type, output.path.read_bytes(), output.preview
    raise TypeError(f"{type(output).__name__} is no result")


def _excerpt(output: Output) -> str:
    text = output.text if isinstance(output, TextOutput) else ""
    return " ".join(text.split())[:_EXCERPT_CHARACTERS]


def _item(row: tuple[object, ...]) -> HistoryItem:
    (
        item_id,
        kind,
        blob_id,
        thumbnail_id,
        record,
        title,
        rating,
        created_at,
        width,
        height,
        excerpt,
        _,
        media,
    ) = row
    return HistoryItem(
        id=str(item_id), kind=str(kind), blob_id=str(blob_id), thumbnail_id=str(thumbnail_id),
        record=Record.model_validate_json(str(record)), title=str(title), rating=int(str(rating)),
        created_at=str(created_at), width_px=int(str(width)), height_px=int(str(height)),
        excerpt=str(excerpt), media_type=str(media),
    )  # fmt: skip
