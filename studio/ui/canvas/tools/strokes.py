"""Brush, eraser and clone stamp: a stroke on the current layer or its mask, one undo step. GUI thread."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen

from studio.core.arranging import free_name, new_layer_id
from studio.core.document import Document
from studio.core.edits import ChangeLayer, Edit
from studio.core.layers import Layer, Mask, PaintLayer, TextLayer
from studio.core.tiles import TileMap
from studio.paint.brush import Brush, StrokePoint
from studio.paint.composing import compose
from studio.paint.regions import tiled
from studio.paint.stroke import CloneInk, ColourInk, EraserInk, Ink, MaskInk, Stroke
from studio.ui.canvas.easel import Easel
from studio.ui.canvas.pointer import Pointer
from studio.ui.canvas.symmetry import mirrors_of
from studio.ui.canvas.tools.tool import Slide, Switch, Tool
from studio.ui.canvas.view_transform import ViewTransform

_GROW = 1.15
_BRUSH_OPTIONS = (
    Slide("size_px", "Size", 1, 500, " px"),
    Slide("hardness", "Hardness", 0, 1, " %", 100),
    Slide("opacity", "Opacity", 0.01, 1, " %", 100),
    Slide("flow", "Flow", 0.01, 1, " %", 100),
    Slide("smoothing", "Smooth", 0, 1, " %", 100),
    Slide("spacing", "Spacing", 0.02, 1, " %", 100),
    Switch("size_by_pressure", "Pen size"),
    Switch("opacity_by_pressure", "Pen opacity"),
)


@dataclass
class _Going:
    """The stroke under way: on `layer`'s pixels, or on its mask."""

    layer: Layer
    stroke: Stroke
    on_mask: bool
    is_new: bool


class StrokeTool(Tool[Brush]):
    """What brush, eraser and stamp share. Subclasses give the ink and a label."""

    paints = True
    cursor = Qt.CursorShape.CrossCursor
    options = _BRUSH_OPTIONS
    label = "brush stroke"

    def __init__(self, easel: Easel, brush: Brush) -> None:
        super().__init__(easel, brush)
        self._going: _Going | None = None
        self._edit: Edit | None = None
        self._last: tuple[float, float] | None = None
        self._hand: Pointer | None = None

    @property
    def busy(self) -> bool:
        return self._going is not None

    def ink(self, at: Pointer, layer: Layer) -> Ink | None:
        """What a stroke that begins here paints with; None: it can't begin."""
        raise NotImplementedError

    def press(self, at: Pointer) -> None:
        going = self._begun(at)
        if going is None:
            return
        self._going = going
        start = self._last if at.shift else None
        if start is not None:
            self._extend(StrokePoint(*start, at.pressure), StrokePoint(at.x, at.y, at.pressure))
        else:
            self._extend(StrokePoint(at.x, at.y, at.pressure))

    def move(self, at: Pointer) -> None:
        self._hand = at
        if self._going is not None:
            self._extend(StrokePoint(at.x, at.y, at.pressure))

    def release(self, at: Pointer) -> None:
        going = self._going
        if going is None:
            return
        going.stroke.finish()
        self._going, self._last = None, (at.x, at.y)
        edit = self._edit_of(going)
        if self.easel.commit(edit) and going.is_new:
            self.easel.choose(going.layer.id)
        self.committed()

    def hover(self, at: Pointer) -> None:
        self._hand = at

    def accept(self) -> None:
        if self._going is not None and self._hand is not None:
            self.release(self._hand)

    def cancel(self) -> None:
        self._going = None
        super().cancel()

    def committed(self) -> None:
        """A stroke is in the document."""

    def key_press(self, event: QKeyEvent) -> bool:
        """[ and ] make the brush smaller and larger; digits set its opacity."""
        key = event.key()
        if key in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight):
            factor = _GROW if key == Qt.Key.Key_BracketRight else 1 / _GROW
            size = self.settings.size_px * factor
            size = round(size) if size > 8 else self.settings.size_px + (1 if factor > 1 else -1)
            self.set_option("size_px", float(min(500, max(1, size))))
            return True
        return False

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        """The brush's outline under the pointer, dark and light so that it is seen on anything."""
        rect = self.hover_rect(view)
        if rect is None:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(0, 0, 0, 160), 1.5))
        painter.drawEllipse(rect)
        painter.setPen(QPen(QColor(255, 255, 255, 220), 0.8))
        painter.drawEllipse(rect)

    def hover_rect(self, view: ViewTransform) -> QRectF | None:
        if self._hand is None:
            return None
        radius = max(2.0, self.settings.size_px * view.scale / 2)
        middle = self._hand.widget
        return QRectF(middle.x() - radius, middle.y() - radius, 2 * radius, 2 * radius)

    def _begun(self, at: Pointer) -> _Going | None:
        easel = self.easel
        layer, is_new = easel.current, False
        if easel.painting_mask and layer is not None and layer.mask is not None:
            if layer.locked:
                easel.refused.emit(
                    f"“{layer.name}” is locked. Unlock it in the layers panel first."
                )
                return None
            return self._on_mask(layer, layer.mask)
        paintable = easel.paintable()
        if paintable is None and easel.current is None:
            name = free_name(easel.document, "Layer")
            paintable, is_new = PaintLayer(new_layer_id(), name), True
        if paintable is None:
            return None
        if isinstance(paintable, TextLayer):
            easel.refused.emit(
                "This layer is a text. Rasterise it to paint on it, or add a layer above."
            )
            return None
        ink = self.ink(at, paintable)
        if ink is None:
            return None
        stroke = Stroke(
            paintable.pixels, self.settings, ink, origin=(paintable.x, paintable.y),
            alpha_locked=paintable.alpha_locked, selection=easel.selection,
            mirrors=mirrors_of(easel),
        )  # fmt: skip
        return _Going(paintable, stroke, False, is_new)

    def _on_mask(self, layer: Layer, mask: Mask) -> _Going:
        """Black hides, white shows; an eraser hides."""
        value = self.mask_value()
        stroke = Stroke(
            mask.pixels, self.settings, MaskInk(value), origin=(mask.x, mask.y),
            selection=self.easel.selection, mirrors=mirrors_of(self.easel),
        )  # fmt: skip
        return _Going(layer, stroke, True, False)

    def mask_value(self) -> int:
        red, green, blue, _ = self.easel.inks.foreground
        return round(0.2126 * red + 0.7152 * green + 0.0722 * blue)

    def _extend(self, *points: StrokePoint) -> None:
        assert self._going is not None
        self._going.stroke.extend(points)
        self.easel.try_on(self._edit_of(self._going))

    def _edit_of(self, going: _Going) -> Edit:
        layer, pixels = going.layer, going.stroke.pixels
        if going.on_mask:
            assert layer.mask is not None
            mask = replace(layer.mask, pixels=pixels)
            return ChangeLayer(layer, replace(layer, mask=mask), "painting a mask")
        assert isinstance(layer, PaintLayer)
        after = replace(layer, pixels=pixels)
        if going.is_new:
            return self.easel.placing(after, self.label)
        return ChangeLayer(layer, after, self.label)


