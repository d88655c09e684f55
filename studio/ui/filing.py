"""Files in and out: open, save, export, and what is dropped on the window. GUI thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from studio.api.errors import StudioError
from studio.app import Studio
from studio.core.edits import ReplaceText
from studio.core.store import DocumentStore
from studio.io.atomic import write_text
from studio.io.export.canvas import export_png
from studio.io.images import read_image
from studio.io.text import read_text_file
from studio.ui.canvas.canvas_view import CanvasView
from studio.ui.main_window import MainWindow
from studio.ui.message_bar import Message
from studio.ui.model_shelf import ModelShelf
from studio.ui.placing import Placing
from studio.ui.tasks import Tasks

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif"})
MODEL_SUFFIXES = frozenset({".safetensors", ".gguf", ".ckpt", ".pt", ".pth", ".bin"})
_OPENABLE = "Texts and pictures (*.txt *.md *.markdown *.png *.jpg *.jpeg *.webp *.tif *.tiff);;All files (*)"
_TEXTS = "Markdown (*.md);;Plain text (*.txt)"


class Filing(QObject):
    """Remembers which text file is open, and whether it changed since."""

    def __init__(
        self,
        window: MainWindow,
        store: DocumentStore,
        canvas: CanvasView,
        placing: Placing,
        studio: Studio,
        shelf: ModelShelf,
        tasks: Tasks,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._placing = placing
        self._studio = studio
        self._shelf = shelf
        self._tasks = tasks
        self.text_path: Path | None = None
        self._saved_text = ""
        for name, slot in (
            ("new", self.new),
            ("open", self._on_open_triggered),
            ("save_text", self._on_save_triggered),
            ("save_text_as", self._on_save_as_triggered),
            ("export_picture", self._on_export_triggered),
        ):
            window.actions_by_name[name].triggered.connect(lambda _=False, slot=slot: slot())
        canvas.files_dropped.connect(self._on_files_dropped)
        window.files_dropped.connect(self._on_files_dropped)

    def open_path(self, path: Path) -> None:
        """A picture goes on the canvas, a model to the models, anything else is read as text."""
        suffix = path.suffix.lower()
        if suffix in IMAGE_SUFFIXES:
            self._tasks.start(self._open_picture(path))
        elif suffix in MODEL_SUFFIXES or path.is_dir():
            self._tasks.start(self._add_model(path))
        else:
            self._tasks.start(self._open_text(path))

    def new(self) -> None:
        """An empty document; the old one is one undo away."""
        self._placing.clear_document()
        self._name(None, "")

    @property
    def unsaved(self) -> bool:
        """Whether the text is another than the file's, or than none."""
        return self._store.document.text != self._saved_text

    async def save(self) -> bool:
        """Save the text, asking for a name if it has none; False: the person gave none.

        Raises:
            StorageError: it can't be written.
        """
        path = self.text_path
        if path is None:
            chosen: asyncio.Future[Path | None] = asyncio.get_running_loop().create_future()
            dialog = self._save_dialog()
            dialog.fileSelected.connect(lambda name: _answer(chosen, Path(name)))
            dialog.finished.connect(lambda _: _answer(chosen, None))
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()
            path = await chosen
        if path is not None:
            await self._save_text(path)
        return path is not None

    async def _open_text(self, path: Path) -> None:
        read = await self._studio.io.run(read_text_file, path)
        old = self._store.document.text
        if read.text != old:
            self._store.apply(ReplaceText(0, old, read.text, label=f"opening {path.name}"))
        self._name(path, read.text)
        if read.notice:
            self._say(f"{read.notice} It will be saved as UTF-8.", "warning")

    async def _open_picture(self, path: Path) -> None:
        pixels = await self._studio.io.run(read_image, path)
        await self._placing.place_pixels(pixels, path.stem)

    async def _add_model(self, path: Path) -> None:
        bar = self._window.message_bar
        bar.show_message(Message(f"Reading {path.name}…", "info", (), "model"))
        try:
            info = await self._shelf.add(path)
        except StudioError as error:
            bar.show_message(Message(str(error), "error", (), "model"))
        else:
            name = info.facts.title or info.id
            bar.show_message(Message(f"{name} is ready to use.", "info", (), "model"))

    def _on_files_dropped(self, paths: list[Path]) -> None:
        for path in paths:
            self.open_path(path)

    def _on_open_triggered(self) -> None:
        dialog = QFileDialog(self._window, "Open", "", _OPENABLE)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._ask(dialog, self.open_path)

    def _on_save_triggered(self) -> None:
        if self.text_path is None:
            self._on_save_as_triggered()
        else:
            self._tasks.start(self._save_text(self.text_path))

    def _on_save_as_triggered(self) -> None:
        self._ask(self._save_dialog(), lambda path: self._tasks.start(self._save_text(path)))

    def _save_dialog(self) -> QFileDialog:
        dialog = QFileDialog(self._window, "Save the text", "", _TEXTS)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("md")
        if self.text_path is not None:
            dialog.selectFile(str(self.text_path))
        return dialog

    def _on_export_triggered(self) -> None:
        if not self._store.document.layers:
            self._say("The canvas is empty: there is no picture to export yet.", "warning")
            return
        dialog = QFileDialog(self._window, "Export the picture", "", "PNG (*.png)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        self._ask(dialog, lambda path: self._tasks.start(self._export_picture(path)))

    async def _save_text(self, path: Path) -> None:
        # The file dialog asked before it let an existing file be chosen.
        text = self._store.document.text
        await self._studio.io.run(write_text, path, text, force=True)
        self._name(path, text)
        self._say(f"Saved to {path}.")

    async def _export_picture(self, path: Path) -> None:
        await self._studio.io.run(export_png, path, self._store.document)
        self._say(f"Exported to {path}.")

    def _ask(self, dialog: QFileDialog, then: Callable[[Path], object]) -> None:
        dialog.fileSelected.connect(lambda path: then(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _name(self, path: Path | None, text: str) -> None:
        self.text_path, self._saved_text = path, text
        self._window.setWindowTitle(f"{path.name} — Folio" if path is not None else "Folio")

    def _say(self, text: str, tone: str = "info") -> None:
        self._window.message_bar.show_message(Message(text, tone, (), "done"))


def _answer(waiting: asyncio.Future[Path | None], path: Path | None) -> None:
    """The first answer counts: a chosen file is told before the dialog's end."""
    if not waiting.done():
        waiting.set_result(path)
