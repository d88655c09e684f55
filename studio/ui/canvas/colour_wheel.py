"""A ring of hues around a square of saturation and brightness. GUI thread."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QConicalGradient,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui.theme.icons import tokens_in_use

_RING = 0.13
"""The ring's width as a share of the wheel's."""


class ColourWheel(QWidget):
    """`changing(hue, saturation, value)`, each 0..1, while the hand moves. Arrow keys move within the square,
    Page Up and Page Down along the ring."""

    changing = Signal(float, float, float)

    def __init__(self) -> None:
        super().__init__()
        self.hue, self.saturation, self.value = 0.0, 0.0, 0.0
        self._on_ring = False
        self._square: tuple[tuple[float, int], QImage] | None = None
        self.setAccessibleName("Colour wheel")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumSize(QSize(110, 110))

    def sizeHint(self) -> QSize:
        return QSize(160, 150)

    def set_hsv(self, hue: float, saturation: float, value: float) -> None:
        """Show a colour; nobody is told. A grey keeps the hue that was shown."""
        self.hue = hue if saturation > 0 and value > 0 else self.hue
        self.saturation, self.value = saturation, value
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            centre, radius = self._circle()
            away = event.position() - centre
            distance = math.hypot(away.x(), away.y())
            self._on_ring = distance > radius * (1 - 2 * _RING)
            self._take(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._take(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        steps = {
            Qt.Key.Key_Left: (0.0, -0.01, 0.0), Qt.Key.Key_Right: (0.0, 0.01, 0.0),
            Qt.Key.Key_Up: (0.0, 0.0, 0.01), Qt.Key.Key_Down: (0.0, 0.0, -0.01),
            Qt.Key.Key_PageUp: (0.01, 0.0, 0.0), Qt.Key.Key_PageDown: (-0.01, 0.0, 0.0),
        }  # fmt: skip
        if key not in steps:
            super().keyPressEvent(event)
            return
        hue, saturation, value = steps[Qt.Key(key)]
        self._set(self.hue + hue, self.saturation + saturation, self.value + value)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        centre, radius = self._circle()
        width = radius * 2 * _RING
        gradient = QConicalGradient(centre, 0)
        for step in range(13):
            gradient.setColorAt(step / 12, QColor.fromHsvF(step / 12 % 1.0, 1, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        pen = QPen(gradient, width)
        painter.setPen(pen)
        inner = radius - width / 2
        painter.drawEllipse(centre, inner, inner)
        box = self._box()
        painter.drawImage(box, self._square_image(max(8, int(box.width()))))
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens_in_use().accent), 1.5))
            painter.drawRect(box)
        turn = self.hue * math.tau
        self._knob(painter, centre + QPointF(math.cos(turn), -math.sin(turn)) * inner)
        self._knob(
            painter,
            QPointF(
                box.x() + self.saturation * box.width(), box.bottom() - self.value * box.height()
            ),
        )
        painter.end()

    def _knob(self, painter: QPainter, at: QPointF) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(0, 0, 0, 170), 3.5))
        painter.drawEllipse(at, 5, 5)
        painter.setPen(QPen(QColor(255, 255, 255), 1.8))
        painter.drawEllipse(at, 5, 5)

    def _circle(self) -> tuple[QPointF, float]:
        return QPointF(self.width() / 2, self.height() / 2), min(
            self.width(), self.height()
        ) / 2 - 2

    def _box(self) -> QRectF:
        centre, radius = self._circle()
        half = (radius * (1 - 2 * _RING) - 4) / math.sqrt(2)
        return QRectF(centre.x() - half, centre.y() - half, 2 * half, 2 * half)

    def _square_image(self, side: int) -> QImage:
        """Saturation to the right, brightness upwards, of the hue that is chosen."""
        if self._square is None or self._square[0] != (self.hue, side):
            hue = QColor.fromHsvF(self.hue % 1.0, 1, 1)
            pure = np.array([hue.redF(), hue.greenF(), hue.blueF()], np.float32)
            across = np.linspace(0, 1, side, dtype=np.float32)[None, :, None]
            up = np.linspace(1, 0, side, dtype=np.float32)[:, None, None]
            colours = (1 - across + across * pure) * up * 255
            pixels = np.full((side, side, 4), 255, np.uint8)
            pixels[..., :3] = colours + 0.5
            image = QImage(pixels.data, side, side, 4 * side, QImage.Format.Format_RGBA8888).copy()
            self._square = ((self.hue, side), image)
        return self._square[1]

    def _take(self, at: QPointF) -> None:
        if self._on_ring:
            away = at - self._circle()[0]
            self._set(math.atan2(-away.y(), away.x()) / math.tau % 1.0, self.saturation, self.value)
            return
        box = self._box()
        self._set(
            self.hue, (at.x() - box.x()) / box.width(), (box.bottom() - at.y()) / box.height()
        )

    def _set(self, hue: float, saturation: float, value: float) -> None:
        self.hue = hue % 1.0
        self.saturation, self.value = min(1.0, max(0.0, saturation)), min(1.0, max(0.0, value))
        self.update()
        self.changing.emit(self.hue, self.saturation, self.value)
