"""What the Image menu does with the canvas as a whole: its size, its scale, turned, mirrored. GUI thread.

Each is one step of undo. What takes long is computed on an I/O thread from a document that doesn't change.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from studio.core.document import Document
from studio.core.edits import ChangeCanvas
from studio.io.executor import IoExecutor
from studio.paint.resizing import Anchor, mirrored, resized, scaled, turned
from studio.ui.canvas.easel import Easel
from studio.ui.canvas.tools.fills import area_of
from studio.ui.dialogs.canvas_size import CanvasSize
from studio.ui.dialogs.scale_image import ScaleImage
from studio.ui.tasks import Tasks


class ImageCommands:
    def __init__(self, window: QWidget, easel: Easel, io: IoExecutor, tasks: Tasks) -> None:
        self._window = window
        self._easel = easel
        self._io = io
        self._tasks = tasks
        self._busy = False

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
        before = self._easel.document
        if before.frame.empty:
            self._easel.refused.emit("The canvas is empty: there is no picture yet.")
        elif not self._busy:  # a second one would be of a picture that is gone then
            self._busy = True
            self._tasks.start(self._run(before, change, label))

    async def _run(
        self, before: Document, change: Callable[[Document], Document], label: str
    ) -> None:
        try:
            after = await self._io.run(change, before)
        finally:
            self._busy = False
        if not self._easel.commit(ChangeCanvas(before, after, label)):
            self._easel.refused.emit(
                f"The picture was changed while {label} went on. Nothing was done: try again."
            )
