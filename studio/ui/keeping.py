"""No text is lost: kept in a draft while it is unsaved, and asked about before the window closes.

GUI thread; files are written on the I/O threads. The draft is for what can't ask: a kill, a crash, the
end of the session. At the next start it comes back.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from studio.api.errors import StudioError
from studio.app import Studio
from studio.core.edits import ReplaceText
from studio.core.store import DocumentStore
from studio.io.atomic import storage_error, write_text
from studio.io.text import read_text_file
from studio.ui.dialogs.unsaved_text import UnsavedText
from studio.ui.filing import Filing
from studio.ui.main_window import MainWindow
from studio.ui.message_bar import Message
from studio.ui.tasks import Tasks

_AFTER_MS = 1000
DRAFT = "draft.md"


class Keeping(QObject):
    """Watches the text. `bring_back` at the start, `may_close` before the end, `let_go` at it."""

    def __init__(
        self, window: MainWindow, store: DocumentStore, filing: Filing, studio: Studio, tasks: Tasks
    ) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._filing = filing
        self._studio = studio
        self._draft = studio.paths.data / DRAFT
        self._writing = asyncio.Lock()
        self._discarded = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AFTER_MS)
        self._timer.timeout.connect(lambda: tasks.start(self.keep()))
        # Not restarted by the next key: someone who types without a pause is kept too.
        store.changed.connect(lambda _: None if self._timer.isActive() else self._timer.start())

    @property
    def unsaved(self) -> bool:
        return self._filing.unsaved and bool(self._store.document.text.strip())

    async def keep(self) -> None:
        """Write the draft, or remove it when there is nothing to keep."""
        async with self._writing:
            text = self._store.document.text if self.unsaved and not self._discarded else ""
            try:
                await self._studio.io.run(_write_draft, self._draft, text)
            except StudioError as error:
                words = f"A draft of the text can't be kept: {error}"
                self._window.message_bar.show_message(Message(words, "warning", (), "draft"))

    async def bring_back(self, *, opening: bool) -> None:
        """The text of last time, if it was not saved.

        Args:
            opening: Another text is being opened: then the draft is put aside, and it is said where.
        """
        try:
            found = await self._studio.io.run(_take_draft, self._draft, opening)
        except StudioError as error:
            self._window.message_bar.show_message(Message(str(error), "warning", (), "draft"))
            return
        if found is None:
            return
        if isinstance(found, Path):
            words = f"The text of last time was not saved; it is kept as {found}."
        else:
            before = self._store.document.text
            self._store.apply(ReplaceText(0, before, found, label="bringing the text back"))
            words = "The text of last time was not saved; here it is again."
        self._window.message_bar.show_message(Message(words, "info", (), "draft"))

    async def may_close(self) -> bool:
        """Ask about an unsaved text; False: the window stays."""
        while self.unsaved:
            path = self._filing.text_path
            dialog = UnsavedText(self._window, path.name if path is not None else "")
            dialog.open()
            try:
                answer = await dialog.answer
            except asyncio.CancelledError:
                dialog.reject()
                raise
            if answer == "discard":
                self._discarded = True
                return True
            if answer != "save" or not await self._save():
                return False
        return True

    async def let_go(self) -> None:
        """The last draft. Idempotent."""
        self._timer.stop()
        await self.keep()

    async def _save(self) -> bool:
        try:
            return await self._filing.save()
        except StudioError as error:
            self._window.message_bar.show_message(Message(str(error), "error"))
            return False


def _write_draft(path: Path, text: str) -> None:
    if text:
        write_text(path, text, force=True)
        return
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise storage_error(error, path) from None


def _take_draft(path: Path, put_aside: bool) -> str | Path | None:
    if not path.exists():
        return None
    if not put_aside:
        return read_text_file(path).text
    number = 1
    while (kept := path.with_name(f"unsaved-{number}.md")).exists():
        number += 1
    try:
        path.rename(kept)
    except OSError as error:
        raise storage_error(error, path) from None
    return kept
