"""Pictures from and to files, through Pillow: bounded, upright, in sRGB, with their record. I/O thread."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps, PngImagePlugin, UnidentifiedImageError
from pydantic import ValidationError

from studio.api.errors import StorageError
from studio.api.outputs import Pixels, as_pixels
from studio.core.records import Record

MAX_PIXELS = 64_000_000
RECORD_KEY = "folio"
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP")


def read_image(path: Path) -> Pixels:
    """The picture in a file as RGBA; the first frame of an animated one.

    Raises:
        StorageError: not there, no picture, too large, or damaged.
    """
    try:
        return decode_image(path.read_bytes(), where=str(path))
    except OSError as error:
        raise StorageError(
            f"The picture can't be read: {error.strerror}.", where=str(path)
        ) from None


def decode_image(data: bytes, *, where: str = "") -> Pixels:
    """As read_image, from a file's bytes."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own bomb warning: our limit is stricter
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                width, height = image.size
                if width * height > MAX_PIXELS:
                    raise _too_large(where, f"{width} × {height}")
                image.load()
                return _rgba(ImageOps.exif_transpose(image))
    except Image.DecompressionBombError:
        raise _too_large(where, "far too many") from None
    except UnidentifiedImageError:
        raise StorageError(
            "This is not a picture of a kind that can be read.",
            where=where,
            remedy=f"Known kinds: {', '.join(_FORMATS)}.",
        ) from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise StorageError(
            f"The picture is damaged: {error}.", where=where, remedy="Get the file once more."
        ) from None


def _too_large(where: str, size: str) -> StorageError:
    return StorageError(
        f"The picture has {size} pixels; at most {MAX_PIXELS // 10**6} million are read.",
        where=where,
        remedy="Make it smaller in another program first.",
    )


def _rgba(image: Image.Image) -> Pixels:
    profile = image.info.get("icc_profile")
    if image.mode in ("I", "I;16", "I;16B", "I;16L", "F"):
        values = np.asarray(image, np.float64)
        top = 65535.0 if image.mode.startswith("I") else max(1.0, float(np.nanmax(values)))
        scaled = np.nan_to_num(values * 255.0 / top)
        return as_pixels(np.clip(scaled + 0.5, 0, 255).astype(np.uint8))
    if profile and image.mode in ("RGB", "RGBA", "L", "CMYK"):
        image = _to_srgb(image, profile)
    return as_pixels(np.asarray(image.convert("RGBA")))


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Colours through the picture's own profile; a damaged profile is ignored."""
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        plain = image.convert("RGB") if image.mode == "RGBA" else image
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(plain, source, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image
    if converted is None:
        return image
    if alpha is not None:
        converted.putalpha(alpha)
    return converted


def encode_png(pixels: Pixels, record: Record | None = None) -> bytes:
    """A PNG; with a record, under the text key "folio" as JSON and "parameters" as others read it."""
    info = PngImagePlugin.PngInfo()
    if record is not None:
        info.add_itxt(RECORD_KEY, record.model_dump_json())
        info.add_itxt("parameters", parameters_text(record))
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


def parameters_text(record: Record) -> str:
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
        "Model hash": next((m.content_hash[:10] for m in record.models.values()), None),
        "Model": next((m.id for m in record.models.values()), None),
        "Version": f"Folio {record.versions.get('folio', '')}",
    }
    lines.append(
        ", ".join(f"{name}: {value}" for name, value in facts.items() if value is not None)
    )
    return "\n".join(lines)


def read_png_record(data: bytes) -> Record | None:
    """The record a PNG carries, if it carries one that can be read."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            text = image.info.get(RECORD_KEY)
    except (OSError, SyntaxError, ValueError):
        return None
    if not isinstance(text, str):
        return None
    try:
        return Record.model_validate_json(text)
    except ValidationError:
        return None
