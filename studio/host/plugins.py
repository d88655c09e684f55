"""Finds plugins, loads each in its own guard, and keeps the list of generators. Any one thread."""

from __future__ import annotations

import difflib
import importlib.metadata
import logging
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import pluggy

from studio.api import hookspecs
from studio.api.errors import ModelError, ParamsError, StudioError
from studio.api.generator import GeneratorSpec
from studio.api.hookspecs import API_MAJOR, PROJECT
from studio.api.models import ModelFacts, ModelInfo
from studio.api.sliders import ExplorerSpec, SliderSpec
from studio.core.catalogue import RegisteredGenerator
from studio.core.fields import UnknownFieldType, fields_of
from studio.host.single_files import import_privately
from studio.io.paths import plugin_data_beside

log = logging.getLogger(__name__)

ENTRY_POINTS = "folio.plugins"
_BUNDLED = "studio_plugins."


@dataclass(frozen=True)
class PluginStatus:
    """One plugin as `studio plugins list` shows it."""

    name: str
    source: Literal["bundled", "entry point", "file"]
    state: Literal["ready", "disabled", "failed"]
    reason: str = ""
    version: str = ""
    generators: tuple[str, ...] = ()
    details: str = ""
    """The traceback, for its author."""


class BadPlugin(Exception):
    """A plugin broke the contract; the text says how."""


