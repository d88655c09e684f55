"""The history panel: everything ever generated, to look through, place, rate and make again."""

from __future__ import annotations

from PySide6.QtCore import (
    QModelIndex,
    QPoint,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListView,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.io.executor import IoExecutor
from studio.library.history import History, HistoryItem
from studio.ui.labels import EmptyState
from studio.ui.outgoing import Outgoing
from studio.ui.panels.history_model import ITEM_ROLE, HistoryModel, Start
from studio.ui.panels.history_tiles import TileDelegate
from studio.ui.theme.icons import set_icon

_TILE = QSize(116, 116)
_PAD_PX = 4


class _Tiles(QListView):
    """Keys: Enter places, Delete removes, 0 to 5 rate."""

    place_pressed = Signal()
    delete_pressed = Signal()
    stars_pressed = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.place_pressed.emit()
        elif event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit()
        elif event.text() and event.text() in "012345" and not event.modifiers():
            self.stars_pressed.emit(int(event.text()))
        else:
            super().keyPressEvent(event)


class HistoryPanel(QWidget):
    """Reads through the I/O executor; what changes things is asked of the window by signals."""

    place_requested = Signal(HistoryItem)
    again_requested = Signal(HistoryItem)
    export_requested = Signal(HistoryItem)
    record_requested = Signal(HistoryItem)
    delete_requested = Signal(HistoryItem)
    rate_requested = Signal(HistoryItem, int)
    edit_requested = Signal(HistoryItem)
    """Take a latent up again in its explore panel."""
    play_requested = Signal(HistoryItem)
    _stored = Signal(HistoryItem)

    def __init__(
        self, history: History, io: IoExecutor, start: Start, outgoing: Outgoing | None = None
    ) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.model = HistoryModel(history, io, start, outgoing=outgoing)
        self.model.setParent(self)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search prompts and texts")
        self.search.setAccessibleName("Search the history")
        self.search.setClearButtonEnabled(True)
        self._search_icon = QAction(self.search)
        set_icon(self._search_icon, "search", "faint")
        self.search.addAction(self._search_icon, QLineEdit.ActionPosition.LeadingPosition)
        self.search.setMaximumWidth(320)
        self.tiles = _Tiles()
        self.tiles.setModel(self.model)
        self.tiles.setItemDelegate(TileDelegate(self.tiles))
        self.tiles.setViewMode(QListView.ViewMode.IconMode)
        self.tiles.setResizeMode(QListView.ResizeMode.Adjust)
        self.tiles.setMovement(QListView.Movement.Static)
        self.tiles.setUniformItemSizes(True)
        self.tiles.setSpacing(0)
        self.tiles.setDragEnabled(True)
        self.tiles.setMouseTracking(True)
        self.tiles.setAccessibleName("History of results")
        self.tiles.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tiles.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.pages = QStackedWidget()
        self.pages.addWidget(
            EmptyState(
                "history",
                "No results yet",
                "Write a prompt in the panel on the left and press Ctrl+Enter.",
            )
        )
        self.pages.addWidget(
            EmptyState("search", "Nothing found", "Try fewer or other words, or clear the search.")
        )
        self.pages.addWidget(self.tiles)
        top = QHBoxLayout()
        top.setContentsMargins(12, 4, 12, 0)
        top.addWidget(self.search, 1)
        top.addStretch(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.pages, 1)
        self.tiles.setViewportMargins(8, 0, 8, 4)
        # The history tells of a new item on the thread that stored it: queued to this one.
        self._stored.connect(self._on_stored, Qt.ConnectionType.QueuedConnection)
        self._disconnect = history.added.connect(self._stored.emit)
        self.search.textChanged.connect(self.model.search)
        self.model.loaded.connect(self._on_model_loaded)
        self.tiles.doubleClicked.connect(self._on_tiles_double_clicked)
        self.tiles.place_pressed.connect(self._on_place_pressed)
        self.tiles.delete_pressed.connect(self._on_delete_pressed)
        self.tiles.stars_pressed.connect(self._on_stars_pressed)
        self.tiles.customContextMenuRequested.connect(self._on_tiles_menu_requested)

    def item(self) -> HistoryItem | None:
        """The chosen one."""
        index = self.tiles.currentIndex()
        found = index.data(ITEM_ROLE) if index.isValid() else None
        return found if isinstance(found, HistoryItem) else None

    def menu_of(self, item: HistoryItem) -> QMenu:
        """What can be done with one result."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        where = "Put into the text" if item.kind == "text" else "Place on the canvas"
        first = {
            "video": [("Play", "play", self.play_requested)],
            "latent": [("Edit again", "sliders-horizontal", self.edit_requested)],
        }.get(item.kind, [])
        if item.kind == "video":
            where = "Place its first picture on the canvas"
        for text, icon, signal in (
            *first,
            (where, "arrow-down-to-line", self.place_requested),
            ("Make again", "rotate-ccw", self.again_requested),
            ("Copy its record", "copy", self.record_requested),
            ("Export…", "download", self.export_requested),
        ):
            action = menu.addAction(text)
            set_icon(action, icon)
            action.triggered.connect(lambda _=False, signal=signal: signal.emit(item))
        stars = menu.addMenu("Rate")
        for count in range(6):
            action = stars.addAction("★" * count if count else "No rating")
            action.setCheckable(True)
            action.setChecked(count == item.rating)
            action.triggered.connect(
                lambda _=False, count=count: self.rate_requested.emit(item, count)
            )
        menu.addSeparator()
        delete = menu.addAction("Delete")
        set_icon(delete, "trash-2", "danger")
        delete.triggered.connect(lambda: self.delete_requested.emit(item))
        return menu

    def let_go(self) -> None:
        """Stop following the history: the window is closing."""
        self._disconnect()

    @Slot(HistoryItem)
    def _on_stored(self, item: HistoryItem) -> None:
        self.model.prepend(item)

    def _on_model_loaded(self) -> None:
        if self.model.rowCount():
            self.pages.setCurrentIndex(2)
        else:
            self.pages.setCurrentIndex(1 if self.search.text() else 0)

    def _on_tiles_double_clicked(self, index: QModelIndex) -> None:
        self._use(index.data(ITEM_ROLE))

    def _on_place_pressed(self) -> None:
        item = self.item()
        if item is not None:
            self._use(item)

    def _use(self, item: HistoryItem) -> None:
        """What one expects of it: a film plays, everything else goes into the document."""
        signal = self.play_requested if item.kind == "video" else self.place_requested
        signal.emit(item)

    def _on_delete_pressed(self) -> None:
        item = self.item()
        if item is not None:
            self.delete_requested.emit(item)

    def _on_stars_pressed(self, stars: int) -> None:
        item = self.item()
        if item is not None:
            self.rate_requested.emit(item, stars)

    def _on_tiles_menu_requested(self, position: QPoint) -> None:
        index = self.tiles.indexAt(position)
        if index.isValid():
            self.menu_of(index.data(ITEM_ROLE)).popup(self.tiles.viewport().mapToGlobal(position))
