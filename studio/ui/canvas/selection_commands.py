"""What the Select menu does, and what is done with what is selected. GUI thread; one undo step each."""

from __future__ import annotations

from dataclasses import replace

from studio.core.edits import ChangeCanvas, ChangeLayer
from studio.core.geometry import Rect
from studio.core.layers import Layer, PaintLayer
from studio.core.tiles import TileMap
from studio.paint.filling import cleared, filled
from studio.paint.regions import read, tiled
from studio.paint.resizing import reframed
from studio.paint.selection import inverted, rectangle, within_frame
from studio.ui.canvas.easel import Easel
from studio.ui.canvas.tools.fills import area_of


class SelectionCommands:
    def __init__(self, easel: Easel) -> None:
        self._easel = easel
        self._last: TileMap | None = None

    def everything(self) -> None:
        self._take(rectangle(area_of(self._easel)), "selecting all")

    def nothing(self) -> None:
        if self._easel.selection is not None:
            self._last = self._easel.selection
            self._take(None, "deselecting")

    def again(self) -> None:
        """What was selected before."""
        if self._easel.selection is None and self._last is not None:
            self._take(self._last, "selecting again")

    def invert(self) -> None:
        area = area_of(self._easel)
        selection = self._easel.selection
        if selection is None:
            self._take(rectangle(area), "selecting all")
            return
        self._take(within_frame(inverted(selection), area), "inverting the selection")

    def of_layer(self) -> None:
        """What is opaque on the current layer."""
        layer = self._easel.current
        if isinstance(layer, PaintLayer) and not layer.bounds.empty:
            alpha = read(layer.pixels, layer.pixels.bounds)[..., 3].copy()
            bounds = layer.bounds
            self._take(tiled(alpha, bounds.x, bounds.y), "selecting a layer's pixels")

    def fill(self) -> None:
        """The selection, or the whole canvas, with the foreground colour."""
        layer = self._easel.paintable()
        if layer is not None:
            coverage = self._easel.selection or rectangle(area_of(self._easel))
            after = filled(layer, coverage, self._easel.inks.foreground)
            self._change(layer, after, "filling")
            self._easel.inks.used()

    def clear(self, label: str = "clearing") -> bool:
        """What is selected of the current layer; False: nothing is selected."""
        selection = self._easel.selection
        if selection is None:
            return False
        layer = self._easel.paintable()
        if layer is not None:
            self._change(layer, cleared(layer, selection), label)
        return True

    def crop(self) -> None:
        """The canvas becomes as large as the selection."""
        selection = self._some()
        if selection is not None:
            bounds = within_frame(selection, area_of(self._easel)).bounds
            self._easel.commit(cropped_edit(self._easel, bounds, "cropping to the selection"))

    def _some(self) -> TileMap | None:
        if self._easel.selection is None:
            self._easel.refused.emit("Nothing is selected. Select something first.")
        return self._easel.selection

    def _take(self, selection: TileMap | None, label: str) -> None:
        before = self._easel.document
        if selection is not None and not selection.tiles and selection.fill == 0:
            selection = None
        if before.selection is not selection:
            after = replace(before, selection=selection)
            self._easel.commit(ChangeCanvas(before, after, label))

    def _change(self, before: Layer, after: Layer, label: str) -> None:
        if before != after:
            self._easel.commit(ChangeLayer(before, after, label))


def cropped_edit(easel: Easel, bounds: Rect, label: str) -> ChangeCanvas:
    """The canvas cut to a rectangle, whose corner becomes its origin. What lies outside is kept, unseen."""
    before = easel.document
    after = reframed(replace(before, selection=None), bounds)
    return ChangeCanvas(before, after, label)
