"""Paints the picture, and all that is drawn over it, where one looks. GUI thread.

Only what changed is painted again: the compositor says where a new document looks different.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QHideEvent,
    QImage,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QShowEvent,
)

from studio.api.outputs import Pixels
from studio.core.edits import ReplaceText, parts
from studio.core.geometry import Rect
from studio.core.store import Change, DocumentStore
from studio.paint.compositor import Compositor
from studio.paint.qimages import to_qimage
from studio.ui.canvas import painted
from studio.ui.canvas.easel import SHEET, Easel
from studio.ui.canvas.looking import LookingWidget
from studio.ui.canvas.marching import MarchingAnts
from studio.ui.canvas.refining import Refining
from studio.ui.canvas.shown_picture import ShownPicture
from studio.ui.canvas.tools.move import MoveTool
from studio.ui.canvas.tools.tool import Tool

_HURRIED, _PATIENT = 6, 400
"""What may be composed for one frame: while the view moves, a few milliseconds' worth; else nearly all."""


class PictureWidget(LookingWidget):
    """Shows the store's document with what is tried on the easel; the tool draws its marks above."""

    picture_changed = Signal()
    """What is shown is another picture, also while a hand is at it."""

    def __init__(self, store: DocumentStore) -> None:
        super().__init__()
        self._store = store
        self.easel = Easel(store)
        self._picture = ShownPicture(self.easel)
        self.tool: Tool[object] = MoveTool(self.easel)
        self._previews: dict[str, QImage] = {}
        self._frame = Rect()
        self._gesture = False
        """Whether the hand is down: it needs the time itself."""
        self._ants = MarchingAnts(self, lambda: self._gesture or self._dragging_view)
        self._ants.stepped.connect(self._on_ants_stepped)
        self._refining = Refining(self, self._picture.compositor, self._in_view)
        self._refining.refined.connect(self._update_canvas)
        self._refining.ended.connect(self.update)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.view_changed.connect(self._on_view_changed)
        store.changed.connect(self._on_store_changed)
        self.easel.tried.connect(self._compose)
        self.easel.mask_chosen.connect(lambda _: self.update())

    @property
    def compositor(self) -> Compositor:
        return self._picture.compositor

    @property
    def composing(self) -> bool:
        """Whether the view moves, or pieces of what is in it are still on their way."""
        return self._calming.isActive() or self._refining.busy

    def show_preview(self, key: str, pixels: Pixels) -> None:
        """A picture in the making, in the middle of the view."""
        self._previews[key] = to_qimage(pixels)
        self.update()

    def clear_preview(self, key: str) -> None:
        if self._previews.pop(key, None) is not None:
            self.update()

    @property
    def preview_keys(self) -> tuple[str, ...]:
        return tuple(self._previews)

    def show_live(self, layer_id: str, pixels: Pixels) -> None:
        """Another picture in a layer's place, until the layer changes or `clear_live`."""
        self._picture.show_live(layer_id, pixels)
        self._compose()

    def clear_live(self, layer_id: str) -> None:
        if self._picture.clear_live(layer_id):
            self._compose()

    @property
    def live_layers(self) -> tuple[str, ...]:
        return self._picture.live_layers

    # Qt's events.

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            self._paint(painter, event.rect())
        finally:
            painter.end()  # Python may keep the object longer than Qt allows

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._find_ants()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._ants.halt()
        self._refining.stop()

    # Painting.

    def _paint(self, painter: QPainter, area: QRect) -> None:
        document, view = self._picture.document, self._view
        bounds = self._bounds()
        if bounds is None and not self._previews:
            painter.fillRect(area, self.palette().color(QPalette.ColorRole.Mid))
            painted.draw_empty(painter, self.rect(), self.palette())
            return
        seen = document.frame.intersected(painted.canvas_rect(view, area))
        self._paint_picture(painter, area, seen, bounds)
        for image in self._previews.values():
            painted.draw_preview(painter, image, self.rect(), self.palette())
        if self.easel.painting_mask:
            painted.draw_mask(painter, document, self.easel.current, view, seen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._paint_current(painter)
        painted.draw_guides(painter, view, document.guides)
        self._ants.paint(painter, view)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self.tool.paint(painter, view)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(
            self.rect().adjusted(12, 0, -12, -10),
            Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft,
            self._view_text(),
        )

    def _paint_picture(
        self, painter: QPainter, area: QRect, seen: Rect, bounds: Rect | None
    ) -> None:
        """The composed picture upon its sheet; what would be covered anyway is not painted."""
        document, view, ratio = self._picture.document, self._view, self.devicePixelRatioF()
        covered = view.upright and painted.widget_rect(view, document.frame).contains(QRectF(area))
        if not covered:
            painter.fillRect(area, self.palette().color(QPalette.ColorRole.Mid))
        layers = [layer for layer in document.layers if layer.visible]
        sheets = [layer.bounds for layer in layers]
        if document.width_px > 0 or not layers:
            sheets = [bounds] if bounds is not None else []
        level, region = painted.level_and_region(view.scale * ratio, seen)
        moving = self._calming.isActive()
        patience = _HURRIED if moving or self._refining.busy else _PATIENT
        gathered = self._picture.tiles.gather(level, region, patience)
        if not gathered.whole:
            self._refining.begin()
        if not covered or not gathered.opaque:
            dark = self.palette().color(QPalette.ColorRole.Window).lightness() < 128
            painted.draw_sheet(painter, view, sheets, dark)
        if not seen.empty:
            tiles = self._picture.tiles
            painted.draw_composed(painter, tiles, gathered, view, seen, ratio, hurried=moving)

    def _in_view(self) -> tuple[int, Rect]:
        """The level that is seen now, and the rectangle of it, in its pixels."""
        seen = self._picture.document.frame.intersected(
            painted.canvas_rect(self._view, self.rect())
        )
        return painted.level_and_region(self._view.scale * self.devicePixelRatioF(), seen)

    def _paint_current(self, painter: QPainter) -> None:
        layer = self.easel.current
        if layer is None or not self.tool.outlines_layer:
            return
        shown = self._picture.document.layer(layer.id)
        if shown is None or shown.bounds.empty:
            return
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        rect = QRectF(shown.bounds.x, shown.bounds.y, shown.bounds.width, shown.bounds.height)
        painter.drawPolygon(painted.qtransform(self._view).map(painted.shape_of(rect)))

    # What is to be painted again.

    def _compose(self) -> None:
        """Show what is true now; only where it looks different is painted again."""
        before = self._picture.document
        rects = self._picture.refresh()
        after = self._picture.document
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
            self._update_canvas(rect)

    def _update_canvas(self, rect: Rect) -> None:
        """A rectangle of the canvas is painted again."""
        place = painted.widget_rect(self._view, rect)
        self.update(place.toAlignedRect().adjusted(-2, -2, 2, 2))

    def _find_ants(self) -> None:
        self._ants.find(self._picture.document, visible=self.isVisible())

    def _bounds(self) -> Rect | None:
        """An empty canvas has a sheet while a tool would paint on it."""
        frame = self._picture.document.frame
        if frame.empty:
            frame = self._store.document.frame
        if frame.empty:
            return SHEET if self.tool.paints else None
        return frame

    def _on_ants_stepped(self, place: Rect) -> None:
        self._update_canvas(place)

    def _on_view_changed(self) -> None:
        self.easel.scale = self._view.scale * self.devicePixelRatioF()

    def _on_store_changed(self, change: Change) -> None:
        if all(isinstance(edit, ReplaceText) for edit in parts(change.edit)):
            return
        self._picture.forget_gone()
        if self._follow_fit and not self._gesture:
            self.zoom_to_fit()
        self._compose()
