"""The document in other programs' formats: the picture, the layers as a film, the text. GUI thread.

Written on the I/O threads, from a document that doesn't change. It is no saving: what was unsaved still is.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import QObject

from studio.app import Studio
from studio.core.authorship import authorship, disclosure
from studio.core.store import DocumentStore
from studio.io.export.films import export_film, frames_of
from studio.io.export.folio_pictures import text_of
from studio.io.export.pictures import export_document
from studio.io.export.texts import TextSource, export_text
from studio.ui.dialogs.export_text import ExportText, TextExport
from studio.ui.file_dialogs import FileDialogs
from studio.ui.filing import Filing
from studio.ui.main_window import MainWindow
from studio.ui.message_bar import Message
from studio.ui.tasks import Tasks


class Exporting(QObject):
    """Asks for a name, writes, says what was written."""

    def __init__(
        self, window: MainWindow, store: DocumentStore, filing: Filing, studio: Studio, tasks: Tasks
    ) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._filing = filing
        self._io = studio.io
        self._tasks = tasks
        self._dialogs = FileDialogs(window)
        self._text_export = TextExport(".docx", disclose=False)
        """As the last one was."""
        for name, slot in (
            ("export_picture", self._on_picture_triggered),
            ("export_film", self._on_film_triggered),
            ("export_text", lambda: tasks.start(self._ask_for_text())),
        ):
            window.actions_by_name[name].triggered.connect(lambda _=False, slot=slot: slot())

    def _on_picture_triggered(self) -> None:
        if not self._store.document.layers:
            self._say("The canvas is empty: there is no picture to export yet.", "warning")
            return
        self._dialogs.ask_export(
            self._filing.suggested, lambda path: self._tasks.start(self._export_picture(path))
        )

    def _on_film_triggered(self) -> None:
        if len(frames_of(self._store.document)) < 2:
            self._say("A film needs at least two layers: each becomes a frame.", "warning")
            return
        self._dialogs.ask_film(
            self._filing.suggested, lambda path: self._tasks.start(self._export_film(path))
        )

    async def _export_picture(self, path: Path) -> None:
        await self._io.run(export_document, path, self._store.document)
        self._say(f"Exported to {path}.")

    async def _export_film(self, path: Path) -> None:
        count = await self._io.run(export_film, path, self._store.document)
        self._say(f"Exported to {path}: {count} frames.")

    async def _ask_for_text(self) -> None:
        document = self._store.document
        if not document.text.strip():
            self._say("The text is empty: there is nothing to export yet.", "warning")
            return
        known = bool(document.spans) or not self._filing.words_from_elsewhere
        report = disclosure(authorship(document.text, document.spans)) if known else ""
        dialog = ExportText(self._window, report, self._text_export)
        dialog.open()
        try:
            chosen = await dialog.answer
        except asyncio.CancelledError:
            dialog.reject()
            raise
        if chosen is not None:
            self._text_export = chosen
            self._dialogs.ask_text(
                self._filing.suggested,
                chosen.suffix,
                lambda path: self._tasks.start(self._export_text(path, chosen.disclose)),
            )

    async def _export_text(self, path: Path, disclose: bool) -> None:
        """The file dialog asked before it let an existing file be chosen."""
        document, file = self._store.document, self._filing.suggested
        source = text_of(
            document,
            TextSource(
                "", file.stem if file else "", folder=file.absolute().parent if file else None
            ),
        )
        self._say(f"Exporting to {path.name}…")
        notices = await self._io.run(export_text, path, source, disclose=disclose, force=True)
        self._say("\n".join((f"Exported to {path}.", *notices)), "warning" if notices else "info")

    def _say(self, text: str, tone: str = "info") -> None:
        self._window.message_bar.show_message(Message(text, tone, (), "done"))
