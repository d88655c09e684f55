"""Pictures that are dropped on the text or pasted into it: hidden layers with a link to each. GUI thread.

What is read is read on the I/O threads; the place stays where the drop was, whatever is typed meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QTextCursor

from studio.core.edits import Edit, PlaceLayer, ReplaceText, Several
from studio.core.illustration import free_name, in_its_own_paragraph, picture_link
from studio.core.layers import Layer, PaintLayer, walk
from studio.core.store import DocumentStore
from studio.io.documents import picture_layer
from studio.io.executor import IoExecutor
from studio.library.history import History
from studio.paint.qimages import from_qimage
from studio.paint.regions import tiled
from studio.ui.dropping import Dropped
from studio.ui.editor.editor import TextEditor
from studio.ui.placing import new_layer_id

Start = Callable[[Coroutine[Any, Any, None]], object]


class Illustrating(QObject):
    """Args:
    start: Runs a coroutine and tells its errors.
    """

    def __init__(
        self,
        editor: TextEditor,
        store: DocumentStore,
        history: History,
        io: IoExecutor,
        start: Start,
    ) -> None:
        super().__init__(editor)
        self._area = editor.area
        self._store = store
        self._history = history
        self._io = io
        self._start = start
        self._area.things_dropped.connect(self._on_area_things_dropped)

    def _on_area_things_dropped(self, dropped: Dropped) -> None:
        self._start(self._take(dropped, QTextCursor(self._area.textCursor())))

    async def _take(self, dropped: Dropped, place: QTextCursor) -> None:
        for item_id in dropped.results:
            item = await self._io.run(self._history.get, item_id)
            if item.kind == "text":
                text = await self._io.run(self._history.text, item)
                at = self._area.to_character(place.position())
                self._store.apply(ReplaceText(at, "", text, item.id, "placing a text"))
                continue
            pixels = await self._io.run(self._history.pixels, item)
            tiles = await self._io.run(tiled, pixels)
            layer = PaintLayer(new_layer_id(), item.title, tiles, record_id=item.id)
            self._put(layer, item.title, place)
        for path in dropped.files:
            read, _ = await self._io.run(picture_layer, path)
            self._put(read, path.stem, place)
        if dropped.image is not None:
            tiles = await self._io.run(tiled, from_qimage(dropped.image))
            self._put(PaintLayer(new_layer_id(), "Picture", tiles), "", place)

    def _put(self, layer: Layer, words: str, place: QTextCursor) -> None:
        """One step of undo: the layer, hidden, and its link."""
        document = self._store.document
        name = free_name(layer.name, (other.name for other in walk(document.layers)))
        at = self._area.to_character(place.position())
        link = in_its_own_paragraph(document.text, at, picture_link(words, name))
        edits: tuple[Edit, ...] = (
            PlaceLayer(replace(layer, name=name, visible=False), len(document.layers)),
            ReplaceText(at, "", link),
        )
        self._store.apply(Several(edits, "putting a picture into the text"))
