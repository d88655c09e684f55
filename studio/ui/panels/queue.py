"""The queue panel: a card for each job, with what can be done with it. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.jobs.events import ErrorText
from studio.jobs.handle import JobHandle
from studio.jobs.queue import JobQueue
from studio.jobs.spec import JobSpec, JobState
from studio.paint.qimages import to_qimage
from studio.ui.labels import ElidedLabel, EmptyState, icon_button, label, push_button, restyle
from studio.ui.panels.generate import progress_text, show_progress
from studio.ui.theme.icons import set_icon

_THUMB_PX = 48
_SHOWN_FINISHED = 20
_ICONS = {
    JobState.QUEUED: ("loader", "faint"),
    JobState.LOADING: ("hard-drive", "accent_text"),
    JobState.RUNNING: ("sparkles", "accent_text"),
    JobState.DONE: ("circle-check", "success"),
    JobState.FAILED: ("triangle-alert", "danger"),
    JobState.CANCELLED: ("circle-x", "faint"),
}


class JobCard(QFrame):
    """One job. Follows its handle until it is thrown away."""

    again_requested = Signal(object)
    details_requested = Signal(object)

    def __init__(self, handle: JobHandle) -> None:
        super().__init__()
        self.handle = handle
        self.setObjectName("card")
        self._thumb = QLabel()
        self._thumb.setFixedSize(_THUMB_PX, _THUMB_PX)
        self._thumb.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = ElidedLabel(handle.spec.title, "heading")
        self.message = label("", "muted", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(f"Progress of {handle.spec.title}")
        self.keep = icon_button("circle-stop", "Stop and keep what is there")
        self.cancel = icon_button("x", "Cancel this job")
        self.again = icon_button("rotate-ccw", "Run again")
        self.details = push_button("Details", kind="quiet")
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self._title)
        words.addWidget(self.message)
        words.addWidget(self.bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(12)
        row.addWidget(self._thumb)
        row.addLayout(words, 1)
        for button in (self.details, self.keep, self.cancel, self.again):
            row.addWidget(button)
        self.keep.clicked.connect(self._on_keep_clicked)
        self.cancel.clicked.connect(self._on_cancel_clicked)
        self.again.clicked.connect(self._on_again_clicked)
        self.details.clicked.connect(self._on_details_clicked)
        self._shown_icon: tuple[str, str] | None = None
        self._disconnect = handle.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        handle = self.handle
        live = not handle.state.final
        running = live and handle.state != JobState.QUEUED
        self.bar.setVisible(running)
        if running:
            show_progress(self.bar, handle)
        self.keep.setVisible(handle.state == JobState.RUNNING)
        self.keep.setEnabled(not handle.finishing and not handle.cancelling)
        self.cancel.setVisible(live)
        self.cancel.setEnabled(not handle.cancelling)
        self.again.setVisible(not live)
        self.details.setVisible(handle.error is not None)
        tone = "error" if handle.error is not None else ""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            restyle(self)
        self.message.setText(progress_text(handle) if live else _ending(handle))
        self.message.setToolTip(str(handle.error) if handle.error is not None else "")
        self._show_picture()
        self.setAccessibleName(f"{handle.spec.title}: {self.message.text()}")

    def let_go(self) -> None:
        """Stop following the handle."""
        self._disconnect()

    def _show_picture(self) -> None:
        if self.handle.preview is not None:
            pixmap = QPixmap.fromImage(to_qimage(self.handle.preview))
            self._thumb.setProperty("folioIcon", None)
            self._thumb.setPixmap(
                pixmap.scaled(
                    _THUMB_PX,
                    _THUMB_PX,
                    Qt.AspectRatioMode.KeepAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
            )
            self._shown_icon = None
            return
        wanted = _ICONS[self.handle.state]
        if wanted != self._shown_icon:
            self._shown_icon = wanted
            set_icon(self._thumb, wanted[0], wanted[1], 20)

    def _on_keep_clicked(self) -> None:
        self.handle.finish_early()

    def _on_cancel_clicked(self) -> None:
        self.handle.cancel()

    def _on_again_clicked(self) -> None:
        self.again_requested.emit(self.handle.spec)

    def _on_details_clicked(self) -> None:
        if self.handle.error is not None:
            self.details_requested.emit(self.handle.error)


class QueuePanel(QWidget):
    """Shows `queue.jobs`: running, waiting, then the newest finished ones."""

    again_requested = Signal(JobSpec)
    details_requested = Signal(ErrorText)

    def __init__(self, queue: JobQueue) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._queue = queue
        self.cards: dict[str, JobCard] = {}
        self._list = QWidget()
        self._list.setObjectName("panelBody")
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(12, 4, 12, 12)
        self._column.setSpacing(8)
        self._column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._list)
        self.pages = QStackedWidget()
        self.pages.addWidget(
            EmptyState("list-todo", "Nothing queued", "What you generate waits and runs here.")
        )
        self.pages.addWidget(scroll)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.pages)
        self._disconnect = queue.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Bring the cards in line with the queue."""
        # What only follows a hand is no job to look at: it would flicker past.
        jobs = [handle for handle in self._queue.jobs if not handle.spec.ephemeral]
        live = [handle for handle in jobs if not handle.state.final]
        ended = [handle for handle in jobs if handle.state.final][:_SHOWN_FINISHED]
        shown = [*live, *ended]
        wanted = {handle.job_id for handle in shown}
        for job_id in [job_id for job_id in self.cards if job_id not in wanted]:
            card = self.cards.pop(job_id)
            card.let_go()
            self._column.removeWidget(card)
            card.deleteLater()
        for position, handle in enumerate(shown):
            card = self.cards.get(handle.job_id) or self._add_card(handle)
            if self._column.indexOf(card) != position:
                self._column.removeWidget(card)
                self._column.insertWidget(position, card)
        self.pages.setCurrentIndex(1 if shown else 0)

    def let_go(self) -> None:
        """Stop following the queue: the window is closing."""
        self._disconnect()
        for card in self.cards.values():
            card.let_go()

    def _add_card(self, handle: JobHandle) -> JobCard:
        card = JobCard(handle)
        card.again_requested.connect(self.again_requested)
        card.details_requested.connect(self.details_requested)
        self.cards[handle.job_id] = card
        return card


def _ending(handle: JobHandle) -> str:
    if handle.error is not None:
        return handle.error.what
    seconds = f"{handle.seconds:.1f} s" if handle.seconds < 90 else f"{handle.seconds / 60:.1f} min"
    if handle.state == JobState.CANCELLED:
        return "Cancelled"
    count = len(handle.results)
    results = "" if count == 1 else f" · {count} results"
    return f"Done in {seconds}{results}"
