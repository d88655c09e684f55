"""A slider whose bar starts at zero, not at its left end: for weights that go both ways. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSlider, QWidget

from studio.ui.theme.icons import tokens_in_use

_HANDLE_PX = 14


class CentredSlider(QSlider):
    """Positions are whole steps; 0 is the middle of things, wherever it lies. Press jumps there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setMinimumHeight(20)

    def sizeHint(self) -> QSize:
        return QSize(96, 20)

    def minimumSizeHint(self) -> QSize:
        return QSize(48, 20)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self.setSliderDown(True)
        self.setSliderPosition(self._position_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.setSliderPosition(self._position_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.isSliderDown():
            self.setSliderDown(False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.setValue(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_0, Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.setValue(0)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = tokens_in_use()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        left, right = _HANDLE_PX / 2, self.width() - _HANDLE_PX / 2
        zero, handle = self._x_of(0), self._x_of(self.sliderPosition())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.pressed))
        painter.drawRoundedRect(QRectF(left, middle - 2, right - left, 4), 2, 2)
        painter.drawRoundedRect(QRectF(zero - 1, middle - 5, 2, 10), 1, 1)
        painter.setBrush(QColor(tokens.accent if self.isEnabled() else tokens.edge))
        painter.drawRect(QRectF(min(zero, handle), middle - 2, abs(handle - zero), 4))
        painter.setBrush(QColor(tokens.text if tokens.dark else tokens.on_accent))
        ring = tokens.accent if self.hasFocus() or self.isSliderDown() else tokens.faint
        painter.setPen(QPen(QColor(ring), 2 if self.hasFocus() else 1))
        inset = _HANDLE_PX / 2 - 1
        painter.drawEllipse(QRectF(handle - inset, middle - inset, 2 * inset, 2 * inset))
        painter.end()

    def _x_of(self, position: int) -> float:
        span = max(1, self.maximum() - self.minimum())
        inside = min(max(position, self.minimum()), self.maximum())
        return _HANDLE_PX / 2 + (inside - self.minimum()) / span * (self.width() - _HANDLE_PX)

    def _position_at(self, x: float) -> int:
        span = self.maximum() - self.minimum()
        fraction = (x - _HANDLE_PX / 2) / max(1, self.width() - _HANDLE_PX)
        return self.minimum() + round(min(1.0, max(0.0, fraction)) * span)
