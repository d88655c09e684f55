"""Where the canvas is seen: scale, turn, mirror and offset between canvas and widget coordinates. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

MIN_SCALE, MAX_SCALE = 0.02, 64.0
STEPS = (
    0.02, 0.05, 0.1, 0.17, 0.25, 0.33, 0.5, 0.67, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 32.0, 64.0,
)  # fmt: skip


@dataclass(frozen=True)
class ViewTransform:
    """widget = turn(mirror(canvas × scale)) + offset, in device-independent pixels.

    Args:
        turned_deg: Clockwise, 0 ≤ turned_deg < 360.
        mirrored: Left and right exchanged, before the turn.
    """

    scale: float = 1.0
    offset_x: float = 0.0
    offset_y: float = 0.0
    turned_deg: float = 0.0
    mirrored: bool = False

    @property
    def upright(self) -> bool:
        """Neither turned nor mirrored: rows of the canvas are rows of the screen."""
        return self.turned_deg == 0 and not self.mirrored

    @property
    def matrix(self) -> tuple[float, float, float, float, float, float]:
        """m11, m12, m21, m22, dx, dy, as QTransform takes them."""
        turn = math.radians(self.turned_deg)
        cos, sin = math.cos(turn) * self.scale, math.sin(turn) * self.scale
        flip = -1.0 if self.mirrored else 1.0
        return cos * flip, sin * flip, -sin, cos, self.offset_x, self.offset_y

    def to_widget(self, x: float, y: float) -> tuple[float, float]:
        m11, m12, m21, m22, dx, dy = self.matrix
        return x * m11 + y * m21 + dx, x * m12 + y * m22 + dy

    def to_canvas(self, x: float, y: float) -> tuple[float, float]:
        m11, m12, m21, m22, dx, dy = self.matrix
        x, y = x - dx, y - dy
        determinant = m11 * m22 - m12 * m21
        return (x * m22 - y * m21) / determinant, (y * m11 - x * m12) / determinant

    def panned(self, dx: float, dy: float) -> ViewTransform:
        return replace(self, offset_x=self.offset_x + dx, offset_y=self.offset_y + dy)

    def zoomed(self, scale: float, x: float, y: float) -> ViewTransform:
        """Another scale; the canvas point under widget point (x, y) stays there."""
        scale = min(max(scale, MIN_SCALE), MAX_SCALE)
        ratio = scale / self.scale
        return replace(
            self,
            scale=scale,
            offset_x=x - (x - self.offset_x) * ratio,
            offset_y=y - (y - self.offset_y) * ratio,
        )

    def turned(self, by_deg: float, x: float, y: float) -> ViewTransform:
        """Turned further, clockwise, around widget point (x, y)."""
        return self._kept_at(replace(self, turned_deg=(self.turned_deg + by_deg) % 360), x, y)

    def flipped(self, x: float, y: float) -> ViewTransform:
        """What is left of widget point (x, y) on the screen is right of it then."""
        after = replace(self, mirrored=not self.mirrored, turned_deg=-self.turned_deg % 360)
        return self._kept_at(after, x, y)

    def straightened(self, x: float, y: float) -> ViewTransform:
        """Neither turned nor mirrored; the canvas point under (x, y) stays there."""
        return self._kept_at(replace(self, turned_deg=0.0, mirrored=False), x, y)

    def next_step(self, direction: int) -> float:
        """The next of the usual scales in a direction."""
        if direction > 0:
            return next((step for step in STEPS if step > self.scale * 1.001), MAX_SCALE)
        return next((step for step in reversed(STEPS) if step < self.scale * 0.999), MIN_SCALE)

    def _kept_at(self, after: ViewTransform, x: float, y: float) -> ViewTransform:
        there_x, there_y = after.to_widget(*self.to_canvas(x, y))
        return after.panned(x - there_x, y - there_y)


def fitted(
    x: float,
    y: float,
    width: float,
    height: float,
    view_width: float,
    view_height: float,
    margin: float,
) -> ViewTransform:
    """A rectangle of the canvas as large as the view shows it whole; small ones up to 8 ×, whole steps."""
    room_x, room_y = max(1.0, view_width - 2 * margin), max(1.0, view_height - 2 * margin)
    scale = min(room_x / max(width, 1), room_y / max(height, 1), 8.0)
    if scale > 1:
        scale = float(int(scale))
    scale = min(max(scale, MIN_SCALE), MAX_SCALE)
    offset_x = (view_width - width * scale) / 2 - x * scale
    offset_y = (view_height - height * scale) / 2 - y * scale
    return ViewTransform(scale, round(offset_x), round(offset_y))
