"""Where the canvas is seen: a scale and an offset between canvas and widget coordinates. Pure."""

from __future__ import annotations

from dataclasses import dataclass

MIN_SCALE, MAX_SCALE = 0.02, 64.0
STEPS = (
    0.02,
    0.05,
    0.1,
    0.17,
    0.25,
    0.33,
    0.5,
    0.67,
    1.0,
    1.5,
    2.0,
    3.0,
    4.0,
    6.0,
    8.0,
    12.0,
    16.0,
    32.0,
    64.0,
)


@dataclass(frozen=True)
class ViewTransform:
    """widget = canvas × scale + offset, in device-independent pixels."""

    scale: float = 1.0
    offset_x: float = 0.0
    offset_y: float = 0.0

    def to_canvas(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.offset_x) / self.scale, (y - self.offset_y) / self.scale

    def panned(self, dx: float, dy: float) -> ViewTransform:
        return ViewTransform(self.scale, self.offset_x + dx, self.offset_y + dy)

    def zoomed(self, scale: float, x: float, y: float) -> ViewTransform:
        """Another scale; the canvas point under widget point (x, y) stays there."""
        scale = min(max(scale, MIN_SCALE), MAX_SCALE)
        ratio = scale / self.scale
        return ViewTransform(
            scale, x - (x - self.offset_x) * ratio, y - (y - self.offset_y) * ratio
        )

    def next_step(self, direction: int) -> float:
        """The next of the usual scales in a direction."""
        if direction > 0:
            return next((step for step in STEPS if step > self.scale * 1.001), MAX_SCALE)
        return next((step for step in reversed(STEPS) if step < self.scale * 0.999), MIN_SCALE)


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
