"""The layers as a tree for Qt's views, topmost first; dragging a row asks for a move. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import (
    QAbstractItemModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from studio.api.outputs import Pixels
from studio.core.document import Document
from studio.core.edits import ChangeLayer
from studio.core.layers import GroupLayer, Layer, walk
from studio.core.store import DocumentStore
from studio.paint.copying import alone, copied
from studio.ui.dropping import LAYER_MIME
from studio.ui.outgoing import Leaving, Outgoing, picture

LAYER_ROLE = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex


class LayersModel(QAbstractItemModel):
    """Rows are layers, the topmost first. `show` takes a document; the views hear what changed.

    Every index carries the number of its layer's id: ids stay while layers are exchanged.

    Args:
        outgoing: Makes the files of layers that are dragged out of the window; None: none are.
    """

    move_asked = Signal(list, str, int)
    """Ids, the group they go into, and the index there counted from its bottom."""

    def __init__(self, store: DocumentStore, outgoing: Outgoing | None = None) -> None:
        super().__init__()
        self._outgoing = outgoing
        self._store = store
        self._document = store.document
        self._numbers: dict[str, int] = {}
        self._ids: list[str] = []
        self._find()

    @property
    def document(self) -> Document:
        return self._document

    def show(self, document: Document) -> bool:
        """Whether the order or the nesting is another one: the view has forgotten what was unfolded."""
        before = self._document
        if document.layers is before.layers:
            self._document = document
            return False
        if _shape(before) != _shape(document):
            self.beginResetModel()
            self._document = document
            self._find()
            self.endResetModel()
            return True
        old = {layer.id: layer for layer in walk(before.layers)}
        self._document = document
        self._find()
        for layer in walk(document.layers):
            if layer is not old[layer.id]:
                index = self.index_of(layer.id)
                self.dataChanged.emit(index, index)
        return False

    def layer(self, index: Index) -> Layer | None:
        if not index.isValid():
            return None
        return self._by_id.get(self._ids[index.internalId()])

    def index_of(self, layer_id: str) -> QModelIndex:
        if layer_id not in self._by_id:
            return QModelIndex()
        siblings = self._document.siblings(self._document.parent_id(layer_id)) or ()
        row = next(n for n, layer in enumerate(reversed(siblings)) if layer.id == layer_id)
        return self.createIndex(row, 0, self._number(layer_id))

    # Qt's overrides.

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        siblings = self._children(parent)
        if column != 0 or not 0 <= row < len(siblings):
            return QModelIndex()
        return self.createIndex(row, 0, self._number(siblings[len(siblings) - 1 - row].id))

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        layer = self.layer(index)
        if layer is None:
            return QModelIndex()
        return self.index_of(self._parents.get(layer.id, ""))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self._children(parent))

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        layer = self.layer(index)
        if layer is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return layer.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _spoken(layer)
        if role == LAYER_ROLE:
            return layer
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        layer = self.layer(index)
        name = str(value).strip()
        if layer is None or role != Qt.ItemDataRole.EditRole or not name or name == layer.name:
            return False
        self._store.apply(ChangeLayer(layer, replace(layer, name=name), "renaming a layer"))
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        flag = Qt.ItemFlag
        layer = self.layer(index)
        if layer is None:
            return flag.ItemIsDropEnabled
        flags = flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsEditable
        flags |= flag.ItemIsDragEnabled
        if isinstance(layer, GroupLayer):
            flags |= flag.ItemIsDropEnabled
        return flags

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def supportedDragActions(self) -> Qt.DropAction:
        """Moved within the list, copied to other programs."""
        return Qt.DropAction.MoveAction | Qt.DropAction.CopyAction

    def mimeTypes(self) -> list[str]:
        return [LAYER_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        layers = [layer for layer in (self.layer(index) for index in indexes) if layer is not None]
        leaving = [_leaving(layer) for layer in layers if not layer.bounds.empty]
        data = self._outgoing.mime(leaving) if self._outgoing is not None else QMimeData()
        data.setData(LAYER_MIME, " ".join(layer.id for layer in layers).encode())
        return data

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        """False in any case: the rows are moved by the edit, Qt must not remove them itself."""
        if data.hasFormat(LAYER_MIME):
            ids = bytes(data.data(LAYER_MIME).data()).decode().split()
            group = self.layer(parent)
            siblings = self._children(parent)
            index = len(siblings) - row if row >= 0 else len(siblings)
            self.move_asked.emit(ids, group.id if group is not None else "", index)
        return False

    # Within.

    def _children(self, parent: Index) -> tuple[Layer, ...]:
        if not parent.isValid():
            return self._document.layers
        layer = self.layer(parent)
        return layer.layers if isinstance(layer, GroupLayer) else ()

    def _find(self) -> None:
        self._by_id = {layer.id: layer for layer in walk(self._document.layers)}
        self._parents = {
            child.id: layer.id
            for layer in self._by_id.values()
            if isinstance(layer, GroupLayer)
            for child in layer.layers
        }

    def _number(self, layer_id: str) -> int:
        number = self._numbers.get(layer_id)
        if number is None:
            number = self._numbers[layer_id] = len(self._ids)
            self._ids.append(layer_id)
        return number


def _shape(document: Document) -> tuple[object, ...]:
    return tuple(
        (layer.id, isinstance(layer, GroupLayer) and tuple(a.id for a in layer.layers))
        for layer in walk(document.layers)
    ) + tuple(layer.id for layer in document.layers)


def _leaving(layer: Layer) -> Leaving:
    """A layer as other programs get it: with its mask and opacity, whether it is shown here or not."""

    def pixels() -> Pixels:
        found = copied((alone(layer),), None)
        assert found is not None  # its bounds aren't empty
        return found[0]

    return picture(layer.name, pixels)


def _spoken(layer: Layer) -> str:
    """What a screen reader says of a row."""
    words = [layer.name, "group" if isinstance(layer, GroupLayer) else "layer"]
    words += ["hidden"] if not layer.visible else []
    words += ["locked"] if layer.locked else []
    words += ["with mask"] if layer.mask is not None else []
    words += ["clipped"] if layer.clipped else []
    if layer.opacity < 1:
        words.append(f"{layer.opacity * 100:.0f} % opaque")
    return ", ".join(words)
