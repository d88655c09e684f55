"""Runs what an explore panel asks for and brings the results into its exploration. GUI thread.

One object per explorer. Results are in the history like all others; the grid only shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from studio.api.errors import ParamsError, StudioError
from studio.api.outputs import FileOutput, LatentOutput
from studio.api.sliders import ExplorerSpec
from studio.app import Studio
from studio.freezing import InputValue
from studio.jobs.events import ErrorText, Previewed, ResultReady
from studio.jobs.handle import JobHandle
from studio.jobs.spec import JobSpec, Priority
from studio.library.history import HistoryItem
from studio.ui.explore.exploration import Exploration, Found, Latent, Tile
from studio.ui.explore.panel import ExplorePanel
from studio.ui.explore.roles import Role
from studio.ui.forms.giving import Thing
from studio.ui.live_layers import LiveLayers
from studio.ui.live_runs import LiveRuns, Wish
from studio.ui.message_bar import Message
from studio.ui.tasks import Tasks

_RECALLED = 12
"""How many results of earlier days a panel opens with."""
Say = Callable[[Message], object]
Inputs = dict[str, InputValue | Sequence[InputValue]]


class Exploring:
    """Args:
    say: Shows a message in the window.
    place: Puts results of the history, by their ids, into the document as one step.
    play: Plays a film of the history.
    rated: Told of a changed history item.
    """

    def __init__(
        self,
        studio: Studio,
        exploration: Exploration,
        panel: ExplorePanel,
        tasks: Tasks,
        layers: LiveLayers,
        *,
        say: Say,
        place: Callable[[list[str]], object],
        play: Callable[[HistoryItem], object],
        rated: Callable[[HistoryItem], object],
    ) -> None:
        self._studio = studio
        self._exploration = exploration
        self._panel = panel
        self._tasks = tasks
        self._say, self._place, self._play = say, place, play
        self._layers, self._rated = layers, rated
        self._runs: list[JobHandle] = []
        self._epoch = 0
        self.live = LiveRuns(tasks.start, self._submit_live, self._on_live_shown, self._on_failed)
        panel.step_requested.connect(self._on_step_requested)
        panel.place_requested.connect(self._on_place_requested)
        panel.keep_requested.connect(self._on_keep_requested)
        panel.cancel_requested.connect(self.cancel)
        panel.slider_box.moved.connect(lambda: self._on_sliders(stored=False))
        panel.slider_box.settled.connect(lambda: self._on_sliders(stored=True))
        self._disconnect = studio.queue.changed.connect(self._on_queue_changed)

    @property
    def spec(self) -> ExplorerSpec:
        return self._panel.spec

    @property
    def panel(self) -> ExplorePanel:
        return self._panel

    @property
    def exploration(self) -> Exploration:
        return self._exploration

    def let_go(self) -> None:
        self._disconnect()
        self._panel.let_go()

    def cancel(self) -> None:
        """The step that runs, and those of this panel that wait."""
        for handle in tuple(self._runs):
            handle.cancel()

    def begin_with(self, thing: Thing) -> None:
        """A picture that was dropped: look for its latent, with the step's usual values."""
        role = self._panel.roles.get("project")
        if role is None or role.image is None or not self._panel.can("project"):
            return
        picture: InputValue = thing.picture_id or thing.pixels
        values = self._panel.shared_values("project")
        self._tasks.start(self._run_step(role, values, {role.image.name: (picture,)}))

    async def take_up(self, item: HistoryItem) -> None:
        """Edit a latent of the history again: with its sliders as they were, if it came from them."""
        self._exploration.add(await self._studio.io.run(self._found, item))
        self._panel.grid.setFocus()

    async def recall(self) -> None:
        """Show the last results of earlier days: a panel that was closed opens as it was left."""
        self._exploration.recall(await self._studio.io.run(self._last_ones))

    # Steps.

    def _on_step_requested(self, name: str, values: dict[str, Any], inputs: Inputs) -> None:
        role = self._panel.roles[name]
        chosen = [tile.latent for tile in self._exploration.chosen if tile.latent is not None]
        given: Inputs = {**inputs, **role.inputs([latent.blob_id for latent in chosen])}
        if role.latents and role.model is not None and chosen:
            values = {**values, role.model.name: chosen[0].model_id}
        self._tasks.start(self._run_step(role, values, given))

    async def _run_step(self, role: Role, values: Mapping[str, Any], inputs: Inputs) -> None:
        handle = await self._submit(role, values, inputs)
        if handle is None:
            return
        self._panel.close_card()
        self._runs.append(handle)
        yields_tiles = "latent" in role.entry.spec.yields
        if yields_tiles:
            count = role.count
            expected = handle.spec.params.get(count.name, 1) if count is not None else 1
            self._exploration.begin(handle.job_id, int(expected))
            self._panel.grid.scrollToTop()
        self._on_queue_changed()
        try:
            async for event in handle:
                if isinstance(event, Previewed) and yields_tiles:
                    self._exploration.show_preview(handle.job_id, event.pixels)
                elif isinstance(event, ResultReady):
                    await self._take(handle, event)
        finally:
            self._runs.remove(handle)
            self._exploration.end(handle.job_id)
            self._on_queue_changed()

    async def _take(self, handle: JobHandle, event: ResultReady) -> None:
        if not event.result_id:
            return  # it could not be stored; the window has said so
        item = await self._studio.io.run(self._studio.history.get, event.result_id)
        if isinstance(event.output, LatentOutput):
            latent = self._stored_latent(item, event.output)
            key = self._exploration.arrive(handle.job_id, latent, seed=_seed_of(item))
            if not self._exploration.chosen:
                self._exploration.choose([key])
        elif isinstance(event.output, FileOutput):
            self._say(
                Message(
                    f"“{item.title}” is ready and in the history.",
                    "info",
                    (("Play", lambda: self._play(item)),),
                    "film",
                )
            )

    async def _submit(
        self,
        role: Role,
        values: Mapping[str, Any],
        inputs: Inputs,
        *,
        live: bool = False,
        ephemeral: bool = False,
    ) -> JobHandle | None:
        def freeze() -> JobSpec:
            return self._studio.make_spec(
                role.entry.spec.id,
                values,
                inputs=inputs,
                priority=Priority.LIVE if live else Priority.NORMAL,
                live_key=f"explore {self.spec.id}" if live else "",
                ephemeral=ephemeral,
            )

        try:
            spec = await self._studio.io.run(freeze)
        except ParamsError as error:
            form = self._panel.form_of(role.name)
            if form is None or error.where not in form.rows:
                self._say(Message(str(error), "error"))
            else:
                form.show_problems({error.where: f"{error.what} {error.remedy}".strip()})
            return None
        except StudioError as error:
            self._say(Message(str(error), "error", (), "explore"))
            return None
        return self._studio.queue.submit(spec)

    def _on_queue_changed(self) -> None:
        live = [handle for handle in self._runs if not handle.state.final]
        self._panel.follow(live[0] if live else None)

    # The sliders.

    def _on_sliders(self, *, stored: bool) -> None:
        box, role = self._panel.slider_box, self._panel.roles.get("edit")
        tile = self._exploration.tile(box.key)
        if tile is None or tile.base is None or role is None:
            return
        if not box.weight_values():
            self._put_back(tile)
            return
        values = box.values()
        if stored and tile.weights == box.weight_values() and tile.latent is not tile.base:
            known = tile.latent is not None and tile.latent.pixels is tile.picture
            if known:
                return  # nothing moved since it was stored
        about = f"{self._epoch} {tile.key}"
        self.live.want(Wish("edit", values, role.inputs([tile.base.blob_id]), about, stored))

    def _put_back(self, tile: Tile) -> None:
        """All sliders at zero: the base, which needs no run. What still comes is too late."""
        self._epoch += 1
        self.live.drop()
        before = tile.latent
        self._exploration.put_back(tile.key)
        if before is None or tile.base is None:
            return
        if before != tile.base:
            self._tasks.start(self._change_layers(before.item_id, tile.base))
        else:
            self._layers.drop_on(before.item_id)

    async def _submit_live(self, wish: Wish) -> JobHandle | None:
        role = self._panel.roles[wish.generator_id]
        return await self._submit(
            role, wish.values, dict(wish.inputs), live=True, ephemeral=not wish.stored
        )

    def _on_live_shown(self, wish: Wish, event: ResultReady) -> None:
        epoch, _, key = wish.about.partition(" ")
        if int(epoch) != self._epoch or not isinstance(event.output, LatentOutput):
            return
        weights = self._weights_in(wish.values)
        if wish.stored and event.result_id:
            self._tasks.start(self._store_edit(key, event.result_id, event.output, weights))
        else:
            self._exploration.redraw(key, event.output.pixels, weights)
            tile = self._exploration.tile(key)
            if tile is not None and tile.latent is not None:
                self._layers.show_on(tile.latent.item_id, event.output.pixels)

    async def _store_edit(
        self, key: str, result_id: str, output: LatentOutput, weights: Mapping[str, float]
    ) -> None:
        tile = self._exploration.tile(key)
        item = await self._studio.io.run(self._studio.history.get, result_id)
        before = tile.latent if tile is not None else None
        self._exploration.store_edit(key, self._stored_latent(item, output), weights)
        if before is not None:
            self._layers.change_on(before.item_id, item, output.pixels)

    async def _change_layers(self, before: str, now: Latent) -> None:
        item = await self._studio.io.run(self._studio.history.get, now.item_id)
        self._layers.change_on(before, item, now.pixels)

    def _on_failed(self, wish: Wish, error: ErrorText) -> None:
        """The queue's failures are told by the window; here only the picture goes back."""
        key = wish.about.partition(" ")[2]
        tile = self._exploration.tile(key)
        if tile is not None and tile.latent is not None:
            self._exploration.redraw(key, tile.latent.pixels, tile.weights)
            self._layers.drop_on(tile.latent.item_id)

    # Keeping and placing.

    def _on_place_requested(self, tiles: list[Tile]) -> None:
        self._place([tile.latent.item_id for tile in tiles if tile.latent is not None])

    def _on_keep_requested(self, tile: Tile, stars: int) -> None:
        if tile.latent is not None:
            self._tasks.start(self._keep(tile.latent.item_id, stars))

    async def _keep(self, item_id: str, stars: int) -> None:
        await self._studio.io.run(self._studio.history.rate, item_id, stars)
        self._exploration.keep(item_id, stars)
        self._rated(await self._studio.io.run(self._studio.history.get, item_id))

    # From the history. I/O thread.

    def _last_ones(self) -> list[Found]:
        """The newest of the history that this panel made; of one that sliders changed, its last state."""
        made_here = set(self.spec.generators.values())
        found: list[Found] = []
        bases: set[str] = set()
        for item in self._studio.history.items(kind="latent"):
            if item.record.generator_id not in made_here:
                continue
            try:
                one = self._found(item)
            except (
                StudioError
            ):  # its file is gone or damaged; whoever opens it in the history is told
                continue
            if one.base.item_id not in bases:
                bases.add(one.base.item_id)
                found.append(one)
            if len(found) == _RECALLED:
                break
        return found

    def _found(self, item: HistoryItem) -> Found:
        latent = self._latent_of(item)
        base, weights = self._base_of(item, latent)
        return Found(base, latent, weights, _seed_of(item), item.rating)

    def _latent_of(self, item: HistoryItem) -> Latent:
        return Latent(item.id, item.blob_id, self._studio.history.pixels(item), _model_of(item))

    def _base_of(self, item: HistoryItem, latent: Latent) -> tuple[Latent, dict[str, float]]:
        role = self._panel.roles.get("edit")
        record = item.record
        if role is None or record.generator_id != role.entry.spec.id or not role.latents:
            return latent, {}
        blobs = record.inputs.get(role.latents[0].name, ())
        origin = self._studio.history.of_blob(blobs[0]) if blobs else None
        if origin is None:
            return latent, {}
        return self._latent_of(origin), self._weights_in(record.params)

    def _weights_in(self, values: Mapping[str, Any]) -> dict[str, float]:
        role = self._panel.roles.get("edit")
        field = role.weights if role is not None else None
        found = values.get(field.name, {}) if field is not None else {}
        return {str(name): float(weight) for name, weight in dict(found or {}).items()}

    @staticmethod
    def _stored_latent(item: HistoryItem, output: LatentOutput) -> Latent:
        return Latent(item.id, item.blob_id, output.pixels, _model_of(item))


def _model_of(item: HistoryItem) -> str:
    return next((use.id for use in item.record.models.values()), "")


def _seed_of(item: HistoryItem) -> int | None:
    record = item.record
    return record.result_seed if record.result_seed is not None else record.seed
