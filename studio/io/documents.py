"""Any file that becomes a document: folios, OpenRaster, Word, pictures, films in pictures. I/O thread."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

from studio.api.errors import StorageError
from studio.core.document import Document
from studio.core.layers import GroupLayer, Layer, PaintLayer
from studio.io.encoded_tiles import EncodedTiles
from studio.io.folio_reader import FolioFile, read_folio
from studio.io.images import read_frames
from studio.io.psd_reader import read_psd
from studio.paint.regions import tiled

FOLIO_SUFFIX = ".folio"
IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif"})


def read_document(path: Path, *, encoded: EncodedTiles | None = None) -> FolioFile:
    """A file as a document. A moving picture becomes a group with a layer for each frame.

    Raises:
        StorageError: of an unknown kind, not there, damaged, or too large.
    """
    suffix = path.suffix.lower()
    read = _READERS.get(suffix)
    if read is not None:
        return read(path)
    if suffix in IMAGE_SUFFIXES:
        return _from_picture(path)
    return read_folio(path, encoded=encoded)


def picture_layer(path: Path) -> tuple[Layer, tuple[int, int]]:
    """A picture file as one new layer at the canvas's corner, and its size in pixels.

    Raises:
        StorageError: as `read_document`.
    """
    frames = read_frames(path)
    height, width = frames[0].pixels.shape[:2]
    if len(frames) == 1:
        return PaintLayer(uuid.uuid4().hex, path.stem, tiled(frames[0].pixels)), (width, height)
    layers = tuple(
        PaintLayer(
            uuid.uuid4().hex, f"Frame {number}, {frame.duration_ms} ms", tiled(frame.pixels),
            visible=number == 1,
        )
        for number, frame in enumerate(frames, 1)
    )  # fmt: skip
    return GroupLayer(uuid.uuid4().hex, path.stem, layers=layers), (width, height)


def _from_picture(path: Path) -> FolioFile:
    layer, _ = picture_layer(path)
    return FolioFile(Document("", (layer,)))


def _openraster(path: Path) -> FolioFile:
    return read_folio(path)


def _photoshop(path: Path) -> FolioFile:
    return read_psd(path)


def _word(path: Path) -> FolioFile:
    from studio.io.docx_reader import read_docx  # the Markdown parser with it, at first use

    return read_docx(path)


_READERS: Mapping[str, Callable[[Path], FolioFile]] = {
    ".ora": _openraster,
    ".psd": _photoshop,
    ".docx": _word,
}
DOCUMENT_SUFFIXES = frozenset({FOLIO_SUFFIX, *_READERS})


def no_document(path: Path) -> StorageError:
    known = ", ".join(sorted({*DOCUMENT_SUFFIXES, *IMAGE_SUFFIXES}))
    return StorageError(
        "Folio can't open this kind of file.", where=str(path), remedy=f"Known kinds: {known}."
    )
