"""Changes of the whole canvas that take a while: computed on an I/O thread, one step of undo. GUI thread."""

from __future__ import annotations

from collections.abc import Callable

from studio.core.document import Document
from studio.core.edits import ChangeCanvas
from studio.io.executor import IoExecutor
from studio.ui.canvas.easel import Easel
from studio.ui.tasks import Tasks


class SlowChanges:
    """One at a time: a second one would be of a picture that is gone when it is done."""

    def __init__(self, easel: Easel, io: IoExecutor, tasks: Tasks) -> None:
        self._easel = easel
        self._io = io
        self._tasks = tasks
        self._busy = False

    def start(self, change: Callable[[Document], Document], label: str) -> None:
        """The document as it is now is changed; if it is another one meanwhile, nothing is done.

        Args:
            change: Pure; runs on an I/O thread.
        """
        if not self._busy:
            self._busy = True
            self._tasks.start(self._run(self._easel.document, change, label))

    async def _run(
        self, before: Document, change: Callable[[Document], Document], label: str
    ) -> None:
        try:
            after = await self._io.run(change, before)
        finally:
            self._busy = False
        if after == before:
            return
        if not self._easel.commit(ChangeCanvas(before, after, label)):
            self._easel.refused.emit(
                f"The picture was changed while {label} went on. Nothing was done: try again."
            )
