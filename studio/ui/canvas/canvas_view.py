"""The canvas widget: shows what the compositor makes of the document; gestures go to a tool. GUI thread.

It owns where one looks (zoom, pan, turn, mirror); what is drawn is in `painted`, what a drag does in `tools`.
Only what changed is painted again: the compositor says where a new document looks different.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEvent, QLineF, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QEnterEvent,
    QHideEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QShowEvent,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QGestureEvent, QPinchGesture, QWidget

from studio.api.outputs import Pixels
from studio.core.document import Document
from studio.core.edits import ReplaceText, parts
from studio.core.geometry import Rect
from studio.core.layers import Layer, Layers, PaintLayer, mapped, walk
from studio.core.store import Change, DocumentStore
from studio.core.tiles import TileMap
from studio.paint.compositor import Compositor
from studio.paint.qimages import to_qimage
from studio.paint.regions import tiled
from studio.ui.canvas import ants, painted
from studio.ui.canvas.easel import SHEET, Easel
from studio.ui.canvas.ghosts import GhostBar, Ghosts, ghost_key
from studio.ui.canvas.pointer import Pointer
from studio.ui.canvas.screen_tiles import ScreenTiles
from studio.ui.canvas.selection_commands import SelectionCommands
from studio.ui.canvas.tools.move import MoveTool, nudged, removal
from studio.ui.canvas.tools.tool import Tool
from studio.ui.canvas.view_transform import ViewTransform, fitted
from studio.ui.main_window import RESULT_MIME

_MARGIN_PX = 48
_TURN_DEG = 15.0
_MARCH_MS = 140
_CALM_MS = 90
"""After the view moved: then it is drawn smoothly."""
_ENDING = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_DELETE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class CanvasView(QWidget):
    files_dropped = Signal(list)
    results_dropped = Signal(list, int, int)
    """Ids of the history, and the canvas pixel they were dropped on."""
    view_changed = Signal()
    picture_changed = Signal()
    """What is shown is another picture, also while a hand is at it."""
    layer_selected = Signal(str)
    pointed = Signal(object)
    """The canvas pixel under the pointer as (x, y), or None outside."""

    def __init__(self, store: DocumentStore) -> None:
        super().__init__()
        self._store = store
        self.easel = Easel(store)
        self.compositor = Compositor(store.document)
        self._tiles = ScreenTiles(self.compositor)
        self._calming = QTimer(self)
        self._calming.setSingleShot(True)
        self._calming.setInterval(_CALM_MS)
        self._calming.timeout.connect(self.update)
        self.tool: Tool[object] = MoveTool(self.easel)
        self._view = ViewTransform()
        self._follow_fit = True
        self._previews: dict[str, QImage] = {}
        self._live: dict[str, TileMap] = {}
        self._frame = Rect()
        self._gesture = False
        self._panning: QPointF | None = None
        self._turning: QPointF | None = None
        self._space = False
        self._pen_down = False
        self._marks: QRectF | None = None
        self._last = (0.0, 0.0)
        self._ants: list[QLineF] = []
        self._ants_phase = 0
        self._marching = QTimer(self)
        self._marching.setInterval(_MARCH_MS)
        self._marching.timeout.connect(self._on_marching_timeout)
        self.easel.surface = self
        self.cleared = SelectionCommands(self.easel)
        self.ghosts = Ghosts(self.easel)
        self.ghost_bar = GhostBar(self.ghosts, self)
        self.setObjectName("canvas")
        self.setAccessibleName("Canvas")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setAcceptDrops(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self.setMinimumSize(200, 160)
        self._connect_tool()
        store.changed.connect(self._on_store_changed)
        self.easel.tried.connect(self._compose)
        self.easel.layer_chosen.connect(self._on_layer_chosen)
        self.easel.mask_chosen.connect(lambda _: self.update())

    # What the window asks.

    @property
    def scale(self) -> float:
        return self._view.scale

    @property
    def view(self) -> ViewTransform:
        return self._view

    @property
    def selected_layer(self) -> Layer | None:
        return self.easel.current

    def sizeHint(self) -> QSize:
        return QSize(640, 600)

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

    def set_view(self, view: ViewTransform) -> None:
        """Look elsewhere; the canvas doesn't go back to fitting by itself."""
        self._follow_fit = False
        self._set_view(view)

    def zoom_in(self) -> None:
        self._zoom(self._view.next_step(1))

    def zoom_out(self) -> None:
        self._zoom(self._view.next_step(-1))

    def zoom_to(self, scale: float) -> None:
        self._zoom(scale)

    def zoom_to_actual_size(self) -> None:
        """One canvas pixel on one screen pixel."""
        self._zoom(1.0 / self.devicePixelRatioF())

    def zoom_to_fit(self) -> None:
        """All layers in view, upright; stays so until the person zooms or pans."""
        self._follow_fit = True
        bounds = self._bounds()
        if bounds is not None:
            self._set_view(
                fitted(
                    bounds.x, bounds.y, bounds.width, bounds.height,
                    self.width(), self.height(), _MARGIN_PX,
                )
            )  # fmt: skip

    def turn(self, by_deg: float) -> None:
        self.set_view(self._view.turned(by_deg, *self._middle))

    def turn_right(self) -> None:
        self.turn(_TURN_DEG)

    def turn_left(self) -> None:
        self.turn(-_TURN_DEG)

    def straighten(self) -> None:
        self.set_view(self._view.straightened(*self._middle))

    def mirror(self) -> None:
        self.set_view(self._view.flipped(*self._middle))

    def show_preview(self, key: str, pixels: Pixels) -> None:
        """A picture in the making, in the middle of the view."""
        self._previews[key] = to_qimage(pixels)
        self.update()

    def clear_preview(self, key: str) -> None:
        if self._previews.pop(key, None) is not None:
            self.update()

    def show_live(self, layer_id: str, pixels: Pixels) -> None:
        """Another picture in a layer's place, until the layer changes or `clear_live`."""
        self._live[layer_id] = tiled(pixels)
        self._compose()

    def clear_live(self, layer_id: str) -> None:
        if self._live.pop(layer_id, None) is not None:
            self._compose()

    @property
    def live_layers(self) -> tuple[str, ...]:
        return tuple(self._live)

    @property
    def preview_keys(self) -> tuple[str, ...]:
        return tuple(self._previews)

    def place_for(self, width_px: int, height_px: int) -> tuple[int, int]:
        """Where a new picture goes: the middle of a canvas with a size, else right of everything."""
        document = self._store.document
        if document.width_px > 0:
            return (document.width_px - width_px) // 2, (document.height_px - height_px) // 2
        bounds = document.frame
        return (0, 0) if bounds.empty else (bounds.right + 16, bounds.y)

    def add_guide(self, axis: str) -> None:
        """A line to snap to, "x" upright or "y" level, through the place the pointer was last at."""
        at = self._last
        line = round(at[0] if axis == "x" else at[1])
        self.easel.guides = (*self.easel.guides, (axis, line))
        self.update()

    def remove_guides(self) -> None:
        self.easel.guides = ()
        self.update()

    def selectAll(self) -> None:
        self.cleared.everything()

    def copy(self) -> None:
        """What is selected of the current layer, else all of it, for other programs too."""
        copied = self.cleared.copied()
        if copied is not None:
            QApplication.clipboard().setImage(to_qimage(copied))

    def cut(self) -> None:
        self.copy()
        if not self.cleared.clear() and self.easel.current is not None:
            self.easel.commit(removal(self._store.document, self.easel.current))

    # Qt's events.

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            self._paint(painter, event.rect())
        finally:
            painter.end()  # Python may keep the object longer than Qt allows

    def _paint(self, painter: QPainter, area: QRect) -> None:
        document, view = self.compositor.document, self._view
        seen = document.frame.intersected(painted.canvas_rect(view, area))
        covered = view.upright and painted.widget_rect(view, document.frame).contains(QRectF(area))
        if not covered:
            painter.fillRect(area, self.palette().color(QPalette.ColorRole.Mid))
        layers = [layer for layer in document.layers if layer.visible]
        bounds = self._bounds()
        if bounds is None and not self._previews:
            painted.draw_empty(painter, self.rect(), self.palette())
            return
        dark = self.palette().color(QPalette.ColorRole.Window).lightness() < 128
        sheets = [layer.bounds for layer in layers]
        if document.width_px > 0 or not layers:
            sheets = [bounds] if bounds is not None else []
        level, region = painted.level_and_region(view.scale * self.devicePixelRatioF(), seen)
        if not covered or not self._tiles.opaque(level, region):
            painted.draw_sheet(painter, view, sheets, dark)
        if not seen.empty:
            hurried = self._calming.isActive()
            painted.draw_composed(
                painter, self._tiles, view, seen, self.devicePixelRatioF(), hurried=hurried
            )
        for image in self._previews.values():
            painted.draw_preview(painter, image, self.rect(), self.palette())
        if self.easel.painting_mask:
            painted.draw_mask(painter, document, self.easel.current, view, seen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._paint_current(painter)
        painted.draw_guides(painter, view, self.easel.guides)
        if self._ants:
            ants.draw(painter, view, self._ants, self._ants_phase)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self.tool.paint(painter, view)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(
            self.rect().adjusted(12, 0, -12, -10),
            Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft,
            self._view_text(),
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._follow_fit:
            self.zoom_to_fit()

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
        if isinstance(event, QNativeGestureEvent):
            return self._on_native_gesture(event)
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                point = self.mapFromGlobal(pinch.centerPoint())
                scale = self._view.scale * pinch.scaleFactor()
                self.set_view(self._view.zoomed(scale, point.x(), point.y()))
                return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        pixels = event.pixelDelta()
        if not pixels.isNull() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._pan(pixels.x(), pixels.y())
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._pan(event.angleDelta().y() / 2 + event.angleDelta().x() / 2, 0)
        else:
            factor = 1.0015 ** event.angleDelta().y()
            point = event.position()
            self.set_view(self._view.zoomed(self._view.scale * factor, point.x(), point.y()))
        event.accept()

    def tabletEvent(self, event: QTabletEvent) -> None:
        """A pen: as the mouse, with its pressure; its hover and buttons are left to the mouse events."""
        at = self._pointer(
            event.position(), event.modifiers(), max(0.0, min(1.0, event.pressure()))
        )
        kind = event.type()
        if kind == QEvent.Type.TabletPress and event.button() == Qt.MouseButton.LeftButton:
            self.setFocus()
            if self._space:
                self._panning = event.position()
            else:
                self._pen_down = self._gesture = True
                self.tool.press(at)
        elif kind == QEvent.Type.TabletMove and self._panning is not None:
            self._drag_view(event.position())
        elif kind == QEvent.Type.TabletMove and self._pen_down:
            self.tool.move(at)
        elif kind == QEvent.Type.TabletRelease and (self._pen_down or self._panning is not None):
            if self._pen_down and self._gesture:
                self.tool.release(at)
            self._pen_down, self._gesture, self._panning = False, False, None
        else:
            event.ignore()  # Qt makes a mouse event of it then
            return
        self._move_marks(at)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus()
        point = event.position()
        left = event.button() == Qt.MouseButton.LeftButton
        if event.button() == Qt.MouseButton.MiddleButton or (left and self._space):
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._turning = point
            else:
                self._panning = point
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif left:
            self._gesture = True
            self.tool.press(self._pointer_of(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._panning is not None or self._turning is not None:
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
        if self._panning is not None or self._turning is not None:
            self._panning = self._turning = None
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
        layer = self.selected_layer
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

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        data = event.mimeData()
        if data.hasFormat(RESULT_MIME) or any(url.isLocalFile() for url in data.urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        data, point = event.mimeData(), event.position()
        if data.hasFormat(RESULT_MIME):
            ids = bytes(data.data(RESULT_MIME).data()).decode().split()
            x, y = self._view.to_canvas(point.x(), point.y())
            self.results_dropped.emit(ids, round(x), round(y))
            return
        urls = data.urls()
        self.files_dropped.emit([Path(url.toLocalFile()) for url in urls if url.isLocalFile()])

    # Within.

    @property
    def _middle(self) -> tuple[float, float]:
        return self.width() / 2, self.height() / 2

    def _connect_tool(self) -> None:
        self.tool.overlay_changed.connect(self._on_overlay_changed)

    def _on_overlay_changed(self) -> None:
        self.update()

    def _on_layer_chosen(self, layer_id: str) -> None:
        self.layer_selected.emit(layer_id)
        self.update()

    def _on_store_changed(self, change: Change) -> None:
        if all(isinstance(edit, ReplaceText) for edit in parts(change.edit)):
            return
        if self._live:
            there = {layer.id for layer in walk(change.document.layers)}
            self._live = {key: tiles for key, tiles in self._live.items() if key in there}
        if self._follow_fit and not self._gesture:
            self.zoom_to_fit()
        self._compose()

    def _shown(self) -> Document:
        """The document with what is under the hand right now, and what a slider redraws."""
        document = self.easel.shown
        if not self._live:
            return document

        def shown(layers: Layers) -> Layers:
            return tuple(self._as_live(layer) for layer in layers)

        return document.with_layers(mapped(document.layers, shown))

    def _as_live(self, layer: Layer) -> Layer:
        live = self._live.get(layer.id)
        if live is not None and isinstance(layer, PaintLayer):
            return replace(layer, pixels=live)
        return layer

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._find_ants()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._marching.stop()

    def _find_ants(self) -> None:
        """The selection's edge; while there is one and it can be seen, the ants march."""
        document = self.compositor.document
        selection = document.selection
        self._ants = ants.edges(selection, document.frame) if selection is not None else []
        if self._ants and self.isVisible():
            self._marching.start()
        else:
            self._marching.stop()

    def _on_marching_timeout(self) -> None:
        if self._gesture or self._panning is not None:
            return  # the hand needs the time
        self._ants_phase = (self._ants_phase + 1) % 8
        frame = painted.widget_rect(self._view, self._ants_bounds())
        self.update(frame.toAlignedRect().adjusted(-2, -2, 2, 2))

    def _ants_bounds(self) -> Rect:
        document = self.compositor.document
        if document.selection is None or document.selection.fill:
            return document.frame
        return document.selection.bounds

    def _compose(self) -> None:
        """Show what is true now; only where it looks different is painted again."""
        before = self.compositor.document
        shown = self._shown()
        rects = self.compositor.show(shown, settled=shown is self._store.document)
        self._tiles.soil(rects)
        after = self.compositor.document
        frame = after.frame
        if rects:
            self.picture_changed.emit()
        if before.selection is not after.selection or (self._ants and frame != self._frame):
            self._find_ants()
        if frame != self._frame or before.selection is not after.selection or not rects:
            self._frame = frame
            self.update()
            return
        if self.tool.outlines_layer and not self.easel.trying:
            self.update()  # the outline around the layer may have moved
            return
        for rect in rects:
            self.update(
                painted.widget_rect(self._view, rect).toAlignedRect().adjusted(-2, -2, 2, 2)
            )

    def _bounds(self) -> Rect | None:
        """What is fitted into view; an empty canvas has a sheet while a tool would paint on it."""
        frame = self.compositor.document.frame
        if frame.empty:
            frame = self._store.document.frame
        if frame.empty:
            return SHEET if self.tool.paints else None
        return frame

    def _paint_current(self, painter: QPainter) -> None:
        layer = self.easel.current
        if layer is None or not self.tool.outlines_layer:
            return
        shown = self.compositor.document.layer(layer.id)
        if shown is None or shown.bounds.empty:
            return
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        rect = QRectF(shown.bounds.x, shown.bounds.y, shown.bounds.width, shown.bounds.height)
        painter.drawPolygon(painted.qtransform(self._view).map(painted.shape_of(rect)))

    def _view_text(self) -> str:
        view = self._view
        parts_ = [f"{view.scale * self.devicePixelRatioF() * 100:.0f} %"]
        if view.turned_deg:
            parts_.append(f"{view.turned_deg:.0f}°")
        if view.mirrored:
            parts_.append("mirrored")
        return " · ".join(parts_)

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

    def _drag_view(self, point: QPointF) -> None:
        if self._panning is not None:
            self._pan(point.x() - self._panning.x(), point.y() - self._panning.y())
            self._panning = point
        elif self._turning is not None:
            self.turn((point.x() - self._turning.x()) / 3)
            self._turning = point

    def _on_native_gesture(self, event: QNativeGestureEvent) -> bool:
        kind, point = event.gestureType(), event.position()
        if kind == Qt.NativeGestureType.ZoomNativeGesture:
            scale = self._view.scale * (1 + event.value())
            self.set_view(self._view.zoomed(scale, point.x(), point.y()))
        elif kind == Qt.NativeGestureType.RotateNativeGesture:
            self.set_view(self._view.turned(-event.value(), point.x(), point.y()))
        elif kind == Qt.NativeGestureType.SmartZoomNativeGesture:
            self.zoom_to_fit()
        else:
            return False
        return True

    def _zoom(self, scale: float) -> None:
        self.set_view(self._view.zoomed(scale, *self._middle))

    def _pan(self, dx: float, dy: float) -> None:
        self.set_view(self._view.panned(dx, dy))

    def _set_view(self, view: ViewTransform) -> None:
        if view != self._view:
            self._view = view
            self.easel.scale = view.scale * self.devicePixelRatioF()
            self.view_changed.emit()
            self._calming.start()
            self.update()
