"""Pictures dropped on the text become hidden layers with links; those that are linked are read. GUI thread.

What is read is read on the I/O threads; the place stays where the drop was, whatever is typed meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QImage, QTextCursor

from studio.api.errors import StorageError
from studio.core.edits import Edit, PlaceLayer, ReplaceText, Several
from studio.core.illustration import free_name, in_its_own_paragraph, layer_of, picture_link
from studio.core.layers import Layer, PaintLayer, walk
from studio.core.store import Change, DocumentStore
from studio.io.documents import picture_layer
from studio.io.executor import IoExecutor
from studio.io.export.manuscript import picture_bytes
from studio.io.images import MAX_PIXELS, decode_image
from studio.library.history import History
from studio.paint.composing import compose
from studio.paint.qimages import from_qimage, to_qimage
from studio.paint.regions import tiled
from studio.ui.dropping import Dropped
from studio.ui.editor.editor import TextEditor
from studio.ui.editor.inline_pictures import MOST_PX
from studio.ui.placing import new_layer_id

Folder = Callable[[], Path | None]
Start = Callable[[Coroutine[Any, Any, None]], object]


@dataclass(frozen=True)
class _Place:
    """Where something was dropped; Qt keeps the cursor in its place. `opened` says in which document."""

    cursor: QTextCursor
    opened: int


class Illustrating(QObject):
    """Args:
    start: Runs a coroutine and tells its errors.
    folder: Where the folio's file is, for pictures that lie beside it.
    """

    def __init__(
        self,
        editor: TextEditor,
        store: DocumentStore,
        history: History,
        io: IoExecutor,
        start: Start,
        folder: Folder = lambda: None,
    ) -> None:
        super().__init__(editor)
        self._area = editor.area
        self._store = store
        self._history = history
        self._io = io
        self._start = start
        self._folder = folder
        self._layers: dict[str, Layer | None] = {}
        """What a source that is shown named when it was read."""
        self._opened = 0
        """How many documents there were: what was dropped on one isn't for the next."""
        self._area.things_dropped.connect(self._on_area_things_dropped)
        self._area.pictures.asked.connect(lambda source: start(self._show(source)))
        store.changed.connect(self._on_store_changed)

    def _on_area_things_dropped(self, dropped: Dropped) -> None:
        place = _Place(QTextCursor(self._area.textCursor()), self._opened)
        self._start(self._take(dropped, place))

    def _on_store_changed(self, change: Change) -> None:
        pictures, layers = self._area.pictures, change.document.layers
        if change.loaded:
            self._opened += 1
            pictures.forget(pictures.sources)
        elif pictures.sources:
            read = pictures.sources & self._layers.keys()
            pictures.forget(s for s in read if layer_of(s, layers) is not self._layers[s])

    async def _show(self, source: str) -> None:
        layer = self._layers[source] = layer_of(source, self._store.document.layers)
        folder = self._folder()
        image = await self._io.run(lambda: _read(source, layer, folder))
        if self._layers.get(source) is layer:
            self._area.pictures.show(source, image)

    async def _take(self, dropped: Dropped, place: _Place) -> None:
        for item_id in dropped.results:
            item = await self._io.run(self._history.get, item_id)
            if item.kind == "text":
                text = await self._io.run(self._history.text, item)
                if (at := self._character(place)) is not None:
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

    def _character(self, place: _Place) -> int | None:
        """Where the place is by now; None: in a document that isn't open any more."""
        if place.opened != self._opened:
            return None
        return self._area.to_character(place.cursor.position())

    def _put(self, layer: Layer, words: str, place: _Place) -> None:
        """One step of undo: the layer, hidden, and its link."""
        document, at = self._store.document, self._character(place)
        if at is None:
            return
        name = free_name(layer.name, (other.name for other in walk(document.layers)))
        link = in_its_own_paragraph(document.text, at, picture_link(words, name))
        edits: tuple[Edit, ...] = (
            PlaceLayer(replace(layer, name=name, visible=False), len(document.layers)),
            ReplaceText(at, "", link),
        )
        self._store.apply(Several(edits, "putting a picture into the text"))


def _read(source: str, layer: Layer | None, folder: Path | None) -> QImage | None:
    """A picture as large as it may be shown; None: it can't be had. I/O thread."""
    try:
        if layer is None:
            pixels = decode_image(picture_bytes(source, folder), where=source)
        elif layer.bounds.empty or layer.bounds.area > MAX_PIXELS:
            return None
        else:
            pixels = compose((replace(layer, visible=True, clipped=False),), layer.bounds)
    except StorageError:
        return None
    image = to_qimage(pixels)
    if image.width() > MOST_PX[0] or image.height() > MOST_PX[1]:
        keep, smooth = (
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        image = image.scaled(*MOST_PX, keep, smooth)
    return image
