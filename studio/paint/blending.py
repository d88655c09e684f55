"""Blend modes: which of QPainter's do, and the others by numpy. Premultiplied, any thread.

QPainter lacks the modes of hue and light; its burn and dodge follow an older text where a colour is 0
or 1, its soft light is slower than this one, and its plus takes the opacity after the sum was cut off.

Source: W3C, Compositing and Blending Level 1, https://www.w3.org/TR/compositing-1/.
"""

from __future__ import annotations

from collections.abc import Callable

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
    BlendMode.HARD_LIGHT: _Mode.CompositionMode_HardLight,
    BlendMode.DIFFERENCE: _Mode.CompositionMode_Difference,
    BlendMode.EXCLUSION: _Mode.CompositionMode_Exclusion,
}
_TINY = np.float32(1e-9)
_RED, _GREEN, _BLUE = np.float32(0.3), np.float32(0.59), np.float32(0.11)
_ROUNDED = np.float32(0.75 / 65535)
_ZERO, _ONE, _TWO, _HALF = (np.float32(value) for value in (0, 1, 2, 0.5))


def blended(mode: BlendMode, backdrop: Floats, source: Floats) -> Floats:
    """Blend with one of the modes that QPainter doesn't do.

    Args:
        backdrop, source: (4, ...) float32 in 0..1, planes of red, green, blue, alpha, premultiplied.

    Returns:
        (4, ...) premultiplied; `source` is used up.

    Raises:
        ValueError: it is one of PAINTER_MODES.
    """
    if mode is BlendMode.PLUS:
        return np.asarray(np.minimum(backdrop + source, _ONE))
    mix = _MIXES.get(mode)
    if mix is None:
        raise ValueError(f"{mode} is blended by QPainter")
    alpha_b, alpha_s = backdrop[3], source[3].copy()
    # Never above 1, however the premultiplied values were rounded.
    below = np.minimum(backdrop[:3] / np.maximum(alpha_b, _TINY), _ONE)
    above = np.minimum(source[:3] / np.maximum(alpha_s, _TINY), _ONE)
    if mode is BlendMode.COLOR_BURN:
        # Burnt by black, white stays and all else goes: a white that was rounded in 16 bits is white.
        below = np.where(below >= _ONE - _ROUNDED / np.maximum(alpha_b, _ROUNDED), _ONE, below)
    mixed = mix(below, above)
    mixed *= alpha_s * alpha_b
    source *= _ONE - alpha_b
    source[:3] += mixed
    source[:3] += backdrop[:3] * (_ONE - alpha_s)
    source[3] += alpha_b
    return source


def _color_dodge(below: Floats, above: Floats) -> Floats:
    room = np.maximum(_ONE - above, _TINY)
    return np.asarray(np.where(below <= 0, _ZERO, np.minimum(_ONE, below / room)))


def _color_burn(below: Floats, above: Floats) -> Floats:
    left = np.minimum(_ONE, (_ONE - below) / np.maximum(above, _TINY))
    return np.asarray(np.where(below >= 1, _ONE, _ONE - left))


def _soft_light(below: Floats, above: Floats) -> Floats:
    push = _TWO * above - _ONE
    curve = ((np.float32(16) * below - np.float32(12)) * below + np.float32(4)) * below
    lighter = np.where(below <= np.float32(0.25), curve, np.sqrt(below)) - below
    darker = below * (_ONE - below)
    return np.asarray(below + push * np.where(push <= 0, darker, lighter))


def _luminosity(colour: Floats) -> Floats:
    red, green, blue = colour[0] * _RED, colour[1] * _GREEN, colour[2] * _BLUE
    return np.asarray(red + green + blue)


def _saturation(colour: Floats) -> Floats:
    return np.asarray(_most(colour) - _least(colour))


def _most(colour: Floats) -> Floats:
    return np.asarray(np.maximum(np.maximum(colour[0], colour[1]), colour[2]))


def _least(colour: Floats) -> Floats:
    return np.asarray(np.minimum(np.minimum(colour[0], colour[1]), colour[2]))


def _with_luminosity(colour: Floats, luminosity: Floats) -> Floats:
    """SetLum with ClipColor. What was moved by `luminosity` has it as its own."""
    moved = colour + (luminosity - _luminosity(colour))
    low, high = _least(moved), _most(moved)
    shrink = np.where(low < 0, luminosity / np.maximum(luminosity - low, _TINY), _ONE)
    over = (_ONE - luminosity) / np.maximum(high - luminosity, _TINY)
    shrink = np.where(high > 1, np.minimum(shrink, over), shrink)
    return np.asarray(np.clip(luminosity + (moved - luminosity) * shrink, _ZERO, _ONE))


def _with_saturation(colour: Floats, saturation: Floats) -> Floats:
    """SetSat: the smallest goes to 0, the largest to `saturation`, the middle one in proportion."""
    low = _least(colour)
    span = _most(colour) - low
    return np.asarray(
        (colour - low) * np.where(span > 0, saturation / np.maximum(span, _TINY), _ZERO)
    )


def _hue(below: Floats, above: Floats) -> Floats:
    return _with_luminosity(_with_saturation(above, _saturation(below)), _luminosity(below))


def _saturated(below: Floats, above: Floats) -> Floats:
    return _with_luminosity(_with_saturation(below, _saturation(above)), _luminosity(below))


def _coloured(below: Floats, above: Floats) -> Floats:
    return _with_luminosity(above, _luminosity(below))


def _lit(below: Floats, above: Floats) -> Floats:
    return _with_luminosity(below, _luminosity(above))


_MIXES: dict[BlendMode, Callable[[Floats, Floats], Floats]] = {
    BlendMode.COLOR_DODGE: _color_dodge,
    BlendMode.COLOR_BURN: _color_burn,
    BlendMode.SOFT_LIGHT: _soft_light,
    BlendMode.HUE: _hue,
    BlendMode.SATURATION: _saturated,
    BlendMode.COLOR: _coloured,
    BlendMode.LUMINOSITY: _lit,
}
