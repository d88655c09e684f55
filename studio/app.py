"""The composition root: builds every object once and hands each to those that need it. No Qt, no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from studio.api.errors import ParamsError
from studio.api.outputs import Pixels
from studio.core.catalogue import RegisteredGenerator
from studio.core.fields import validated
from studio.core.records import utc_now
from studio.core.settings import Settings
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
from studio.jobs.spec import JobSpec, Priority, new_job_id, with_drawn_seed
from studio.library.history import History
from studio.library.models import ModelStore
from studio.library.starters import starter_models

EngineKind = Literal["child", "in_process"]
_TITLE_CHARACTERS = 80


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
        inputs: Mapping[str, Pixels] | None = None,
        target: Mapping[str, Any] | None = None,
        priority: Priority = Priority.NORMAL,
        live_key: str = "",
    ) -> JobSpec:
        """Freeze one run: validated, its seed drawn, its models and inputs named by content.

        Raises:
            ParamsError: no such generator, a bad value.
            ModelError: no such model, or none of the family.
            StorageError: no room for the inputs.
        """
        registered = self.generator(generator_id)
        chosen = dict(values)
        models = {}
        for field in registered.fields:
            if field.kind == "model":
                wanted = str(chosen.get(field.name, field.default) or "")
                info = self.models.get(wanted) if wanted else self.models.best(field.model_family)
                if info.facts.family != field.model_family:
                    raise ParamsError(
                        f"{info.id} is a {info.facts.family} model; {generator_id} needs a "
                        f"{field.model_family} model.",
                        where=field.name,
                    )
                chosen[field.name] = info.id
                models[field.name] = info
        blobs = {name: self.history.put_input(pixels) for name, pixels in (inputs or {}).items()}
        chosen.update(blobs)
        params = validated(registered.spec.params, chosen)
        seed_field = registered.field_of_kind("seed")
        drawn, seed = with_drawn_seed(
            params.model_dump(mode="json"), seed_field.name if seed_field else None
        )
        prompt = registered.field_of_kind("prompt", "text_input")
        words = " ".join(str(drawn.get(prompt.name, "")).split()) if prompt else ""
        return JobSpec(
            job_id=new_job_id(),
            generator_id=generator_id,
            generator_version=registered.spec.version,
            params=drawn,
            seed=seed,
            inputs=blobs,
            models=models,
            target=dict(target or {}),
            priority=priority,
            live_key=live_key,
            title=words[-_TITLE_CHARACTERS:] or registered.spec.title,
            created_at=utc_now(),
        )

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
