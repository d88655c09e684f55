"""The selection's edge on the canvas, marching while it can be seen. GUI thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QLineF, QObject, QTimer, Signal
from PySide6.QtGui import QPainter

from studio.core.document import Document
from studio.core.geometry import Rect
from studio.ui.canvas import ants
from studio.ui.canvas.view_transform import ViewTransform

_MARCH_MS = 140
_PHASES = 8


class MarchingAnts(QObject):
    """`find` the edge of a document's selection, then `paint` it whenever `stepped` asks for it.

    Args:
        resting: Whether they stand still for now: the hand needs the time.
    """

    stepped = Signal(object)
    """They are to be drawn again: the Rect of the canvas they are in."""

    def __init__(self, parent: QObject, resting: Callable[[], bool]) -> None:
        super().__init__(parent)
        self._resting = resting
        self._lines: list[QLineF] = []
        self._phase = 0
        self._place = Rect()
        self._timer = QTimer(self)
        self._timer.setInterval(_MARCH_MS)
        self._timer.timeout.connect(self._on_timer_timeout)

    def __bool__(self) -> bool:
        return bool(self._lines)

    def find(self, document: Document, *, visible: bool) -> None:
        selection, frame = document.selection, document.frame
        self._lines = ants.edges(selection, frame) if selection is not None else []
        self._place = frame if selection is None or selection.fill else selection.bounds
        if self._lines and visible:
            self._timer.start()
        else:
            self._timer.stop()

    def halt(self) -> None:
        self._timer.stop()

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        if self._lines:
            ants.draw(painter, view, self._lines, self._phase)

    def _on_timer_timeout(self) -> None:
        if not self._resting():
            self._phase = (self._phase + 1) % _PHASES
            self.stepped.emit(self._place)
