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
from studio.api.outputs import Latent, Output, Pixels
from studio.api.tokens import TokenFact, facts_from_json
from studio.core.records import Record, utc_now
from studio.core.signal import Signal
from studio.io.atomic import atomic_path
from studio.io.images import decode_image, encode_png, thumbnail_png
from studio.library.blobs import BlobStore
from studio.library.input_blobs import InputBlobs
from studio.library.results import LATENT_SUFFIX, content_of, excerpt_of, suffixes_for

_SCHEMA = """
CREATE TABLE IF NOT EXISTS items (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, blob_id TEXT NOT NULL, thumbnail_id TEXT NOT NULL,
  record TEXT NOT NULL, title TEXT NOT NULL, rating INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL, width_px INTEGER NOT NULL, height_px INTEGER NOT NULL,
  excerpt TEXT NOT NULL, words TEXT NOT NULL, media_type TEXT NOT NULL,
  picture_id TEXT NOT NULL DEFAULT '', token_facts_id TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS items_by_time ON items (created_at DESC, id);
"""
_ADDED_COLUMNS = ("picture_id", "token_facts_id")
"""Columns that databases of older versions lack."""
_COLUMNS = (
    "id, kind, blob_id, thumbnail_id, record, title, rating, created_at, width_px, height_px, excerpt, "
    "words, media_type, picture_id, token_facts_id"
)
_WITH_ARTICLE = {"image": "a picture", "text": "a text", "latent": "a latent", "video": "a film"}


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
    picture_id: str = ""
    """The blob of the full picture it shows as: an image's own, a latent's, a film's first frame."""
    token_facts_id: str = ""
    """The blob with what the model thought of a text's tokens; "" where nobody asked."""


