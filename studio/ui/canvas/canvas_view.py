"""The canvas: shows what the compositor makes of the document; zooms, pans, moves layers. GUI thread."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from studio.api.outputs import Pixels
from studio.core.document import Document
from studio.core.edits import ChangeLayer, RemoveLayer, ReplaceText, parts
from studio.core.geometry import Rect
from studio.core.layers import Layer, Layers, PaintLayer, mapped, walk
from studio.core.store import Change, DocumentStore
from studio.core.tiles import TileMap
from studio.paint.compositor import MAX_LEVEL, Compositor
from studio.paint.qimages import to_qimage, viewed
from studio.paint.regions import tiled
from studio.ui.canvas.view_transform import ViewTransform, fitted
from studio.ui.main_window import RESULT_MIME

_MARGIN_PX = 48
_CHECK_PX = 8
_EMPTY_TITLE = "An empty canvas"
_EMPTY_TEXT = (
    "Describe a picture on the left and press Generate,\nor drop a picture or a model here."
)


class CanvasView(QWidget):
    files_dropped = Signal(list)
    results_dropped = Signal(list, int, int)
    """Ids of the history, and the canvas pixel they were dropped on."""
    view_changed = Signal()
    layer_selected = Signal(str)

    def __init__(self, store: DocumentStore) -> None:
        super().__init__()
        self._store = store
        self.compositor = Compositor(store.document)
        self._view = ViewTransform()
        self._follow_fit = True
        self._previews: dict[str, QImage] = {}
        self._live: dict[str, TileMap] = {}
        self._selected = ""
        self._moving: tuple[Layer, QPointF] | None = None
        self._moved = (0, 0)
        self._panning: QPointF | None = None
        self._space = False
        self.setObjectName("canvas")
        self.setAccessibleName("Canvas")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setMinimumSize(200, 160)
        store.changed.connect(self._on_store_changed)

    # What the window asks.

    @property
    def scale(self) -> float:
        return self._view.scale

    @property
    def selected_layer(self) -> Layer | None:
        return self._store.document.layer(self._selected)

    def sizeHint(self) -> QSize:
        return QSize(640, 600)

    def zoom_in(self) -> None:
        self._zoom(self._view.next_step(1))

    def zoom_out(self) -> None:
        self._zoom(self._view.next_step(-1))

    def zoom_to_actual_size(self) -> None:
        """One canvas pixel on one screen pixel."""
        self._zoom(1.0 / self.devicePixelRatioF())

    def zoom_to_fit(self) -> None:
        """All layers in view; stays so until the person zooms or pans."""
        self._follow_fit = True
        bounds = self._bounds()
        if bounds is not None:
            view = fitted(
                bounds.x(),
                bounds.y(),
                bounds.width(),
                bounds.height(),
                self.width(),
                self.height(),
                _MARGIN_PX,
            )
            self._set_view(view)

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
        """Where a new picture goes: the origin on an empty canvas, else right of everything."""
        bounds = self._bounds()
        if bounds is None:
            return 0, 0
        return int(bounds.right()) + 16, int(bounds.top())

    # Qt's events.

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            self._paint(painter)
        finally:
            painter.end()  # Python may keep the object longer than Qt allows

    def _paint(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Mid))
        document = self.compositor.document
        layers = [layer for layer in document.layers if layer.visible]
        if not layers and not self._previews:
            self._paint_empty(painter)
            return
        painter.save()
        view = self._view
        painter.translate(view.offset_x, view.offset_y)
        painter.scale(view.scale, view.scale)
        reduced = view.scale * self.devicePixelRatioF() < 1
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, reduced)
        checks = self._checks()
        sized = document.width_px > 0
        for rect in [document.frame] if sized else [layer.bounds for layer in layers]:
            painter.fillRect(_rectf(rect), checks)
        self._paint_composed(painter)
        painter.restore()
        self._paint_previews(painter)
        self._paint_selection(painter)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(
            self.rect().adjusted(12, 0, -12, -10),
            Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft,
            f"{view.scale * self.devicePixelRatioF() * 100:.0f} %",
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._follow_fit:
            self.zoom_to_fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        pixels = event.pixelDelta()
        if not pixels.isNull() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._pan(pixels.x(), pixels.y())
        else:
            factor = 1.0015 ** event.angleDelta().y()
            point = event.position()
            self._follow_fit = False
            self._set_view(self._view.zoomed(self._view.scale * factor, point.x(), point.y()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus()
        point = event.position()
        left = event.button() == Qt.MouseButton.LeftButton
        if event.button() == Qt.MouseButton.MiddleButton or (left and self._space):
            self._panning = point
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif left:
            layer = self._layer_at(point)
            self._select(layer.id if layer is not None else "")
            if layer is not None and not layer.locked:
                self._moving = (layer, point)
                self._moved = (0, 0)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if self._panning is not None:
            self._pan(point.x() - self._panning.x(), point.y() - self._panning.y())
            self._panning = point
        elif self._moving is not None:
            start = self._moving[1]
            jerk = (point - start).manhattanLength() < QApplication.startDragDistance()
            if jerk and self._moved == (0, 0):
                return
            self._moved = (
                round((point.x() - start.x()) / self._view.scale),
                round((point.y() - start.y()) / self._view.scale),
            )
            self._compose()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._panning is not None:
            self._panning = None
            self.unsetCursor()
        if self._moving is not None:
            (layer, _), (dx, dy) = self._moving, self._moved
            self._moving, self._moved = None, (0, 0)
            if (dx, dy) != (0, 0) and self._store.document.layer(layer.id) == layer:
                self._store.apply(ChangeLayer(layer, layer.moved(dx, dy)))
            else:
                self._compose()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        layer = self.selected_layer
        steps = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }
        if event.key() == Qt.Key.Key_Space:
            self._space = True
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        elif layer is None or layer.locked:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            document = self._store.document
            parent = document.parent_id(layer.id)
            index = (document.siblings(parent) or ()).index(layer)
            self._store.apply(RemoveLayer(layer, index, parent_id=parent))
        elif event.key() in steps:
            far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            dx, dy = steps[Qt.Key(event.key())]
            self._store.apply(ChangeLayer(layer, layer.moved(dx * far, dy * far)))
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self.unsetCursor()
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

    def _on_store_changed(self, change: Change) -> None:
        if all(isinstance(edit, ReplaceText) for edit in parts(change.edit)):
            return
        there = {layer.id for layer in walk(change.document.layers)}
        self._live = {key: tiles for key, tiles in self._live.items() if key in there}
        if self.selected_layer is None:
            self._select("")
        if self._follow_fit:
            self.zoom_to_fit()
        self._compose()

    def _shown(self) -> Document:
        """The document with what is under the hand right now: moved, or redrawn by a slider."""
        document = self._store.document

        def shown(layers: Layers) -> Layers:
            return tuple(self._as_shown(layer) for layer in layers)

        if not self._live and self._moving is None:
            return document
        return document.with_layers(mapped(document.layers, shown))

    def _as_shown(self, layer: Layer) -> Layer:
        live = self._live.get(layer.id)
        if live is not None and isinstance(layer, PaintLayer):
            layer = replace(layer, pixels=live)
        if self._moving is not None and self._moving[0].id == layer.id:
            return layer.moved(*self._moved)
        return layer

    def _compose(self) -> None:
        self.compositor.show(self._shown())
        self.update()

    def _select(self, layer_id: str) -> None:
        if layer_id != self._selected:
            self._selected = layer_id
            self.layer_selected.emit(layer_id)
            self.update()

    def _layer_at(self, point: QPointF) -> Layer | None:
        x, y = self._view.to_canvas(point.x(), point.y())
        for layer in reversed(self._store.document.layers):
            if layer.visible and self._rect(layer).contains(x, y):
                return layer
        return None

    def _bounds(self) -> QRectF | None:
        frame = self._shown().frame
        return None if frame.empty else _rectf(frame)

    def _rect(self, layer: Layer) -> QRectF:
        return _rectf(self._as_shown(layer).bounds)

    def _paint_composed(self, painter: QPainter) -> None:
        """What of the canvas is in view, from the coarsest level that is still fine enough."""
        view, frame = self._view, self.compositor.document.frame
        left, top = view.to_canvas(0, 0)
        right, bottom = view.to_canvas(self.width(), self.height())
        seen = frame.intersected(
            Rect.of_edges(
                math.floor(left), math.floor(top), math.ceil(right) + 1, math.ceil(bottom) + 1
            )
        )
        if seen.empty:
            return
        scale = view.scale * self.devicePixelRatioF()
        level = min(MAX_LEVEL, max(0, math.floor(math.log2(1 / scale)))) if scale < 1 else 0
        side = 1 << level
        region = Rect.of_edges(
            seen.x // side, seen.y // side, -(-seen.right // side), -(-seen.bottom // side)
        )
        pixels = self.compositor.read(region, level)
        target = QRectF(region.x * side, region.y * side, region.width * side, region.height * side)
        painter.drawImage(target, viewed(pixels))

    def _paint_previews(self, painter: QPainter) -> None:
        for image in self._previews.values():
            side = min(self.width(), self.height()) * 0.6
            scale = min(side / image.width(), side / image.height())
            width, height = image.width() * scale, image.height() * scale
            target = QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
            painter.setOpacity(0.92)
            painter.drawImage(target, image)
            painter.setOpacity(1.0)
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 2))
            painter.drawRect(target)

    def _paint_selection(self, painter: QPainter) -> None:
        layer = self.selected_layer
        if layer is None:
            return
        rect, view = self._rect(layer), self._view
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(
            QRectF(
                rect.x() * view.scale + view.offset_x,
                rect.y() * view.scale + view.offset_y,
                rect.width() * view.scale,
                rect.height() * view.scale,
            )
        )

    def _paint_empty(self, painter: QPainter) -> None:
        middle = self.rect()
        font = painter.font()
        font.setPixelSize(15)
        font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        centre = Qt.AlignmentFlag.AlignCenter
        painter.drawText(middle.translated(0, -28), centre, _EMPTY_TITLE)
        font.setPixelSize(13)
        font.setWeight(font.Weight.Normal)
        painter.setFont(font)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(middle.translated(0, 14), centre, _EMPTY_TEXT)

    def _checks(self) -> QBrush:
        """Transparency, as everybody shows it; the same size at every scale."""
        dark = self.palette().color(QPalette.ColorRole.Window).lightness() < 128
        tile = QPixmap(2 * _CHECK_PX, 2 * _CHECK_PX)
        light_colour, dark_colour = (
            (QColor("#3a3b40"), QColor("#333439"))
            if dark
            else (QColor("#ffffff"), QColor("#ececee"))
        )
        tile.fill(light_colour)
        painter = QPainter(tile)
        for x, y in ((0, 0), (_CHECK_PX, _CHECK_PX)):
            painter.fillRect(x, y, _CHECK_PX, _CHECK_PX, dark_colour)
        painter.end()
        brush = QBrush(tile)
        transform = brush.transform()
        transform.scale(1 / self._view.scale, 1 / self._view.scale)
        brush.setTransform(transform)
        return brush

    def _zoom(self, scale: float) -> None:
        self._follow_fit = False
        self._set_view(self._view.zoomed(scale, self.width() / 2, self.height() / 2))

    def _pan(self, dx: float, dy: float) -> None:
        self._follow_fit = False
        self._set_view(self._view.panned(dx, dy))

    def _set_view(self, view: ViewTransform) -> None:
        if view != self._view:
            self._view = view
            self.view_changed.emit()
            self.update()


def _rectf(rect: Rect) -> QRectF:
    return QRectF(rect.x, rect.y, rect.width, rect.height)
