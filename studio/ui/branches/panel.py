"""The Branches panel: the tree of ways the text could have gone, to walk by mouse or keys. GUI thread.

It only shows and asks; `walking` does what is asked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QMenu,
    QPlainTextEdit,
    QSplitter,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.core.branch_walk import BranchNode, ForkNode
from studio.ui.labels import EmptyState, icon_button
from studio.ui.theme.icons import icon

_ID = Qt.ItemDataRole.UserRole
_EXCERPT_CHARACTERS = 80


class BranchesPanel(QWidget):
    go_requested = Signal(int)
    copy_requested = Signal(int)
    compare_requested = Signal(int, int)
    """Two branches; 0 for what stands in the text in the first one's place."""
    rename_requested = Signal(int, str)
    only_choices_changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._nodes: dict[int, BranchNode] = {}
        self.tree = _Tree()
        self.tree.currentItemChanged.connect(lambda *_: self._show_current())
        self.tree.itemSelectionChanged.connect(self._enable)
        self.tree.itemActivated.connect(lambda *_: self._go())
        self.tree.named.connect(self.rename_requested)
        self.tree.customContextMenuRequested.connect(self._on_menu_requested)
        self.words = QPlainTextEdit()
        self.words.setReadOnly(True)
        self.words.setTabChangesFocus(True)
        self.words.setAccessibleName("The branch's words")
        self.go = icon_button("log-in", "Go there", "Put it into the text (Enter)")
        self.copy = icon_button("copy-plus", "Copy in at the caret")
        self.compare = icon_button(
            "git-compare-arrows", "Compare", "Compare two chosen ones, or one with the text"
        )
        self.rename = icon_button("text-cursor-input", "Name", "Name it (F2)")
        self.only_choices = icon_button(
            "route", "Only where ways part", "Only where ways part; up: every suggestion ever taken"
        )
        self.only_choices.setCheckable(True)
        self.only_choices.setChecked(True)
        self.only_choices.toggled.connect(self.only_choices_changed)
        row = QHBoxLayout()
        row.setContentsMargins(12, 4, 12, 4)
        for button, slot in (
            (self.go, self._go),
            (self.copy, self._copy),
            (self.compare, self._compare),
            (self.rename, self._rename),
        ):
            button.clicked.connect(lambda _=False, slot=slot: slot())
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.only_choices)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.tree)
        splitter.addWidget(self.words)
        splitter.setSizes([400, 160])
        self._pages = QStackedWidget()
        self._pages.addWidget(
            EmptyState(
                "waypoints",
                "No branches yet",
                "Every suggestion of a model, taken or not, becomes a way the text could go.",
            )
        )
        self._pages.addWidget(splitter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.addLayout(row)
        column.addWidget(self._pages, 1)
        self.setFocusProxy(self.tree)
        self._enable()

    @property
    def current(self) -> int:
        """The id of the branch the keys are on; 0: none."""
        return _id_of(self.tree.currentItem())

    def show_tree(self, forks: tuple[ForkNode, ...]) -> None:
        """Another tree; what is chosen and folded stays."""
        current, folded = self.current, self.tree.folded_ids()
        self._nodes.clear()
        self.tree.blockSignals(True)
        self.tree.clear()
        waiting = deque((self.tree.invisibleRootItem(), fork) for fork in forks)
        while waiting:  # a text that went on from itself is a deep tree
            waiting.extend(self._add_fork(*waiting.popleft()))
        for item in self.tree.items():
            item.setExpanded(_id_of(item) not in folded)
        self.tree.blockSignals(False)
        self._pages.setCurrentIndex(1 if forks else 0)
        self.choose(current)
        self._show_current()
        self._enable()

    def choose(self, branch_id: int) -> None:
        for item in self.tree.items():
            if branch_id and _id_of(item) == branch_id:
                self.tree.setCurrentItem(item)
                return

    def rows(self) -> list[str]:
        """The tree as lines, indented by two spaces a level."""
        return [f"{'  ' * _depth(item)}{item.text(0)}" for item in self.tree.items()]

    def _add_fork(
        self, parent: QTreeWidgetItem, fork: ForkNode
    ) -> Iterator[tuple[QTreeWidgetItem, ForkNode]]:
        """A row with its branches; gives the forks within these, each with its branch's row."""
        item = QTreeWidgetItem(parent, [f"… {' '.join(fork.before.split())[-40:]}".rstrip()])
        item.setIcon(0, icon("waypoints", "faint"))
        item.setForeground(0, self.palette().placeholderText())
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        for node in fork.branches:
            row = self._add_branch(item, node)
            yield from ((row, inner) for inner in node.forks)

    def _add_branch(self, parent: QTreeWidgetItem, node: BranchNode) -> QTreeWidgetItem:
        item = QTreeWidgetItem(parent, [shown_as(node)])
        item.setData(0, _ID, node.branch.id)
        item.setFlags(
            Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable
        )
        item.setIcon(
            0,
            icon(
                "circle-check" if node.shown else "circle", "accent_text" if node.shown else "muted"
            ),
        )
        item.setToolTip(0, told(node))
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{shown_as(node)}. {told(node)}")
        if node.branch.name or node.shown:
            font = item.font(0)
            font.setBold(node.shown)
            font.setItalic(bool(node.branch.name))
            item.setFont(0, font)
        self._nodes[node.branch.id] = node
        self.tree.names[node.branch.id] = node.branch.name
        return item

    def _show_current(self) -> None:
        node = self._nodes.get(self.current)
        text = node.text if node is not None else ""
        self.words.setPlainText(
            "Its words are not known on this machine." if text is None else text
        )
        self._enable()

    def _enable(self) -> None:
        node = self._nodes.get(self.current)
        known = node is not None and node.text is not None
        self.go.setEnabled(known and node is not None and not node.shown)
        self.copy.setEnabled(known)
        self.compare.setEnabled(known and bool(self._pair()))
        self.rename.setEnabled(node is not None)

    def _pair(self) -> tuple[int, int] | None:
        """The two branches that are chosen, or one and what the text has in its place."""
        chosen = [_id_of(item) for item in self.tree.items() if item.isSelected()]
        if len(chosen) == 2:
            return chosen[0], chosen[1]
        node = self._nodes.get(self.current)
        return (self.current, 0) if node is not None and not node.shown else None

    def _go(self) -> None:
        node = self._nodes.get(self.current)
        if node is not None and not node.shown:
            self.go_requested.emit(self.current)

    def _copy(self) -> None:
        if self.current:
            self.copy_requested.emit(self.current)

    def _compare(self) -> None:
        if (pair := self._pair()) is not None:
            self.compare_requested.emit(*pair)

    def _rename(self) -> None:
        self.tree.edit_name()

    def _on_menu_requested(self, point: QPoint) -> None:
        if not self.current:
            return
        menu = QMenu(self.tree)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for button, slot in (
            (self.go, self._go),
            (self.copy, self._copy),
            (self.compare, self._compare),
            (self.rename, self._rename),
        ):
            action = menu.addAction(button.accessibleName())
            action.setEnabled(button.isEnabled())
            action.triggered.connect(lambda _=False, slot=slot: slot())
        menu.popup(self.tree.viewport().mapToGlobal(point))


class _Tree(QTreeWidget):
    """Enter goes, F2 names, Ctrl+click chooses a second one."""

    named = Signal(int, str)

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[int, str] = {}
        self._editing: QTreeWidgetItem | None = None
        self._called = ""
        self.setHeaderHidden(True)
        self.setIndentation(14)
        self.setAccessibleName("Branches")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.itemChanged.connect(self._on_item_changed)
        self.itemDelegate().closeEditor.connect(lambda *_: self._on_editor_closed())

    @property
    def naming(self) -> bool:
        """Whether a name is being typed: the rows must stay."""
        return self._editing is not None

    def items(self) -> list[QTreeWidgetItem]:
        """All, from top to bottom."""
        found: list[QTreeWidgetItem] = []
        waiting = [self.topLevelItem(n) for n in range(self.topLevelItemCount())][::-1]
        while waiting:
            item = waiting.pop()
            if item is not None:
                found.append(item)
                waiting += [item.child(n) for n in range(item.childCount())][::-1]
        return found

    def folded_ids(self) -> set[int]:
        return {_id_of(i) for i in self.items() if i.childCount() and not i.isExpanded()} - {0}

    def edit_name(self) -> None:
        item = self.currentItem()
        if item is None or not _id_of(item):
            return
        self._called = item.text(0)
        self.blockSignals(True)
        item.setText(0, self.names.get(_id_of(item), ""))
        self.blockSignals(False)
        self._editing = item
        self.editItem(item, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2:
            self.edit_name()
        elif (
            event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and self.state() != QAbstractItemView.State.EditingState
        ):
            self.itemActivated.emit(self.currentItem(), 0)
        else:
            super().keyPressEvent(event)

    def _on_editor_closed(self) -> None:
        item, self._editing = self._editing, None
        if item is not None:  # given up: it is called as before
            self.blockSignals(True)
            item.setText(0, self._called)
            self.blockSignals(False)

    def _on_item_changed(self, item: QTreeWidgetItem, column: int) -> None:
        if item is self._editing:
            self._editing = None
            self.names[_id_of(item)] = item.text(0).strip()
            self.named.emit(_id_of(item), item.text(0).strip())


def shown_as(node: BranchNode) -> str:
    """Its name, or how its words begin."""
    if node.branch.name:
        return node.branch.name
    if node.text is None:
        return "(not known on this machine)"
    words = " ".join(node.text.split())
    return (
        f"{words[:_EXCERPT_CHARACTERS]}{'…' if len(words) > _EXCERPT_CHARACTERS else ''}"
        or "(nothing)"
    )


def told(node: BranchNode) -> str:
    """Whose it is and where."""
    whose = "Written by a model" if node.branch.record_id else "Yours"
    return f"{whose}; it stands in the text." if node.shown else f"{whose}."


def _id_of(item: QTreeWidgetItem | None) -> int:
    return int(item.data(0, _ID) or 0) if item is not None else 0


def _depth(item: QTreeWidgetItem) -> int:
    depth, parent = 0, item.parent()
    while parent is not None:
        depth, parent = depth + 1, parent.parent()
    return depth
