"""A document into a `.folio`: a valid OpenRaster zip with `folio/` beside it. I/O thread.

The file is whole or not there; the one it replaces becomes a backup. What didn't change since the last
save isn't encoded again. The same document gives the same bytes.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from studio.core.document import Document
from studio.core.geometry import Rect
from studio.io.atomic import atomic_path, storage_error
from studio.io.backups import Backups
from studio.io.encoded_tiles import EncodedTiles
from studio.io.folio_layers import LayerWriter, bands
from studio.io.folio_texts import KeptText, texts_json
from studio.io.folio_tree import document_data
from studio.io.openraster import MIMETYPE, Stack, stack_xml
from studio.io.png_writer import encode_bands, png_chunks

THUMBNAIL_PX = 256
MAX_MERGED_PIXELS = 256 << 20
"""A layer far outside would make the picture of everything endless; beyond this its corner is kept."""
_PACKED = (".json", ".md", ".xml")


def write_folio(
    path: Path,
    document: Document,
    *,
    records: Mapping[str, str] | None = None,
    texts: Mapping[str, KeptText] | None = None,
    encoded: EncodedTiles | None = None,
    backups: Backups | None = None,
) -> None:
    """Save a document; a file that is there is replaced.

    Args:
        records: Records as JSON by the ids that layers and spans name; others are left out.
        texts: The texts that models wrote, by the ids that spans name; others are left out.
        encoded: The pictures of earlier saves.
        backups: Where the file that is replaced goes.

    Raises:
        StorageError: the disk is full or not writable; the file that was there is as it was.
    """
    with atomic_path(path, force=True) as temporary:
        _write(temporary, document, records or {}, texts or {}, encoded or EncodedTiles())
        if backups is not None:
            backups.keep(path)


def write_openraster(path: Path, document: Document, encoded: EncodedTiles | None = None) -> None:
    """Export for other programs: neither the text nor records nor masks go along. Raises StorageError."""
    with atomic_path(path, force=True) as temporary:
        _write(temporary, document, None, {}, encoded or EncodedTiles())


def _write(
    path: Path,
    document: Document,
    records: Mapping[str, str] | None,
    texts: Mapping[str, KeptText],
    encoded: EncodedTiles,
) -> None:
    """Args:
    records: None leaves out all that is only for Folio.
    """
    frame = document.frame
    canvas = frame if not frame.empty else Rect(frame.x, frame.y, 1, 1)
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:

            def put(name: str, data: bytes) -> None:
                packed = name.endswith(_PACKED)
                entry = zipfile.ZipInfo(name)
                entry.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
                file.writestr(entry, data)

            put("mimetype", MIMETYPE)
            layers = LayerWriter(put, encoded, canvas)
            stack = Stack(canvas.width, canvas.height, layers.items(document.layers))
            put("stack.xml", stack_xml(stack))
            if records is not None:
                data = document_data(document, layers.written)
                put("folio/document.json", data.model_dump_json().encode())
                put("folio/text.md", document.text.encode("utf-8", "surrogatepass"))
                put("folio/records.json", _records_json(document, records))
                named = document.record_ids & texts.keys()
                if named:
                    put("folio/results.json", texts_json({name: texts[name] for name in named}))
            thumbnail = _put_merged(file, document, canvas)
            put("Thumbnails/thumbnail.png", thumbnail)
    except OSError as error:
        raise storage_error(error, path) from None


def _records_json(document: Document, records: Mapping[str, str]) -> bytes:
    named = document.record_ids & records.keys()
    return json.dumps({name: json.loads(records[name]) for name in sorted(named)}).encode()


def _put_merged(file: zipfile.ZipFile, document: Document, canvas: Rect) -> bytes:
    """Write mergedimage.png piece by piece; returns the thumbnail, made on the way."""
    shown = canvas
    if canvas.width * canvas.height > MAX_MERGED_PIXELS:
        side = int(MAX_MERGED_PIXELS**0.5)
        shown = Rect(canvas.x, canvas.y, min(canvas.width, side), min(canvas.height, side))
    small = _Shrinking(shown)
    with _entry(file, "mergedimage.png") as entry:
        rows = small.watched(bands(document.layers, shown))
        for chunk in png_chunks(shown.width, shown.height, 4, rows):
            entry.write(chunk)
    return small.png()


def _entry(file: zipfile.ZipFile, name: str) -> AbstractContextManager[zipfile.ZipExtFile]:
    return file.open(zipfile.ZipInfo(name), "w")  # type: ignore[return-value]


class _Shrinking:
    """Makes a small picture of rows that go by."""

    def __init__(self, rect: Rect) -> None:
        self._factor = max(1, -(-max(rect.width, rect.height) // THUMBNAIL_PX))
        self._rest: npt.NDArray[np.uint8] | None = None
        self._rows: list[npt.NDArray[np.uint8]] = []

    def watched(self, rows: Iterator[npt.NDArray[np.uint8]]) -> Iterator[npt.NDArray[np.uint8]]:
        for band in rows:
            self._add(band)
            yield band

    def png(self) -> bytes:
        if self._rest is not None and len(self._rest):
            self._reduce(self._rest)
        picture = np.concatenate(self._rows)
        return encode_bands(picture.shape[1], picture.shape[0], 4, [picture])

    def _add(self, band: npt.NDArray[np.uint8]) -> None:
        rows = band if self._rest is None else np.concatenate((self._rest, band))
        whole = len(rows) // self._factor * self._factor
        if whole:
            self._reduce(rows[:whole])
        self._rest = rows[whole:].copy()

    def _reduce(self, rows: npt.NDArray[np.uint8]) -> None:
        # Premultiplied, or what is transparent would darken the edges.
        image = Image.fromarray(np.ascontiguousarray(rows)).convert("RGBa").reduce(self._factor)
        self._rows.append(np.asarray(image.convert("RGBA")))
