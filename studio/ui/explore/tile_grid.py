"""The grid of an explore panel: pictures that come in one by one, with their seeds. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QItemSelection,
    QItemSelectionModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView

from studio.ui.dropping import RESULT_MIME
from studio.ui.explore.exploration import Exploration, Tile
from studio.ui.explore.tile_painting import CAPTION_PX, PICTURE_ROLE, TILE_ROLE, TilePainter
from studio.ui.outgoing import Leaving, Outgoing, picture
from studio.ui.pixels import thumbnail

SIDES_PX = (64, 92, 136, 192)
"""The sizes a tile can have."""
_GAP_PX = 8
_SIDE_MARGIN_PX = 18
_Index = QModelIndex | QPersistentModelIndex


class TilesModel(QAbstractListModel):
    """The exploration's tiles as rows; follows every change by the fewest rows it takes."""

    def __init__(self, exploration: Exploration) -> None:
        super().__init__()
        self._exploration = exploration
        self._tiles: list[Tile] = []
        self._pictures: dict[str, tuple[int, QPixmap]] = {}
        self._only_kept = False
        self.side_px = SIDES_PX[1]
        self.outgoing: Outgoing | None = None
        """Makes the files of tiles that are dragged out of the window; None: none are."""

    @property
    def tiles(self) -> tuple[Tile, ...]:
        return tuple(self._tiles)

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._tiles)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        tile = self._tiles[index.row()]
        if role == TILE_ROLE:
            return tile
        if role == PICTURE_ROLE:
            return self._picture(tile)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return spoken(tile)
        if role == Qt.ItemDataRole.ToolTipRole and tile.state == "ready":
            return f"{spoken(tile)}\nEnter puts it on the canvas, Space keeps it"
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid() or self._tiles[index.row()].latent is None:
            return Qt.ItemFlag.NoItemFlags
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        return [RESULT_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        latents = [self._tiles[index.row()].latent for index in indexes]
        ids = " ".join(latent.item_id for latent in latents if latent is not None)
        leaving = [_leaving(self._tiles[index.row()]) for index in indexes]
        there = [one for one in leaving if one is not None]
        data = self.outgoing.mime(there) if self.outgoing is not None else QMimeData()
        data.setData(RESULT_MIME, QByteArray(ids.encode()))
        return data

    def row_of(self, key: str) -> int:
        return next((row for row, tile in enumerate(self._tiles) if tile.key == key), -1)

    def show_only_kept(self, only: bool) -> None:
        self._only_kept = only
        self.sync()

    def set_side(self, side_px: int) -> None:
        self.side_px = side_px
        self._pictures.clear()
        self.layoutChanged.emit()

    def sync(self) -> None:
        """Take over the exploration as it now is."""
        wanted = [
            tile
            for tile in self._exploration.tiles
            if not self._only_kept or tile.kept or tile.state == "waiting"
        ]
        keys = {tile.key for tile in wanted}
        for row in range(len(self._tiles) - 1, -1, -1):
            if self._tiles[row].key not in keys:
                self.beginRemoveRows(QModelIndex(), row, row)
                self._pictures.pop(self._tiles[row].key, None)
                del self._tiles[row]
                self.endRemoveRows()
        for row, tile in enumerate(wanted):
            if row >= len(self._tiles) or self._tiles[row].key != tile.key:
                self.beginInsertRows(QModelIndex(), row, row)
                self._tiles.insert(row, tile)
                self.endInsertRows()
            elif self._tiles[row] is not tile:
                self._tiles[row] = tile
                self.dataChanged.emit(self.index(row), self.index(row))

    def _picture(self, tile: Tile) -> QPixmap | None:
        if tile.picture is None:
            return None
        number, picture = self._pictures.get(tile.key, (-1, None))
        if number != tile.picture_number or picture is None:
            picture = thumbnail(tile.picture, self.side_px)
            self._pictures[tile.key] = (tile.picture_number, picture)
        return picture


def _leaving(tile: Tile) -> Leaving | None:
    """A tile as other programs get it: its picture in full."""
    latent = tile.latent
    return picture(spoken(tile), lambda: latent.pixels) if latent is not None else None


class TileGrid(QListView):
    """Arrow keys walk, Ctrl and Shift choose several; the rest of the keys are signals."""

    place_pressed = Signal()
    keep_pressed = Signal()
    more_pressed = Signal()
    mix_pressed = Signal()
    walk_pressed = Signal()
    number_pressed = Signal(int)

    def __init__(self, exploration: Exploration) -> None:
        super().__init__()
        self._exploration = exploration
        self._mirroring = False
        self._wanted_px = SIDES_PX[1]
        self.tiles = TilesModel(exploration)
        self.tiles.setParent(self)
        self.setModel(self.tiles)
        self.painter_of_tiles = TilePainter(self, lambda: exploration.chosen)
        self.setItemDelegate(self.painter_of_tiles)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.set_side(SIDES_PX[1])
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self._disconnect = exploration.changed.connect(self._on_exploration_changed)
        self._on_exploration_changed()

    def let_go(self) -> None:
        self._disconnect()

    def set_side(self, side_px: int) -> None:
        """At least so large; a little more where that fills the width."""
        self._wanted_px = side_px
        width = self.width() - self.verticalScrollBar().sizeHint().width() - _SIDE_MARGIN_PX
        across = max(1, width // (side_px + _GAP_PX))
        side_px = max(side_px, width // across - _GAP_PX)
        if side_px != self.painter_of_tiles.side_px or not self.gridSize().isValid():
            self.setGridSize(QSize(side_px + _GAP_PX, side_px + _GAP_PX + CAPTION_PX))
            self.painter_of_tiles.side_px = side_px
            self.tiles.set_side(side_px)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.set_side(self._wanted_px)
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        key = event.key()
        signals = {
            Qt.Key.Key_Return: self.place_pressed,
            Qt.Key.Key_Enter: self.place_pressed,
            Qt.Key.Key_Space: self.keep_pressed,
            Qt.Key.Key_L: self.more_pressed,
            Qt.Key.Key_M: self.mix_pressed,
            Qt.Key.Key_W: self.walk_pressed,
        }
        if plain and key in signals:
            signals[Qt.Key(key)].emit()
        elif plain and event.text() and event.text() in "012345":
            self.number_pressed.emit(int(event.text()))
        else:
            super().keyPressEvent(event)

    def _on_selection_changed(self, selected: QItemSelection, gone: QItemSelection) -> None:
        if self._mirroring:
            return
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        # Those chosen before keep their place in the order; what is new comes last.
        self._exploration.choose(self.tiles.tiles[row].key for row in rows)

    def _on_exploration_changed(self) -> None:
        self._mirroring = True
        try:
            self.tiles.sync()
            self._mirror_choice()
        finally:
            self._mirroring = False
        self.viewport().update()

    def _mirror_choice(self) -> None:
        wanted = {tile.key for tile in self._exploration.chosen}
        model = self.selectionModel()
        shown = {self.tiles.tiles[index.row()].key for index in model.selectedRows()}
        if wanted == shown:
            return
        rows = [row for row, tile in enumerate(self.tiles.tiles) if tile.key in wanted]
        flag = QItemSelectionModel.SelectionFlag
        model.clearSelection()
        for row in rows:
            model.select(self.tiles.index(row), flag.Select)
        if rows:
            current = self._exploration.current
            row = self.tiles.row_of(current.key) if current is not None else rows[-1]
            model.setCurrentIndex(self.tiles.index(row), flag.NoUpdate)
            self.scrollTo(self.tiles.index(row))


def spoken(tile: Tile) -> str:
    """What a screen reader says of it."""
    if tile.latent is None:
        return "On its way"
    name = f"Seed {tile.seed}" if tile.seed is not None else "Without a seed"
    return ", ".join(
        part
        for part in (
            name,
            "changed by sliders" if tile.edited else "",
            "kept" if tile.kept else "",
        )
        if part
    )
