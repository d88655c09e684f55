"""The navigator: the whole picture small, with the part that is in view; drag it. GUI thread."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.core.geometry import Rect
from studio.paint.qimages import to_qimage
from studio.ui.canvas.canvas_view import CanvasView
from studio.ui.canvas.painted import level_and_region
from studio.ui.canvas.value_bar import ValueBar
from studio.ui.canvas.view_transform import MAX_SCALE, MIN_SCALE
from studio.ui.labels import icon_button
from studio.ui.theme.icons import tokens_in_use

_CALM_MS = 120
_PIECE_MS = 15
_PIECE_S = 0.004
_MARGIN_PX = 8


class Overview(QWidget):
    """The picture follows the canvas a moment later: while a stroke goes on, nothing is drawn twice.

    What isn't composed yet it composes in small pieces, and shows the picture from before meanwhile.
    """

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__()
        self._canvas = canvas
        self.setAccessibleName("Overview of the picture")
        self.setMinimumHeight(80)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_CALM_MS)
        self._calm.timeout.connect(self._on_calm_timeout)
        self._picture: tuple[int, Rect, QImage] | None = None
        self._old = True
        canvas.view_changed.connect(self.update)
        canvas.picture_changed.connect(self._on_canvas_picture_changed)

    def sizeHint(self) -> QSize:
        return QSize(200, 140)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._look_at(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._look_at(event.position())

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._canvas.zoom_to(self._canvas.scale * 1.0015 ** event.angleDelta().y())
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        frame = self._frame()
        if frame.empty:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        scale, left, top = self._placed(frame)
        place = QRectF(left, top, frame.width * scale, frame.height * scale)
        dark = tokens_in_use().dark
        painter.fillRect(place, QColor("#3a3b40" if dark else "#ffffff"))
        self._take_picture(*self._needed(frame, scale))
        if self._picture is not None:
            level, region, image = self._picture
            side = 1 << level
            target = QRectF(
                left + (region.x * side - frame.x) * scale,
                top + (region.y * side - frame.y) * scale,
                region.width * side * scale, region.height * side * scale,
            )  # fmt: skip
            painter.setClipRect(place)
            painter.drawImage(target, image)
            painter.setClipping(False)
        view = self._canvas.view
        corners = [
            view.to_canvas(x, y)
            for x, y in (
                (0, 0), (self._canvas.width(), 0),
                (self._canvas.width(), self._canvas.height()), (0, self._canvas.height()),
            )
        ]  # fmt: skip
        shape = QPolygonF(
            [QPointF(left + (x - frame.x) * scale, top + (y - frame.y) * scale) for x, y in corners]
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens_in_use().accent), 1.5))
        painter.drawPolygon(shape)
        painter.end()

    def _needed(self, frame: Rect, scale: float) -> tuple[int, Rect]:
        """The level of the picture, and all of it in that level's pixels."""
        return level_and_region(scale * self.devicePixelRatioF(), frame)

    def _take_picture(self, level: int, region: Rect) -> None:
        """Take what the canvas shows now, if it is composed; else go on composing it."""
        if not self._old and self._picture is not None and self._picture[:2] == (level, region):
            return
        compositor = self._canvas.compositor
        if compositor.prepare_region(region, level, 0):
            if not self._calm.isActive():
                self._calm.start(_PIECE_MS)
            return
        self._picture = level, region, to_qimage(compositor.read(region, level))
        self._old = False

    def _on_canvas_picture_changed(self) -> None:
        self._old = True
        self._calm.start(_CALM_MS)

    def _on_calm_timeout(self) -> None:
        frame = self._frame()
        if not self.isVisible() or frame.empty:
            self.update()
            return
        level, region = self._needed(frame, self._placed(frame)[0])
        if self._canvas.compositor.prepare_region(region, level, _PIECE_S):
            self._calm.start(_PIECE_MS)
        else:
            self.update()

    def _frame(self) -> Rect:
        return self._canvas.compositor.document.frame

    def _placed(self, frame: Rect) -> tuple[float, float, float]:
        room_x, room_y = self.width() - 2 * _MARGIN_PX, self.height() - 2 * _MARGIN_PX
        scale = max(1e-4, min(room_x / frame.width, room_y / frame.height))
        return (
            scale,
            (self.width() - frame.width * scale) / 2,
            (self.height() - frame.height * scale) / 2,
        )

    def _look_at(self, at: QPointF) -> None:
        frame = self._frame()
        if frame.empty:
            return
        scale, left, top = self._placed(frame)
        x, y = frame.x + (at.x() - left) / scale, frame.y + (at.y() - top) / scale
        view = self._canvas.view
        here_x, here_y = view.to_widget(x, y)
        self._canvas.set_view(
            view.panned(self._canvas.width() / 2 - here_x, self._canvas.height() / 2 - here_y)
        )


class Navigator(QWidget):
    def __init__(self, canvas: CanvasView) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._canvas = canvas
        self.overview = Overview(canvas)
        low, high = math.log2(MIN_SCALE), math.log2(MAX_SCALE)
        self.zoom = ValueBar("Zoom", low, high, decimals=2)
        self.zoom.show_number_as(lambda number: f"{2**number * 100:.0f} %")
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self.zoom, 1)
        for icon, name, slot in (
            ("scan", "Fit to window", canvas.zoom_to_fit),
            ("rotate-ccw", "Turn the view left", canvas.turn_left),
            ("rotate-cw", "Turn the view right", canvas.turn_right),
            ("flip-horizontal-2", "Mirror the view", canvas.mirror),
        ):
            button = icon_button(icon, name)
            button.clicked.connect(lambda _=False, slot=slot: slot())
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 8)
        column.addWidget(self.overview, 1)
        column.addLayout(row)
        self.zoom.changing.connect(lambda number: canvas.zoom_to(2**number))
        canvas.view_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        self.zoom.set_number(math.log2(self._canvas.scale))
