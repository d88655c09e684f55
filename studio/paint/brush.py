"""Brushes: where along a stroke its dabs fall, and what one dab covers. Pure; any thread."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Coverage = npt.NDArray[np.float32]
"""(H, W) float32 in 0..1."""

_PHASES = 4
"""Dabs are placed to a quarter of a pixel."""
_FLAT_PX = 3.0
"""Curves are walked in straight pieces of about this length."""


@dataclass(frozen=True)
class PressureCurve:
    """What the pen's pressure comes to: straight lines between points (pressure, value), both 0..1."""

    points: tuple[tuple[float, float], ...] = ((0.0, 0.0), (1.0, 1.0))

    def __call__(self, pressure: float) -> float:
        return float(np.interp(pressure, [x for x, _ in self.points], [y for _, y in self.points]))


@dataclass(frozen=True)
class Brush:
    size_px: float = 24.0
    hardness: float = 0.8
    """Fraction of the radius that is covered fully."""
    opacity: float = 1.0
    """What a stroke covers at most, however often it passes."""
    flow: float = 1.0
    """What one dab adds of that."""
    spacing: float = 0.1
    """Between dabs, as a fraction of the size."""
    smoothing: float = 0.0
    """0: the hand as it is; towards 1 the stroke follows it more and more slowly."""
    size_by_pressure: bool = False
    opacity_by_pressure: bool = False
    pressure_curve: PressureCurve = field(default_factory=PressureCurve)


@dataclass(frozen=True)
class StrokePoint:
    """Where the hand is: canvas pixels, the middle of the first pixel being (0.5, 0.5)."""

    x: float
    y: float
    pressure: float = 1.0


@dataclass(frozen=True)
class Dab:
    x: float
    y: float
    size_px: float
    strength: float
    """What it covers at most, from the pressure."""


class DabPath:
    """Dabs along a smooth curve through the points, given one after the other.

    The curve runs through the middles between points, so it ends half a step behind the hand until `finish`.
    """

    def __init__(self, brush: Brush) -> None:
        self._brush = brush
        self._hand: StrokePoint | None = None
        self._corner: StrokePoint | None = None
        self._at: StrokePoint | None = None
        self._until_next_px = 0.0

    def extend(self, point: StrokePoint) -> Iterator[Dab]:
        if self._hand is None or self._corner is None or self._at is None:
            self._hand = self._corner = self._at = point
            yield self._dab(point)
            self._until_next_px = self._step_px(point)
            return
        self._hand = point
        target = self._followed(point)
        middle = _between(self._corner, target, 0.5)
        yield from self._curve(self._corner, middle)
        self._corner = target

    def finish(self) -> Iterator[Dab]:
        """The rest of the way to where the hand was last."""
        if self._hand is not None and self._corner is not None:
            yield from self._curve(self._corner, self._hand)
            self._corner = self._hand

    def _followed(self, point: StrokePoint) -> StrokePoint:
        assert self._corner is not None
        return _between(self._corner, point, 1.0 - 0.95 * min(max(self._brush.smoothing, 0.0), 1.0))

    def _curve(self, corner: StrokePoint, end: StrokePoint) -> Iterator[Dab]:
        """A quadratic Bézier curve from where the path is, bent towards `corner`."""
        start = self._at
        assert start is not None
        length = math.hypot(corner.x - start.x, corner.y - start.y)
        length += math.hypot(end.x - corner.x, end.y - corner.y)
        pieces = max(1, min(64, math.ceil(length / _FLAT_PX)))
        for piece in range(1, pieces + 1):
            t = piece / pieces
            yield from self._line(_between(_between(start, corner, t), _between(corner, end, t), t))

    def _line(self, end: StrokePoint) -> Iterator[Dab]:
        start = self._at
        assert start is not None
        length = math.hypot(end.x - start.x, end.y - start.y)
        walked = 0.0
        while length - walked >= self._until_next_px:
            walked += self._until_next_px
            here = _between(start, end, walked / length if length else 1.0)
            yield self._dab(here)
            self._until_next_px = self._step_px(here)
        self._until_next_px -= length - walked
        self._at = end

    def _dab(self, point: StrokePoint) -> Dab:
        brush = self._brush
        strength = brush.pressure_curve(point.pressure) if brush.opacity_by_pressure else 1.0
        return Dab(point.x, point.y, self._size_px(point), strength)

    def _size_px(self, point: StrokePoint) -> float:
        brush = self._brush
        factor = brush.pressure_curve(point.pressure) if brush.size_by_pressure else 1.0
        return max(brush.size_px * factor, 0.5)

    def _step_px(self, point: StrokePoint) -> float:
        return max(self._size_px(point) * self._brush.spacing, 0.5)


def dab_coverage(dab: Dab, hardness: float) -> tuple[int, int, Coverage]:
    """A round dab: left and top in whole pixels, and what it covers of each pixel, without its strength."""
    x, y = round(dab.x * _PHASES), round(dab.y * _PHASES)
    left, phase_x = divmod(x, _PHASES)
    top, phase_y = divmod(y, _PHASES)
    size_px = round(dab.size_px * 8) / 8 if dab.size_px < 64 else round(dab.size_px)
    coverage = _round_dab(size_px, round(hardness, 3), phase_x, phase_y)
    half = coverage.shape[0] // 2
    return left - half, top - half, coverage


@lru_cache(maxsize=128)
def _round_dab(size_px: float, hardness: float, phase_x: int, phase_y: int) -> Coverage:
    radius = size_px / 2
    half = math.ceil(radius + 1.5)
    pixels = np.arange(-half, half + 1, dtype=np.float32) + np.float32(0.5)
    dx, dy = pixels - phase_x / _PHASES, pixels - phase_y / _PHASES
    distance = np.hypot(dx[None, :], dy[:, None])
    # The edge is never sharper than one pixel, or it would show steps.
    fade = max(radius * (1.0 - hardness), 1.0)
    inward = np.clip((radius + 0.5 - distance) / fade, 0.0, 1.0)
    soft = inward * inward * (3.0 - 2.0 * inward) if fade > 1.0 else inward
    if radius < 0.5:
        soft = soft * (size_px * size_px)
    coverage: Coverage = soft.astype(np.float32)
    coverage.setflags(write=False)
    return coverage


def _between(start: StrokePoint, end: StrokePoint, t: float) -> StrokePoint:
    return StrokePoint(
        start.x + (end.x - start.x) * t,
        start.y + (end.y - start.y) * t,
        start.pressure + (end.pressure - start.pressure) * t,
    )
