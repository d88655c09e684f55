"""Bucket, gradient and colour picker. GUI thread."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from studio.core.arranging import free_name, new_layer_id
from studio.core.edits import ChangeLayer, Edit
from studio.core.geometry import Rect
from studio.core.layers import PaintLayer
from studio.paint.composing import compose
from studio.paint.filling import Gradient, GradientKind, filled, graded, picked
from studio.paint.flooding import flooded
from studio.paint.regions import read_layer, tiled
from studio.ui.canvas.easel import SHEET, Easel
from studio.ui.canvas.pointer import Pointer
from studio.ui.canvas.tools.tool import Choice, Slide, Switch, Tool
from studio.ui.canvas.view_transform import ViewTransform


def layer_to_paint(easel: Easel) -> tuple[PaintLayer, bool] | None:
    """The layer a fill goes to, and whether it is new; None: it can't be painted on, and why was said."""
    layer = easel.paintable()
    if layer is not None:
        return layer, False
    if easel.current is not None:
        return None
    return PaintLayer(new_layer_id(), free_name(easel.document, "Layer")), True


def painted_edit(
    easel: Easel, before: PaintLayer, after: PaintLayer, new: bool, label: str
) -> Edit:
    return easel.placing(after, label) if new else ChangeLayer(before, after, label)


def area_of(easel: Easel) -> Rect:
    """The canvas, or the sheet that would become it."""
    frame = easel.document.frame
    return SHEET if frame.empty else frame


@dataclass(frozen=True)
class BucketSettings:
    tolerance: int = 24
    contiguous: bool = True
    all_layers: bool = True
    opacity: float = 1.0


