"""Layers that redraw while a hand is on a pad or slider, changed once when it lets go. GUI thread."""

from __future__ import annotations

import uuid
from dataclasses import replace

from studio.api.outputs import Pixels
from studio.core.edits import ChangeLayer, PlaceLayer
from studio.core.layers import PaintLayer, paint_layers
from studio.core.store import DocumentStore
from studio.library.history import HistoryItem
from studio.paint.regions import tiled
from studio.ui.canvas.canvas_view import CanvasView


class LiveLayers:
    """A key stands for one panel's picture; it gets a layer with the first result that is kept."""

    def __init__(self, store: DocumentStore, canvas: CanvasView) -> None:
        self._store = store
        self._canvas = canvas
        self._layers: dict[str, str] = {}

    def show(self, key: str, pixels: Pixels) -> None:
        """A picture that isn't kept: in its layer's place, or in the middle of the view."""
        layer = self._layer(key)
        if layer is not None:
            self._canvas.show_live(layer.id, pixels)
        else:
            self._canvas.show_preview(key, pixels)

    def keep(self, key: str, item: HistoryItem, pixels: Pixels) -> None:
        """The picture is in the history now: one step of undo puts it on the canvas, or changes it."""
        self._canvas.clear_preview(key)
        layer = self._layer(key)
        if layer is not None:
            self._change(layer, item, pixels)
            return
        height, width = pixels.shape[:2]
        x, y = self._canvas.place_for(width, height)
        layer = PaintLayer(uuid.uuid4().hex, item.title, tiled(pixels), x, y, record_id=item.id)
        self._layers[key] = layer.id
        self._store.apply(PlaceLayer(layer, len(self._store.document.layers)))

    def drop(self, key: str) -> None:
        """Nothing more comes: what isn't kept is shown no longer."""
        self._canvas.clear_preview(key)
        layer = self._layer(key)
        if layer is not None:
            self._canvas.clear_live(layer.id)

    def show_on(self, record_id: str, pixels: Pixels) -> None:
        """What the sliders make of a result right now, on every layer that shows the result."""
        for layer in self._of_record(record_id):
            self._canvas.show_live(layer.id, pixels)

    def drop_on(self, record_id: str) -> None:
        for layer in self._of_record(record_id):
            self._canvas.clear_live(layer.id)

    def change_on(self, record_id: str, item: HistoryItem, pixels: Pixels) -> None:
        """A newer result takes the place of an older one on every layer that shows that."""
        for layer in self._of_record(record_id):
            self._change(layer, item, pixels)

    def _change(self, layer: PaintLayer, item: HistoryItem, pixels: Pixels) -> None:
        self._canvas.clear_live(layer.id)
        after = replace(layer, pixels=tiled(pixels), record_id=item.id)
        self._store.apply(ChangeLayer(layer, after, label="redrawing a picture"))

    def _of_record(self, record_id: str) -> list[PaintLayer]:
        layers = paint_layers(self._store.document.layers)
        return [layer for layer in layers if layer.record_id == record_id]

    def _layer(self, key: str) -> PaintLayer | None:
        layer = self._store.document.layer(self._layers.get(key, ""))
        return layer if isinstance(layer, PaintLayer) else None
