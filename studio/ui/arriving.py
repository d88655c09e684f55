"""What comes to the window from outside: opened, dropped or pasted; sorted by its kind. GUI thread.

A picture becomes a layer, a model goes to the models, a document takes the place of the one that is there.
"""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from studio.api.errors import StudioError
from studio.app import Studio
from studio.core.document import Document
from studio.core.edits import PlaceLayer
from studio.core.layers import Layer, PaintLayer
from studio.core.store import DocumentStore
from studio.io.documents import DOCUMENT_SUFFIXES, IMAGE_SUFFIXES, picture_layer
from studio.paint.qimages import from_qimage
from studio.paint.regions import tiled
from studio.ui.canvas.canvas_view import CanvasView
from studio.ui.canvas.clipboard import place_of
from studio.ui.file_dialogs import FileDialogs
from studio.ui.filing import Filing
from studio.ui.main_window import MainWindow
from studio.ui.message_bar import Message
from studio.ui.model_shelf import ModelShelf
from studio.ui.placing import new_layer_id
from studio.ui.recent_files import RecentFiles
from studio.ui.tasks import Tasks

_PASTED = "Pasted picture"
MODEL_SUFFIXES = frozenset({".safetensors", ".gguf", ".ckpt", ".pt", ".pth", ".bin"})


class Arriving(QObject):
    """Gives every file and clipping to the part of the window that is for its kind."""

    def __init__(
        self,
        window: MainWindow,
        store: DocumentStore,
        canvas: CanvasView,
        filing: Filing,
        studio: Studio,
        shelf: ModelShelf,
        tasks: Tasks,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._canvas = canvas
        self._filing = filing
        self._studio = studio
        self._shelf = shelf
        self._tasks = tasks
        self._dialogs = FileDialogs(window)
        named = window.actions_by_name
        self.recent = RecentFiles(window, named["open_recent"], studio, self.open_path)
        filing.file_used.connect(self.recent.add)
        for name, slot in (
            ("open", lambda: self._dialogs.ask_open(self.open_path)),
            ("earlier_versions", self._on_earlier_versions_triggered),
            ("paste_as_new", lambda: self._start(self._paste_as_new())),
        ):
            named[name].triggered.connect(lambda _=False, slot=slot: slot())
        canvas.files_dropped.connect(self.take_dropped)
        window.files_dropped.connect(self.take_dropped)
        window.image_dropped.connect(self.take_image)
        canvas.image_dropped.connect(self.take_image)
        canvas.address_dropped.connect(window.refuse_address)

    def open_path(self, path: Path) -> None:
        """A folio or picture becomes the document, a model goes to the models, anything else is text."""
        suffix = path.suffix.lower()
        if suffix in DOCUMENT_SUFFIXES or suffix in IMAGE_SUFFIXES:
            self._start(self._filing.open_document(path))
        elif suffix in MODEL_SUFFIXES or path.is_dir():
            self._start(self._add_model(path))
        else:
            self._start(self._filing.open_text(path))

    def take_dropped(self, paths: list[Path]) -> None:
        """As `open_path`, but pictures become layers where there is something to add them to."""
        for path in paths:
            alone = len(paths) == 1 and self._filing.untouched
            if path.suffix.lower() in IMAGE_SUFFIXES and not alone:
                self._start(self._place_picture(path))
            else:
                self.open_path(path)

    def paste(self) -> None:
        """A picture, or files, from the clipboard onto the canvas."""
        data = QApplication.clipboard().mimeData()
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        if data.hasImage():
            self._paste_picture(data)
        elif paths:
            self.take_dropped(paths)
        else:
            self._warn("There is no picture on the clipboard.")

    def take_image(self, image: QImage, middle: tuple[int, int] | None = None) -> None:
        """A picture that is in no file becomes a layer: one step.

        Args:
            middle: The canvas pixel its middle goes to; None finds it a free place.
        """
        layer, width, height = _layer_of(image, "Dropped picture")
        if middle is None or not self._store.document.layers:
            self._place(layer, width, height)
        else:
            self._add(layer.moved(middle[0] - width // 2, middle[1] - height // 2))

    async def _place_picture(self, path: Path) -> None:
        layer, (width, height) = await self._studio.io.run(picture_layer, path)
        self._place(layer, width, height)

    def _place(self, layer: Layer, width: int, height: int) -> None:
        self._add(layer.moved(*self._canvas.place_for(width, height)))

    def _add(self, layer: Layer) -> None:
        self._store.apply(PlaceLayer(layer, len(self._store.document.layers)))

    def _paste_picture(self, data: QMimeData) -> None:
        """Where it was copied from, if it was copied here; else where there is room."""
        layer, width, height = _layer_of(data.imageData(), _PASTED)
        place = place_of(data, self._store.document.frame, width, height)
        if place is None:
            self._place(layer, width, height)
        else:
            self._add(layer.moved(*place))

    async def _paste_as_new(self) -> None:
        data = QApplication.clipboard().mimeData()
        if data.hasImage():
            layer, _, _ = _layer_of(data.imageData(), _PASTED)
            await self._filing.begin_with(Document("", (layer,)))
        else:
            self._warn("There is no picture on the clipboard.")

    async def _add_model(self, path: Path) -> None:
        bar = self._window.message_bar
        bar.show_message(Message(f"Reading {path.name}…", "info", (), "model", stays=True))
        try:
            info = await self._shelf.add(path)
        except StudioError as error:
            bar.show_message(Message(str(error), "error", (), "model"))
        else:
            name = info.facts.title or info.id
            bar.show_message(Message(f"{name} is ready to use.", "info", (), "model"))

    def _on_earlier_versions_triggered(self) -> None:
        path, backups = self._filing.path, self._filing.backups
        if path is None or not backups.versions(path):
            self._warn("There is no earlier version of this document.")
        else:
            self._dialogs.ask_open(self.open_path, backups.folder_of(path))

    def _start(self, work: Coroutine[object, object, object]) -> None:
        self._tasks.start(work)

    def _warn(self, text: str) -> None:
        self._window.message_bar.show_message(Message(text, "warning", (), "done"))


def _layer_of(image: QImage, name: str) -> tuple[PaintLayer, int, int]:
    """A layer at (0, 0), and the picture's width and height, transparent edges included."""
    pixels = from_qimage(image)
    height, width = pixels.shape[:2]
    return PaintLayer(new_layer_id(), name, tiled(pixels)), width, height
