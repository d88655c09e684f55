"""Rewritten passages on their way into the text: followed while they are written, answered, applied.

The document stays as it is until the last change has its answer; then all that was accepted is one undo
step. The passage is followed through every edit made meanwhile. One card: what comes later waits. GUI thread.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from studio.api.outputs import TextOutput
from studio.core.document import Document
from studio.core.edits import Several
from studio.core.passages import moved_through, nearest
from studio.core.review import Review, Verdict, review_of
from studio.core.store import Change, DocumentStore
from studio.io.executor import IoExecutor
from studio.jobs.events import ResultReady, TextStreamed
from studio.jobs.handle import JobHandle
from studio.jobs.spec import JobState
from studio.ui.editor.marking import Mark
from studio.ui.editor.positions import plain
from studio.ui.editor.review_card import ReviewCard
from studio.ui.editor.text_area import TextArea
from studio.ui.theme.icons import tokens_in_use

MARKS = "review"
_PAUSE_MS = 200


@dataclass
class _Version:
    review: Review
    record_id: str


@dataclass
class _Rewrite:
    """One passage; `start` and `end` are characters of the document."""

    handle: JobHandle
    title: str
    start: int
    end: int
    written: str = ""
    versions: list[_Version] = field(default_factory=list)
    shown: int = 0

    @property
    def version(self) -> _Version | None:
        return self.versions[self.shown] if self.versions else None


class Reviewing(QObject):
    """Args:
    card: Where the first of the passages is shown.
    """

    changed = Signal()
    """What can be answered is another, or nothing."""
    passed_over = Signal(int, int, list)
    """From and to, in characters, of a passage, and the results that could have taken its place."""
    lost = Signal(str)
    """A passage isn't there any more; why, for the person."""

    def __init__(
        self, store: DocumentStore, area: TextArea, card: ReviewCard, io: IoExecutor
    ) -> None:
        super().__init__(card)
        self._io = io
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._refresh)
        self._store = store
        self._area = area
        self.card = card
        self._rewrites: list[_Rewrite] = []
        self._asked: Document | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._disconnect = store.changed.connect(self._on_store_changed)
        card.answered.connect(self.answer)
        card.change_clicked.connect(self._on_card_change_clicked)
        card.page_requested.connect(self.page)
        card.hide()

    @property
    def review(self) -> Review | None:
        """What is shown and waits for answers."""
        first = self._rewrites[0] if self._rewrites else None
        return first.version.review if first is not None and first.version is not None else None

    @property
    def busy(self) -> bool:
        return bool(self._rewrites)

    def expect(self) -> None:
        """A passage was asked for just now: its card gets the focus, unless the person writes on first."""
        self._asked = self._store.document

    def follow(self, handle: JobHandle, passage: str, near: int, title: str) -> asyncio.Task[None]:
        """Show a job's text as another form of a passage.

        Args:
            passage: As it was given to the model.
            near: Where it began when it was asked for.
        """
        task = asyncio.get_running_loop().create_task(
            self._follow(handle, plain(passage), near, title)
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def stop(self) -> None:
        """Nothing touches the document any more. Idempotent."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._disconnect()
        self._pause.stop()

    def answer(self, answer: str) -> None:
        """As `DifferenceView.answered`; "reject_rest" cancels what is still being written."""
        self._refresh()
        rewrite = self._rewrites[0] if self._rewrites else None
        if rewrite is None:
            return
        version = rewrite.version
        if version is None:
            if answer == "reject_rest":
                rewrite.handle.cancel()
                self._end(rewrite)
            return
        review = version.review
        if answer in ("next", "previous"):
            version.review = review.moved(1 if answer == "next" else -1)
        elif answer in ("accept", "reject"):
            version.review = review.answered(_VERDICTS[answer])
        else:
            version.review = review.all_open(_VERDICTS[answer])
        if version.review.settled and answer not in ("next", "previous"):
            self._apply(rewrite, version)
        else:
            self._show()

    def page(self, step: int) -> None:
        """Another version of the same passage."""
        rewrite = self._rewrites[0] if self._rewrites else None
        if rewrite is not None and rewrite.versions:
            rewrite.shown = (rewrite.shown + step) % len(rewrite.versions)
            self._show()

    def tint_again(self) -> None:
        self.card.view.tint_again()
        self._mark()

    async def _follow(self, handle: JobHandle, passage: str, near: int, title: str) -> None:
        start = nearest(self._store.document.text, passage, near)
        if start < 0:
            self.lost.emit(
                "The passage isn't in the text any more; its new form is in the history."
            )
            return
        rewrite = _Rewrite(handle, title, start, start + len(passage))
        self._rewrites.append(rewrite)
        self._show()
        # Nobody has the focus while a menu closes.
        elsewhere = QApplication.focusWidget() not in (None, self._area)
        if self._asked is self._store.document and not elsewhere:
            self.card.setFocus()
        self._asked = None
        try:
            async for event in handle:
                if rewrite not in self._rewrites or handle.cancelling:
                    continue
                if isinstance(event, TextStreamed) and not rewrite.versions:
                    rewrite.written += event.text
                    self._show()
                elif isinstance(event, ResultReady) and isinstance(event.output, TextOutput):
                    text, now = plain(event.output.text), self._passage(rewrite)
                    review = await self._io.run(review_of, now, text)
                    if rewrite in self._rewrites:
                        rewrite.versions.append(_Version(review, event.result_id))
                        self._refresh()
                        self._show()
        finally:
            if not rewrite.versions or handle.state is JobState.CANCELLED:
                self._end(rewrite)

    def _passage(self, rewrite: _Rewrite) -> str:
        return self._store.document.text[rewrite.start : rewrite.end]

    def _is_stale(self, rewrite: _Rewrite) -> bool:
        """Whether somebody typed within the passage since its difference was taken."""
        passage = self._passage(rewrite)
        return any(version.review.old != passage for version in rewrite.versions)

    @Slot()
    def _refresh(self) -> None:
        """Take the differences anew where somebody typed; a long one takes tenths of a second."""
        stale = [rewrite for rewrite in self._rewrites if self._is_stale(rewrite)]
        for rewrite in stale:
            passage = self._passage(rewrite)
            for version in rewrite.versions:
                version.review = version.review.upon(passage)
        if stale:
            self._show()

    def _apply(self, rewrite: _Rewrite, version: _Version) -> None:
        """One step, and only where something was accepted."""
        self._end(rewrite)
        edits = version.review.edits(rewrite.start, version.record_id)
        others = [v.record_id for v in rewrite.versions if v is not version or not edits]
        self.passed_over.emit(rewrite.start, rewrite.end, [name for name in others if name])
        if edits:
            self._store.apply(Several(edits, "rewriting") if len(edits) > 1 else edits[0])

    def _end(self, rewrite: _Rewrite) -> None:
        if rewrite not in self._rewrites:
            return
        self._rewrites.remove(rewrite)
        if not rewrite.handle.state.final:
            rewrite.handle.cancel()
        self._show()

    def _show(self) -> None:
        rewrite = self._rewrites[0] if self._rewrites else None
        self._mark()
        if rewrite is None:
            focused = QApplication.focusWidget()
            had_focus = focused is not None and self.card.isAncestorOf(focused)
            self.card.hide()
            if had_focus:
                self._area.setFocus()
        elif (version := rewrite.version) is None:
            self.card.show_writing(rewrite.title, rewrite.written)
            self.card.show()
        else:
            of = len(rewrite.versions)
            self.card.show_review(rewrite.title, version.review, rewrite.shown + 1, of)
            self.card.show()
        self.changed.emit()

    def _mark(self) -> None:
        """The passages that wait have a ground of their own in the text."""
        ground = QColor(tokens_in_use().accent_soft)
        ranges = sorted((rewrite.start, rewrite.end) for rewrite in self._rewrites)
        self._area.show_marks(MARKS, [Mark(start, end, ground) for start, end in ranges])

    def _on_card_change_clicked(self, number: int) -> None:
        rewrite = self._rewrites[0] if self._rewrites else None
        if rewrite is not None and (version := rewrite.version) is not None:
            version.review = version.review.at(number)
            self._show()

    def _on_store_changed(self, change: Change) -> None:
        if not self._rewrites:
            return
        if change.loaded:
            for rewrite in tuple(self._rewrites):
                self._end(rewrite)
            return
        for rewrite in tuple(self._rewrites):
            place = moved_through((rewrite.start, rewrite.end), change.edit)
            if place is None:
                self._end(rewrite)
                self.lost.emit("The passage was removed; its new form is in the history.")
            else:
                rewrite.start, rewrite.end = place
        self._mark()
        if any(self._is_stale(rewrite) for rewrite in self._rewrites):
            self._pause.start()


_VERDICTS = {
    "accept": Verdict.ACCEPTED,
    "accept_all": Verdict.ACCEPTED,
    "reject": Verdict.REJECTED,
    "reject_rest": Verdict.REJECTED,
}
