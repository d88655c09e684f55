"""A hand on the canvas: presses, drags and clicks at canvas pixels, with real mouse events."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.ui.canvas.canvas_view import CanvasView

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


class Hand:
    def __init__(self, canvas: CanvasView) -> None:
        self.canvas = canvas

    def at(self, x: float, y: float) -> QPoint:
        """Where a canvas place is in the widget."""
        wx, wy = self.canvas.view.to_widget(x, y)
        return QPoint(round(wx), round(wy))

    def press(self, x: float, y: float, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.mousePress(self.canvas, LEFT, keys, self.at(x, y))

    def move(self, x: float, y: float) -> None:
        QTest.mouseMove(self.canvas, self.at(x, y))

    def release(self, x: float, y: float, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseRelease(self.canvas, LEFT, keys, self.at(x, y))

    def drag(self, *points: tuple[float, float], keys: Qt.KeyboardModifier = NONE) -> None:
        """Press at the first, move over the others, let go at the last."""
        self.press(*points[0], keys)
        for point in points[1:]:
            self.move(*point)
        self.release(*points[-1], keys)

    def pen(
        self,
        kind: QEvent.Type,
        x: float,
        y: float,
        pressure: float = 1.0,
        keys: Qt.KeyboardModifier = NONE,
    ) -> None:
        """One event of a pen's tip."""
        at = QPointF(self.at(x, y))
        device = QPointingDevice.primaryPointingDevice()
        buttons = Qt.MouseButton.NoButton if kind == QEvent.Type.TabletRelease else LEFT
        event = QTabletEvent(
            kind, device, at, QPointF(self.canvas.mapToGlobal(at)), pressure, 0, 0, 0, 0, 0,
            keys, LEFT, buttons,
        )  # fmt: skip
        QApplication.sendEvent(self.canvas, event)

    def click(self, x: float, y: float, keys: Qt.KeyboardModifier = NONE) -> None:
        self.drag((x, y), keys=keys)

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.canvas, key, keys)