class BucketTool(Tool[BucketSettings]):
    id = "bucket"
    title = "Fill"
    icon = "paint-bucket"
    key = "F"
    tip = "Fill what is alike with the foreground colour; within the selection, if there is one."
    paints = True
    options = (
        Slide("tolerance", "Tolerance", 0, 255, whole=True),
        Slide("opacity", "Opacity", 0.01, 1, " %", 100),
        Switch("contiguous", "Only what hangs together"),
        Switch("all_layers", "Look at all layers"),
    )

    def __init__(self, easel: Easel) -> None:
        super().__init__(easel, BucketSettings())

    def press(self, at: Pointer) -> None:
        easel, area = self.easel, area_of(self.easel)
        x, y = int(at.x // 1), int(at.y // 1)
        if not area.contains(x, y):
            return
        found = layer_to_paint(easel)
        if found is None:
            return
        layer, new = found
        if self.settings.all_layers and easel.document.layers:
            seen = compose(easel.document.layers, area)
        else:
            seen = read_layer(layer, area)
        coverage = flooded(
            seen, x - area.x, y - area.y, self.settings.tolerance,
            contiguous=self.settings.contiguous,
        )  # fmt: skip
        after = filled(
            layer, tiled(coverage, area.x, area.y), easel.inks.foreground,
            opacity=self.settings.opacity, selection=easel.selection,
        )  # fmt: skip
        if easel.commit(painted_edit(easel, layer, after, new, "filling")) and new:
            easel.choose(layer.id)
        easel.inks.used()


@dataclass(frozen=True)
class GradientSettings:
    kind: str = "linear"
    to: str = "background"
    opacity: float = 1.0


class GradientTool(Tool[GradientSettings]):
    id = "gradient"
    title = "Gradient"
    icon = "blend"
    key = "G"
    tip = "Drag from where it begins to where it ends. Shift keeps to steps of 45°."
    paints = True
    options = (
        Choice("kind", "Form", (("linear", "Linear"), ("radial", "Radial"))),
        Choice("to", "To", (("background", "To the background colour"), ("nothing", "To nothing"))),
        Slide("opacity", "Opacity", 0.01, 1, " %", 100),
    )

    def __init__(self, easel: Easel) -> None:
        super().__init__(easel, GradientSettings())
        self._start: Pointer | None = None
        self._end: Pointer | None = None
        self._layer: tuple[PaintLayer, bool] | None = None

    @property
    def busy(self) -> bool:
        return self._start is not None

    def press(self, at: Pointer) -> None:
        self._layer = layer_to_paint(self.easel)
        if self._layer is not None:
            self._start = self._end = at

    def move(self, at: Pointer) -> None:
        if self._start is not None:
            self._end = at
            edit = self._edit()
            if edit is not None:
                self.easel.try_on(edit)
            self.overlay_changed.emit()

    def release(self, at: Pointer) -> None:
        edit = self._edit()
        layer, self._start, self._layer = self._layer, None, None
        if edit is not None and layer is not None:
            if self.easel.commit(edit) and layer[1]:
                self.easel.choose(layer[0].id)
            self.easel.inks.used()
        self.overlay_changed.emit()

    def accept(self) -> None:
        self.cancel()

    def cancel(self) -> None:
        self._start = self._layer = None
        super().cancel()
        self.overlay_changed.emit()

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        if self._start is None or self._end is None:
            return
        one, two = (QPointF(*view.to_widget(*end)) for end in self._ends())
        for colour, width in ((QColor(0, 0, 0, 150), 3.0), (QColor(255, 255, 255), 1.0)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(one, two)
        painter.setBrush(QColor(255, 255, 255))
        for end in (one, two):
            painter.drawEllipse(end, 3.5, 3.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _ends(self) -> tuple[tuple[float, float], tuple[float, float]]:
        assert self._start is not None
        assert self._end is not None
        dx, dy = self._end.x - self._start.x, self._end.y - self._start.y
        if self._end.shift:
            length = max(abs(dx), abs(dy))
            dx = float(np.sign(dx)) * length if abs(dx) > length / 2 else 0.0
            dy = float(np.sign(dy)) * length if abs(dy) > length / 2 else 0.0
        return (self._start.x, self._start.y), (self._start.x + dx, self._start.y + dy)

    def _edit(self) -> Edit | None:
        if self._layer is None or self._start is None:
            return None
        start, end = self._ends()
        if start == end:
            return None
        inks, (layer, new) = self.easel.inks, self._layer
        last = inks.background if self.settings.to == "background" else (*inks.foreground[:3], 0)
        gradient = Gradient(
            start, end, ((0.0, inks.foreground), (1.0, last)), GradientKind(self.settings.kind)
        )
        after = graded(
            layer, gradient, area_of(self.easel), opacity=self.settings.opacity,
            selection=self.easel.selection,
        )  # fmt: skip
        return painted_edit(self.easel, layer, after, new, "gradient")


@dataclass(frozen=True)
class PickerSettings:
    radius_px: int = 0
    all_layers: bool = True


class PickerTool(Tool[PickerSettings]):
    id = "picker"
    title = "Colour picker"
    icon = "pipette"
    key = "I"
    tip = "Take the colour under the pointer; with Alt as the background colour."
    options = (
        Choice(
            "radius_px", "Sample", ((0, "One pixel"), (1, "3 × 3"), (2, "5 × 5"), (5, "11 × 11"))
        ),
        Switch("all_layers", "From all layers"),
    )

    def __init__(self, easel: Easel) -> None:
        super().__init__(easel, PickerSettings())

    def press(self, at: Pointer) -> None:
        self._pick(at)

    def move(self, at: Pointer) -> None:
        self._pick(at)

    def _pick(self, at: Pointer) -> None:
        current, layers = self.easel.current, self.easel.document.layers
        if not self.settings.all_layers and current is not None:
            layers = (replace(current, opacity=1.0, visible=True),)
        colour = picked(layers, int(at.x // 1), int(at.y // 1), self.settings.radius_px)
        if colour[3] == 0:
            return
        if at.alt:
            self.easel.inks.take_background(colour)
        else:
            self.easel.inks.take(colour)
