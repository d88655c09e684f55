"""Snapping: what is moved keeps to guides, canvas and layers; what is drawn, to guides. GUI thread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen

from studio.core.geometry import Rect
from studio.core.guides import Axis
from studio.core.layers import Layer
from studio.ui.canvas.easel import Easel
from studio.ui.canvas.pointer import Pointer
from studio.ui.canvas.view_transform import ViewTransform

_REACH_PX = 6
_COLOUR = "#ff4fa3"


class Snapper:
    """`moved` gives the shift that snaps best; `paint` shows which lines it kept to."""

    def __init__(self, easel: Easel) -> None:
        self._easel = easel
        self._lines: tuple[tuple[str, int], ...] = ()

    def moved(self, layer: Layer, dx: int, dy: int, *, off: bool = False) -> tuple[int, int]:
        """The nearest shift at which an edge or the middle of the layer is on a line."""
        self._lines = ()
        if off or not self._easel.snapping:
            return dx, dy
        bounds = layer.bounds.translated(dx, dy)
        across, down = self._targets(layer)
        reach = _REACH_PX / self._easel.scale
        sx, line_x = _nearest(bounds.x, bounds.right, across, reach)
        sy, line_y = _nearest(bounds.y, bounds.bottom, down, reach)
        self._lines = tuple(
            (axis, line) for axis, line in (("x", line_x), ("y", line_y)) if line is not None
        )
        return dx + sx, dy + sy

    def let_go(self) -> None:
        self._lines = ()

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        painter.setPen(QPen(QColor(_COLOUR), 1))
        far = 1 << 16
        for axis, line in self._lines:
            ends = ((line, -far), (line, far)) if axis == "x" else ((-far, line), (far, line))
            one, two = (QPointF(*view.to_widget(*end)) for end in ends)
            painter.drawLine(one, two)

    def line(self, axis: Axis, at: float) -> int:
        """Where a guide snaps to: edges and middles of the canvas and the layers, else the nearest pixel."""
        if not self._easel.snapping:
            return round(at)
        across, down = self._targets(None, guides=False)
        near = _line_near(at, across if axis == "x" else down, _REACH_PX / self._easel.scale)
        return near if near is not None else round(at)

    def _targets(self, moved: Layer | None, *, guides: bool = True) -> tuple[set[int], set[int]]:
        document = self._easel.document
        frame = (
            Rect(0, 0, document.width_px, document.height_px) if document.width_px > 0 else Rect()
        )
        rects = [frame] if not frame.empty else []
        rects += [
            layer.bounds
            for layer in document.layers
            if layer.visible and layer is not moved and not layer.bounds.empty
        ]
        across = {edge for r in rects for edge in (r.x, r.right)}
        down = {edge for r in rects for edge in (r.y, r.bottom)}
        if not frame.empty:
            across.add(frame.width // 2)
            down.add(frame.height // 2)
        if guides:
            across.update(line for axis, line in document.guides if axis == "x")
            down.update(line for axis, line in document.guides if axis == "y")
        return across, down


def on_guide(easel: Easel, axis: Axis, at: float, *, off: bool = False) -> float:
    """The guide that is near to a place along an axis, else the place."""
    if off or not easel.snapping:
        return at
    lines = (guide.at_px for guide in easel.document.guides if guide.axis == axis)
    near = _line_near(at, lines, _REACH_PX / easel.scale)
    return near if near is not None else at


def on_guides(easel: Easel, at: Pointer) -> Pointer:
    """The hand, on a guide if one is near; Ctrl keeps it where it is."""
    return replace(
        at,
        x=on_guide(easel, "x", at.x, off=at.control),
        y=on_guide(easel, "y", at.y, off=at.control),
    )


def _line_near(at: float, lines: Iterable[int], reach: float) -> int | None:
    """The line nearest to a place, within a reach; None: none is."""
    near = min(lines, key=lambda line: abs(line - at), default=None)
    return near if near is not None and abs(near - at) <= reach else None


def _nearest(low: int, high: int, lines: set[int], reach: float) -> tuple[int, int | None]:
    """How far to shift so that an edge or the middle meets a line, and which; (0, None): none is near."""
    best, found = 0, None
    for line in lines:
        for edge in (low, high, (low + high) // 2):
            shift = line - edge
            if abs(shift) <= reach and (found is None or abs(shift) < abs(best)):
                best, found = shift, line
    return best, found
