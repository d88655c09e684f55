"""Which file the document is in: new, open, save, and asking before work is lost. GUI thread.

What comes in is sorted by `arriving`, other formats are written by `exporting`. A folio holds everything; a
text file is saved as a text as long as there is nothing but text. Reading, encoding and writing happen on the
I/O threads, from a document that doesn't change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.api.errors import StorageError, StudioError
from studio.app import Studio
from studio.core.document import Document
from studio.core.edits import ReplaceText
from studio.core.store import DocumentStore
from studio.io.atomic import write_bytes
from studio.io.backups import Backups
from studio.io.documents import FOLIO_SUFFIX, IMAGE_SUFFIXES, read_document
from studio.io.encoded_tiles import EncodedTiles
from studio.io.export.pictures import EXPORTS, export_document
from studio.io.folio_texts import KeptText
from studio.io.folio_writer import write_folio
from studio.io.recovery import LeftBehind
from studio.io.text import TEXT_SUFFIXES, read_text_file, text_bytes
from studio.library.history import History
from studio.ui.dialogs.unsaved import Unsaved
from studio.ui.editor.kept_texts import texts_of
from studio.ui.file_dialogs import FileDialogs
from studio.ui.main_window import MainWindow
from studio.ui.message_bar import Message
from studio.ui.tasks import Tasks


class Filing(QObject):
    """Knows which file the document is in, and whether it is as it is there."""

    settled = Signal(object, object)
    """The document (first) was just opened from or saved to a folio (second); None: it is in no folio."""
    file_used = Signal(object)
    """A file was opened or saved."""

    def __init__(
        self, window: MainWindow, store: DocumentStore, studio: Studio, tasks: Tasks
    ) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._studio = studio
        self._dialogs = FileDialogs(window)
        self.encoded = EncodedTiles()
        self.backups = Backups(studio.paths.backups)
        self.path: Path | None = None
        """Where Save writes to: a folio or a text."""
        self._suggested: Path | None = None
        self._records: Mapping[str, str] = {}
        self.texts: Mapping[str, KeptText] = {}
        """The results its text is from that came with the file, by the ids that spans name."""
        self._saved = store.document
        self._saving = asyncio.Lock()
        for name, slot in (
            ("new", self.new),
            ("save", self.save),
            ("save_as", self.save_as),
        ):
            window.actions_by_name[name].triggered.connect(
                lambda _=False, slot=slot: tasks.start(slot())
            )
        store.changed.connect(lambda _: self._retitle())

    @property
    def unsaved(self) -> bool:
        """Whether something would be lost that a save keeps. What is selected doesn't count."""
        if self._store.clean:
            return False
        now, saved = (replace(d, selection=None) for d in (self._store.document, self._saved))
        if self.path is not None and self.path.suffix.lower() != FOLIO_SUFFIX:
            now, saved = now.with_forks(()), saved.with_forks(())  # a text file has no branches
        return now != saved

    @property
    def untouched(self) -> bool:
        """An empty document that is in no file."""
        document = self._store.document
        return self.path is None and document.only_text and not document.text

    @property
    def name(self) -> str:
        """The file's name, or ""."""
        return self.suggested.name if self.suggested is not None else ""

    @property
    def words_from_elsewhere(self) -> bool:
        """Whether the text came from, or is in, a file that doesn't say whose words it has."""
        file = self.suggested
        return file is not None and file.suffix.lower() not in {FOLIO_SUFFIX, *IMAGE_SUFFIXES}

    @property
    def suggested(self) -> Path | None:
        """What a file that is made from the document could be called after."""
        return self.path or self._suggested

    async def new(self) -> None:
        """An empty document, once the person has answered for the one that is there."""
        if await self.may_leave():
            self._load(Document(), None, None)

    async def begin_with(self, document: Document) -> None:
        """As `new`, with a document that is in no file yet."""
        if await self.may_leave():
            self._store.load(document, clean=False)
            self._settle(Document(), None, None, in_folio=False)

    async def may_leave(self) -> bool:
        """Ask about unsaved work; False: the document stays."""
        while self.unsaved:
            dialog = Unsaved(self._window, self.name)
            dialog.open()
            try:
                answer = await dialog.answer
            except asyncio.CancelledError:
                dialog.reject()
                raise
            if answer == "discard":
                return True
            if answer != "save" or not await self._saved_or_told():
                return False
        return True

    async def save(self) -> bool:
        """Save, asking for a name if there is none that fits; False: the person gave none.

        Raises:
            StorageError: it can't be written.
        """
        path = self.path
        if path is None or (
            path.suffix.lower() != FOLIO_SUFFIX and not self._store.document.only_text
        ):
            return await self.save_as()
        await self.save_to(path)
        return True

    async def save_as(self) -> bool:
        """As `save`, always asking."""
        text_only = self._store.document.only_text
        path = await self._dialogs.ask_save(self.suggested, text_only=text_only)
        if path is not None:
            await self.save_to(path)
        return path is not None

    async def save_to(self, path: Path) -> None:
        """The file dialog asked before it let an existing file be chosen."""
        suffix = path.suffix.lower()
        if suffix in EXPORTS and suffix != FOLIO_SUFFIX:
            await self._studio.io.run(export_document, path, self._store.document)
            self._say(f"Exported to {path}.")
            return
        is_text = suffix in TEXT_SUFFIXES or (path == self.path and suffix != FOLIO_SUFFIX)
        if not is_text and suffix != FOLIO_SUFFIX:
            path = path.with_name(path.name + FOLIO_SUFFIX)
        async with self._saving:
            document, bookmark = self._store.document, self._store.bookmark()
            if is_text:
                await self._studio.io.run(write_bytes, path, text_bytes(document.text), force=True)
                if not document.only_text:
                    self._say(
                        f"Only the text was saved to {path}: the rest needs a folio.", "warning"
                    )
                    return
            else:
                history = self._studio.history
                records = await self._studio.io.run(_records_of, document, history, self._records)
                texts = await self._studio.io.run(texts_of, document, history, self.texts)
                await self._studio.io.run(
                    write_folio, path, document,
                    records=records, texts=texts, encoded=self.encoded, backups=self.backups,
                )  # fmt: skip
            self._store.mark_clean(bookmark)
            self._settle(document, path, path, in_folio=not is_text)
        self.file_used.emit(path)
        self._say(f"Saved to {path}.")

    def take_over(self, left: LeftBehind) -> None:
        """Work that was not saved in its time: it isn't saved now either."""
        self._store.load(left.document, clean=False)
        self.path, self._suggested, self._records = left.file, None, left.records
        self.texts = left.texts
        self._saved = Document()
        self._retitle()

    async def open_document(self, path: Path) -> None:
        """A folio or picture becomes the document.

        Raises:
            StorageError: it can't be read.
        """
        if not await self.may_leave():
            return
        read = await self._studio.io.run(read_document, path, encoded=self.encoded)
        folio = path.suffix.lower() == FOLIO_SUFFIX and not self.backups.holds(path)
        self._load(read.document, path if folio else None, path)
        self._records, self.texts = read.records, read.texts
        self.file_used.emit(path)
        for notice in read.notices:
            self._say(notice, "warning")

    async def open_text(self, path: Path) -> None:
        """The document, if there is only text; else the text beside the pictures, as one step.

        Raises:
            StorageError: it can't be read.
        """
        if not self._store.document.layers and not await self.may_leave():
            return
        read = await self._studio.io.run(read_text_file, path)
        old = self._store.document
        if old.layers:
            self._store.apply(ReplaceText(0, old.text, read.text, label=f"opening {path.name}"))
        else:
            self._load(Document(read.text), path, path, in_folio=False)
        self.file_used.emit(path)
        if read.notice:
            self._say(read.notice, "warning")

    def _load(
        self, document: Document, path: Path | None, opened: Path | None, *, in_folio: bool = True
    ) -> None:
        self._store.load(document)
        self._records, self.texts = {}, {}
        self._settle(document, path, opened, in_folio=in_folio)

    def _settle(
        self, document: Document, path: Path | None, opened: Path | None, *, in_folio: bool
    ) -> None:
        self.path, self._suggested, self._saved = path, opened, document
        self._retitle()
        self.settled.emit(document, path if in_folio else None)

    async def _saved_or_told(self) -> bool:
        try:
            return await self.save()
        except StudioError as error:
            self._say(str(error), "error")
            return False

    def _retitle(self) -> None:
        unsaved = self.unsaved
        name = self.name or ("Untitled" if unsaved else "")
        self._window.setWindowTitle(f"{name}[*] — Folio" if name else "Folio")
        self._window.setWindowModified(unsaved)

    def _say(self, text: str, tone: str = "info") -> None:
        self._window.message_bar.show_message(Message(text, tone, (), "done"))


def _records_of(document: Document, history: History, known: Mapping[str, str]) -> dict[str, str]:
    """Those of layers and passages: this machine's, or those that came with the file. I/O thread."""
    records = dict(known)
    for record_id in document.record_ids:
        try:
            records[record_id] = history.get(record_id).record.model_dump_json()
        except StorageError:
            continue  # made on another machine, or removed
    return records
