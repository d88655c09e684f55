"""The list of layers: choose, fold, rename, drag to reorder and nest; all of it with keys too. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QDropEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QTreeView

from studio.core.document import Document
from studio.core.layers import Layer, walk
from studio.ui.layers.layer_row import LayerRow, Part
from studio.ui.layers.layers_model import LayersModel


class LayerTree(QTreeView):
    """`part_clicked(layer id, part)` for what isn't choosing: the eye, a thumbnail, the mask."""

    chosen = Signal(str)
    part_clicked = Signal(str, str)
    step_asked = Signal(int)
    """The current layer one up (1) or down (-1)."""
    remove_asked = Signal()
    toggle_asked = Signal()

    def __init__(self, model: LayersModel) -> None:
        super().__init__()
        self.layers = model
        self.rows = LayerRow()
        self._showing = False
        self.setModel(model)
        self.setItemDelegate(self.rows)
        self.setAccessibleName("Layers")
        self.setHeaderHidden(True)
        self.setIndentation(14)
        self.setMouseTracking(True)
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDropIndicatorShown(True)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
        )
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.selectionModel().currentChanged.connect(self._on_current_changed)

    def show_document(self, document: Document, current: str) -> None:
        """Another document; which groups are folded stays."""
        ids = [layer.id for layer in walk(document.layers)]
        folded = {
            layer.id
            for layer in walk(self.layers.document.layers)
            if self.layers.rowCount(self.layers.index_of(layer.id))
            and not self.isExpanded(self.layers.index_of(layer.id))
        }
        chosen = self.chosen_ids
        self._showing = True
        self.rows.frame = document.frame
        self.rows.forget(set(ids))
        if self.layers.show(document):
            for layer_id in ids:
                if layer_id not in folded:
                    self.expand(self.layers.index_of(layer_id))
            for layer_id in chosen:
                self.selectionModel().select(
                    self.layers.index_of(layer_id), QItemSelectionModel.SelectionFlag.Select
                )
        self._showing = False
        self.show_current(current)

    def show_current(self, layer_id: str) -> None:
        self.rows.current = layer_id
        index = self.layers.index_of(layer_id)
        if index != self.currentIndex() or (
            index.isValid() and not self.selectionModel().isSelected(index)
        ):
            self._showing = True
            flag = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(index, flag.ClearAndSelect)
            if not index.isValid():
                self.clearSelection()
            self._showing = False
            if index.isValid():
                self.scrollTo(index)
        self.viewport().update()

    @property
    def chosen_ids(self) -> list[str]:
        """All selected layers."""
        found = [self.layers.layer(index) for index in self.selectionModel().selectedIndexes()]
        return [layer.id for layer in found if layer is not None]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        layer, part = self._hit(event.position().toPoint())
        if layer is not None and part in ("eye", "mask", "thumbnail", "lock"):
            if part == "eye" and event.button() == Qt.MouseButton.LeftButton:
                self.part_clicked.emit(layer.id, part)
                return
            super().mousePressEvent(event)
            if part != "lock":
                self.part_clicked.emit(layer.id, part)
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        layer, part = self._hit(event.position().toPoint())
        if layer is not None and part == "eye":
            self.part_clicked.emit(layer.id, part)
            return
        super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, alt = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if alt and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.step_asked.emit(1 if key == Qt.Key.Key_Up else -1)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_asked.emit()
        elif key == Qt.Key.Key_Space:
            self.toggle_asked.emit()
        else:
            super().keyPressEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """The edit moves the rows: Qt must not take them out itself."""
        super().dropEvent(event)
        event.setDropAction(Qt.DropAction.CopyAction)

    def _hit(self, point: QPoint) -> tuple[Layer | None, Part]:
        index = self.indexAt(point)
        layer = self.layers.layer(index)
        if layer is None:
            return None, "name"
        rect: QRect = self.visualRect(index)
        return layer, self.rows.part_at(rect, layer, point)

    def _on_current_changed(self) -> None:
        if not self._showing:
            layer = self.layers.layer(self.currentIndex())
            self.chosen.emit(layer.id if layer is not None else "")
