"""Any picture's colours as 8-bit sRGB, through its own profile where it has one. Pure; any thread."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

_DEEP_GREY = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")


def in_srgb(image: Image.Image) -> npt.NDArray[np.uint8]:
    """(H, W) grey or (H, W, 4) RGBA, straight alpha. `image` is decoded."""
    if image.mode in _DEEP_GREY:
        return _eight_bits(image)
    colour, alpha = _parts(image)
    converted = _through_profile(colour, image.info.get("icc_profile"))
    rgba = converted.convert("RGBA")
    if alpha is not None:
        rgba.putalpha(alpha)
    return np.asarray(rgba)


def _eight_bits(image: Image.Image) -> npt.NDArray[np.uint8]:
    """Grey of more than 8 bits: 16 bits are scaled by their range, others by their brightest value."""
    values = np.asarray(image, np.float32)
    values = np.where(np.isfinite(values), values, np.float32(0))
    brightest = float(values.max(initial=0))
    top = max(1.0, brightest) if image.mode == "F" else max(65535.0, brightest)
    scaled: npt.NDArray[np.uint8] = np.clip(values * (255.0 / top) + 0.5, 0, 255).astype(np.uint8)
    return scaled


def _parts(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """The colours without alpha, and the alpha if there is any; profiles know only the first."""
    if image.mode in ("La", "RGBa"):
        image = image.convert("LA" if image.mode == "La" else "RGBA")
    if image.mode in ("P", "PA") or "transparency" in image.info:
        clear = "transparency" in image.info or image.mode == "PA"
        image = image.convert("RGBA" if clear else "RGB")
    if image.mode in ("RGBA", "LA"):
        return image.convert(image.mode[:-1]), image.getchannel("A")
    if image.mode in ("1", "YCbCr", "HSV"):
        return image.convert("L" if image.mode == "1" else "RGB"), None
    return image, None


def _through_profile(image: Image.Image, profile: object) -> Image.Image:
    """A damaged profile, or one for other colours than the picture's, is ignored."""
    try:
        if isinstance(profile, bytes) and profile:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if image.mode == "RGB" and ImageCms.getProfileDescription(source).startswith("sRGB"):
                return image
        elif image.mode == "LAB":
            source = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        else:
            return image
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, source, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return converted if converted is not None else image
