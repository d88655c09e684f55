"""Composes what is in view and could not wait for, in pieces between the hand's events. GUI thread.

A thread would not help: QPainter holds Python's lock while it draws, so the window would wait just as long.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from studio.core.geometry import Rect
from studio.core.tiles import TILE_PX, TileKey
from studio.paint.compositor import Compositor

_PIECE_S = 0.002


class Refining(QObject):
    """`begin` it; then `refined` and at last `ended` say what is to be painted again.

    Args:
        in_view: The level that is seen, and the rectangle of it, in its pixels.
    """

    refined = Signal(object)
    """A Rect of the canvas that is composed now."""
    ended = Signal()
    """All in view is."""

    def __init__(
        self, parent: QObject, compositor: Compositor, in_view: Callable[[], tuple[int, Rect]]
    ) -> None:
        super().__init__(parent)
        self._compositor = compositor
        self._in_view = in_view
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_timer_timeout)

    @property
    def busy(self) -> bool:
        return self._timer.isActive()

    def begin(self) -> None:
        if not self._timer.isActive():
            self._timer.start(0)

    def stop(self) -> None:
        self._timer.stop()

    def _on_timer_timeout(self) -> None:
        until = time.monotonic() + _PIECE_S
        level, region = self._in_view()
        for key in _from_the_middle(region):
            if not self._compositor.pending(key, level):
                continue
            if not self._compositor.finish(key, level, until):
                return
            side = TILE_PX << level
            self.refined.emit(Rect(key[0] * side, key[1] * side, side, side))
        self._timer.stop()
        self.ended.emit()


def _from_the_middle(region: Rect) -> list[TileKey]:
    """The cells of a region, those in its middle first."""
    x = (region.x + region.width / 2) / TILE_PX
    y = (region.y + region.height / 2) / TILE_PX

    def distance(key: TileKey) -> float:
        return abs(key[0] + 0.5 - x) + abs(key[1] + 0.5 - y)

    return sorted(region.cells(TILE_PX), key=distance)
