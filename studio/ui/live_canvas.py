"""Live mode: after a pause in painting the generator runs again, and its ghost is exchanged. GUI thread.

Runs are ephemeral; accepting what is shown runs it once more with the same seed, stored, so that the layer
has its record. A wish that waits is replaced by a newer one.
"""

from __future__ import annotations

import secrets
from typing import Any

from PySide6.QtCore import QObject, QTimer

from studio.api.errors import StudioError
from studio.api.outputs import ImageOutput, LatentOutput
from studio.app import Studio
from studio.core.store import Change, DocumentStore
from studio.jobs.events import ErrorText, ResultReady
from studio.jobs.handle import JobHandle
from studio.jobs.spec import JobSpec, Priority
from studio.ui.canvas.ghosts import Ghosts
from studio.ui.canvas.result_places import ghost_of
from studio.ui.generating import Generating
from studio.ui.live_runs import LiveRuns, Wish
from studio.ui.panels.generate import GeneratePanel
from studio.ui.tasks import Tasks

PAUSE_MS = 600
_SEEDS = 2**31 - 1


class LiveCanvas(QObject):
    """`switch(True)` begins; each edit of the canvas starts the pause anew."""

    def __init__(
        self,
        studio: Studio,
        store: DocumentStore,
        panel: GeneratePanel,
        generating: Generating,
        ghosts: Ghosts,
        tasks: Tasks,
    ) -> None:
        super().__init__()
        self._studio = studio
        self._panel = panel
        self._generating = generating
        self._ghosts = ghosts
        self._tasks = tasks
        self._on = False
        self._seed = 0
        self._places: dict[str, dict[str, Any]] = {}
        self._last: Wish | None = None
        self._seen = store.document
        self.runs = LiveRuns(tasks.start, self._submit, self._on_shown, self._on_failed)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._on_pause_timeout)
        store.changed.connect(self._on_store_changed)
        ghosts.live_accepted.connect(self._on_ghost_accepted)

    @property
    def on(self) -> bool:
        return self._on

    def switch(self, on: bool) -> None:
        self._on = on
        if on:
            self._seed = secrets.randbelow(_SEEDS)
            self._pause.start()
        else:
            self._pause.stop()
            self.runs.drop()
            self._ghosts.drop_live()

    def waits(self) -> bool:
        """Whether it runs again as soon as the hand rests."""
        return self._pause.isActive()

    def _on_store_changed(self, change: Change) -> None:
        """Guides and words are no part of the picture: only what a generator would get counts."""
        before, now = self._seen, change.document
        self._seen = now
        # Frozen things that are shared need no comparing by value.
        same = before.layers is now.layers and before.selection is now.selection
        if self._on and not (same and before.frame == now.frame):
            self._pause.start()

    def _on_pause_timeout(self) -> None:
        form = self._panel.form
        if self._on and form is not None and form.sources():
            self._tasks.start(self._want())

    async def _want(self) -> None:
        """Read the canvas as it is and wish for it; problems are said when Generate is pressed."""
        form, generator_id = self._panel.form, self._panel.generator_id
        if form is None:
            return
        inputs: dict[str, Any] = dict(form.inputs())
        values = {name: value for name, value in form.values().items() if name not in inputs}
        places = await self._generating.take_from_canvas(generator_id, inputs)
        seed = self._studio.generator(generator_id).field_of_kind("seed")
        if seed is not None and values.get(seed.name) in (None, -1):
            values[seed.name] = self._seed
        about = secrets.token_hex(8)
        self._places = {about: places}
        self._last = Wish(generator_id, values, inputs, about)
        self.runs.want(self._last)

    async def _submit(self, wish: Wish) -> JobHandle | None:
        def freeze() -> JobSpec:
            return self._studio.make_spec(
                wish.generator_id, wish.values, inputs=wish.inputs, priority=Priority.LIVE,
                live_key="canvas", ephemeral=True,
            )  # fmt: skip

        try:
            spec = await self._studio.io.run(freeze)
        except StudioError:
            return None
        return self._studio.queue.submit(spec)

    def _on_shown(self, wish: Wish, event: ResultReady) -> None:
        places = self._places.get(wish.about) or next(iter(self._places.values()), {})
        if self._on and places and isinstance(event.output, ImageOutput | LatentOutput):
            self._ghosts.add(ghost_of(event.output, places, "Live", "", live=True))

    def _on_failed(self, wish: Wish, error: ErrorText) -> None:
        self._ghosts.drop_live()

    def _on_ghost_accepted(self) -> None:
        """The same run once more, kept: its result takes the ghost's place and is accepted at once."""
        wish = self._last
        if wish is not None and wish.about in self._places:
            self._tasks.start(self._store(wish, self._places[wish.about]))

    async def _store(self, wish: Wish, places: dict[str, Any]) -> None:
        target = {"places": places, "accept": True}
        spec = await self._studio.io.run(
            lambda: self._studio.make_spec(
                wish.generator_id, wish.values, inputs=wish.inputs, target=target
            )
        )
        self._generating.submit(spec)
