"""A row of small numbered pictures that can be added to, put into order and removed. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from studio.ui.forms.giving import Thing
from studio.ui.pixels import thumbnail
from studio.ui.theme.icons import tokens_in_use

TILE_PX = 64
_ROW_MIME = "application/x-folio-strip-row"
_Index = QModelIndex | QPersistentModelIndex
_THING_ROLE = Qt.ItemDataRole.UserRole
_PICTURE_ROLE = Qt.ItemDataRole.UserRole + 1


class _Things(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.things: list[Thing] = []
        self._pictures: list[QPixmap] = []

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.things)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        thing = self.things[index.row()]
        if role == _THING_ROLE:
            return thing
        if role == _PICTURE_ROLE:
            return self._pictures[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            height, width = thing.pixels.shape[:2]
            return f"{thing.title}\n{width} × {height} pixels".strip()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{index.row() + 1}: {thing.title or 'picture'}"
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        return [_ROW_MIME]

    def mimeData(self, indexes: list[QModelIndex]) -> QMimeData:  # type: ignore[override]
        data = QMimeData()
        if indexes:
            data.setData(_ROW_MIME, QByteArray(str(indexes[0].row()).encode()))
        return data

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction | Qt.DropAction.CopyAction

    def insert(self, row: int, thing: Thing) -> None:
        self.beginInsertRows(QModelIndex(), row, row)
        self.things.insert(row, thing)
        self._pictures.insert(row, thumbnail(thing.pixels, TILE_PX))
        self.endInsertRows()

    def remove(self, row: int) -> None:
        self.beginRemoveRows(QModelIndex(), row, row)
        del self.things[row], self._pictures[row]
        self.endRemoveRows()

    def move(self, row: int, to: int) -> None:
        self.beginMoveRows(QModelIndex(), row, row, QModelIndex(), to + 1 if to > row else to)
        self.things.insert(to, self.things.pop(row))
        self._pictures.insert(to, self._pictures.pop(row))
        self.endMoveRows()


class _Tile(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(TILE_PX + 4, TILE_PX + 4)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        tokens = tokens_in_use()
        area: QRect = option.rect.adjusted(2, 2, -2, -2)
        picture: QPixmap = index.data(_PICTURE_ROLE)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(area), 6, 6)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipPath(shape)
        painter.fillRect(area, QColor(tokens.raised))
        painter.drawPixmap(area, picture)
        badge = QRectF(area.left() + 3, area.top() + 3, 16, 16)
        painter.setBrush(QColor(0, 0, 0, 150))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(badge)
        painter.setPen(QColor("#ffffff"))
        font = painter.font()
        font.setPixelSize(10)
        font.setBold(True)
        painter.setFont(font)
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, str(index.row() + 1))
        painter.setClipping(False)
        state: QStyle.StateFlag = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.setPen(QPen(QColor(tokens.accent if chosen else tokens.edge), 2 if chosen else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.restore()


class ThingStrip(QListView):
    """Delete removes the chosen one, Alt+Left and Alt+Right move it, as a drag does.

    What is dropped from elsewhere goes to `dropped`: the strip only knows its own rows.
    """

    changed = Signal()
    dropped = Signal(QMimeData)

    def __init__(self) -> None:
        super().__init__()
        self._things = _Things()
        self._things.setParent(self)
        self.setModel(self._things)
        self.setItemDelegate(_Tile(self))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDragDropMode(QListView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setToolTip("Drag to reorder (Alt+arrows); Delete removes")
        self._fit()

    @property
    def things(self) -> tuple[Thing, ...]:
        return tuple(self._things.things)

    def add(self, thing: Thing) -> None:
        self._things.insert(len(self.things), thing)
        self._changed()

    def clear(self) -> None:
        while self.things:
            self._things.remove(len(self.things) - 1)
        self._changed()

    def remove(self, row: int) -> None:
        self._things.remove(row)
        self._changed()

    def move_thing(self, row: int, to: int) -> None:
        if row != to and 0 <= to < len(self.things):
            self._things.move(row, to)
            self.setCurrentIndex(self._things.index(to))
            self._changed()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.currentIndex().row()
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and row >= 0:
            self.remove(row)
        elif alt and row >= 0 and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.move_thing(row, row + (1 if event.key() == Qt.Key.Key_Right else -1))
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        data = event.mimeData()
        if event.source() is self and data.hasFormat(_ROW_MIME):
            row = int(bytes(data.data(_ROW_MIME).data()).decode())
            self.move_thing(row, self.row_at(event.position().toPoint()))
            event.setDropAction(Qt.DropAction.CopyAction)  # or the view removes the row it knew
            event.accept()
            return
        event.acceptProposedAction()
        self.dropped.emit(data)

    def row_at(self, point: QPoint) -> int:
        """The row a drop at `point` means; behind everything, the last."""
        index = self.indexAt(point)
        return index.row() if index.isValid() else len(self.things) - 1

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _changed(self) -> None:
        self._fit()
        self.changed.emit()

    def _fit(self) -> None:
        """As high as its rows need: the form scrolls, not the strip."""
        across = max(1, self.viewport().width() // (TILE_PX + 4))
        lines = max(1, -(-len(self.things) // across))
        self.setFixedHeight(lines * (TILE_PX + 4) + 4)
