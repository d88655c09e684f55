"""Where one looks: zoom, pan, turn, mirror, fit, by commands, wheel, pinch or a dragging hand. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QMouseEvent,
    QNativeGestureEvent,
    QResizeEvent,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from studio.core.geometry import Rect
from studio.ui.canvas.view_transform import ViewTransform, fitted

_MARGIN_PX = 48
_TURN_DEG = 15.0
_CALM_MS = 90
"""After the view moved: then it is drawn smoothly."""


class LookingWidget(QWidget):
    """Subclasses say what is fitted into view (`_bounds`) and paint it where `view` says."""

    view_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._view = ViewTransform()
        self._follow_fit = True
        self._panning: QPointF | None = None
        self._turning: QPointF | None = None
        self._calming = QTimer(self)
        self._calming.setSingleShot(True)
        self._calming.setInterval(_CALM_MS)
        self._calming.timeout.connect(self.update)
        self.grabGesture(Qt.GestureType.PinchGesture)

    @property
    def scale(self) -> float:
        return self._view.scale

    @property
    def view(self) -> ViewTransform:
        return self._view

    def set_view(self, view: ViewTransform) -> None:
        """Look elsewhere; the canvas doesn't go back to fitting by itself."""
        self._follow_fit = False
        self._set_view(view)

    def zoom_in(self) -> None:
        self._zoom(self._view.next_step(1))

    def zoom_out(self) -> None:
        self._zoom(self._view.next_step(-1))

    def zoom_to(self, scale: float) -> None:
        self._zoom(scale)

    def zoom_to_actual_size(self) -> None:
        """One canvas pixel on one screen pixel."""
        self._zoom(1.0 / self.devicePixelRatioF())

    def zoom_to_fit(self) -> None:
        """All layers in view, upright; stays so until the person zooms or pans."""
        self._follow_fit = True
        bounds = self._bounds()
        if bounds is not None:
            self._set_view(
                fitted(
                    bounds.x, bounds.y, bounds.width, bounds.height,
                    self.width(), self.height(), _MARGIN_PX,
                )
            )  # fmt: skip

    def turn(self, by_deg: float) -> None:
        self.set_view(self._view.turned(by_deg, *self._middle))

    def turn_right(self) -> None:
        self.turn(_TURN_DEG)

    def turn_left(self) -> None:
        self.turn(-_TURN_DEG)

    def straighten(self) -> None:
        self.set_view(self._view.straightened(*self._middle))

    def mirror(self) -> None:
        self.set_view(self._view.flipped(*self._middle))

    # Qt's events.

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._follow_fit:
            self.zoom_to_fit()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            return self._on_native_gesture(event)
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                point = self.mapFromGlobal(pinch.centerPoint())
                scale = self._view.scale * pinch.scaleFactor()
                self.set_view(self._view.zoomed(scale, point.x(), point.y()))
                return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        pixels = event.pixelDelta()
        if not pixels.isNull() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._pan(pixels.x(), pixels.y())
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._pan(event.angleDelta().y() / 2 + event.angleDelta().x() / 2, 0)
        else:
            factor = 1.0015 ** event.angleDelta().y()
            point = event.position()
            self.set_view(self._view.zoomed(self._view.scale * factor, point.x(), point.y()))
        event.accept()

    # For subclasses.

    def _bounds(self) -> Rect | None:
        """What is fitted into view, in canvas pixels; None: there is nothing."""
        raise NotImplementedError

    @property
    def _dragging_view(self) -> bool:
        return self._panning is not None or self._turning is not None

    def _grab_view(self, event: QMouseEvent | QTabletEvent) -> None:
        """The hand drags the view from here on; with Shift it turns it."""
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._turning = event.position()
        else:
            self._panning = event.position()

    def _drag_view(self, point: QPointF) -> None:
        if self._panning is not None:
            self._pan(point.x() - self._panning.x(), point.y() - self._panning.y())
            self._panning = point
        elif self._turning is not None:
            self.turn((point.x() - self._turning.x()) / 3)
            self._turning = point

    def _let_view_go(self) -> None:
        self._panning = self._turning = None

    def _view_text(self) -> str:
        view = self._view
        parts = [f"{view.scale * self.devicePixelRatioF() * 100:.0f} %"]
        if view.turned_deg:
            parts.append(f"{view.turned_deg:.0f}°")
        if view.mirrored:
            parts.append("mirrored")
        return " · ".join(parts)

    # Within.

    @property
    def _middle(self) -> tuple[float, float]:
        return self.width() / 2, self.height() / 2

    def _on_native_gesture(self, event: QNativeGestureEvent) -> bool:
        kind, point = event.gestureType(), event.position()
        if kind == Qt.NativeGestureType.ZoomNativeGesture:
            scale = self._view.scale * (1 + event.value())
            self.set_view(self._view.zoomed(scale, point.x(), point.y()))
        elif kind == Qt.NativeGestureType.RotateNativeGesture:
            self.set_view(self._view.turned(-event.value(), point.x(), point.y()))
        elif kind == Qt.NativeGestureType.SmartZoomNativeGesture:
            self.zoom_to_fit()
        else:
            return False
        return True

    def _zoom(self, scale: float) -> None:
        self.set_view(self._view.zoomed(scale, *self._middle))

    def _pan(self, dx: float, dy: float) -> None:
        self.set_view(self._view.panned(dx, dy))

    def _set_view(self, view: ViewTransform) -> None:
        if view != self._view:
            self._view = view
            self.view_changed.emit()
            self._calming.start()
            self.update()
