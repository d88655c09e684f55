"""Selecting by a line drawn freely: lasso and polygon. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPainter

from studio.paint.selection import polygon
from studio.ui.canvas.easel import Easel
from studio.ui.canvas.pointer import Pointer
from studio.ui.canvas.tools.selecting import SelectTool
from studio.ui.canvas.view_transform import ViewTransform

_CLOSE_PX = 9
_Place = tuple[float, float]


class _LineTool(SelectTool):
    """A line of canvas places; what it goes around is selected."""

    def __init__(self, easel: Easel) -> None:
        super().__init__(easel)
        self._points: list[_Place] = []

    @property
    def busy(self) -> bool:
        return bool(self._points)

    def forget(self) -> None:
        self._points = []

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        if self._points:
            self.outline(painter, view, [*self._points, *self.ending()])

    def ending(self) -> list[_Place]:
        """Where the line goes from its last point, as it is shown."""
        return self._points[:1]

    def add(self, at: Pointer) -> None:
        self._points.append((at.x, at.y))
        self.overlay_changed.emit()

    def take_line(self) -> bool:
        """Select what is within; False: it goes around nothing."""
        points, self._points = self._points, []
        if len(points) > 2:
            self.take(polygon(points))
        self.overlay_changed.emit()
        return len(points) > 2


class LassoTool(_LineTool):
    id = "lasso"
    title = "Lasso"
    icon = "lasso"
    key = "L"
    tip = "Draw around what is to be selected. Shift adds, Alt takes away."

    def press(self, at: Pointer) -> None:
        self.begin(at)
        self._points = [(at.x, at.y)]

    def move(self, at: Pointer) -> None:
        self.add(at)

    def release(self, at: Pointer) -> None:
        if not self.take_line():
            self.nothing()


class PolygonTool(_LineTool):
    id = "select_polygon"
    title = "Select a polygon"
    icon = "pentagon"
    tip = "Click corner after corner; Enter, a double-click or a click on the first one closes it."

    def __init__(self, easel: Easel) -> None:
        super().__init__(easel)
        self._at: _Place | None = None

    def press(self, at: Pointer) -> None:
        if self._closes(at):
            self.accept()
            return
        if not self._points:
            self.begin(at)
        self._at = (at.x, at.y)
        self.add(at)

    def move(self, at: Pointer) -> None:
        self.hover(at)

    def hover(self, at: Pointer) -> None:
        if self._points:
            self._at = (at.x, at.y)
            self.overlay_changed.emit()

    def double_click(self, at: Pointer) -> None:
        self.accept()

    def key_press(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Backspace and self._points:
            self._points.pop()
            self.overlay_changed.emit()
            return True
        return False

    def accept(self) -> None:
        self.take_line()

    def ending(self) -> list[_Place]:
        return [self._at] if self._at is not None else []

    def _closes(self, at: Pointer) -> bool:
        """Whether the hand is on the first of at least three corners."""
        if len(self._points) < 3:
            return False
        x, y = self._points[0]
        reach = _CLOSE_PX / self.easel.scale
        return abs(at.x - x) < reach and abs(at.y - y) < reach
