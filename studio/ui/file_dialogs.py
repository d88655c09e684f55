"""The file dialogs: what can be opened, saved and exported, by name. Opened, never run. GUI thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

OPENABLE = (
    "Folios, pictures and texts (*.folio *.ora *.psd *.png *.jpg *.jpeg *.webp *.tif *.tiff *.gif "
    "*.bmp *.md *.markdown *.txt *.docx);;All files (*)"
)
FOLIO = "Folio (*.folio)"
TEXTS = ("Markdown (*.md)", "Plain text (*.txt)")
PICTURES = (
    "PNG (*.png)",
    "JPEG (*.jpg)",
    "WebP (*.webp)",
    "TIFF (*.tif)",
    "OpenRaster, with layers (*.ora)",
    "Photoshop, with layers (*.psd)",
)
FILMS = ("GIF (*.gif)", "WebP (*.webp)", "MP4 (*.mp4)", "PNG for each frame (*.zip)")


class FileDialogs:
    def __init__(self, parent: QWidget) -> None:
        self._parent = parent

    def ask_open(self, then: Callable[[Path], object], folder: Path | None = None) -> None:
        dialog = QFileDialog(self._parent, "Open", str(folder or ""), OPENABLE)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._ask(dialog, then)

    async def ask_save(self, suggested: Path | None, *, text_only: bool) -> Path | None:
        """A name to save under, or None."""
        kinds = (FOLIO, *TEXTS) if text_only else (FOLIO,)
        suffix = ".folio"
        if text_only and suggested is not None and suggested.suffix.lower() in (".md", ".txt"):
            suffix = suggested.suffix.lower()
        dialog = self._saving("Save", kinds, suggested, suffix)
        chosen: asyncio.Future[Path | None] = asyncio.get_running_loop().create_future()
        dialog.finished.connect(lambda _: _answer(chosen, None))
        self._ask(dialog, lambda path: _answer(chosen, path))
        return await chosen

    def ask_export(self, suggested: Path | None, then: Callable[[Path], object]) -> None:
        self._ask(self._saving("Export the picture", PICTURES, suggested, ".png"), then)

    def ask_film(self, suggested: Path | None, then: Callable[[Path], object]) -> None:
        self._ask(self._saving("Export the layers as a film", FILMS, suggested, ".gif"), then)

    def ask_text(self, suggested: Path | None, suffix: str, then: Callable[[Path], object]) -> None:
        """A name for the text in the format that was chosen."""
        kind = f"{suffix[1:].upper()} (*{suffix})"
        self._ask(self._saving("Export the text", (kind,), suggested, suffix), then)

    def _saving(
        self, title: str, kinds: tuple[str, ...], suggested: Path | None, suffix: str
    ) -> QFileDialog:
        dialog = QFileDialog(self._parent, title, "", ";;".join(kinds))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        for kind in kinds:
            if f"*{suffix})" in kind:
                dialog.selectNameFilter(kind)
        dialog.setDefaultSuffix(suffix)
        dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix(_suffix_of(kind)))
        if suggested is not None:
            dialog.selectFile(str(suggested.with_suffix(suffix)))
        return dialog

    def _ask(self, dialog: QFileDialog, then: Callable[[Path], object]) -> None:
        dialog.fileSelected.connect(lambda path: then(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _suffix_of(kind: str) -> str:
    return kind.rsplit("*.", 1)[1].rstrip(")")


def _answer(waiting: asyncio.Future[Path | None], path: Path | None) -> None:
    """The first answer counts: a chosen file is told before the dialog's end."""
    if not waiting.done():
        waiting.set_result(path)
