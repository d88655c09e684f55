"""A `.folio` or any OpenRaster file from anyone: bounded, checked, refused in words. I/O thread."""

from __future__ import annotations

import json
import stat
import struct
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from studio.api.errors import StorageError
from studio.api.outputs import Pixels
from studio.core.document import Document
from studio.core.geometry import Rect
from studio.core.layers import GroupLayer, Layer, Layers, PaintLayer
from studio.core.tiles import TileMap
from studio.io.encoded_tiles import EncodedTiles
from studio.io.folio_schema import (
    FormatError,
    NewerFormatError,
    PieceData,
    read_data,
)
from studio.io.folio_texts import KeptText, texts_from_json
from studio.io.folio_tree import document_of
from studio.io.images import MAX_PIXELS, decode_image
from studio.io.openraster import MIMETYPE, StackError, StackItem, read_stack
from studio.io.xml_reader import XmlError, parse_xml
from studio.io.zip_reader import ZipReader
from studio.paint.regions import tiled, written

_MIMETYPE_BYTES = 256
_XML_BYTES = 16 << 20
_JSON_BYTES = 64 << 20
_TEXT_BYTES = 128 << 20
_PICTURE_BYTES = 512 << 20
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class FolioFile:
    """What a file held. `records`: JSON by id; `texts`: the results its text is from, by the same ids;
    `notices`: what the person should know."""

    document: Document
    records: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    texts: Mapping[str, KeptText] = field(default_factory=dict)


def read_folio(
    path: Path, *, memory_bytes: int | None = None, encoded: EncodedTiles | None = None
) -> FolioFile:
    """Open a folio, or another program's OpenRaster.

    Args:
        memory_bytes: What its pixels may take; half of this machine's memory if not given.
        encoded: Gets the pictures as they are in the file, for the next save.

    Raises:
        StorageError: not there, no folio, damaged, too large, of a newer version, or made to do harm.
    """
    limit = psutil.virtual_memory().total // 2 if memory_bytes is None else memory_bytes
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise StorageError("This is not a folio.", where=str(path))
        with path.open("rb") as file, ZipReader(file, str(path), kind="folio") as entries:
            return _Reading(entries, limit, encoded).whole()
    except OSError as error:
        raise StorageError(f"The folio can't be read: {error.strerror}.", where=str(path)) from None


class _Reading:
    """One file while it is read."""

    def __init__(self, entries: ZipReader, limit: int, encoded: EncodedTiles | None) -> None:
        self._entries = entries
        self._left_bytes = limit
        self._encoded = encoded
        self._maps: dict[tuple[PieceData, ...], TileMap] = {}
        self._unknown: set[str] = set()

    def whole(self) -> FolioFile:
        kind = self._entries.read("mimetype", _MIMETYPE_BYTES).strip()
        if kind != MIMETYPE:
            raise self._entries.damaged(f"it says it is {kind[:60]!r}, not {MIMETYPE.decode()!r}")
        if "folio/document.json" not in self._entries:
            return self._openraster()
        try:
            data = read_data(self._entries.read("folio/document.json", _JSON_BYTES))
            document = document_of(data, self._text(), self._tiles)
        except NewerFormatError as error:
            raise StorageError(
                f"A newer Folio saved this folio: {error}.",
                where=self._entries.where,
                remedy="Update Folio to open it.",
            ) from None
        except FormatError as error:
            raise self._entries.damaged(str(error)) from None
        return FolioFile(document, self._records(), texts=self._texts())

    def _text(self) -> str:
        try:
            text = self._entries.read("folio/text.md", _TEXT_BYTES)
            return text.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise self._entries.damaged("its text is not in UTF-8") from None

    def _records(self) -> dict[str, str]:
        if "folio/records.json" not in self._entries:
            return {}
        try:
            records = json.loads(self._entries.read("folio/records.json", _JSON_BYTES))
            return {str(name): json.dumps(record) for name, record in records.items()}
        except (ValueError, AttributeError, RecursionError):
            raise self._entries.damaged("its records can't be read") from None

    def _texts(self) -> dict[str, KeptText]:
        """Without them the document is whole: what can't be read is left out."""
        if "folio/results.json" not in self._entries:
            return {}
        try:
            return texts_from_json(self._entries.read("folio/results.json", _JSON_BYTES))
        except (ValueError, RecursionError):
            return {}

    def _tiles(self, pieces: tuple[PieceData, ...], channels: int, fill: int) -> TileMap:
        """The same pictures give the same map: copies of a layer share their pixels again."""
        empty = TileMap(channels=channels, fill=fill)
        if not pieces:
            return empty
        known = self._maps.get(pieces)
        if known is not None and (known.channels, known.fill) == (channels, fill):
            return known
        tiles = empty
        for piece in pieces:
            pixels, data = self._picture(piece.src)
            region = pixels if channels == 4 else pixels[..., 0]
            tiles = written(tiles, region, piece.x, piece.y)
        if self._encoded is not None and len(pieces) == 1:
            height, width = pixels.shape[:2]
            self._encoded.put(tiles, Rect(pieces[0].x, pieces[0].y, width, height), data)
        self._maps[pieces] = tiles
        return tiles

    def _picture(self, name: str) -> tuple[Pixels, bytes]:
        """A picture's pixels, counted before they are unpacked, and its file."""
        data = self._entries.read(name, _PICTURE_BYTES)
        if not data.startswith(_PNG) or len(data) < 24:
            raise self._entries.damaged(f"{name} is no PNG")
        width, height = struct.unpack_from(">2L", data, 16)
        self._left_bytes -= width * height * 4
        if width * height > MAX_PIXELS:
            raise self._entries.unsafe(
                f"{name} claims {width} × {height} pixels, "
                f"where at most {MAX_PIXELS // 10**6} million are read"
            )
        if self._left_bytes < 0:
            raise StorageError(
                "The folio's pictures need more memory than there is for them.",
                where=self._entries.where,
                remedy="Close other programs, or open it on a larger machine.",
            )
        try:
            return decode_image(data, where=name), data
        except StorageError as error:
            raise self._entries.damaged(f"{name}: {error.what}") from None

    def _openraster(self) -> FolioFile:
        try:
            stack = read_stack(parse_xml(self._entries.read("stack.xml", _XML_BYTES)))
        except (XmlError, StackError) as error:
            raise self._entries.damaged(str(error)) from None
        layers = self._siblings(stack.items)
        notices: tuple[str, ...] = ()
        if self._unknown:
            names = ", ".join(sorted(self._unknown)[:5])
            notices = (f"Some layers are blended in ways Folio doesn't know ({names}): as normal.",)
        return FolioFile(Document("", layers, stack.width_px, stack.height_px), {}, notices)

    def _siblings(self, items: tuple[StackItem, ...]) -> Layers:
        return tuple(self._from_item(item) for item in reversed(items))

    def _from_item(self, item: StackItem) -> Layer:
        if item.unknown_operation:
            self._unknown.add(item.unknown_operation[:40])
        identity, name = uuid.uuid4().hex, item.name
        if item.is_stack:
            layer: Layer = GroupLayer(identity, name, layers=self._siblings(item.items))
        else:
            pixels, _ = self._picture(item.src.removeprefix("/"))
            layer = PaintLayer(identity, name, tiled(pixels), item.x, item.y)
        return replace(
            layer,
            opacity=item.opacity,
            visible=item.visible,
            blend_mode=item.blend_mode,
            clipped=item.clipped,
        )
