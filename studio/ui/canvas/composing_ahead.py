"""Composes what isn't in view yet while nothing else happens: panning then waits for nothing. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from studio.ui.canvas.canvas_view import CanvasView

_REST_MS = 300
"""After the last change: a hand at work needs the time itself."""
_PIECE_MS = 20
_PIECE_S = 0.005


class ComposingAhead(QObject):
    """Starts a while after each change of the picture, and stops when all of it is composed."""

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_timer_timeout)
        canvas.picture_changed.connect(self._on_picture_changed)

    @property
    def busy(self) -> bool:
        return self._timer.isActive()

    def _on_picture_changed(self) -> None:
        self._timer.start(_REST_MS)

    def _on_timer_timeout(self) -> None:
        if self._canvas.isVisible() and self._canvas.compositor.prepare(_PIECE_S):
            self._timer.setInterval(_PIECE_MS)
        else:
            self._timer.stop()
