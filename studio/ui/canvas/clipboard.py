"""Copy and Cut of pixels, and where they came from, so that they can be pasted in place. GUI thread.

The clipboard gets a QImage, which Qt offers to other programs as PNG with its transparency, and makes
only when one of them asks.
"""

from __future__ import annotations

from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QApplication

from studio.api.outputs import Pixels
from studio.core.geometry import Rect
from studio.core.layers import Layers
from studio.paint.copying import alone, copied
from studio.paint.qimages import to_qimage
from studio.ui.canvas.easel import Easel
from studio.ui.canvas.selection_commands import SelectionCommands
from studio.ui.canvas.tools.move import removal

PLACE_MIME = "application/x-folio-place"
"""Where on the canvas the picture was: "x y"."""
_FAR_PX = 1 << 20


class CanvasClipboard:
    def __init__(self, easel: Easel, commands: SelectionCommands) -> None:
        self._easel = easel
        self._commands = commands

    def copy(self) -> None:
        """What is selected of the current layer, or all of it; without a current one of all that is seen."""
        layer = self._easel.current
        if layer is None:
            self.copy_visible()
        else:
            self._put((alone(layer),), None)

    def copy_visible(self) -> None:
        """What is selected of all that is seen, or all of it."""
        document = self._easel.document
        self._put(document.layers, document.frame)

    def cut(self) -> None:
        """Copy, then take away what is selected of the layer; without a selection the layer. One step."""
        easel, layer = self._easel, self._easel.current
        if easel.selection is not None:
            layer = easel.paintable()
            if layer is not None and self._put((alone(layer),), None):
                self._commands.clear("cutting")
        elif layer is None:
            easel.refused.emit("Choose a layer to cut, or select a part of one.")
        elif layer.locked:
            easel.refused.emit(f"“{layer.name}” is locked. Unlock it to cut it.")
        elif self._put((alone(layer),), None):
            easel.commit(removal(easel.document, layer, "cutting a layer"))

    def _put(self, layers: Layers, frame: Rect | None) -> bool:
        found = copied(layers, self._easel.selection, frame)
        if found is None:
            self._easel.refused.emit("There is nothing to copy here.")
            return False
        QApplication.clipboard().setMimeData(_data(*found))
        return True


def place_of(data: QMimeData, frame: Rect, width: int, height: int) -> tuple[int, int] | None:
    """Where a picture was when it was copied here; None: elsewhere, or nothing of it would be seen."""
    if not data.hasFormat(PLACE_MIME):
        return None
    try:
        x, y = (int(word) for word in bytes(data.data(PLACE_MIME).data()).split())
    except ValueError:  # another program's, that only calls itself so
        return None
    if max(abs(x), abs(y)) > _FAR_PX:
        return None
    seen = frame.empty or not frame.intersected(Rect(x, y, width, height)).empty
    return (x, y) if seen else None


def _data(pixels: Pixels, area: Rect) -> QMimeData:
    data = QMimeData()
    data.setImageData(to_qimage(pixels))
    data.setData(PLACE_MIME, f"{area.x} {area.y}".encode())
    return data
