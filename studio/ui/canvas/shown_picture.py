"""What the canvas shows, composed: the document, what the hand tries, what a slider redraws. GUI thread."""

from __future__ import annotations

from dataclasses import replace

from studio.api.outputs import Pixels
from studio.core.document import Document
from studio.core.geometry import Rect
from studio.core.layers import Layer, Layers, PaintLayer, mapped, walk
from studio.core.tiles import TileMap
from studio.paint.compositor import Compositor
from studio.paint.regions import tiled
from studio.ui.canvas.easel import Easel
from studio.ui.canvas.screen_tiles import ScreenTiles


class ShownPicture:
    """`refresh` after any change, then draw `tiles`; `document` is what they show."""

    def __init__(self, easel: Easel) -> None:
        self._easel = easel
        self.compositor = Compositor(easel.document)
        self.tiles = ScreenTiles(self.compositor)
        self._live: dict[str, TileMap] = {}

    @property
    def document(self) -> Document:
        return self.compositor.document

    @property
    def live_layers(self) -> tuple[str, ...]:
        return tuple(self._live)

    def show_live(self, layer_id: str, pixels: Pixels) -> None:
        """Another picture in a layer's place, seen after the next `refresh`."""
        self._live[layer_id] = tiled(pixels)

    def clear_live(self, layer_id: str) -> bool:
        """Whether there was one."""
        return self._live.pop(layer_id, None) is not None

    def forget_gone(self) -> None:
        """No live picture for a layer that is no more in the document."""
        if self._live:
            there = {layer.id for layer in walk(self._easel.document.layers)}
            self._live = {key: tiles for key, tiles in self._live.items() if key in there}

    def refresh(self) -> list[Rect]:
        """Show what is true now.

        Returns:
            The canvas rectangles that may look different.
        """
        shown = self._with_live(self._easel.shown)
        rects = self.compositor.show(shown, settled=shown is self._easel.document)
        self.tiles.soil(rects)
        return rects

    def _with_live(self, document: Document) -> Document:
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