class PluginHost:
    """Loads what is there once; a bad plugin is listed with its reason and everything else goes on.

    Args:
        folder: The person's own plugins: `name.py` files or `name/__init__.py` folders.
        disabled: Names that are not loaded.
        safe_mode: Load only what is bundled.
    """

    def __init__(
        self, *, folder: Path, disabled: Collection[str] = (), safe_mode: bool = False
    ) -> None:
        self._folder = folder
        self._disabled = set(disabled)
        self._safe_mode = safe_mode
        self._statuses: dict[str, PluginStatus] = {}
        self._generators: dict[str, RegisteredGenerator] = {}
        self._explorers: dict[str, ExplorerSpec] = {}
        self._hooks: dict[str, pluggy.HookRelay] = {}

    @property
    def plugins(self) -> tuple[PluginStatus, ...]:
        return tuple(self._statuses.values())

    @property
    def generators(self) -> Mapping[str, RegisteredGenerator]:
        return self._generators

    @property
    def explorers(self) -> tuple[ExplorerSpec, ...]:
        return tuple(self._explorers.values())

    def load(self) -> None:
        """Find and load everything. Never raises for a plugin's fault."""
        for status, load in self._candidates():
            self._load_one(status, load)

    def generator(self, generator_id: str) -> RegisteredGenerator:
        """Raises ParamsError: there is none of that id; says which are near."""
        if generator_id in self._generators:
            return self._generators[generator_id]
        near = difflib.get_close_matches(generator_id, self._generators, 1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        known = ", ".join(self._generators) or "none; see 'studio plugins list'"
        raise ParamsError(
            "There is no such generator.", where=generator_id, remedy=f"{hint}Known: {known}."
        )

    def recognise_model(self, path: Path) -> ModelFacts | None:
        """What the first plugin that knows it says of a path.

        Raises:
            ModelError: a plugin knows it and finds it damaged or unsafe.
        """
        for name, hook in self._hooks.items():
            try:
                for facts in hook.folio_recognise_model(path=path):
                    return ModelFacts.model_validate(facts)
            except (ModelError, KeyboardInterrupt):
                raise
            except BaseException:  # border: a plugin's bug, even an exit, means only "not mine"
                log.exception("the plugin %s failed to recognise a model", name)
        return None

    def sliders(self, model: ModelInfo, source: str) -> tuple[SliderSpec, ...]:
        """The sliders the first plugin that knows them says a model has; none if nobody does.

        Raises:
            StudioError: a plugin can't read them, and says why.
        """
        for name, hook in self._hooks.items():
            data_dir = plugin_data_beside(self._folder, name)
            try:
                for answer in hook.folio_sliders(model=model, source=source, data_dir=data_dir):
                    return _checked_sliders(answer)
            except (StudioError, KeyboardInterrupt):
                raise
            except BaseException:  # border: as above
                log.exception("the plugin %s failed to tell a model's sliders", name)
        return ()

    def _candidates(self) -> Iterator[tuple[PluginStatus, Callable[[], ModuleType]]]:
        points = importlib.metadata.entry_points(group=ENTRY_POINTS)
        for point in sorted(
            points, key=lambda point: (not point.value.startswith(_BUNDLED), point.name)
        ):
            bundled = point.value.startswith(_BUNDLED)
            if self._safe_mode and not bundled:
                continue
            version = point.dist.version if point.dist is not None else ""
            source: Literal["bundled", "entry point"] = "bundled" if bundled else "entry point"
            yield PluginStatus(point.name, source, "ready", version=version), point.load
        if self._safe_mode:
            return
        for name, entry in _files_in(self._folder):
            yield PluginStatus(name, "file", "ready"), partial(import_privately, entry)

    def _load_one(self, status: PluginStatus, load: Callable[[], ModuleType]) -> None:
        name = status.name
        if name in self._statuses:
            taken, number = f"{name} ({status.source})", 2
            while taken in self._statuses:
                taken, number = f"{name} ({status.source} {number})", number + 1
            reason = f"Another plugin is called {name!r} already: rename one of them."
            self._statuses[taken] = replace(status, name=taken, state="failed", reason=reason)
            return
        if name in self._disabled:
            self._statuses[name] = replace(status, state="disabled", reason="You disabled it.")
            return
        try:
            module = load()
            hook = _registered(module)
            specs = self._checked_specs(_answer(hook.folio_generators()))
            explorers = self._checked_explorers(_answer(hook.folio_explorers()), specs)
        except BadPlugin as problem:
            self._statuses[name] = replace(status, state="failed", reason=str(problem))
        except KeyboardInterrupt:
            raise
        except BaseException as problem:  # noqa: BLE001 - border: a plugin may even exit at import
            # format_exception_only survives an exception whose own text raises.
            line = " ".join(traceback.format_exception_only(problem)[-1].split())
            details = "".join(traceback.format_exception(problem))
            reason = f"It failed to load: {line}"
            self._statuses[name] = replace(status, state="failed", reason=reason, details=details)
            log.debug("the plugin %s failed to load\n%s", name, details)
        else:
            self._hooks[name] = hook
            for spec in specs:
                self._generators[spec.id] = RegisteredGenerator(spec, name)
            self._explorers |= {explorer.id: explorer for explorer in explorers}
            ids = tuple(spec.id for spec in specs)
            version = status.version or str(getattr(module, "__version__", ""))
            self._statuses[name] = replace(status, generators=ids, version=version)

    def _checked_explorers(
        self, answer: object, specs: list[GeneratorSpec[Any]]
    ) -> list[ExplorerSpec]:
        if not isinstance(answer, Iterable) or isinstance(answer, str | bytes | Mapping):
            raise BadPlugin(f"folio_explorers returned {type(answer).__name__}, not a list.")
        own = {spec.id for spec in specs}
        explorers = list(answer)
        seen: set[str] = set()
        for explorer in explorers:
            if not isinstance(explorer, ExplorerSpec):
                raise BadPlugin(
                    f"folio_explorers listed {type(explorer).__name__}, not an ExplorerSpec."
                )
            if explorer.id in seen or explorer.id in self._explorers:
                raise BadPlugin(f"The explorer {explorer.id!r} exists already.")
            seen.add(explorer.id)
            for role, generator in explorer.generators.items():
                if generator not in own:
                    raise BadPlugin(
                        f"The explorer {explorer.id!r} has {generator!r} to {role}, which is none "
                        "of this plugin's generators."
                    )
        return explorers

    def _checked_specs(self, answer: object) -> list[GeneratorSpec[Any]]:
        if not isinstance(answer, Iterable) or isinstance(answer, str | bytes | Mapping):
            raise BadPlugin(f"folio_generators returned {type(answer).__name__}, not a list.")
        specs = list(answer)
        seen: set[str] = set()
        for spec in specs:
            if not isinstance(spec, GeneratorSpec):
                raise BadPlugin(
                    f"folio_generators listed {type(spec).__name__}, not a GeneratorSpec."
                )
            if spec.id in seen or spec.id in self._generators:
                raise BadPlugin(f"The generator {spec.id!r} exists already.")
            seen.add(spec.id)
            try:
                fields_of(spec.params)
            except UnknownFieldType as problem:
                raise BadPlugin(str(problem)) from None
        return specs


def _registered(module: ModuleType) -> pluggy.HookRelay:
    """The plugin's hooks, after all that can be checked without calling them was."""
    major = getattr(module, "FOLIO_API", None)
    if major is None:
        raise BadPlugin("It doesn't say which API it was written for: add FOLIO_API = 1.")
    if major != API_MAJOR:
        raise BadPlugin(f"It was written for API {major}; this Folio has API {API_MAJOR}.")
    # A manager of its own: one plugin's broken hook must not touch another's.
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(module)
        manager.check_pending()
    except pluggy.PluginValidationError as problem:
        raise BadPlugin(f"One of its hooks is not right: {problem}") from None
    known = {name for name in vars(hookspecs) if name.startswith("folio_")}
    for name in vars(module):
        if name.startswith("folio_") and name not in known:
            raise BadPlugin(f"There is no hook {name!r}; there are {', '.join(sorted(known))}.")
        if name in known and not hasattr(getattr(module, name), f"{PROJECT}_impl"):
            raise BadPlugin(f"Its {name} lacks the @hookimpl mark.")
    return manager.hook


def _answer(answers: list[object]) -> object:
    """What the one plugin of a relay says; nothing where it has no such hook."""
    return answers[0] if answers else []


def _checked_sliders(answer: object) -> tuple[SliderSpec, ...]:
    sliders = tuple(answer) if isinstance(answer, Iterable) else (answer,)
    for slider in sliders:
        if not isinstance(slider, SliderSpec):
            raise TypeError(f"{type(slider).__name__} is no SliderSpec")
    if len({slider.name for slider in sliders}) < len(sliders):
        raise ValueError("two sliders have the same name")
    return sliders


def _files_in(folder: Path) -> Iterator[tuple[str, Path]]:
    """Name and entry file of each plugin in the person's folder."""
    try:
        paths = sorted(folder.iterdir())
    except FileNotFoundError:
        return
    except OSError as problem:
        log.warning("the plugin folder can't be read: %s", problem.strerror)
        return
    for path in paths:
        if path.name.startswith(("_", ".")):
            continue
        entry = path / "__init__.py" if path.is_dir() else path
        if entry.suffix == ".py" and entry.is_file():
            yield path.stem, entry
