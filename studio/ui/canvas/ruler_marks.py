"""Where a ruler's lines and numbers are, for a scale and a place of the view. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from studio.core.guides import Axis
from studio.ui.canvas.view_transform import ViewTransform

_LABEL_PX = 56
"""Numbers are at least this far apart."""
_LINE_PX = 5
"""Lines too."""


@dataclass(frozen=True)
class Along:
    """How a canvas axis lies along one edge of the view: edge pixel = value × `per_px` + `start`."""

    axis: Axis
    per_px: float
    start: float

    def value(self, edge: float) -> float:
        return (edge - self.start) / self.per_px

    def edge(self, value: float) -> float:
        return value * self.per_px + self.start


@dataclass(frozen=True)
class RulerMark:
    """Args:
    edge: Where along the edge, in the widget's pixels.
    length: 1 for the longest lines, which have a number; less for those between.
    value: The number, or None.
    """

    edge: float
    length: float
    value: int | None = None


def along(view: ViewTransform, *, across: bool) -> Along | None:
    """The axis along the upper edge with `across`, else along the left one; None: the view is askew."""
    m11, m12, m21, m22, dx, dy = view.matrix
    small = 1e-9 * view.scale
    if abs(m12) <= small and abs(m21) <= small:
        return Along("x", m11, dx) if across else Along("y", m22, dy)
    if abs(m11) <= small and abs(m22) <= small:
        return Along("y", m21, dx) if across else Along("x", m12, dy)
    return None


def marks(line: Along, length_px: float) -> list[RulerMark]:
    """All that is seen of an edge of so many pixels."""
    scale = abs(line.per_px)
    step, parts = _step(scale)
    ends = sorted((line.value(0), line.value(length_px)))
    least = step / parts
    found: list[RulerMark] = []
    # From a number before the edge: its digits reach into view.
    first = math.floor(ends[0] / step) * parts
    for number in range(first, math.ceil(ends[1] / least) + 1):
        value = number * least
        if number % parts == 0:
            found.append(RulerMark(line.edge(value), 1.0, round(value)))
        else:
            half = parts % 2 == 0 and number % (parts // 2) == 0
            found.append(RulerMark(line.edge(value), 0.55 if half else 0.3))
    return found


def _step(scale: float) -> tuple[int, int]:
    """Pixels from number to number, and in how many parts lines divide that; both whole pixels."""
    step, decade = 1, 1
    while True:
        for factor in (1, 2, 5):
            step = factor * decade
            if step * scale >= _LABEL_PX:
                parts = (10, 5, 2) if factor != 2 else (10, 4, 2)
                fitting = (p for p in parts if step % p == 0 and step / p * scale >= _LINE_PX)
                return step, next(fitting, 1)
        decade *= 10
