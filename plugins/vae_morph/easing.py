"""How fast a walk goes on its way: fractions in, fractions out. Pure; any thread."""

from __future__ import annotations

import math
from typing import Literal

Easing = Literal["linear", "smooth", "smoother", "in", "out", "in and out"]


def eased(fraction: float, easing: Easing) -> float:
    """0..1 to 0..1; 0 stays 0, 1 stays 1, and it never turns back."""
    t = min(max(fraction, 0.0), 1.0)
    if easing == "smooth":
        return t * t * (3 - 2 * t)
    if easing == "smoother":
        return t * t * t * (t * (6 * t - 15) + 10)
    if easing == "in":
        return t * t
    if easing == "out":
        return t * (2 - t)
    if easing == "in and out":
        return (1 - math.cos(math.pi * t)) / 2
    return t


def legs(keys: int, frames: int, closed: bool, easing: Easing) -> list[tuple[int, int, float]]:
    """A walk through `keys` pictures, `frames` frames for each leg.

    Returns:
        For each frame the picture it comes from, the one it goes to, and how far it is. An open walk
        ends on the last picture itself; a closed one stops one frame short of where it began, so
        that it repeats without a stutter.
    """
    pairs = [(index, index + 1) for index in range(keys - 1)]
    if closed and keys > 1:
        pairs.append((keys - 1, 0))
    walk = [
        (start, stop, eased(frame / frames, easing))
        for start, stop in pairs
        for frame in range(frames)
    ]
    if not closed:
        walk.append((keys - 1, keys - 1, 0.0))
    return walk
