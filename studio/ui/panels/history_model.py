"""The history as a list model: pages come from the I/O executor, thumbnails when first shown."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QPixmap

from studio.io.executor import IoExecutor
from studio.library.history import History, HistoryItem, suffix_of
from studio.ui.dropping import RESULT_MIME
from studio.ui.outgoing import Leaving, Outgoing, file_name

ITEM_ROLE = Qt.ItemDataRole.UserRole
THUMBNAIL_ROLE = Qt.ItemDataRole.UserRole + 1
_PAGE = 60
_Index = QModelIndex | QPersistentModelIndex
Start = Callable[[Coroutine[Any, Any, Any]], object]


class HistoryModel(QAbstractListModel):
    """Newest first. `loaded` follows every page, also an empty one.

    Args:
        start: Starts a coroutine on the window's loop.
        kind: Only results of this kind; None lists all.
        outgoing: Makes the files of results that are dragged out of the window; None: none are.
    """

    loaded = Signal()

    def __init__(
        self,
        history: History,
        io: IoExecutor,
        start: Start,
        kind: str | None = None,
        outgoing: Outgoing | None = None,
    ) -> None:
        super().__init__()
        self._history = history
        self._kind = kind
        self._io = io
        self._start = start
        self._outgoing = outgoing
        self._items: list[HistoryItem] = []
        self._thumbnails: dict[str, QPixmap] = {}
        self._asked: set[str] = set()
        self._query = ""
        self._generation = 0
        self._complete = True  # nothing is fetched before the first `reload`
        self._loading = False

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._items)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        item = self._items[index.row()]
        if role == ITEM_ROLE:
            return item
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return item.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(item)
        if role == THUMBNAIL_ROLE:
            return self._thumbnail(item)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        return [RESULT_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        if not indexes:
            return QMimeData()
        item = self._items[indexes[0].row()]
        leaving = leaving_of(self._history, item)
        data = self._outgoing.mime((leaving,)) if self._outgoing is not None else QMimeData()
        data.setData(RESULT_MIME, QByteArray(item.id.encode()))
        return data

    def canFetchMore(self, parent: _Index) -> bool:
        return not parent.isValid() and not self._complete and not self._loading

    def fetchMore(self, parent: _Index) -> None:
        if self.canFetchMore(parent):
            self._loading = True
            self._start(self.load_page())

    def search(self, query: str) -> None:
        """Begin anew with the items that match."""
        self._query = query
        self.reload()

    def reload(self) -> None:
        self._generation += 1
        # Said before the reset, in which a view asks for more at once.
        self._complete, self._loading = False, True
        self.beginResetModel()
        self._items = []
        self.endResetModel()
        self._start(self.load_page())

    async def load_page(self) -> None:
        """Append the next items; what an older search still brings is dropped."""
        generation = self._generation
        before = self._items[-1].id if self._items else None
        try:
            page = await self._io.run(
                self._history.items, query=self._query, kind=self._kind, limit=_PAGE, before=before
            )
        finally:
            if generation == self._generation:
                self._loading = False
        if generation != self._generation:
            return
        self._complete = len(page) < _PAGE
        known = {item.id for item in self._items}
        fresh = [item for item in page if item.id not in known]
        if fresh:
            first = len(self._items)
            self.beginInsertRows(QModelIndex(), first, first + len(fresh) - 1)
            self._items.extend(fresh)
            self.endInsertRows()
        self.loaded.emit()

    def prepend(self, item: HistoryItem) -> None:
        """A result that was just stored."""
        words = f"{item.title} {item.excerpt}".lower()
        if any(word not in words for word in self._query.lower().split()):
            return
        if any(known.id == item.id for known in self._items):
            return
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._items.insert(0, item)
        self.endInsertRows()
        self.loaded.emit()

    def replace(self, item: HistoryItem) -> None:
        for row, known in enumerate(self._items):
            if known.id == item.id:
                self._items[row] = item
                index = self.index(row)
                self.dataChanged.emit(index, index)

    def drop(self, item_id: str) -> None:
        for row, known in enumerate(self._items):
            if known.id == item_id:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._items[row]
                self.endRemoveRows()
                self.loaded.emit()
                return

    def _thumbnail(self, item: HistoryItem) -> QPixmap | None:
        if item.id in self._thumbnails:
            return self._thumbnails[item.id]
        if item.thumbnail_id and item.id not in self._asked:
            self._asked.add(item.id)
            self._start(self._load_thumbnail(item))
        return None

    async def _load_thumbnail(self, item: HistoryItem) -> None:
        png = await self._io.run(self._history.thumbnail, item)
        pixmap = QPixmap()
        if png is not None and pixmap.loadFromData(png, "PNG"):
            self._thumbnails[item.id] = pixmap
            self.replace(item)


def leaving_of(history: History, item: HistoryItem) -> Leaving:
    """A result as other programs get it: the file it is kept in, of a latent its picture."""
    suffix = ".png" if item.kind == "latent" else suffix_of(item)
    return Leaving(
        file_name(item.title, suffix),
        lambda path: history.export(item, path),
        (lambda: history.pixels(item)) if item.kind in ("image", "latent") else None,
    )


def tooltip(item: HistoryItem) -> str:
    """What it is and how it came to be, in a few lines."""
    size = (
        f"{item.width_px} × {item.height_px}"
        if item.width_px
        else f"{len(item.excerpt)}+ characters"
    )
    model = next((use.title or use.id for use in item.record.models.values()), "")
    lines = [item.title, f"{item.record.generator_id} · {size}", model, f"seed {item.record.seed}"]
    return "\n".join(line for line in lines if line)
