"""Freezes one run: validated, its seed drawn, its models and inputs named by content. I/O thread or any."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from studio.api.errors import ParamsError
from studio.api.inputs import Given
from studio.api.models import ModelInfo
from studio.api.outputs import Latent
from studio.core.catalogue import RegisteredGenerator
from studio.core.fields import INPUT_KINDS, LATENT_KINDS, SEVERAL_KINDS, Field, Value
from studio.core.recommended import recommended_values
from studio.core.records import utc_now
from studio.core.values import unknown_parameter, validated
from studio.host.plugins import PluginHost
from studio.jobs.spec import JobSpec, Priority, new_job_id, with_drawn_seed
from studio.library.history import History
from studio.library.models import ModelStore

InputValue: TypeAlias = Given | str
"""A picture, a mask, a latent, or the blob id of one that the history has."""
InputValues: TypeAlias = Mapping[str, InputValue | Sequence[InputValue]]

_TITLE_CHARACTERS = 80


class Freezer:
    """Makes frozen specs of what panels and the command line ask for."""

    def __init__(self, plugins: PluginHost, models: ModelStore, history: History) -> None:
        self._plugins = plugins
        self._models = models
        self._history = history

    def freeze(
        self,
        registered: RegisteredGenerator,
        values: Mapping[str, Any],
        inputs: InputValues,
        *,
        target: Mapping[str, Any],
        priority: Priority,
        live_key: str,
        ephemeral: bool,
    ) -> JobSpec:
        """Raises ParamsError, ModelError and StorageError as `Studio.make_spec` says."""
        fields = {field.name: field for field in registered.fields}
        blobs = {
            name: self._kept(fields, name, listed_values(things)) for name, things in inputs.items()
        }
        blobs = {name: ids for name, ids in blobs.items() if ids}
        models = self._models_for(registered, values, self._model_hashes(fields, blobs))
        chosen = {
            **_recommended(registered.fields, models),
            **values,
            **{name: info.id for name, info in models.items()},
            **{
                name: ids if fields[name].kind in SEVERAL_KINDS else ids[0]
                for name, ids in blobs.items()
            },
        }
        params = validated(registered.spec.params, chosen)
        sources = [name for name, field in fields.items() if field.kind in SEVERAL_KINDS]
        for field in registered.fields:
            if field.kind == "weights":
                weights = getattr(params, field.name)
                self._check_weights(field, weights, blobs, models, sources)
        seed_field = registered.field_of_kind("seed")
        drawn, seed = with_drawn_seed(
            params.model_dump(mode="json"), seed_field.name if seed_field else None
        )
        prompt = registered.field_of_kind("prompt", "text_input")
        title = _title(prompt, str(drawn.get(prompt.name, ""))) if prompt else ""
        return JobSpec(
            job_id=new_job_id(),
            generator_id=registered.spec.id,
            generator_version=registered.spec.version,
            params=drawn,
            seed=seed,
            inputs=blobs,
            models=models,
            target=dict(target),
            priority=priority,
            live_key=live_key,
            ephemeral=ephemeral,
            title=title or registered.spec.title,
            created_at=utc_now(),
        )

    def _kept(
        self, fields: Mapping[str, Field], name: str, things: tuple[InputValue, ...]
    ) -> tuple[str, ...]:
        """Blob ids of one field's things, each of the kind that the field takes."""
        if name not in fields:
            raise unknown_parameter(name, fields)
        field = fields[name]
        if field.kind not in INPUT_KINDS:
            raise ParamsError(
                f"{name!r} takes neither a picture nor a latent.",
                where=name,
                remedy="Give it with --set.",
            )
        if field.kind not in SEVERAL_KINDS and len(things) > 1:
            raise ParamsError(f"{name!r} takes one, and {len(things)} were given.", where=name)
        return tuple(self._kept_one(field, thing) for thing in things)

    def _kept_one(self, field: Field, thing: InputValue) -> str:
        is_latent = (
            self._history.is_latent(thing) if isinstance(thing, str) else isinstance(thing, Latent)
        )
        if is_latent and field.kind not in LATENT_KINDS:
            raise ParamsError(
                f"{field.name!r} takes pictures, and this is a latent.",
                where=field.name,
                remedy="Give the picture it makes: a result of the history is both.",
            )
        if not is_latent and field.kind in LATENT_KINDS:
            raise ParamsError(
                f"{field.name!r} takes latents, and this is only a picture.",
                where=field.name,
                remedy="Give a result that was made as a latent, or make a latent of the picture.",
            )
        if is_latent and field.layout:
            layout = (
                self._history.latent_facts(thing)[0]
                if isinstance(thing, str)
                else thing.layout
                if isinstance(thing, Latent)
                else ""
            )
            if layout != field.layout:
                raise ParamsError(
                    f"{field.name!r} takes latents of the kind {field.layout}; this one is {layout}.",
                    where=field.name,
                )
        return thing if isinstance(thing, str) else self._history.put_input(thing)

    def _model_hashes(
        self, fields: Mapping[str, Field], blobs: Mapping[str, tuple[str, ...]]
    ) -> set[str]:
        """The models that the given latents belong to."""
        ids = [
            blob
            for name, some in blobs.items()
            if fields[name].kind in LATENT_KINDS
            for blob in some
        ]
        return {self._history.latent_facts(blob)[1] for blob in ids} - {""}

    def _models_for(
        self, registered: RegisteredGenerator, values: Mapping[str, Any], hashes: set[str]
    ) -> dict[str, ModelInfo]:
        """Of each model field the model that was named, else the given latents' own, else the best."""
        models: dict[str, ModelInfo] = {}
        for field in registered.fields:
            if field.kind != "model":
                continue
            wanted = str(values.get(field.name, field.default) or "")
            if not wanted and field.optional:
                continue
            info = self._models.get(wanted) if wanted else self._own_or_best(field, hashes)
            if info.facts.family != field.model_family:
                raise ParamsError(
                    f"{info.id} is a {info.facts.family} model; {registered.spec.id} needs a "
                    f"{field.model_family} model.",
                    where=field.name,
                )
            models[field.name] = info
        return models

    def _own_or_best(self, field: Field, hashes: set[str]) -> ModelInfo:
        if hashes:
            for info in self._models.all(field.model_family):
                if info.content_hash in hashes:
                    return info
        return self._models.best(field.model_family)

    def _check_weights(
        self,
        field: Field,
        weights: Mapping[str, float],
        blobs: Mapping[str, tuple[str, ...]],
        models: Mapping[str, ModelInfo],
        sources: Collection[str],
    ) -> None:
        """A misspelt slider must not be ignored in silence."""
        if field.model_field:
            sliders = self._plugins.sliders(models[field.model_field], field.slider_source)
            known = [slider.name for slider in sliders]
        else:
            several = sum(len(blobs.get(name, ())) for name in sources)
            known = [str(n + 1) for n in range(several)]
        if not known:
            return  # no plugin tells them: the generator alone knows
        for name in weights:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f"Did you mean {near[0]!r}? " if near else ""
                raise ParamsError(
                    f"There is no slider {name!r}.",
                    where=field.name,
                    remedy=f"{hint}Known: {', '.join(known)}.",
                )


def _recommended(fields: Iterable[Field], models: Mapping[str, ModelInfo]) -> dict[str, Value]:
    """The models' own defaults, for what nobody set."""
    fields = tuple(fields)
    values: dict[str, Value] = {}
    for info in models.values():
        values |= recommended_values(fields, info.facts.recommended)
    return values


def listed_values(things: InputValue | Sequence[InputValue]) -> tuple[InputValue, ...]:
    """One thing as a sequence of one."""
    if isinstance(things, np.ndarray | Latent | str):
        return (things,)
    return tuple(things)


def _title(field: Field, text: str) -> str:
    """What a job is called: how its prompt begins, or how the text that it goes on from ends; whole words."""
    words = " ".join(text.split())
    if len(words) <= _TITLE_CHARACTERS:
        return words
    if field.kind == "prompt":
        return f"{words[:_TITLE_CHARACTERS].rpartition(' ')[0] or words[:_TITLE_CHARACTERS]} …"
    end = words[-_TITLE_CHARACTERS:]
    return f"… {end.partition(' ')[2] or end}"
