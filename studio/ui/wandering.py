"""Pads and sliders of the Generate panel: the picture follows the hand, and is kept when it lets go.

GUI thread. While it moves, results are only shown; the one at the end is a result like all others.
"""

from __future__ import annotations

from typing import Any

from studio.api.errors import StudioError
from studio.api.outputs import ImageOutput, LatentOutput, Pixels
from studio.app import Studio
from studio.jobs.events import ErrorText, ResultReady
from studio.jobs.handle import JobHandle
from studio.jobs.spec import JobSpec, Priority
from studio.ui.live_layers import LiveLayers
from studio.ui.live_runs import LiveRuns, Wish
from studio.ui.message_bar import Message, MessageBar
from studio.ui.panels.generate import GeneratePanel
from studio.ui.tasks import Tasks


class Wandering:
    def __init__(
        self,
        studio: Studio,
        panel: GeneratePanel,
        layers: LiveLayers,
        bar: MessageBar,
        tasks: Tasks,
    ) -> None:
        self._studio = studio
        self._layers = layers
        self._bar = bar
        self._tasks = tasks
        self.live = LiveRuns(tasks.start, self._submit, self._on_shown, self._on_failed)
        panel.live_requested.connect(self._on_live_requested)

    def _on_live_requested(
        self, generator_id: str, values: dict[str, Any], inputs: dict[str, Any], stored: bool
    ) -> None:
        self.live.want(Wish(generator_id, values, inputs, generator_id, stored))

    async def _submit(self, wish: Wish) -> JobHandle | None:
        def freeze() -> JobSpec:
            return self._studio.make_spec(
                wish.generator_id,
                wish.values,
                inputs=wish.inputs,
                priority=Priority.LIVE,
                live_key=f"wander {wish.generator_id}",
                ephemeral=not wish.stored,
            )

        try:
            spec = await self._studio.io.run(freeze)
        except StudioError as error:
            self._bar.show_message(Message(str(error), "error", (), "wander"))
            return None
        return self._studio.queue.submit(spec)

    def _on_shown(self, wish: Wish, event: ResultReady) -> None:
        if not isinstance(event.output, ImageOutput | LatentOutput):
            return
        if wish.stored and event.result_id:
            self._tasks.start(self._keep(wish.about, event.result_id, event.output.pixels))
        else:
            self._layers.show(wish.about, event.output.pixels)

    async def _keep(self, key: str, result_id: str, pixels: Pixels) -> None:
        item = await self._studio.io.run(self._studio.history.get, result_id)
        self._layers.keep(key, item, pixels)

    def _on_failed(self, wish: Wish, error: ErrorText) -> None:
        """The window tells failures of the queue; the picture that isn't kept goes."""
        self._layers.drop(wish.about)
