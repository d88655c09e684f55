"""From a panel's request to a job in the queue, and what the window says of it. GUI thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from studio.api.errors import ParamsError
from studio.app import Studio
from studio.core.catalogue import RegisteredGenerator
from studio.core.geometry import Rect
from studio.core.signal import Signal
from studio.jobs.events import EngineStatus, ErrorText
from studio.jobs.handle import JobHandle
from studio.jobs.spec import JobSpec, JobState, new_job_id
from studio.library.history import HistoryItem
from studio.ui.dialogs.error_details import ErrorDetails
from studio.ui.forms.picture import as_given
from studio.ui.main_window import MainWindow
from studio.ui.message_bar import Message
from studio.ui.panels.generate import GeneratePanel
from studio.ui.supplying import Supplying
from studio.ui.tasks import Tasks

_ENGINE = "engine"
_LEFT_OVER = "left over"


class Places(Protocol):
    """Takes a job's results where they belong."""

    def target_for(
        self, registered: RegisteredGenerator, values: Mapping[str, Any], /
    ) -> dict[str, Any]: ...

    def told(
        self, registered: RegisteredGenerator, values: Mapping[str, Any], /
    ) -> dict[str, Any]: ...

    def follow(self, handle: JobHandle, /) -> object: ...


class Generating:
    """Owns nothing but the conversation between panel, queue and window."""

    def __init__(
        self,
        window: MainWindow,
        studio: Studio,
        panel: GeneratePanel,
        placing: Places,
        supplying: Supplying,
        tasks: Tasks,
    ) -> None:
        self._window = window
        self._studio = studio
        self._panel = panel
        self._placing = placing
        self._supplying = supplying
        self._tasks = tasks
        self._interrupted: list[JobSpec] = []
        self._shown_failures: set[str] = set()
        self.reading_requested = Signal[[str, dict[str, Any]]]()
        """The form of a generator that reads was sent: its id and values."""
        queue = studio.queue
        self._disconnects = [
            queue.changed.connect(self._on_queue_changed),
            queue.engine_changed.connect(self._on_engine_changed),
            queue.job_interrupted.connect(self._on_job_interrupted),
            queue.store_failed.connect(self._on_store_failed),
        ]
        panel.job_requested.connect(self._on_job_requested)
        panel.cancel_requested.connect(self.cancel)
        window.status_line.restart_requested.connect(queue.restart_engine)
        self._on_engine_changed(queue.status)
        self._offer_left_over()

    def let_go(self) -> None:
        for disconnect in self._disconnects:
            disconnect()

    def cancel(self) -> None:
        """The running job, else the last one that waits."""
        live = [handle for handle in self._studio.queue.jobs if not handle.state.final]
        if live:
            live[0 if live[0].state != JobState.QUEUED else -1].cancel()

    def cancel_all(self) -> None:
        for handle in self._studio.queue.jobs:
            if not handle.state.final:
                handle.cancel()

    def run_again(self, spec: JobSpec) -> None:
        """The same job once more: same seed, same inputs."""
        fresh = spec.model_copy(update={"job_id": new_job_id()})
        self.submit(fresh)

    def fill_from(self, item: HistoryItem) -> None:
        """Show a result's parameters in the panel, its seed locked, ready to change or run."""
        record = item.record
        if not self._panel.fill(record.generator_id, record.params):
            self._window.message_bar.show_message(
                Message(
                    f"{record.generator_id} is not here any more, so this can't be made again. "
                    "Enable its plugin under Tools, Plugins.",
                    "warning",
                )
            )
            return
        self._window.generate_dock.show()
        if self._panel.form is not None:
            self._panel.form.focus_first()
        if record.inputs:
            self._tasks.start(self._load_inputs(record.generator_id, record.inputs))

    def show_details(self, error: ErrorText) -> None:
        ErrorDetails(self._window, error).open()

    def show_error(self, error: ErrorText) -> None:
        """In the message bar; with details when it is a bug."""
        actions = (("Details…", lambda: self.show_details(error)),) if error.details else ()
        self._window.message_bar.show_message(Message(str(error), "error", actions))

    async def _load_inputs(self, generator_id: str, inputs: Mapping[str, tuple[str, ...]]) -> None:
        for field, blobs in inputs.items():
            for blob in blobs:
                thing = await self._supplying.from_blob(blob, "as before")
                self._panel.give(generator_id, field, thing)

    def ask_for(self, generator_id: str, values: Mapping[str, Any]) -> None:
        """Freeze a run without inputs and queue it, as if its form had asked."""
        self._on_job_requested(generator_id, dict(values), {})

    def _on_job_requested(
        self, generator_id: str, values: dict[str, Any], inputs: dict[str, Any]
    ) -> None:
        # Caret and selection as they are now: while the job is frozen the person may go on.
        registered = self._studio.generator(generator_id)
        if registered.purpose == "score":
            self.reading_requested.emit(generator_id, values)
            return
        target = self._placing.target_for(registered, values)
        values = self._placing.told(registered, values)
        self._tasks.start(self._freeze_and_submit(generator_id, values, inputs, target))

    async def _freeze_and_submit(
        self,
        generator_id: str,
        values: dict[str, Any],
        inputs: dict[str, Any],
        target: dict[str, Any],
    ) -> None:
        places = await self.take_from_canvas(generator_id, inputs)
        if target:
            values = self.keeping_token_facts(generator_id, values)
        if places:
            target["places"] = places
            if any(name not in places for name in inputs):
                target["masked"] = next(iter(places))
        try:
            # Inputs are encoded and models looked up: not on this thread.
            spec = await self._studio.io.run(
                self._studio.make_spec, generator_id, values, inputs=inputs, target=target
            )
        except ParamsError as error:
            if not self._panel.show_problem(error.where, f"{error.what} {error.remedy}".strip()):
                raise
            return
        title = str(target.get("title") or spec.title)
        self.submit(spec.model_copy(update={"title": title}))

    def keeping_token_facts(self, generator_id: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values of a job whose text goes into the document: so that its words can be looked into."""
        field = self._studio.generator(generator_id).token_facts_field
        kept = {**values}
        if field is not None and not kept.get(field.name):
            kept[field.name] = self._studio.settings.token_alternatives
        return kept

    async def take_from_canvas(
        self, generator_id: str, inputs: dict[str, Any]
    ) -> dict[str, list[int | str]]:
        """Put what comes from the canvas into `inputs` as it is now: pictures first, masks as large as those.

        Returns:
            By field: x, y, width and height of the place on the canvas, and the layer's id or "".

        Raises:
            StorageError: it is not there any more.
        """
        form = self._panel.form
        if self._panel.generator_id != generator_id or form is None:
            return {}
        sources = form.sources()
        fields = {field.name: field for field in self._studio.generator(generator_id).fields}
        places: dict[str, list[int | str]] = {}
        found: Rect | None = None
        for name in sorted(sources, key=lambda name: fields[name].kind == "mask"):
            mask = fields[name].kind == "mask"
            thing = await self._supplying.read(sources[name], mask=mask, place=found)
            inputs[name] = thing.picture_id or as_given(fields[name], thing.pixels)
            if thing.place is not None and not mask:
                found, at = thing.place, thing.place
                places[name] = [at.x, at.y, at.width, at.height, thing.layer_id]
        return places

    def submit(self, spec: JobSpec) -> None:
        """Queue a frozen job; its results go into the document."""
        handle = self._studio.queue.submit(spec)
        self._placing.follow(handle)
        if self._panel.generator_id == spec.generator_id and self._panel.form is not None:
            self._panel.form.show_drawn_seed(spec.seed)

    def _on_queue_changed(self) -> None:
        jobs = self._studio.queue.jobs
        live = [h for h in jobs if not h.state.final and not h.spec.ephemeral]
        self._panel.follow(live[0] if live else None)
        self._window.actions_by_name["cancel"].setEnabled(bool(live))
        self._window.actions_by_name["cancel_all"].setEnabled(bool(live))
        if live:
            self._window.status_line.show_speed(live[0].tokens_per_second)
        for handle in jobs:
            if handle.error is not None and handle.job_id not in self._shown_failures:
                self._shown_failures.add(handle.job_id)
                if handle.spec not in self._interrupted and not handle.spec.target.get("quiet"):
                    self.show_error(handle.error)

    def _on_engine_changed(self, status: EngineStatus) -> None:
        self._window.status_line.show_engine(status)
        if status.state == "broken":
            self._window.message_bar.show_message(
                Message(
                    status.message or "The engine stopped and could not be started again.",
                    "error",
                    (("Restart the engine", self._studio.queue.restart_engine),),
                    _ENGINE,
                )
            )
        elif status.state in ("idle", "busy") and not self._interrupted:
            self._window.message_bar.withdraw(_ENGINE)

    def _on_job_interrupted(self, spec: JobSpec) -> None:
        self._interrupted.append(spec)
        several = len(self._interrupted) > 1
        what = f"{len(self._interrupted)} jobs were" if several else f"“{spec.title[:60]}” was"
        self._window.message_bar.show_message(
            Message(
                f"The engine ended unexpectedly and is being restarted; {what} not finished. "
                "Your document is untouched.",
                "error",
                (("Run again", self._run_interrupted), ("Forget", self._interrupted.clear)),
                _ENGINE,
            )
        )

    def _run_interrupted(self) -> None:
        specs, self._interrupted = self._interrupted, []
        for spec in specs:
            self.run_again(spec)

    def _on_store_failed(self, error: ErrorText) -> None:
        self.show_error(error)

    def _offer_left_over(self) -> None:
        specs = self._studio.queue.left_over()
        if not specs:
            return
        what = "1 job was" if len(specs) == 1 else f"{len(specs)} jobs were"
        self._window.message_bar.show_message(
            Message(
                f"{what} waiting when Folio last closed.",
                "info",
                (
                    ("Run", lambda: self._take_up(specs, run=True)),
                    ("Forget", lambda: self._take_up(specs, run=False)),
                ),
                _LEFT_OVER,
            )
        )

    def _take_up(self, specs: list[JobSpec], *, run: bool) -> None:
        for spec in specs:
            self._studio.queue.forget(spec.job_id)
            if run:
                self.run_again(spec)
