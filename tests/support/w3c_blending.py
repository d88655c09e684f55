"""The W3C's formulas, pixel by pixel in float64: https://www.w3.org/TR/compositing-1/."""

from __future__ import annotations

import math
from collections.abc import Callable

Colour = tuple[float, float, float]
Rgba = tuple[float, float, float, float]


def blend(mode: str, backdrop: Rgba, source: Rgba) -> Rgba:
    """Source over backdrop with a mode. Straight alpha, 0..1, in and out."""
    (*cb, ab), (*cs, as_) = backdrop, source
    if mode == "plus":
        alpha = min(1.0, as_ + ab)
        sums = [min(1.0, as_ * s + ab * b) for s, b in zip(cs, cb, strict=True)]
        return _straight(sums, alpha)
    below, above = (cb[0], cb[1], cb[2]), (cs[0], cs[1], cs[2])
    if mode in NONSEPARABLE:
        mixed = NONSEPARABLE[mode](below, above)
    else:
        one = SEPARABLE[mode]
        mixed = (one(cb[0], cs[0]), one(cb[1], cs[1]), one(cb[2], cs[2]))
    alpha = as_ + ab * (1 - as_)
    blended = [
        (1 - ab) * as_ * s + (1 - as_) * ab * b + as_ * ab * m
        for s, b, m in zip(cs, cb, mixed, strict=True)
    ]
    return _straight(blended, alpha)


def _straight(premultiplied: list[float], alpha: float) -> Rgba:
    if alpha == 0:
        return (0.0, 0.0, 0.0, 0.0)
    red, green, blue = (value / alpha for value in premultiplied)
    return (red, green, blue, alpha)


def _color_dodge(cb: float, cs: float) -> float:
    if cb == 0:
        return 0.0
    return 1.0 if cs == 1 else min(1.0, cb / (1 - cs))


def _color_burn(cb: float, cs: float) -> float:
    if cb == 1:
        return 1.0
    return 0.0 if cs == 0 else 1 - min(1.0, (1 - cb) / cs)


def _screen(cb: float, cs: float) -> float:
    return cb + cs - cb * cs


def _hard_light(cb: float, cs: float) -> float:
    return cb * 2 * cs if cs <= 0.5 else _screen(cb, 2 * cs - 1)


def _soft_light(cb: float, cs: float) -> float:
    if cs <= 0.5:
        return cb - (1 - 2 * cs) * cb * (1 - cb)
    d = ((16 * cb - 12) * cb + 4) * cb if cb <= 0.25 else math.sqrt(cb)
    return cb + (2 * cs - 1) * (d - cb)


SEPARABLE: dict[str, Callable[[float, float], float]] = {
    "normal": lambda cb, cs: cs,
    "multiply": lambda cb, cs: cb * cs,
    "screen": _screen,
    "overlay": lambda cb, cs: _hard_light(cs, cb),
    "darken": min,
    "lighten": max,
    "color-dodge": _color_dodge,
    "color-burn": _color_burn,
    "hard-light": _hard_light,
    "soft-light": _soft_light,
    "difference": lambda cb, cs: abs(cb - cs),
    "exclusion": lambda cb, cs: cb + cs - 2 * cb * cs,
}


def _lum(c: Colour) -> float:
    return 0.3 * c[0] + 0.59 * c[1] + 0.11 * c[2]


def _sat(c: Colour) -> float:
    return max(c) - min(c)


def _set_lum(c: Colour, lum: float) -> Colour:
    d = lum - _lum(c)
    moved = (c[0] + d, c[1] + d, c[2] + d)
    light, low, high = _lum(moved), min(moved), max(moved)
    if low < 0:
        moved = _each(moved, lambda v: light + (v - light) * light / (light - low))
    if high > 1:
        moved = _each(moved, lambda v: light + (v - light) * (1 - light) / (high - light))
    return moved


def _set_sat(c: Colour, sat: float) -> Colour:
    low, high = min(c), max(c)
    if high == low:
        return (0.0, 0.0, 0.0)
    return _each(c, lambda v: (v - low) * sat / (high - low))


def _each(c: Colour, change: Callable[[float], float]) -> Colour:
    return (change(c[0]), change(c[1]), change(c[2]))


NONSEPARABLE: dict[str, Callable[[Colour, Colour], Colour]] = {
    "hue": lambda cb, cs: _set_lum(_set_sat(cs, _sat(cb)), _lum(cb)),
    "saturation": lambda cb, cs: _set_lum(_set_sat(cb, _sat(cs)), _lum(cb)),
    "color": lambda cb, cs: _set_lum(cs, _lum(cb)),
    "luminosity": lambda cb, cs: _set_lum(cb, _lum(cs)),
}
