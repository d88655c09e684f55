"""Blend modes: which of QPainter's each one is, and the four of hue and light, which QPainter lacks.

Source: W3C, Compositing and Blending Level 1, https://www.w3.org/TR/compositing-1/.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QPainter

from studio.core.layers import BlendMode

Floats = npt.NDArray[np.float32]
_Mode = QPainter.CompositionMode

PAINTER_MODES: dict[BlendMode, QPainter.CompositionMode] = {
    BlendMode.NORMAL: _Mode.CompositionMode_SourceOver,
    BlendMode.MULTIPLY: _Mode.CompositionMode_Multiply,
    BlendMode.SCREEN: _Mode.CompositionMode_Screen,
    BlendMode.OVERLAY: _Mode.CompositionMode_Overlay,
    BlendMode.DARKEN: _Mode.CompositionMode_Darken,
    BlendMode.LIGHTEN: _Mode.CompositionMode_Lighten,
    BlendMode.COLOR_DODGE: _Mode.CompositionMode_ColorDodge,
    BlendMode.COLOR_BURN: _Mode.CompositionMode_ColorBurn,
    BlendMode.HARD_LIGHT: _Mode.CompositionMode_HardLight,
    BlendMode.SOFT_LIGHT: _Mode.CompositionMode_SoftLight,
    BlendMode.DIFFERENCE: _Mode.CompositionMode_Difference,
    BlendMode.EXCLUSION: _Mode.CompositionMode_Exclusion,
    BlendMode.PLUS: _Mode.CompositionMode_Plus,
}
_TINY = np.float32(1e-9)
_LUMINANCE = np.array([0.3, 0.59, 0.11], np.float32)


def blend_by_hue(mode: BlendMode, backdrop: Floats, source: Floats) -> Floats:
    """Blend with HUE, SATURATION, COLOR or LUMINOSITY.

    Args:
        backdrop, source: (..., 4) float32 in 0..1, premultiplied alpha.

    Returns:
        (..., 4) premultiplied.
    """
    alpha_b, alpha_s = backdrop[..., 3:], source[..., 3:]
    below = (backdrop[..., :3] / np.maximum(alpha_b, _TINY)).astype(np.float32, copy=False)
    above = (source[..., :3] / np.maximum(alpha_s, _TINY)).astype(np.float32, copy=False)
    if mode is BlendMode.HUE:
        mixed = _with_luminosity(_with_saturation(above, _saturation(below)), _luminosity(below))
    elif mode is BlendMode.SATURATION:
        mixed = _with_luminosity(_with_saturation(below, _saturation(above)), _luminosity(below))
    elif mode is BlendMode.COLOR:
        mixed = _with_luminosity(above, _luminosity(below))
    elif mode is BlendMode.LUMINOSITY:
        mixed = _with_luminosity(below, _luminosity(above))
    else:
        raise ValueError(f"{mode} is blended by QPainter")
    blended = np.empty_like(backdrop)
    blended[..., :3] = (
        source[..., :3] * (1 - alpha_b)
        + backdrop[..., :3] * (1 - alpha_s)
        + alpha_s * alpha_b * mixed
    )
    blended[..., 3:] = alpha_s + alpha_b * (1 - alpha_s)
    return blended


def _luminosity(colour: Floats) -> Floats:
    return (colour @ _LUMINANCE)[..., None]


def _saturation(colour: Floats) -> Floats:
    return np.asarray(colour.max(-1, keepdims=True) - colour.min(-1, keepdims=True))


def _with_luminosity(colour: Floats, luminosity: Floats) -> Floats:
    """SetLum with ClipColor."""
    moved = colour + (luminosity - _luminosity(colour))
    light = _luminosity(moved)
    low, high = moved.min(-1, keepdims=True), moved.max(-1, keepdims=True)
    moved = np.where(
        low < 0, light + (moved - light) * light / np.maximum(light - low, _TINY), moved
    )
    over = np.maximum(high - light, _TINY)
    return np.asarray(np.where(high > 1, light + (moved - light) * (1 - light) / over, moved))


def _with_saturation(colour: Floats, saturation: Floats) -> Floats:
    """SetSat: the smallest component goes to 0, the largest to `saturation`, the middle in proportion."""
    low = colour.min(-1, keepdims=True)
    span = colour.max(-1, keepdims=True) - low
    return np.asarray((colour - low) * np.where(span > 0, saturation / np.maximum(span, _TINY), 0))