class BrushTool(StrokeTool):
    id = "brush"
    title = "Brush"
    icon = "brush"
    key = "B"
    tip = "Paint with the foreground colour. Shift+click draws a line; [ and ] change the size."

    def __init__(self, easel: Easel) -> None:
        super().__init__(easel, Brush(size_px=24, hardness=0.8))

    def ink(self, at: Pointer, layer: Layer) -> Ink | None:
        return ColourInk(self.easel.inks.foreground)

    def committed(self) -> None:
        self.easel.inks.used()


class EraserTool(StrokeTool):
    id = "eraser"
    title = "Eraser"
    icon = "eraser"
    key = "E"
    tip = "Take away what is on the layer; on a mask, hide."
    label = "erasing"

    def __init__(self, easel: Easel) -> None:
        super().__init__(easel, Brush(size_px=40, hardness=0.8))

    def ink(self, at: Pointer, layer: Layer) -> Ink | None:
        return EraserInk()

    def mask_value(self) -> int:
        return 0


class StampTool(StrokeTool):
    id = "stamp"
    title = "Clone stamp"
    icon = "stamp"
    key = "S"
    tip = "Alt+click where to take from, then paint: what is seen there is painted here."
    label = "cloning"

    def __init__(self, easel: Easel) -> None:
        super().__init__(easel, Brush(size_px=60, hardness=0.5))
        self._from: tuple[float, float] | None = None
        self._shift: tuple[int, int] | None = None

    def press(self, at: Pointer) -> None:
        if at.alt:
            self._from, self._shift = (at.x, at.y), None
            return
        super().press(at)

    def ink(self, at: Pointer, layer: Layer) -> Ink | None:
        if self._from is None:
            self.easel.refused.emit("Alt+click first where the stamp shall take from.")
            return None
        if self._shift is None:
            self._shift = (round(self._from[0] - at.x), round(self._from[1] - at.y))
        return CloneInk(_seen(self.easel.document), *self._shift)


def _seen(document: Document) -> TileMap:
    frame = document.frame
    if frame.empty:
        return TileMap()
    return tiled(compose(document.layers, frame), frame.x, frame.y)
