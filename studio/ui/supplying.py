"""Answers what forms ask for: reads files, results and layers, and gives them to the field. GUI thread;
reading happens on the I/O executor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtWidgets import QWidget

from studio.api.errors import StorageError
from studio.api.outputs import Latent, as_pixels
from studio.app import Studio
from studio.core.document import Document
from studio.core.geometry import Rect
from studio.core.layers import BlendMode, Layer, PaintLayer
from studio.core.store import DocumentStore
from studio.io.images import read_image
from studio.library.history import HistoryItem
from studio.paint.composing import compose
from studio.paint.copying import alone
from studio.paint.regions import read, read_layer, tiled
from studio.paint.selection import within_frame
from studio.ui.canvas.canvas_view import CanvasView
from studio.ui.forms.giving import (
    Ask,
    FromCanvas,
    FromFile,
    FromResult,
    FromSelection,
    FromVisible,
    Thing,
)
from studio.ui.panels.history_picker import HistoryPicker
from studio.ui.tasks import Tasks

Give = Callable[[Thing], object]


class Supplying:
    def __init__(
        self, studio: Studio, store: DocumentStore, canvas: CanvasView, tasks: Tasks
    ) -> None:
        self._studio = studio
        self._store = store
        self._canvas = canvas
        self._tasks = tasks

    def answer(self, ask: Ask, give: Give) -> None:
        """Read what was asked for and give it; errors are told in the window."""
        self._tasks.start(self._answer(ask, give))

    def pick(self, anchor: QWidget, field_kind: str, give: Give) -> HistoryPicker:
        """Let the person pick a result of the history that suits a field of this kind."""
        studio = self._studio
        kind = "latent" if field_kind in ("latent", "latents") else None
        picker = HistoryPicker(anchor, studio.history, studio.io, self._tasks.start, kind)
        picker.picked.connect(lambda item: self.answer(FromResult(item.id), give))
        picker.open_at(anchor)
        return picker

    async def from_blob(self, blob_id: str, title: str) -> Thing:
        """What a record names as an input; of a latent the picture it was kept with.

        Raises:
            StorageError: it is gone.
        """
        return await self._studio.io.run(self._read_blob, blob_id, title)

    async def _answer(self, ask: Ask, give: Give) -> None:
        give(await self.read(ask))

    async def read(self, ask: Ask, *, mask: bool = False, place: Rect | None = None) -> Thing:
        """What was asked for.

        Args:
            mask: It is for a field that takes a mask.
            place: The canvas's rectangle that a mask must cover: its picture's. None: the whole canvas.

        Raises:
            StorageError: it can't be read, or is no picture.
        """
        io = self._studio.io
        if isinstance(ask, FromFile):
            return Thing(await io.run(read_image, ask.path), ask.path.name)
        if isinstance(ask, FromResult):
            return await io.run(self._read_result, ask.item_id)
        if isinstance(ask, FromVisible | FromSelection):
            return await io.run(self._read_canvas, self._store.document, ask, mask, place)
        assert isinstance(ask, FromCanvas)
        layer = self._canvas.selected_layer or next(reversed(self._store.document.layers), None)
        if layer is None or layer.bounds.empty:
            raise StorageError(
                "The canvas is empty: there is no layer to take.",
                remedy="Drop a picture there, or take one from your files.",
            )
        if mask and place is not None:
            return await io.run(self._read_mask_layer, layer, place)
        thing = await io.run(self._read_layer, layer)
        return replace(thing, place=layer.bounds, layer_id=layer.id)

    def _read_layer(self, layer: Layer) -> Thing:
        """A layer's picture; one that is still as it was generated keeps its name in the history."""
        if not isinstance(layer, PaintLayer) or layer.mask is not None:
            alone = replace(layer, opacity=1.0, visible=True, blend_mode=BlendMode.NORMAL)
            return Thing(compose((alone,), layer.bounds), layer.name)
        try:
            item = self._studio.history.get(layer.record_id)
            result = self._studio.history.pixels(item)
        except StorageError:  # never generated, or removed since
            return Thing(as_pixels(read_layer(layer)), layer.name)
        if tiled(result) == layer.pixels:
            return Thing(result, layer.name, item.picture_id)
        return Thing(as_pixels(read_layer(layer)), layer.name)

    def _read_mask_layer(self, layer: Layer, place: Rect) -> Thing:
        """A layer as a mask for a picture from a place of the canvas: what is white on it, and there."""
        grey = compose((alone(layer),), place)
        opaque = grey.copy()
        opaque[..., :3] = (grey[..., :3].astype(np.uint16) * grey[..., 3:] + 127) // 255
        opaque[..., 3] = 255
        return Thing(as_pixels(opaque), layer.name, place=place, layer_id=layer.id)

    def _read_canvas(
        self, document: Document, ask: FromVisible | FromSelection, mask: bool, place: Rect | None
    ) -> Thing:
        """All that is seen, or the part that is selected; of a mask the selection's own values."""
        frame, selection = document.frame, document.selection
        if frame.empty or not document.layers:
            raise StorageError(
                "The canvas is empty: there is nothing to take.",
                remedy="Paint or place something first.",
            )
        if isinstance(ask, FromVisible):
            return Thing(compose(document.layers, frame), "All that is seen", place=frame)
        if selection is None:
            raise StorageError(
                "Nothing is selected on the canvas.",
                remedy="Select something with a tool left of the canvas, then take it.",
            )
        if mask:
            area = frame if place is None else place
            grey = read(selection, area)
            white = np.full_like(grey, 255)
            return Thing(as_pixels(np.dstack((grey, grey, grey, white))), "Selection", place=area)
        area = frame.intersected(within_frame(selection, frame).bounds)
        if area.empty:
            raise StorageError("The selection lies outside the canvas.", remedy="Select anew.")
        return Thing(compose(document.layers, area), "What is selected", place=area)

    def _read_result(self, item_id: str) -> Thing:
        return self._thing_of(self._studio.history.get(item_id))

    def _thing_of(self, item: HistoryItem) -> Thing:
        history = self._studio.history
        pixels = history.pixels(item)
        if item.kind != "latent":
            return Thing(pixels, item.title, item.picture_id)
        layout, _ = history.latent_facts(item.blob_id)
        return Thing(pixels, item.title, item.picture_id, item.blob_id, layout)

    def _read_blob(self, blob_id: str, title: str) -> Thing:
        history = self._studio.history
        item = history.of_blob(blob_id)
        if item is not None and item.picture_id:
            return self._thing_of(item)
        given = history.read_input(blob_id)
        if isinstance(given, Latent):
            raise StorageError(
                "The latent that this was made from has no picture in the history any more.",
                where=title,
                remedy="Choose another one.",
            )
        return Thing(given, title, blob_id)
