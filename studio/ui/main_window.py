"""The main window's frame: menus, panels' places, message bar, status line. GUI thread.

It is shown empty, as soon as Qt is there; the workbench furnishes it after the first paint. So
nothing here may import numpy, pydantic or anything of the engine.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSize, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QImage,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QSplitter,
    QTabBar,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from studio.ui.actions import Actions
from studio.ui.dropping import REMOTE, dropped, is_welcome
from studio.ui.labels import icon_button, label
from studio.ui.message_bar import Message, MessageBar
from studio.ui.status_line import StatusLine
from studio.ui.text_alone import STATE_VERSION, TextAlone
from studio.ui.theme.theme import Theme

if TYPE_CHECKING:
    from studio.ui.command_palette import CommandPalette

_SIZE = (1280, 800)
_GENERATE_PX = 336
_BOTTOM_PX = 196
_LAYERS_PX = 236
_NO_LIMIT = 16777215


class DockTitle(QFrame):
    """A panel's own quiet title, with a button that hides it; folded away while a tab says the same."""

    def __init__(self, dock: QDockWidget, title: str) -> None:
        super().__init__()
        self.setObjectName("dockTitle")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 8, 2)
        row.addWidget(label(title))
        row.addStretch(1)
        hide = icon_button("x", f"Hide {title}")
        hide.setFixedSize(24, 24)
        hide.clicked.connect(dock.hide)
        row.addWidget(hide)
        self._folded = False

    def fold(self, folded: bool) -> None:
        if folded != self._folded:
            self._folded = folded
            self.setMaximumHeight(0 if folded else _NO_LIMIT)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        size = super().sizeHint()
        return QSize(size.width(), 0) if self._folded else size

    def minimumSizeHint(self) -> QSize:
        size = super().minimumSizeHint()
        return QSize(size.width(), 0) if self._folded else size


