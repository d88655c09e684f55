"""No text is lost: kept in a draft while it is unsaved, and asked about before the window closes.

GUI thread; files are written on the I/O threads. The draft is for what can't ask: a kill, a crash, the
end of the session. At the next start it comes back. Each window's process has a draft of its own.
"""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QObject, QTimer

from studio.api.errors import StudioError
from studio.app import Studio
from studio.core.edits import ReplaceText
from studio.core.store import DocumentStore
from studio.io.drafts import Drafts
from studio.ui.dialogs.unsaved_text import UnsavedText
from studio.ui.filing import Filing
from studio.ui.main_window import MainWindow
from studio.ui.message_bar import Message
from studio.ui.tasks import Tasks

_AFTER_MS = 1000


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
        self._drafts = Drafts(studio.paths.data)
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
                await self._studio.io.run(self._drafts.keep, text)
            except StudioError as error:
                words = f"A draft of the text can't be kept: {error}"
                self._window.message_bar.show_message(Message(words, "warning", (), "draft"))

    async def bring_back(self, *, opening: bool) -> None:
        """The text of last time, if it was not saved; those of other windows that are gone are put aside,
        and it is said where.

        Args:
            opening: Another text is being opened: then all are put aside.
        """
        try:
            text, kept = await self._studio.io.run(_taken, self._drafts, not opening)
        except StudioError as error:
            self._window.message_bar.show_message(Message(str(error), "warning", (), "draft"))
            return
        said: list[str] = []
        if text:
            before = self._store.document.text
            self._store.apply(ReplaceText(0, before, text, label="bringing the text back"))
            said.append("The text of last time was not saved; here it is again.")
        if kept:
            also = "also " if text else ""
            names = " and ".join(kept)
            one = (
                "A text that was not saved is"
                if len(kept) == 1
                else "Texts that were not saved are"
            )
            said.append(f"{one} {also}kept as {names}.")
        if said:
            self._window.message_bar.show_message(Message(" ".join(said), "info", (), "draft"))

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


def _taken(drafts: Drafts, wanted: bool) -> tuple[str, list[str]]:
    """The newest text that was left behind, if one is wanted, and where the others are now. I/O thread."""
    text, kept = "", []
    for path in drafts.left_behind():
        if wanted and not text:
            text = drafts.take_over(path) or ""
        elif (moved := drafts.put_aside(path)) is not None:
            kept.append(str(moved))
    return text, kept
