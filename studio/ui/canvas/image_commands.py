"""What the Image menu does with the canvas as a whole: its size, its scale, turned, mirrored. GUI thread.

Each is one step of undo.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from studio.core.document import Document
from studio.core.edits import ChangeCanvas
from studio.paint.resizing import Anchor, mirrored, resized, scaled, turned
from studio.ui.canvas.easel import Easel
from studio.ui.canvas.slow_changes import SlowChanges
from studio.ui.canvas.tools.fills import area_of
from studio.ui.dialogs.canvas_size import CanvasSize
from studio.ui.dialogs.scale_image import ScaleImage


class ImageCommands:
    def __init__(self, window: QWidget, easel: Easel, slow: SlowChanges) -> None:
        self._window = window
        self._easel = easel
        self._slow = slow

    def ask_canvas_size(self) -> None:
        area = area_of(self._easel)
        dialog = CanvasSize(self._window, area.width, area.height)
        dialog.chosen.connect(self.resize_canvas)
        dialog.open()

    def ask_scale(self) -> None:
        frame = self._easel.document.frame
        if frame.empty:
            self._easel.refused.emit("The canvas is empty: there is no picture to scale yet.")
            return
        dialog = ScaleImage(self._window, frame.width, frame.height)
        dialog.chosen.connect(self.scale)
        dialog.open()

    def resize_canvas(self, width: int, height: int, anchor: Anchor) -> None:
        before = self._easel.document
        after = resized(before, width, height, anchor)
        self._easel.commit(ChangeCanvas(before, after, "changing the canvas's size"))

    def scale(self, width: int, height: int) -> None:
        self._start(lambda document: scaled(document, width, height), "scaling the picture")

    def turn(self, quarters: int) -> None:
        self._start(lambda document: turned(document, quarters), "turning the picture")

    def mirror(self, *, across: bool) -> None:
        self._start(lambda document: mirrored(document, across=across), "mirroring the picture")

    def _start(self, change: Callable[[Document], Document], label: str) -> None:
        if self._easel.document.frame.empty:
            self._easel.refused.emit("The canvas is empty: there is no picture yet.")
        else:
            self._slow.start(change, label)
