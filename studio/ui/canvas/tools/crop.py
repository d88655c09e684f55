"""The crop tool: draws the canvas's new frame, with handles; Enter crops. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QTransform
from PySide6.QtWidgets import QLabel, QWidget

from studio.core.geometry import Rect
from studio.core.guides import Axis
from studio.ui.canvas.easel import Easel
from studio.ui.canvas.pointer import Pointer
from studio.ui.canvas.selection_commands import cropped_edit
from studio.ui.canvas.snapping import on_guide, on_guides
from studio.ui.canvas.tools.shapes import corners
from studio.ui.canvas.tools.tool import NoSettings, Tool
from studio.ui.canvas.view_transform import ViewTransform
from studio.ui.labels import icon_button, label

_REACH_PX = 10


class CropTool(Tool[NoSettings]):
    id = "crop"
    title = "Crop"
    icon = "crop"
    key = "C"
    tip = "Draw the new frame, larger than the canvas if you like; drag its edges. Enter crops, Esc forgets."

    def __init__(self, easel: Easel) -> None:
        super().__init__(easel, NoSettings())
        self._frame: Rect | None = None
        self._start: Pointer | None = None
        self._held: tuple[bool, bool, bool, bool] | None = None
        self._before = Rect()
        self._words: QLabel | None = None

    @property
    def busy(self) -> bool:
        return self._frame is not None

    @property
    def frame(self) -> Rect | None:
        """What Enter would crop to."""
        return self._frame

    def extra_widgets(self) -> tuple[QWidget, ...]:
        accept, forget = icon_button("check", "Crop (Enter)"), icon_button("x", "Forget (Esc)")
        accept.clicked.connect(self.accept)
        forget.clicked.connect(self.cancel)
        self._words = label("", "muted")
        return self._words, accept, forget

    def press(self, at: Pointer) -> None:
        self._held = self._sides_at(at) if self._frame is not None else None
        self._start = at if self._held is not None else on_guides(self.easel, at)
        if self._held is not None and self._frame is not None:
            self._before = self._frame

    def move(self, at: Pointer) -> None:
        if self._start is None:
            return
        if self._held is None:
            one, two = corners(self._start, on_guides(self.easel, at))
            left, right = sorted((int(one[0]), int(two[0])))
            top, bottom = sorted((int(one[1]), int(two[1])))
            self._set(Rect.of_edges(left, top, right, bottom))
            return
        dx, dy = round(at.x - self._start.x), round(at.y - self._start.y)
        left, top, right, bottom = (
            self._before.x,
            self._before.y,
            self._before.right,
            self._before.bottom,
        )
        if not any(self._held):
            self._set(self._before.translated(dx, dy))
            return

        def side(held: bool, axis: Axis, edge: int, by: int) -> int:
            return round(on_guide(self.easel, axis, edge + by, off=at.control)) if held else edge

        west, north, east, south = self._held
        self._set(
            Rect.of_edges(
                side(west, "x", left, dx),
                side(north, "y", top, dy),
                side(east, "x", right, dx),
                side(south, "y", bottom, dy),
            )
        )

    def release(self, at: Pointer) -> None:
        self._start = None

    def accept(self) -> None:
        frame, self._frame = self._frame, None
        if frame is not None and not frame.empty:
            self.easel.commit(cropped_edit(self.easel, frame, "cropping"))
        self._say()

    def leave(self) -> None:
        self.cancel()

    def cancel(self) -> None:
        self._frame = self._start = None
        super().cancel()
        self._say()

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        if self._frame is None:
            return
        rect = QRectF(self._frame.x, self._frame.y, self._frame.width, self._frame.height)
        shape = QTransform(*view.matrix).map(_path(rect))
        shade = QPainterPath()
        device = painter.device()
        shade.addRect(QRectF(0, 0, device.width(), device.height()))
        painter.fillPath(shade.subtracted(shape), QColor(0, 0, 0, 120))
        painter.setPen(QPen(QColor(255, 255, 255), 1.2))
        painter.drawPath(shape)
        painter.setPen(QPen(QColor(255, 255, 255, 90), 1))
        for share in (1 / 3, 2 / 3):
            x, y = rect.x() + rect.width() * share, rect.y() + rect.height() * share
            for one, two in (
                ((x, rect.y()), (x, rect.bottom())),
                ((rect.x(), y), (rect.right(), y)),
            ):
                painter.drawLine(QPointF(*view.to_widget(*one)), QPointF(*view.to_widget(*two)))

    def cursor_at(self, at: Pointer, view: ViewTransform) -> Qt.CursorShape:
        if self._frame is None:
            return Qt.CursorShape.CrossCursor
        sides = self._sides_at(at)
        if sides is None:
            return Qt.CursorShape.CrossCursor
        west, north, east, south = sides
        if (west and north) or (east and south):
            return Qt.CursorShape.SizeFDiagCursor
        if (east and north) or (west and south):
            return Qt.CursorShape.SizeBDiagCursor
        if west or east:
            return Qt.CursorShape.SizeHorCursor
        return Qt.CursorShape.SizeVerCursor if north or south else Qt.CursorShape.SizeAllCursor

    def _set(self, frame: Rect) -> None:
        if not frame.empty:
            self._frame = frame
            self._say()

    def _say(self) -> None:
        frame = self._frame
        if self._words is not None:
            size = f"{frame.width} × {frame.height} pixels" if frame is not None else ""
            self._words.setText(size)
        self.overlay_changed.emit()

    def _sides_at(self, at: Pointer) -> tuple[bool, bool, bool, bool] | None:
        """Which edges (left, top, right, bottom) the hand is on; none: it is inside; None: outside."""
        assert self._frame is not None
        reach, frame = _REACH_PX / self.easel.scale, self._frame
        if not (
            frame.x - reach <= at.x <= frame.right + reach
            and frame.y - reach <= at.y <= frame.bottom + reach
        ):
            return None
        return (
            abs(at.x - frame.x) <= reach,
            abs(at.y - frame.y) <= reach,
            abs(at.x - frame.right) <= reach,
            abs(at.y - frame.bottom) <= reach,
        )


def _path(rect: QRectF) -> QPainterPath:
    path = QPainterPath()
    path.addRect(rect)
    return path
