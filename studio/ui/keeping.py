"""No work is lost: the journal has it while it is unsaved, and it is asked about before the window closes.

GUI thread; the journal is written on a thread of its own, so that no long save keeps it waiting. It is
for what can't ask: a kill, a crash, logging out. `ui/recovering.py` brings it back.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from studio.api.errors import StudioError
from studio.app import Studio
from studio.core.document import Document
from studio.core.store import DocumentStore
from studio.io.executor import IoExecutor
from studio.io.journal import Journal
from studio.io.recovery import LeftBehind
from studio.ui.filing import Filing
from studio.ui.main_window import MainWindow
from studio.ui.message_bar import Message
from studio.ui.tasks import Tasks

AFTER_MS = 300
"""From the first change that isn't kept to its writing: with the writing, well within a second."""


class Keeping(QObject):
    """Watches the document. `may_close` before the end, `let_go` at it."""

    def __init__(
        self, window: MainWindow, store: DocumentStore, filing: Filing, studio: Studio, tasks: Tasks
    ) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._filing = filing
        self._folder = studio.paths.journals
        self._io = IoExecutor(threads=1)
        self._journal: Journal | None = None
        self._writing = asyncio.Lock()
        self._base: tuple[Document, Path | None] | None = None
        self._discarded = False
        self._let_go = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AFTER_MS)
        self._timer.timeout.connect(lambda: tasks.start(self.keep()))
        # Not restarted by the next change: someone who paints without a pause is kept too.
        store.changed.connect(lambda _: self._soon())
        filing.settled.connect(self._on_filing_settled)

    async def keep(self) -> None:
        """Bring the journal up to the document, or empty it when there is nothing unsaved."""
        async with self._writing:
            if self._let_go:
                return
            document = self._store.document if self._filing.unsaved else None
            base, self._base = self._base, None
            try:
                await self._io.run(self._write, document, base, self._filing.path)
            except StudioError as error:
                self._base = base
                self._window.message_bar.show_message(Message(str(error), "warning", (), "journal"))

    async def adopt(self, left: LeftBehind) -> None:
        """What was left behind is this window's now; afterwards it is in this window's journal."""
        self._base = (left.saved, left.base)
        await self.keep()

    async def may_close(self) -> bool:
        """Ask about unsaved work; False: the window stays."""
        may = await self._filing.may_leave()
        self._discarded = may and self._filing.unsaved
        return may

    async def let_go(self) -> None:
        """The last entry, which stays only if nobody could be asked about it. Idempotent."""
        self._timer.stop()
        if self._let_go:
            return
        if not self._discarded:
            await self.keep()
        async with self._writing:
            self._let_go = True
            journal, self._journal = self._journal, None
            if journal is not None:
                unsaved = self._filing.unsaved and not self._discarded
                await self._io.run(journal.close, keep=unsaved)
        self._io.stop()

    def _soon(self) -> None:
        if not self._timer.isActive() and not self._let_go:
            self._timer.start()

    def _on_filing_settled(self, document: Document, path: Path | None) -> None:
        self._base = (document, path)
        self._soon()

    def _write(
        self,
        document: Document | None,
        base: tuple[Document, Path | None] | None,
        file: Path | None,
    ) -> None:
        """I/O thread. A window in which nothing is unsaved needs no journal."""
        if self._journal is None:
            if document is None and (base is None or base[1] is None):
                return
            self._journal = Journal(self._folder)
        if base is not None:
            self._journal.rebase(*base, current=document, file=file)
        elif document is not None:
            self._journal.write(document, file=file)
        else:
            self._journal.clear()
