"""The text's headings: a click goes there, and the one the caret is under is marked. GUI thread."""

from __future__ import annotations

from bisect import bisect_right

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from studio.core.markdown_lines import Heading, headings
from studio.core.store import DocumentStore
from studio.ui.editor.editor import TextEditor
from studio.ui.labels import EmptyState
from studio.ui.seen import is_seen

_PAUSE_MS = 200


class OutlinePanel(QWidget):
    """Read anew at a pause, and only while it is seen."""

    def __init__(self, editor: TextEditor, store: DocumentStore) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._editor = editor
        self._store = store
        self._headings: list[Heading] = []
        self._items: list[QTreeWidgetItem] = []
        self._text: str | None = None
        self.tree = QTreeWidget()
        self.tree.setObjectName("outline")
        self.tree.setAccessibleName("Outline")
        self.tree.setHeaderHidden(True)
        self.tree.setIndentation(16)
        self.tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.empty = EmptyState("type", "No headings yet", "Begin a line with # to make one.")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 8)
        column.addWidget(self.tree)
        column.addWidget(self.empty)
        self.setFocusProxy(self.tree)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_PAUSE_MS)
        self._later.timeout.connect(self.look)
        self.tree.itemClicked.connect(lambda item: self._go_to(item))
        self.tree.itemActivated.connect(lambda item: self._go_to(item))
        store.changed.connect(lambda _: self._later.start())
        editor.caret_moved.connect(self._later.start)
        self.look()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look()

    def look(self) -> None:
        """Show the headings as they are now, if the panel is seen."""
        if not is_seen(self):
            return
        text = self._store.document.text
        if text is not self._text:
            self._text = text
            before, self._headings = self._headings, headings(text)
            if [(h.level, h.title) for h in before] != [(h.level, h.title) for h in self._headings]:
                self._show()
            self.tree.setVisible(bool(self._headings))
            self.empty.setVisible(not self._headings)
        self._follow_caret()

    def wait(self) -> None:
        """Look after a pause."""
        self._later.start()

    def _show(self) -> None:
        self.tree.clear()
        self._items = []
        above: list[tuple[int, QTreeWidgetItem]] = []
        for heading in self._headings:
            item = QTreeWidgetItem([heading.title or "(without words)"])
            item.setToolTip(0, heading.title)
            while above and above[-1][0] >= heading.level:
                above.pop()
            if above:
                above[-1][1].addChild(item)
            else:
                self.tree.addTopLevelItem(item)
            above.append((heading.level, item))
            self._items.append(item)
        self.tree.expandAll()

    def _follow_caret(self) -> None:
        caret = self._editor.area.caret()
        number = bisect_right([heading.position for heading in self._headings], caret) - 1
        if number >= 0:
            self.tree.setCurrentItem(self._items[number])
            self.tree.scrollToItem(self._items[number])
        else:
            self.tree.setCurrentIndex(QModelIndex())

    def _go_to(self, item: QTreeWidgetItem) -> None:
        self.look()  # what was typed in the last moment counts
        if item in self._items:
            self._editor.area.go_to(self._headings[self._items.index(item)].position)
            self._follow_caret()
            self._editor.area.setFocus()
