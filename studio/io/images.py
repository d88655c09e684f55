"""Pictures from and to files, through Pillow: bounded, upright, in sRGB, with their record. I/O thread."""

from __future__ import annotations

import io
import stat
import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, PngImagePlugin, UnidentifiedImageError
from pydantic import ValidationError

from studio.api.errors import StorageError
from studio.api.outputs import Pixels, as_pixels
from studio.core.records import Record
from studio.io.colours import in_srgb

MAX_PIXELS = 64 << 20
"""8192 × 8192: counted from the header, before anything is decoded."""
MAX_FILE_BYTES = 1 << 30
RECORD_KEY = "folio"
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP")
DAMAGE = (
    OSError, SyntaxError, ValueError, EOFError, TypeError, LookupError, ArithmeticError, AttributeError,
    RuntimeError, MemoryError, struct.error,
)  # fmt: skip
"""What Pillow's readers are known to raise on damaged files; found by feeding them such."""


def read_image(path: Path) -> Pixels:
    """The picture in a file as RGBA; the first frame of an animated one.

    Raises:
        StorageError: not there, no picture, too large, or damaged.
    """
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise StorageError("This is not a picture file.", where=str(path))
        if facts.st_size > MAX_FILE_BYTES:
            raise _too_large(str(path), f"The file has {facts.st_size / 1e9:.1f} GB")
        with path.open("rb") as file:
            return _decoded(file, str(path), MAX_PIXELS)
    except OSError as error:
        raise StorageError(
            f"The picture can't be read: {error.strerror}.", where=str(path)
        ) from None


@dataclass(frozen=True)
class Frame:
    """One picture of a sequence and how long it is shown."""

    pixels: Pixels
    duration_ms: int


def read_frames(path: Path) -> tuple[Frame, ...]:
    """All pictures of an animated GIF, WebP or PNG, or a TIFF's pages of one size; else the one there is.

    Raises:
        StorageError: as `read_image`; or all together are too large.
    """
    first = read_image(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=_FORMATS) as image:
                count, size = int(getattr(image, "n_frames", 1)), image.size
                if count > 1 and count * size[0] * size[1] > MAX_PIXELS:
                    raise _too_large(
                        str(path), f"Its {count} pictures have {size[0]} × {size[1]} pixels each"
                    )
                return tuple(_frames(image, count)) if count > 1 else (Frame(first, 0),)
    except DAMAGE as error:
        raise _damaged(str(path), error) from None


def _frames(image: Image.Image, count: int) -> Iterator[Frame]:
    size = image.size
    for number in range(count):
        image.seek(number)
        image.load()
        if image.size == size:
            yield Frame(as_pixels(in_srgb(image)), int(image.info.get("duration") or 0))


def _damaged(where: str, error: Exception) -> StorageError:
    return StorageError(
        f"The picture is damaged: {str(error)[:200] or type(error).__name__}.",
        where=where,
        remedy="Get the file once more.",
    )


def decode_image(data: bytes, *, where: str = "", max_pixels: int = MAX_PIXELS) -> Pixels:
    """As read_image, from a file's bytes."""
    return _decoded(io.BytesIO(data), where, max_pixels)


def _decoded(file: BinaryIO, where: str, max_pixels: int) -> Pixels:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own bomb warning: our limit is stricter
            with Image.open(file, formats=_FORMATS) as image:
                width, height = image.size
                if width * height > max_pixels:
                    raise _too_large(where, f"The picture has {width} × {height} pixels")
                image.load()
                return as_pixels(in_srgb(_upright(image)))
    except Image.DecompressionBombError:
        raise _too_large(where, "The picture has far too many pixels") from None
    except UnidentifiedImageError:
        raise StorageError(
            "This is not a picture of a kind that can be read.",
            where=where,
            remedy=f"Known kinds: {', '.join(_FORMATS)}.",
        ) from None
    except DAMAGE as error:
        raise _damaged(where, error) from None


def _too_large(where: str, what: str) -> StorageError:
    return StorageError(
        f"{what}; at most {MAX_PIXELS // 10**6} million pixels are read.",
        where=where,
        remedy="Make it smaller in another program first.",
    )


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except DAMAGE:  # a damaged note of the camera is no damage of the picture
        return image


def encode_png(pixels: Pixels, record: Record | None = None) -> bytes:
    """A PNG; with a record, under the text key "folio" as JSON and "parameters" as others read it."""
    info = PngImagePlugin.PngInfo()
    if record is not None:
        size = f"{pixels.shape[1]}x{pixels.shape[0]}"
        info.add_itxt(RECORD_KEY, record.model_dump_json())
        # Plain tEXt where Latin-1 suffices: the oldest programs read no other.
        info.add_text("parameters", parameters_text(record, size).replace("\0", " "))
    return _save(pixels, pnginfo=info, compress_level=4)


def thumbnail_png(pixels: Pixels, side_px: int = 256) -> bytes:
    """A small PNG, the longest side at most `side_px`."""
    image = Image.fromarray(pixels)
    image.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
    return _save(np.asarray(image), compress_level=4)


def _save(pixels: Pixels, **options: object) -> bytes:
    image = Image.fromarray(pixels)
    if pixels.ndim == 3 and bool((pixels[..., 3] == 255).all()):
        image = image.convert("RGB")
    buffer = io.BytesIO()
    image.save(buffer, "PNG", **options)
    return buffer.getvalue()


def parameters_text(record: Record, size: str = "") -> str:
    """The record as the text key that Stable Diffusion programs write and read."""
    params = dict(record.params)
    lines = [str(params.pop("prompt", ""))]
    negative = params.pop("negative_prompt", "")
    if negative:
        lines.append(f"Negative prompt: {negative}")
    facts = {
        "Steps": params.get("steps"),
        "Sampler": params.get("scheduler"),
        "CFG scale": params.get("guidance_scale"),
        "Seed": record.result_seed if record.result_seed is not None else record.seed,
        "Size": size or None,
        "Model hash": next((m.content_hash[:10] for m in record.models.values()), None),
        "Model": next((m.id for m in record.models.values()), None),
        "Version": f"Folio {record.versions.get('folio', '')}".strip(),
    }
    lines.append(
        ", ".join(f"{name}: {value}" for name, value in facts.items() if value is not None)
    )
    return "\n".join(lines)


def read_png_record(data: bytes) -> Record | None:
    """The record a PNG carries, if it carries one that can be read. The head of a file suffices."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
                text = image.info.get(RECORD_KEY)
    except (Image.DecompressionBombError, *DAMAGE):
        return None
    if not isinstance(text, str):
        return None
    try:
        return Record.model_validate_json(text)
    except ValidationError:
        return None
