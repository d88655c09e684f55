"""Where the hand is: one place of mouse or pen, in canvas and in widget coordinates. Frozen."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt


@dataclass(frozen=True)
class Pointer:
    """Args:
    x, y: Canvas pixels, fractions included: (0.5, 0.5) is the middle of the first pixel.
    widget: The same place in the canvas widget.
    pressure: 0..1; a mouse gives 1.
    """

    x: float
    y: float
    widget: QPointF
    pressure: float = 1.0
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier

    @property
    def shift(self) -> bool:
        return bool(self.modifiers & Qt.KeyboardModifier.ShiftModifier)

    @property
    def alt(self) -> bool:
        return bool(self.modifiers & Qt.KeyboardModifier.AltModifier)

    @property
    def control(self) -> bool:
        return bool(self.modifiers & Qt.KeyboardModifier.ControlModifier)