class MainWindow(QMainWindow):
    """`close_requested` instead of closing: who owns the window ends things in order first."""

    close_requested = Signal()
    painted = Signal()
    result_dropped = Signal(str)
    """A history item's id, dragged from its panel."""
    files_dropped = Signal(list)
    """Paths dropped anywhere that has no use for them itself."""
    image_dropped = Signal(QImage)
    """A picture without a file, as browsers give it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._was_painted = False
        self._may_close = False
        self.setWindowTitle("Folio")
        self.setObjectName("folio")
        self.setDockNestingEnabled(True)
        self.setAnimated(False)
        self.setAcceptDrops(True)
        self.actions_by_name = Actions(self)
        self.message_bar = MessageBar()
        self.document = QSplitter(Qt.Orientation.Horizontal)
        self.document.setChildrenCollapsible(False)
        self.document.setHandleWidth(1)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.message_bar)
        column.addWidget(self.document, 1)
        self.setCentralWidget(centre)
        area = Qt.DockWidgetArea
        self.setCorner(Qt.Corner.BottomLeftCorner, area.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, area.RightDockWidgetArea)
        self.setTabPosition(area.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.generate_dock = self._dock("Generate", area.LeftDockWidgetArea)
        self.history_dock = self._dock("History", area.BottomDockWidgetArea)
        self.queue_dock = self._dock("Queue", area.BottomDockWidgetArea)
        self.colour_dock = self._dock("Colour", area.RightDockWidgetArea)
        self.navigator_dock = self._dock("Navigator", area.RightDockWidgetArea)
        self.layers_dock = self._dock("Layers", area.RightDockWidgetArea)
        self.undo_dock = self._dock("Undo", area.RightDockWidgetArea)
        self.outline_dock = self._dock("Outline", area.RightDockWidgetArea)
        self.status_line = StatusLine()
        self.setStatusBar(self.status_line)
        self.added_docks: dict[str, QDockWidget] = {}
        self._beside: dict[str, QDockWidget] = {}
        self.palette_overlay: CommandPalette | None = None
        self.alone = TextAlone(self)
        self.resize(*_SIZE)
        self.reset_layout()
        self._wire_view()

    @property
    def docks(self) -> dict[str, QDockWidget]:
        return {
            "generate": self.generate_dock,
            "history": self.history_dock,
            "queue": self.queue_dock,
            "colour": self.colour_dock,
            "navigator": self.navigator_dock,
            "layers": self.layers_dock,
            "undo": self.undo_dock,
            "outline": self.outline_dock,
        }

    def add_dock(self, name: str, title: str, beside: QDockWidget | None = None) -> QDockWidget:
        """A panel made after the window, beside another (None: Generate); where it was, if it was."""
        dock = self._made_dock(title, f"dock-{name}")
        self.added_docks[name] = dock
        self._beside[name] = place = beside or self.generate_dock
        # Asked before it has a place: afterwards the answer is always yes.
        if not self.restoreDockWidget(dock):
            self.addDockWidget(self.dockWidgetArea(place), dock)
            self.tabifyDockWidget(place, dock)
            place.raise_()
        action = self.actions_by_name.add_view(f"show_{name}", f"{title} panel", self)
        action.setChecked(not dock.isHidden())
        action.triggered.connect(lambda shown: self.show_dock(dock) if shown else dock.hide())
        dock.visibilityChanged.connect(lambda _: action.setChecked(not dock.isHidden()))
        return dock

    def show_dock(self, dock: QDockWidget) -> None:
        """In front of those it shares a place with, and ready for keys."""
        dock.show()
        dock.raise_()
        dock.widget().setFocus(Qt.FocusReason.OtherFocusReason)

    def reset_layout(self) -> None:
        """The panels as they come."""
        for dock in self.docks.values():
            dock.setFloating(False)
            dock.show()
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self.generate_dock)
        self.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self.history_dock)
        self.splitDockWidget(self.history_dock, self.queue_dock, Qt.Orientation.Horizontal)
        right = Qt.DockWidgetArea.RightDockWidgetArea
        for dock in (self.colour_dock, self.layers_dock):
            self.addDockWidget(right, dock)
        self.splitDockWidget(self.colour_dock, self.layers_dock, Qt.Orientation.Vertical)
        self.tabifyDockWidget(self.colour_dock, self.navigator_dock)
        self.tabifyDockWidget(self.navigator_dock, self.undo_dock)
        self.tabifyDockWidget(self.layers_dock, self.outline_dock)
        for name, dock in self.added_docks.items():
            dock.setFloating(False)
            dock.show()
            self.tabifyDockWidget(self._beside[name], dock)
        for dock in (self.colour_dock, self.layers_dock, self.generate_dock):
            dock.raise_()
        self.resizeDocks([self.generate_dock], [_GENERATE_PX], Qt.Orientation.Horizontal)
        self.resizeDocks([self.layers_dock], [_LAYERS_PX], Qt.Orientation.Horizontal)
        self.resizeDocks([self.colour_dock, self.layers_dock], [400, 340], Qt.Orientation.Vertical)
        self.resizeDocks([self.history_dock], [_BOTTOM_PX], Qt.Orientation.Vertical)
        self.resizeDocks(
            [self.history_dock, self.queue_dock], [600, 340], Qt.Orientation.Horizontal
        )

    def refuse_address(self) -> None:
        """Something was dropped that is only named, on a network."""
        self.message_bar.show_message(Message(REMOTE, "warning", (), "dropped"))

    def set_document(self, canvas: QWidget, text: QWidget) -> None:
        """Canvas and text side by side; the canvas has its tools, so it gets more."""
        for widget, name in ((canvas, "show_canvas"), (text, "show_text")):
            self.document.addWidget(widget)
            action = self.actions_by_name[name]
            action.setChecked(True)
            action.toggled.connect(widget.setVisible)
        self.document.setSizes([1200, 800])

    def open_palette(self) -> None:
        """Made when first asked for: the first paint doesn't wait for it."""
        if self.palette_overlay is None:
            from studio.ui.command_palette import CommandPalette

            self.palette_overlay = CommandPalette(self, self.actions_by_name.all)
        self.palette_overlay.open()

    def geometry_text(self) -> str:
        return base64.b64encode(self.saveGeometry().data()).decode()

    def state_text(self) -> str:
        state = self.alone.before or self.saveState(STATE_VERSION)
        return base64.b64encode(state.data()).decode()

    def restore(self, geometry: str, state: str) -> None:
        """Where the window was; nonsense is ignored."""
        if geometry:
            self.restoreGeometry(_decoded(geometry))
        if state:
            self.restoreState(_decoded(state), STATE_VERSION)

    def allow_closing(self) -> None:
        """Everything is ended: the next close is real."""
        self._may_close = True

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close:
            event.accept()
        else:
            event.ignore()
            self.close_requested.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            self.painted.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if is_welcome(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        found = dropped(event.mimeData())
        for item_id in found.results:
            self.result_dropped.emit(item_id)
        if found.files:
            self.files_dropped.emit(list(found.files))
        if found.image is not None:
            self.image_dropped.emit(found.image)
        if found.remote:
            self.refuse_address()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.palette_overlay is not None and self.palette_overlay.isVisible():
            self.palette_overlay.open()

    def _dock(self, title: str, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = self._made_dock(title, f"dock-{title.lower()}")
        self.addDockWidget(area, dock)
        return dock

    def _made_dock(self, title: str, name: str) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setTitleBarWidget(DockTitle(dock, title))
        blank = QWidget()
        blank.setObjectName("panel")
        dock.setWidget(blank)
        dock.visibilityChanged.connect(self._fold_titles)
        dock.dockLocationChanged.connect(self._fold_titles)
        dock.topLevelChanged.connect(self._fold_titles)
        return dock

    def _fold_titles(self) -> None:
        for bar in self.findChildren(QTabBar):
            bar.setAccessibleName(bar.accessibleName() or "Panels")
        for dock in self.findChildren(QDockWidget):
            title = dock.titleBarWidget()
            if isinstance(title, DockTitle):
                title.fold(bool(self.tabifiedDockWidgets(dock)) and not dock.isFloating())

    def _wire_view(self) -> None:
        actions = self.actions_by_name
        for name, dock in self.docks.items():
            action = actions[f"show_{name}"]
            action.setChecked(True)
            action.triggered.connect(dock.setVisible)
            dock.visibilityChanged.connect(
                lambda _, action=action, dock=dock: action.setChecked(not dock.isHidden())
            )
        actions["reset_layout"].triggered.connect(self.reset_layout)
        actions["text_alone"].toggled.connect(self.alone.switch)
        actions["full_screen"].toggled.connect(self._on_full_screen_toggled)
        actions["palette"].triggered.connect(self.open_palette)
        actions["quit"].triggered.connect(self.close)

    def _on_full_screen_toggled(self, full: bool) -> None:
        self.showFullScreen() if full else self.showNormal()


def _decoded(text: str) -> QByteArray:
    try:
        return QByteArray(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return QByteArray()