class History(InputBlobs):
    """Results go in at once and stay until the person removes them.

    Raises:
        StorageError: from every method, when the disk is full, not writable, or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        super().__init__(BlobStore(folder / "blobs"))
        self._lock = threading.RLock()
        self._database: sqlite3.Connection | None = None
        self.added = Signal[[HistoryItem]]()

    def add(self, output: Output, record: Record, *, title: str = "") -> HistoryItem:
        """Store a result. `added` is emitted in this thread."""
        content = content_of(output, record)
        kind, data, picture = content.kind, content.data, content.picture
        blob_id = self._blobs.put_file(data) if isinstance(data, Path) else self._blobs.put(data)
        picture_id = blob_id if kind == "image" else ""
        if picture is not None and kind != "image":
            picture_id = self._blobs.put(encode_png(picture, record))
        item = HistoryItem(
            id=uuid.uuid4().hex,
            kind=kind,
            blob_id=blob_id,
            thumbnail_id=self._blobs.put(thumbnail_png(picture)) if picture is not None else "",
            record=record,
            title=title or record.generator_id,
            rating=0,
            created_at=record.created_at or utc_now(),
            width_px=picture.shape[1] if picture is not None else 0,
            height_px=picture.shape[0] if picture is not None else 0,
            excerpt=excerpt_of(output),
            media_type=content.media_type,
            picture_id=picture_id,
            token_facts_id=self._blobs.put(content.token_facts) if content.token_facts else "",
        )
        words = " ".join(
            value
            for name, value in record.params.items()
            if isinstance(value, str) and name not in record.inputs
        )
        row = (
            item.id, kind, item.blob_id, item.thumbnail_id, record.model_dump_json(), item.title, 0,
            item.created_at, item.width_px, item.height_px, item.excerpt,
            f"{item.title} {words} {item.excerpt}".lower(), item.media_type, picture_id,
            item.token_facts_id,
        )  # fmt: skip
        with self._open() as database:
            database.execute(
                f"INSERT INTO items ({_COLUMNS}) VALUES ({','.join('?' * len(row))})", row
            )
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
                f"SELECT {_COLUMNS} FROM items WHERE {where} ORDER BY rowid DESC LIMIT ?",
                (*values, limit),
            ).fetchall()
        return [_item(row) for row in rows]

    def get(self, id_or_prefix: str) -> HistoryItem:
        """Raises StorageError: none, or several begin so."""
        with self._open() as database:
            rows = database.execute(
                f"SELECT {_COLUMNS} FROM items WHERE substr(id, 1, ?) = ? LIMIT 2",
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

    def of_blob(self, blob_id: str) -> HistoryItem | None:
        """The newest result that is this blob, or None: it was only ever an input."""
        with self._open() as database:
            row = database.execute(
                f"SELECT {_COLUMNS} FROM items WHERE blob_id = ? ORDER BY rowid DESC LIMIT 1",
                (blob_id,),
            ).fetchone()
        return _item(row) if row is not None else None

    def pixels(self, item: HistoryItem) -> Pixels:
        """The full picture of an image or a latent; the first frame of a film."""
        if not item.picture_id:
            raise StorageError("This result has no picture.", where=item.title or item.id)
        return decode_image(self._blobs.read(item.picture_id), where=item.title)

    def latent(self, item: HistoryItem) -> Latent:
        """Raises StorageError: it isn't one."""
        if item.kind != "latent":
            raise StorageError(
                f"This result is no latent: it is {_WITH_ARTICLE[item.kind]}.",
                where=item.title or item.id,
            )
        return self.read_latent(item.blob_id)

    def text(self, item: HistoryItem) -> str:
        return self._blobs.read(item.blob_id).decode("utf-8")

    def token_facts(self, item: HistoryItem) -> tuple[TokenFact, ...]:
        """What the model thought of each token of a text; empty where it wasn't asked."""
        if not item.token_facts_id:
            return ()
        try:
            return facts_from_json(self._blobs.read(item.token_facts_id))
        except ValueError as error:
            raise StorageError(f"Its tokens can't be read: {error}.", where=item.title) from None

    def path_of(self, item: HistoryItem) -> Path:
        """Where the result's own bytes lie: for readers that need a file, such as a film's."""
        return self._blobs.path(item.blob_id)

    def data(self, item: HistoryItem) -> bytes:
        return self._blobs.read(item.blob_id)

    def thumbnail(self, item: HistoryItem) -> bytes | None:
        """A PNG with a longest side of 256, or None for a text."""
        return self._blobs.read(item.thumbnail_id) if item.thumbnail_id else None

    def export(self, item: HistoryItem, path: Path, *, force: bool = False) -> Path:
        """Write the result to a file; a folder gets a name of its own. Returns where it went.

        Raises:
            StorageError: the name says another kind of file; a file is there and `force` isn't set;
                it can't be written.
        """
        known = suffixes_for(item.media_type)
        if path.is_dir():
            path = path / f"{item.title.replace('/', '-')[:60]}-{item.id[:8]}{suffix_of(item)}"
        if not path.suffix:
            path = path.with_name(path.name + suffix_of(item))
        if known and path.suffix.lower() not in known:
            names = " or ".join(path.with_suffix(suffix).name for suffix in known)
            raise StorageError(
                f"The result is not written as {path.suffix[1:].upper()}.",
                where=str(path),
                remedy=f"Call it {names}.",
            )
        blob = self._blob_for(item, path.suffix)
        self._blobs.check(blob)
        with atomic_path(path, force=force) as temporary:
            shutil.copyfile(self._blobs.path(blob), temporary)
        return path

    def _blob_for(self, item: HistoryItem, suffix: str) -> str:
        """What a file of that suffix holds: of a latent the numbers or the picture."""
        latent = item.kind == "latent" and suffix.lower() != LATENT_SUFFIX and item.picture_id
        return item.picture_id if latent else item.blob_id

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
        _add_columns(database)
        database.execute("SELECT count(*) FROM items").fetchone()
    except sqlite3.DatabaseError:
        database.close()
        raise
    return database


def _add_columns(database: sqlite3.Connection) -> None:
    """Bring a database of an older version up to this one's."""
    there = {row[1] for row in database.execute("PRAGMA table_info(items)")}
    for name in (name for name in _ADDED_COLUMNS if name not in there):
        database.execute(f"ALTER TABLE items ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")
        if name != "picture_id":
            continue
        # What images and previews showed as before.
        shown = "CASE kind WHEN 'image' THEN blob_id ELSE thumbnail_id END"
        database.execute(f"UPDATE items SET picture_id = {shown}")
    database.commit()


def suffix_of(item: HistoryItem) -> str:
    """The suffix a file of this item should have, with its dot."""
    return next(iter(suffixes_for(item.media_type)), ".md")


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
        picture,
        token_facts,
    ) = row
    return HistoryItem(
        id=str(item_id), kind=str(kind), blob_id=str(blob_id), thumbnail_id=str(thumbnail_id),
        record=Record.model_validate_json(str(record)), title=str(title), rating=int(str(rating)),
        created_at=str(created_at), width_px=int(str(width)), height_px=int(str(height)),
        excerpt=str(excerpt), media_type=str(media), picture_id=str(picture),
        token_facts_id=str(token_facts),
    )  # fmt: skip
