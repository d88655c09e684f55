"""The command palette: every action of the window, found by a few letters. GUI thread.

It lies over the window as a child, so it needs no event loop of its own and no window manager.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QAction, QColor, QIcon, QKeyEvent, QKeySequence, QPainter, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsDropShadowEffect,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.ui.fuzzy import best
from studio.ui.theme.icons import tokens_in_use
from studio.ui.theme.tokens import ICON_PX

_WIDTH_PX = 560
_ROW_PX = 36
_ROWS = 9
_SHORTCUT_ROLE = Qt.ItemDataRole.UserRole + 1


class _RowDelegate(QStyledItemDelegate):
    """An action's icon, its name, and its shortcut at the right."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(200, _ROW_PX)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().paint(painter, option, index)
        shortcut = str(index.data(_SHORTCUT_ROLE) or "")
        if shortcut:
            area = option.rect.adjusted(0, 0, -12, 0)
            chosen = option.state & QStyle.StateFlag.State_Selected
            tokens = tokens_in_use()
            painter.setPen(QColor(tokens.text if chosen else tokens.muted))
            align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(area, align, shortcut)


class CommandPalette(QFrame):
    """Args:
    parent: The window it lies over.
    actions: Called each time it opens.
    """

    def __init__(self, parent: QWidget, actions: Callable[[], Iterable[QAction]]) -> None:
        super().__init__(parent)
        self._over = parent
        self.setObjectName("palette")
        self._actions = actions
        self._focus_before: QWidget | None = None
        # So that names stand below each other whether or not there is an icon.
        empty = QPixmap(ICON_PX, ICON_PX)
        empty.fill(Qt.GlobalColor.transparent)
        self._blank = QIcon(empty)
        self.line = QLineEdit()
        self.line.setPlaceholderText("What do you want to do?")
        self.line.setAccessibleName("Command")
        self.list = QListWidget()
        self.list.setItemDelegate(_RowDelegate(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName("Commands found")
        self.list.setUniformItemSizes(True)
        self.list.setIconSize(QSize(16, 16))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 8)
        column.setSpacing(4)
        column.addWidget(self.line)
        column.addWidget(self.list)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(40)
        shadow.setOffset(0, 10)
        shadow.setColor(QColor(0, 0, 0, 90))
        self.setGraphicsEffect(shadow)
        self.line.textChanged.connect(self._fill)
        self.line.installEventFilter(self)
        self.list.itemClicked.connect(self._run)
        self.hide()

    def open(self) -> None:
        """Show it with all commands, ready to type."""
        window = self._over
        self._focus_before = window.focusWidget()
        width = min(_WIDTH_PX, window.width() - 32)
        self.setGeometry((window.width() - width) // 2, 72, width, self._height())
        self.line.clear()
        self._fill("")
        self.show()
        self.raise_()
        self.line.setFocus()

    def close_palette(self) -> None:
        self.hide()
        if self._focus_before is not None:
            self._focus_before.setFocus()
        self._focus_before = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # the window's Esc and Ctrl+Enter are not meant while this is open
            return False
        if event.type() == QEvent.Type.FocusOut and self.isVisible():
            self.hide()
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._on_line_key(event)
        return False

    def _on_line_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.close_palette()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            item = self.list.currentItem()
            if item is not None:
                self._run(item)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: _ROWS}.get(
                Qt.Key(key), -_ROWS
            )
            last = self.list.count() - 1
            self.list.setCurrentRow(max(0, min(last, self.list.currentRow() + step)))
        else:
            return False
        return True

    def _fill(self, query: str) -> None:
        self.list.clear()
        named = (
            (plain_name(action), action)
            for action in self._actions()
            if action.isEnabled() and action.isVisible() and plain_name(action)
        )
        for action in best(query, named):
            icon = self._blank if action.icon().isNull() else action.icon()
            item = QListWidgetItem(icon, plain_name(action))
            item.setData(Qt.ItemDataRole.UserRole, action)
            item.setData(_SHORTCUT_ROLE, shown_keys(action))
            self.list.addItem(item)
        if self.list.count():
            self.list.setCurrentRow(0)
        self.resize(self.width(), self._height())

    def _height(self) -> int:
        """Only as high as what was found."""
        wanted = min(self.list.count(), _ROWS) * _ROW_PX + 60
        return min(wanted, self._over.height() - 96)

    def _run(self, item: QListWidgetItem) -> None:
        action = item.data(Qt.ItemDataRole.UserRole)
        self.close_palette()
        if isinstance(action, QAction):
            action.trigger()


def shown_keys(action: QAction) -> str:
    """The keys it is reached by, whoever hears them; "" if by none."""
    native = QKeySequence.SequenceFormat.NativeText
    return str(action.property("shownKeys") or action.shortcut().toString(native))


def plain_name(action: QAction) -> str:
    """An action's name as one reads it: without the mnemonic's ampersand."""
    longer = str(action.property("paletteName") or "")
    return longer or action.text().replace("&", "")
