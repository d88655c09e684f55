"""The canvas widget as the window knows it: with guides, and what is dropped on it. GUI thread.

Where one looks is in `looking`, what is painted in `picture_widget`, the hand in `hand_widget`, what a drag
does in `tools`.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage

from studio.core.edits import ChangeCanvas
from studio.core.guides import Axis, Guide, Guides, with_guide
from studio.core.layers import Layer
from studio.core.store import DocumentStore
from studio.ui.canvas.hand_widget import HandWidget
from studio.ui.dropping import dropped, is_welcome


class CanvasView(HandWidget):
    files_dropped = Signal(list)
    results_dropped = Signal(list, int, int)
    """Ids of the history, and the canvas pixel they were dropped on."""
    image_dropped = Signal(QImage, tuple)
    """A picture without a file, and the canvas pixel (x, y) it was dropped on."""
    address_dropped = Signal()
    """Only an address on a network, which can't be read."""
    layer_selected = Signal(str)

    def __init__(self, store: DocumentStore) -> None:
        super().__init__(store)
        self.easel.surface = self
        self.setObjectName("canvas")
        self.setAccessibleName("Canvas")
        self.setAcceptDrops(True)
        self.setMinimumSize(200, 160)
        self.easel.layer_chosen.connect(self._on_layer_chosen)

    @property
    def selected_layer(self) -> Layer | None:
        return self.easel.current

    def sizeHint(self) -> QSize:
        return QSize(640, 600)

    def place_for(self, width_px: int, height_px: int) -> tuple[int, int]:
        """Where a new picture goes: the middle of a canvas with a size, else right of everything."""
        document = self._store.document
        if document.width_px > 0:
            return (document.width_px - width_px) // 2, (document.height_px - height_px) // 2
        bounds = document.frame
        return (0, 0) if bounds.empty else (bounds.right + 16, bounds.y)

    def add_guide(self, axis: Axis) -> None:
        """A line to snap to, "x" upright or "y" level, through the place the pointer was last at."""
        at = self._last
        guide = Guide(axis, round(at[0] if axis == "x" else at[1]))
        self._set_guides(with_guide(self._store.document.guides, guide), "placing a guide")

    def remove_guides(self) -> None:
        self._set_guides((), "removing the guides")

    def selectAll(self) -> None:
        self.cleared.everything()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if is_welcome(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        found, point = dropped(event.mimeData()), event.position()
        x, y = (round(edge) for edge in self._view.to_canvas(point.x(), point.y()))
        if found.results:
            self.results_dropped.emit(list(found.results), x, y)
        if found.files:
            self.files_dropped.emit(list(found.files))
        if found.image is not None:
            self.image_dropped.emit(found.image, (x, y))
        if found.remote:
            self.address_dropped.emit()

    def _set_guides(self, guides: Guides, label: str) -> None:
        before = self._store.document
        if guides != before.guides:
            self.easel.commit(ChangeCanvas(before, replace(before, guides=guides), label))

    def _on_layer_chosen(self, layer_id: str) -> None:
        self.layer_selected.emit(layer_id)
        self.update()
