"""The colours at hand: foreground, background, and those used last. GUI thread."""

from __future__ import annotations

from typing import TypeAlias

from PySide6.QtCore import QObject, Signal

Colour: TypeAlias = tuple[int, int, int, int]
"""RGBA, 0..255, straight alpha, sRGB."""

_RECENT = 16


class Inks(QObject):
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.foreground: Colour = (0, 0, 0, 255)
        self.background: Colour = (255, 255, 255, 255)
        self.recent: tuple[Colour, ...] = ()

    def take(self, colour: Colour) -> None:
        """Paint with this from now on."""
        if colour != self.foreground:
            self.foreground = colour
            self.changed.emit()

    def take_background(self, colour: Colour) -> None:
        if colour != self.background:
            self.background = colour
            self.changed.emit()

    def swap(self) -> None:
        self.foreground, self.background = self.background, self.foreground
        self.changed.emit()

    def reset(self) -> None:
        """Black on white."""
        self.foreground, self.background = (0, 0, 0, 255), (255, 255, 255, 255)
        self.changed.emit()

    def used(self) -> None:
        """The foreground was painted with: it is the most recent one now."""
        if self.recent[:1] != (self.foreground,):
            others = tuple(colour for colour in self.recent if colour != self.foreground)
            self.recent = (self.foreground, *others)[:_RECENT]
            self.changed.emit()
