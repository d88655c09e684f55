"""The canvas in a picture format of other programs, chosen by the file's name. I/O thread.

Colours are written as sRGB and say so.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

from studio.api.errors import StudioError
from studio.api.outputs import Pixels
from studio.core.document import Document
from studio.core.geometry import Rect
from studio.io.atomic import atomic_path, write_bytes
from studio.io.folio_layers import bands
from studio.io.folio_writer import write_folio, write_openraster
from studio.io.png_writer import png_chunks
from studio.io.psd_writer import write_psd
from studio.paint.composing import compose

JPEG_QUALITY = 92
WEBP_QUALITY = 90
_MOST_SIDE_PX = {".jpg": 65_500, ".jpeg": 65_500, ".webp": 16_383}
_MOST_PIXELS = 256 << 20


def export_document(path: Path, document: Document) -> None:
    """Write the document as what the name says: picture formats get the canvas as it is seen.

    The person was asked before a file is replaced.

    Raises:
        StudioError: an unknown kind, nothing to see, or too large for the format.
        StorageError: it can't be written.
    """
    write = EXPORTS.get(path.suffix.lower())
    if write is None:
        known = ", ".join(EXPORTS)
        raise StudioError(
            f"Folio can't export {path.suffix or 'a file without an ending'}.",
            where=str(path),
            remedy=f"Give it one of these endings: {known}.",
        )
    write(path, document)


def _png(path: Path, document: Document) -> None:
    frame = shown_frame(document)
    with atomic_path(path, force=True) as temporary, temporary.open("wb") as file:
        for chunk in png_chunks(frame.width, frame.height, 4, bands(document.layers, frame)):
            file.write(chunk)


def _jpeg(path: Path, document: Document) -> None:
    """What is transparent becomes white: the format has no alpha."""
    image = Image.fromarray(flatten(document, path))
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image)
    _save(path, ground.convert("RGB"), "JPEG", quality=JPEG_QUALITY, subsampling=0)


def _webp(path: Path, document: Document) -> None:
    _save(path, Image.fromarray(flatten(document, path)), "WEBP", quality=WEBP_QUALITY)


def _tiff(path: Path, document: Document) -> None:
    image = Image.fromarray(flatten(document, path))
    _save(path, image, "TIFF", compression="tiff_adobe_deflate")


def _openraster(path: Path, document: Document) -> None:
    write_openraster(path, document)


def _photoshop(path: Path, document: Document) -> None:
    write_psd(path, document, shown_frame(document))


def _folio(path: Path, document: Document) -> None:
    write_folio(path, document)


EXPORTS: Mapping[str, Callable[[Path, Document], None]] = {
    ".png": _png,
    ".jpg": _jpeg,
    ".jpeg": _jpeg,
    ".webp": _webp,
    ".tif": _tiff,
    ".tiff": _tiff,
    ".ora": _openraster,
    ".psd": _photoshop,
    ".folio": _folio,
}


def shown_frame(document: Document) -> Rect:
    """The canvas; without a size of its own, the smallest rectangle around every visible layer.

    Raises:
        StudioError: nothing is visible, or more than one picture can hold.
    """
    frame = document.frame
    shown = any(layer.visible and layer.opacity > 0 for layer in document.layers)
    if not shown or frame.empty:
        raise StudioError("No picture on the canvas is visible.", remedy="Show a layer first.")
    if frame.area > _MOST_PIXELS:
        raise StudioError(
            f"The canvas has {frame.width} × {frame.height} pixels, too many for one picture.",
            remedy="Move layers that lie far apart together, or crop the canvas.",
        )
    return frame


def flatten(document: Document, path: Path | None = None) -> Pixels:
    """The canvas as it is seen, (H, W, 4).

    Args:
        path: What it is for; its format's limits hold.

    Raises:
        StudioError: as `shown_frame`, or the format can't hold it.
    """
    frame = shown_frame(document)
    most = _MOST_SIDE_PX.get(path.suffix.lower(), 0) if path is not None else 0
    if most and max(frame.width, frame.height) > most:
        raise StudioError(
            f"{path.suffix[1:].upper() if path else ''} can't hold {frame.width} × {frame.height} pixels.",
            remedy=f"Each side takes up to {most}; PNG takes more.",
        )
    if frame.width * frame.height <= 1 << 20:
        return compose(document.layers, frame)
    return np.concatenate(list(bands(document.layers, frame)))


def _save(path: Path, image: Image.Image, kind: str, **options: object) -> None:
    buffer = io.BytesIO()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image.save(buffer, kind, icc_profile=profile, **options)
    write_bytes(path, buffer.getvalue(), force=True)
