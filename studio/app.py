"""The composition root: builds every object once and hands each to those that need it. No Qt, no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from studio.api.sliders import SliderSpec
from studio.core.catalogue import RegisteredGenerator
from studio.core.settings import Settings
from studio.freezing import Freezer, InputValues
from studio.host.plugins import PluginHost
from studio.io.executor import IoExecutor
from studio.io.paths import Paths, user_paths
from studio.io.settings_file import SettingsFile
from studio.jobs.child import ChildHost
from studio.jobs.events import ResultReady
from studio.jobs.host import EngineHost, EngineOptions
from studio.jobs.in_process import InProcessHost
from studio.jobs.pending import PendingJobs
from studio.jobs.queue import JobQueue
from studio.jobs.spec import JobSpec, Priority
from studio.library.history import History
from studio.library.models import ModelStore
from studio.library.starters import starter_models

EngineKind = Literal["child", "in_process"]


@dataclass
class Studio:
    """Everything but the window. Event-loop thread, once the queue is started."""

    paths: Paths
    settings: Settings
    settings_file: SettingsFile
    settings_problems: list[str]
    plugins: PluginHost
    models: ModelStore
    history: History
    io: IoExecutor
    queue: JobQueue

    def change_settings(self, **values: Any) -> None:
        """Change and save. Raises StorageError when they can't be saved (they hold for this run)."""
        self.settings = Settings.model_validate({**self.settings.model_dump(), **values})
        self.settings_file.save(self.settings)

    def generator(self, generator_id: str) -> RegisteredGenerator:
        """Raises ParamsError: there is none of that id; says which are near."""
        return self.plugins.generator(generator_id)

    def make_spec(
        self,
        generator_id: str,
        values: Mapping[str, Any],
        *,
        inputs: InputValues | None = None,
        target: Mapping[str, Any] | None = None,
        priority: Priority = Priority.NORMAL,
        live_key: str = "",
        ephemeral: bool = False,
    ) -> JobSpec:
        """Freeze one run: validated, its seed drawn, its models and inputs named by content.

        Where no model is named, the one that a given latent belongs to is taken, else the best.

        Args:
            inputs: By field: pictures, masks, latents, or blob ids of the history; one or several.
            ephemeral: Show the results and don't keep them; for panels that redraw live.

        Raises:
            ParamsError: no such generator, a bad value, an input of the wrong kind.
            ModelError: no such model, or none of the family.
            StorageError: no room for the inputs, or a blob is gone.
        """
        return Freezer(self.plugins, self.models, self.history).freeze(
            self.generator(generator_id),
            values,
            inputs or {},
            target=target or {},
            priority=priority,
            live_key=live_key,
            ephemeral=ephemeral,
        )

    def sliders(self, model_id: str, source: str) -> tuple[SliderSpec, ...]:
        """The sliders of a model for fields with `WeightsHint(source)`. I/O thread.

        Raises:
            ModelError: no such model.
            StudioError: its sliders can't be read.
        """
        return self.plugins.sliders(self.models.get(model_id), source)

    async def close(self) -> None:
        """End the engine, then the executors, then the files. Idempotent."""
        await self.queue.stop()
        self.io.stop()
        self.history.close()


def build_studio(
    *,
    engine: EngineKind | None = None,
    safe_mode: bool = False,
    paths: Paths | None = None,
    warm_up: bool = False,
) -> Studio:
    """Everything, not yet started: `await studio.queue.start()` next.

    Raises:
        StorageError: a folder can't be made or written.
    """
    paths = paths or user_paths()
    paths.make()
    settings_file = SettingsFile(paths.settings_file)
    settings, problems = settings_file.load()
    plugins = PluginHost(
        folder=paths.plugins, disabled=settings.disabled_plugins, safe_mode=safe_mode
    )
    plugins.load()
    history = History(paths.history)
    io = IoExecutor()
    options = EngineOptions(
        paths=paths,
        device=settings.device,
        dtype=settings.dtype,
        cache_fraction=settings.model_cache_fraction,
        safe_mode=safe_mode,
        disabled_plugins=settings.disabled_plugins,
        warm_up=warm_up,
    )
    host: EngineHost
    if (engine or settings.engine) == "child":
        host = ChildHost(engine_bootstrap, options)
    else:
        loaded = plugins.generators
        host = InProcessHost(lambda options: loaded, options)

    async def store(spec: JobSpec, event: ResultReady) -> str:
        return (await io.run(history.add, event.output, event.record, title=spec.title)).id

    queue = JobQueue(
        host,
        pending=PendingJobs(paths.jobs_db),
        store_result=store,
        read_input=history.read_input,
    )
    models = ModelStore(paths.models, recognise=plugins.recognise_model, starters=starter_models())
    return Studio(paths, settings, settings_file, problems, plugins, models, history, io, queue)


def engine_bootstrap(options: EngineOptions) -> Mapping[str, RegisteredGenerator]:
    """The generators, in the engine's own process."""
    host = PluginHost(
        folder=options.paths.plugins, disabled=options.disabled_plugins, safe_mode=options.safe_mode
    )
    host.load()
    return host.generators


def with_plugin_disabled(settings: Settings, name: str, disabled: bool) -> Settings:
    """The settings with one plugin switched."""
    names = [other for other in settings.disabled_plugins if other != name]
    return settings.model_copy(update={"disabled_plugins": (*names, *([name] if disabled else []))})
