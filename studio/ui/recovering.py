"""Unsaved work of windows that didn't end well: found at the start, offered, brought back. GUI thread."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject

from studio.api.errors import StudioError
from studio.api.outputs import Pixels
from studio.app import Studio
from studio.core.document import Document
from studio.io.drafts import drafts_left_behind
from studio.io.recovery import LeftBehind, discard, find_left_behind
from studio.paint.thumbnails import thumbnail
from studio.ui.dialogs.recovery import Offer, Recovery
from studio.ui.filing import Filing
from studio.ui.keeping import Keeping
from studio.ui.main_window import MainWindow
from studio.ui.message_bar import Message
from studio.ui.tasks import Tasks

PREVIEW_PX = 160


@dataclass(frozen=True)
class _Found:
    left: LeftBehind
    preview: Pixels | None


class Recovering(QObject):
    """`look` once the window is furnished."""

    def __init__(
        self, window: MainWindow, filing: Filing, keeping: Keeping, studio: Studio, tasks: Tasks
    ) -> None:
        super().__init__(window)
        self._window = window
        self._filing = filing
        self._keeping = keeping
        self._studio = studio
        self._tasks = tasks
        self.found: list[LeftBehind] = []

    async def look(self, *, opening: bool) -> None:
        """Find what was left behind and offer it.

        Args:
            opening: A file is being opened: then it is only said, and the offer waits.
        """
        found, problems = await self._studio.io.run(_find, self._studio)
        for problem in problems:
            self._window.message_bar.show_message(Message(problem, "warning"))
        self.found = [each.left for each in found]
        if not found:
            return
        offers = [
            Offer(each.left.name, each.left.at, _words(each.left), each.preview) for each in found
        ]
        if opening:
            self._window.message_bar.show_message(
                Message(
                    "There is unsaved work of another time.",
                    "info",
                    (("Show it…", lambda: self._offer(offers)),),
                    "recovery",
                )
            )
        else:
            self._offer(offers)

    def _offer(self, offers: list[Offer]) -> None:
        dialog = Recovery(self._window, offers)
        dialog.chosen.connect(lambda at: self._tasks.start(self.bring_back(self.found[at])))
        dialog.thrown_away.connect(lambda at: self._tasks.start(self._throw_away(self.found[at])))
        dialog.open()

    async def bring_back(self, left: LeftBehind) -> None:
        """Into the window, unsaved as it was; what was left behind goes once this window keeps it."""
        if not await self._filing.may_leave():
            return
        self._filing.take_over(left)
        await self._keeping.adopt(left)
        await self._studio.io.run(discard, left.folder)
        self._window.message_bar.show_message(
            Message("Here it is again. It isn't saved yet.", "info", (), "recovery")
        )

    async def _throw_away(self, left: LeftBehind) -> None:
        await self._studio.io.run(discard, left.folder)


def _find(studio: Studio) -> tuple[list[_Found], list[str]]:
    """I/O thread."""
    left, problems = find_left_behind(studio.paths.journals)
    try:
        for path, text, at in drafts_left_behind(studio.paths.data):
            left.append(LeftBehind(path, Document(text), at))
    except StudioError as error:
        problems.append(str(error))
    left.sort(key=lambda each: each.at, reverse=True)
    return [_Found(each, thumbnail(each.document, PREVIEW_PX)) for each in left], problems


def _words(left: LeftBehind) -> str:
    """What is in it, in a line."""
    layers, words = len(left.document.layers), left.document.text.split()
    parts = []
    if layers:
        parts.append(f"{layers} layer{'s' if layers > 1 else ''}")
    if words:
        parts.append(f"“{' '.join(words[:8])}{' …' if len(words) > 8 else ''}”")
    return ", ".join(parts) or "empty"
