"""The undo history: every step by name, the current one marked; a click goes there. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from studio.core.store import DocumentStore

_MOST = 500


class UndoPanel(QWidget):
    """Only the newest 500 steps are listed; undo itself goes further."""

    def __init__(self, store: DocumentStore) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._store = store
        self.list = QListWidget()
        self.list.setAccessibleName("Undo history")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 8)
        column.addWidget(self.list)
        self._showing = False
        self._stale = True
        self.list.currentRowChanged.connect(self._on_list_row_changed)
        store.changed.connect(lambda _: self._show())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and self._stale:
            self._show()
        return super().event(event)

    def _show(self) -> None:
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        done, undone = self._store.undo_labels[-_MOST:], self._store.redo_labels[:_MOST]
        self._showing = True
        self.list.clear()
        for number, text in enumerate(("Beginning", *done, *undone)):
            item = QListWidgetItem(text[:1].upper() + text[1:])
            if number > len(done):
                item.setForeground(Qt.GlobalColor.gray)
                item.setToolTip("Undone: click to do it again")
            self.list.addItem(item)
        if len(self._store.undo_labels) > _MOST:
            self.list.item(0).setText("…")
        self.list.setCurrentRow(len(done))
        self._showing = False

    def _on_list_row_changed(self, row: int) -> None:
        if self._showing or row < 0:
            return
        here = min(len(self._store.undo_labels), _MOST)
        for _ in range(here - row):
            self._store.undo()
        for _ in range(row - here):
            self._store.redo()
