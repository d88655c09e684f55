"""The move tool: chooses the layer under the hand and drags it. GUI thread."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QApplication

from studio.core.document import Document
from studio.core.edits import ChangeLayer, RemoveLayer
from studio.core.layers import Layer, Layers
from studio.ui.canvas.easel import Easel
from studio.ui.canvas.guide_hand import GuideHand
from studio.ui.canvas.pointer import Pointer
from studio.ui.canvas.snapping import Snapper
from studio.ui.canvas.tools.tool import Switch, Tool
from studio.ui.canvas.view_transform import ViewTransform

ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


@dataclass(frozen=True)
class MoveSettings:
    pick: bool = True
    """Choose the layer under the hand; else the current one is moved."""


class MoveTool(Tool[MoveSettings]):
    id = "move"
    title = "Move"
    icon = "move"
    key = "V"
    tip = (
        "Drag a layer or a guide. Shift keeps to one direction, the arrow keys move by one pixel, "
        "with Shift by ten."
    )
    options = (Switch("pick", "Choose the layer under the pointer"),)
    cursor = Qt.CursorShape.ArrowCursor
    outlines_layer = True

    def __init__(self, easel: Easel) -> None:
        super().__init__(easel, MoveSettings())
        self.snapper = Snapper(easel)
        self._held: tuple[Layer, Pointer] | None = None
        self._by = (0, 0)
        self._guide = GuideHand(easel)

    @property
    def busy(self) -> bool:
        return self._held is not None or self._guide.busy

    def press(self, at: Pointer) -> None:
        if self._guide.take(at.x, at.y):
            return
        layer = self.easel.current
        if self.settings.pick:
            layer = layer_at(self.easel.document, at.x, at.y, self.easel.current)
            self.easel.choose(layer.id if layer is not None else "")
        if layer is not None and not layer.locked:
            self._held, self._by = (layer, at), (0, 0)

    def move(self, at: Pointer) -> None:
        self._guide.move(at.x, at.y, snap=not at.control)
        if self._held is None:
            return
        layer, start = self._held
        if self._by == (0, 0) and _trembles(at.widget - start.widget):
            return
        dx, dy = at.x - start.x, at.y - start.y
        if at.shift:
            dx, dy = (dx, 0.0) if abs(dx) >= abs(dy) else (0.0, dy)
        self._by = self.snapper.moved(layer, round(dx), round(dy), off=at.control)
        self.easel.try_on(ChangeLayer(layer, layer.moved(*self._by)))
        self.overlay_changed.emit()

    def release(self, at: Pointer) -> None:
        if self._guide.busy:
            self._let_guide_go(at)
        if self._held is None:
            return
        (layer, _), by = self._held, self._by
        self._held, self._by = None, (0, 0)
        self.snapper.let_go()
        if by != (0, 0):
            self.easel.commit(ChangeLayer(layer, layer.moved(*by)))
        self.easel.try_on(None)
        self.overlay_changed.emit()

    def accept(self) -> None:
        self.cancel()

    def cancel(self) -> None:
        self._guide.cancel()
        self._held, self._by = None, (0, 0)
        self.snapper.let_go()
        super().cancel()

    def key_press(self, event: QKeyEvent) -> bool:
        return nudged(self.easel, event)

    def cursor_at(self, at: Pointer, view: ViewTransform) -> Qt.CursorShape:
        guide = self._guide.under(at.x, at.y)
        if guide is None:
            return self.cursor
        upright = (guide.axis == "x") == (view.turned_deg % 180 < 45 or view.turned_deg % 180 > 135)
        return Qt.CursorShape.SplitHCursor if upright else Qt.CursorShape.SplitVCursor

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        self.snapper.paint(painter, view)

    def _let_guide_go(self, at: Pointer) -> None:
        """On the canvas it stays, outside it is thrown out."""
        surface = self.easel.surface
        if surface is not None and not QRectF(surface.rect()).contains(at.widget):
            self._guide.throw_out()
        else:
            self._guide.drop(at.x, at.y, snap=not at.control)


def nudged(easel: Easel, event: QKeyEvent) -> bool:
    """The current layer moved by an arrow key, one step of undo."""
    layer = easel.current
    if layer is None or layer.locked or event.key() not in ARROWS:
        return False
    if event.modifiers() & ~(
        Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
    ):
        return False
    far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
    dx, dy = ARROWS[Qt.Key(event.key())]
    easel.commit(ChangeLayer(layer, layer.moved(dx * far, dy * far)))
    return True


def removal(document: Document, layer: Layer, label: str = "removing a picture") -> RemoveLayer:
    """The edit that takes a layer away, wherever it is."""
    parent = document.parent_id(layer.id)
    siblings = document.siblings(parent) or ()
    index = next(n for n, other in enumerate(siblings) if other.id == layer.id)
    return RemoveLayer(layer, index, label, parent)


def layer_at(document: Document, x: float, y: float, current: Layer | None = None) -> Layer | None:
    """The topmost visible layer there; within the current layer's own group its siblings come first."""
    siblings = document.layers
    if current is not None:
        parent = document.parent_id(current.id)
        siblings = (document.siblings(parent) or ()) if parent else siblings
        found = _topmost(siblings, x, y)
        if found is not None:
            return found
    return _topmost(document.layers, x, y)


def _topmost(layers: Layers, x: float, y: float) -> Layer | None:
    for layer in reversed(layers):
        if layer.visible and layer.bounds.contains(x, y):
            return layer
    return None


def _trembles(by: QPointF) -> bool:
    return by.manhattanLength() < QApplication.startDragDistance()
