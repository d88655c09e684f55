"""A small popup of the history to pick one result from. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QListView, QStackedWidget, QVBoxLayout, QWidget

from studio.io.executor import IoExecutor
from studio.library.history import History, HistoryItem
from studio.ui.labels import EmptyState, label
from studio.ui.panels.history_model import ITEM_ROLE, HistoryModel, Start
from studio.ui.panels.history_tiles import TileDelegate

_SIZE = QSize(376, 320)


class HistoryPicker(QFrame):
    """Opens below a widget; Enter or a click picks, Esc closes. It deletes itself when closed.

    Args:
        kind: "image", "latent" and so on; None offers everything.
    """

    picked = Signal(HistoryItem)

    def __init__(
        self, parent: QWidget, history: History, io: IoExecutor, start: Start, kind: str | None
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("palette")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName("Pick from the history")
        self.model = HistoryModel(history, io, start, kind)
        self.model.setParent(self)
        self.tiles = _Tiles()
        self.tiles.setModel(self.model)
        self.tiles.setItemDelegate(TileDelegate(self.tiles))
        self.tiles.setViewMode(QListView.ViewMode.IconMode)
        self.tiles.setResizeMode(QListView.ResizeMode.Adjust)
        self.tiles.setMovement(QListView.Movement.Static)
        self.tiles.setUniformItemSizes(True)
        self.tiles.setMouseTracking(True)
        self.tiles.setAccessibleName("Results to pick from")
        self.pages = QStackedWidget()
        self.pages.addWidget(label(""))
        self.pages.addWidget(
            EmptyState("history", "Nothing to pick yet", "What you generate is kept there.")
        )
        self.pages.addWidget(self.tiles)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.pages)
        self.resize(_SIZE)
        self.tiles.clicked.connect(self._on_tiles_clicked)
        self.tiles.entered_pressed.connect(self._on_tiles_clicked)
        self.model.loaded.connect(self._on_model_loaded)

    def open_at(self, anchor: QWidget) -> None:
        """Below a widget, or wherever the screen has room."""
        point = anchor.mapToGlobal(QPoint(0, anchor.height() + 4))
        screen = anchor.screen().availableGeometry()
        x = max(screen.left(), min(point.x(), screen.right() - self.width()))
        y = max(screen.top(), min(point.y(), screen.bottom() - self.height()))
        self.move(x, y)
        self.show()
        self.tiles.setFocus()
        self.model.reload()

    def _on_tiles_clicked(self, index: QModelIndex) -> None:
        item = index.data(ITEM_ROLE)
        if isinstance(item, HistoryItem):
            self.picked.emit(item)
            self.close()

    def _on_model_loaded(self) -> None:
        self.pages.setCurrentIndex(2 if self.model.rowCount() else 1)
        if self.model.rowCount() and not self.tiles.currentIndex().isValid():
            self.tiles.setCurrentIndex(self.model.index(0))


class _Tiles(QListView):
    entered_pressed = Signal(QModelIndex)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_pressed.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)
