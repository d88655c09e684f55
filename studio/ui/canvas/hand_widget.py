"""The hand on the canvas: mouse, pen and keys go to the tool, or drag the view. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent, QTabletEvent

from studio.core.store import DocumentStore
from studio.ui.canvas.ghosts import GhostBar, Ghosts, ghost_key
from studio.ui.canvas.picture_widget import PictureWidget
from studio.ui.canvas.pointer import Pointer
from studio.ui.canvas.selection_commands import SelectionCommands
from studio.ui.canvas.tools.move import nudged, removal
from studio.ui.canvas.tools.tool import Tool

_ENDING = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_DELETE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class HandWidget(PictureWidget):
    """`set_tool` says what a gesture does; Space or the middle button drag the view instead."""

    pointed = Signal(object)
    """The canvas pixel under the pointer as (x, y), or None outside."""

    def __init__(self, store: DocumentStore) -> None:
        super().__init__(store)
        self._space = False
        self._pen_down = False
        self._marks: QRectF | None = None
        self._last = (0.0, 0.0)
        self.cleared = SelectionCommands(self.easel)
        self.ghosts = Ghosts(self.easel)
        self.ghost_bar = GhostBar(self.ghosts, self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self._connect_tool()

    def set_tool(self, tool: Tool[object]) -> None:
        """The hand's next gestures are this tool's; the one before ends what it had begun."""
        if tool is self.tool:
            return
        self.tool.leave()
        self.tool.overlay_changed.disconnect(self._on_overlay_changed)
        self.tool = tool
        self._gesture = False
        self._connect_tool()
        if self._follow_fit:
            self.zoom_to_fit()
        self.setCursor(tool.cursor)
        self.update()

    # Qt's events.

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and (self.tool.busy or self.ghosts.shown is not None)
            and event.key() in _ENDING
        ):
            # While a tool has something under way these keys are the tool's, not the window's.
            event.accept()
            return True
        return super().event(event)

    def tabletEvent(self, event: QTabletEvent) -> None:
        """A pen: as the mouse, with its pressure; its hover and buttons are left to the mouse events."""
        at = self._pointer(
            event.position(), event.modifiers(), max(0.0, min(1.0, event.pressure()))
        )
        kind = event.type()
        if kind == QEvent.Type.TabletPress and event.button() == Qt.MouseButton.LeftButton:
            self.setFocus()
            if self._space:
                self._grab_view(event)
            else:
                self._pen_down = self._gesture = True
                self.tool.press(at)
        elif kind == QEvent.Type.TabletMove and self._dragging_view:
            self._drag_view(event.position())
        elif kind == QEvent.Type.TabletMove and self._pen_down:
            self.tool.move(at)
        elif kind == QEvent.Type.TabletRelease and (self._pen_down or self._dragging_view):
            if self._pen_down and self._gesture:
                self.tool.release(at)
            self._pen_down = self._gesture = False
            self._let_view_go()
        else:
            event.ignore()  # Qt makes a mouse event of it then
            return
        self._move_marks(at)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus()
        left = event.button() == Qt.MouseButton.LeftButton
        if event.button() == Qt.MouseButton.MiddleButton or (left and self._space):
            self._grab_view(event)
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif left:
            self._gesture = True
            self.tool.press(self._pointer_of(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging_view:
            self._drag_view(event.position())
            return
        at = self._pointer_of(event)
        if self._gesture:
            self.tool.move(at)
        else:
            self.tool.hover(at)
            if not self._space:
                self.setCursor(self.tool.cursor_at(at, self._view))
        self._move_marks(at)
        self._last = (at.x, at.y)
        self.pointed.emit((int(at.x // 1), int(at.y // 1)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragging_view:
            self._let_view_go()
            self.setCursor(Qt.CursorShape.OpenHandCursor if self._space else self.tool.cursor)
        elif self._gesture and event.button() == Qt.MouseButton.LeftButton:
            self._gesture = False
            self.tool.release(self._pointer_of(event))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self._space:
            self._gesture = True
            self.tool.double_click(self._pointer_of(event))
        else:
            self.mousePressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit(None)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        layer = self.easel.current
        if event.key() == Qt.Key.Key_Space:
            self._space = True
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        elif self.tool.key_press(event) or (
            not self.tool.busy and ghost_key(self.ghosts, event.key())
        ):
            event.accept()
        elif event.key() == Qt.Key.Key_Escape and self.tool.busy:
            self._gesture = False
            self.tool.cancel()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.tool.busy:
            self.tool.accept()
        elif event.key() in _DELETE and self.cleared.clear():
            event.accept()
        elif layer is None or layer.locked:
            super().keyPressEvent(event)
        elif event.key() in _DELETE:
            self.easel.commit(removal(self._store.document, layer))
        elif not nudged(self.easel, event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self.setCursor(self.tool.cursor)
        super().keyReleaseEvent(event)

    # Within.

    def _connect_tool(self) -> None:
        self.tool.overlay_changed.connect(self._on_overlay_changed)

    def _on_overlay_changed(self) -> None:
        self.update()

    def _pointer_of(self, event: QMouseEvent) -> Pointer:
        return self._pointer(event.position(), event.modifiers(), 1.0)

    def _pointer(self, point: QPointF, modifiers: Qt.KeyboardModifier, pressure: float) -> Pointer:
        x, y = self._view.to_canvas(point.x(), point.y())
        return Pointer(x, y, point, pressure, modifiers)

    def _move_marks(self, at: Pointer) -> None:
        """Repaint what follows the pointer, where it was and where it is."""
        marks = self.tool.hover_rect(self._view)
        for rect in (self._marks, marks):
            if rect is not None:
                self.update(rect.toAlignedRect().adjusted(-3, -3, 3, 3))
        self._marks = marks
