"""A two-dimensional pad: one handle for two numbers, by mouse and by keyboard. GUI thread."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui.theme.icons import tokens_in_use

SETTLE_MS = 400
"""After the last arrow key the point counts as let go."""
_SIDE_PX = 180
_MARGIN_PX = 10
_STEPS = 50
_LINES = 4


@dataclass(frozen=True)
class Span:
    """From where to where one axis goes."""

    low: float
    high: float

    def at(self, fraction: float) -> float:
        return self.low + min(1.0, max(0.0, fraction)) * (self.high - self.low)

    def fraction(self, value: float) -> float:
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


class Pad(QWidget):
    """x grows to the right, y upwards.

    `moved(x, y)` while the handle moves; `settled` when it is let go. `set_point` emits neither.
    """

    moved = Signal(float, float)
    settled = Signal()

    def __init__(self, x: Span, y: Span, name: str) -> None:
        super().__init__()
        self._x_span, self._y_span = x, y
        self._point = (x.at(0.5), y.at(0.5))
        self._name = name
        self._dragging = False
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLE_MS)
        self._settling.timeout.connect(self.settled)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)
        self.setToolTip(
            "Drag the handle; arrow keys move it, Shift makes large steps, Home centres"
        )
        self._say_where()

    @property
    def point(self) -> tuple[float, float]:
        return self._point

    def set_point(self, x: float, y: float) -> None:
        self._point = (
            self._x_span.at(self._x_span.fraction(x)),
            self._y_span.at(self._y_span.fraction(y)),
        )
        self._say_where()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_SIDE_PX, _SIDE_PX)

    def handle_position(self) -> QPointF:
        """Where the handle is, in the widget's pixels."""
        area = self._area()
        x, y = self._point
        return QPointF(
            area.left() + self._x_span.fraction(x) * area.width(),
            area.bottom() - self._y_span.fraction(y) * area.height(),
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragging = True
            self._move_to(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._move_to(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragging and event.button() == Qt.MouseButton.LeftButton:
            self._dragging = False
            self.settled.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, 1),
            Qt.Key.Key_Down: (0, -1),
        }
        if event.key() == Qt.Key.Key_Home:
            self._go(self._x_span.at(0.5), self._y_span.at(0.5))
        elif event.key() in steps:
            far = 5 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            dx, dy = steps[Qt.Key(event.key())]
            x, y = self._point
            self._go(
                self._x_span.at(self._x_span.fraction(x) + dx * far / _STEPS),
                self._y_span.at(self._y_span.fraction(y) + dy * far / _STEPS),
            )
        else:
            super().keyPressEvent(event)
            return
        self._settling.start()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, area = tokens_in_use(), self._area()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = area.adjusted(-_MARGIN_PX + 1, -_MARGIN_PX + 1, _MARGIN_PX - 1, _MARGIN_PX - 1)
        focused = self.hasFocus()
        painter.setPen(QPen(QColor(tokens.accent if focused else tokens.edge), 2 if focused else 1))
        painter.setBrush(QColor(tokens.surface))
        painter.drawRoundedRect(frame, 6, 6)
        painter.setPen(QPen(QColor(tokens.line), 1))
        for line in range(_LINES + 1):
            x = area.left() + area.width() * line / _LINES
            y = area.top() + area.height() * line / _LINES
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        handle = self.handle_position()
        painter.setPen(QPen(QColor(tokens.accent), 1))
        painter.drawLine(QPointF(handle.x(), area.top()), QPointF(handle.x(), area.bottom()))
        painter.drawLine(QPointF(area.left(), handle.y()), QPointF(area.right(), handle.y()))
        painter.setBrush(QColor(tokens.accent))
        painter.setPen(QPen(QColor(tokens.on_accent), 2))
        painter.drawEllipse(handle, 8, 8)
        painter.end()

    def _area(self) -> QRectF:
        """The square the handle moves in."""
        side = min(self.width(), self.height()) - 2 * _MARGIN_PX
        left = (self.width() - side) / 2
        return QRectF(left, (self.height() - side) / 2, side, side)

    def _move_to(self, position: QPointF) -> None:
        area = self._area()
        self._go(
            self._x_span.at((position.x() - area.left()) / area.width()),
            self._y_span.at((area.bottom() - position.y()) / area.height()),
        )

    def _go(self, x: float, y: float) -> None:
        if (x, y) != self._point:
            self.set_point(x, y)
            self.moved.emit(x, y)

    def _say_where(self) -> None:
        x, y = self._point
        self.setAccessibleName(f"{self._name}: {x:.2f} across, {y:.2f} up")
