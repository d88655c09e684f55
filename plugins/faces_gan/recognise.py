"""Which files and folders are StyleGAN2 generators, and what is in them. Reads headers only; no torch.

A folder has a config.json (`"_class_name": "StyleGAN2"`, see the README), model.safetensors, and may have a
decoder: an AutoencoderKL, inside or beside it, that turns what the generator makes into pictures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from studio.api import ModelError, ModelFacts
from studio.api.weights import (
    SafetensorsHeader,
    does_not_fit,
    kind_of,
    read_card,
    read_config,
    read_safetensors_header,
)

from .conditions import Slot, slots_from_json
from .config import GanConfig, Misfit, check_fit, config_from_json, config_from_shapes
from .nvidia_pickle import NvidiaModel, read_nvidia_pickle

CLASS_NAME = "StyleGAN2"
ROWS = "attribute_rows"
_PREFIXES = ("G_ema.", "", "G.", "generator.")


@dataclass(frozen=True)
class Decoder:
    """The last stage of a generator that makes latents: an AutoencoderKL's folder, and how its latents
    were normalised, channel by channel."""

    folder: Path
    mean: tuple[float, ...]
    deviation: tuple[float, ...]


@dataclass(frozen=True)
class GanFile:
    """A generator on disk. `weights` is the file its tensors are in, named `prefix` + the published name."""

    format: Literal["folder", "safetensors", "nvidia"]
    weights: Path
    config: GanConfig
    parameters: int
    prefix: str = ""
    decoder: Decoder | None = None
    slots: tuple[Slot, ...] = ()
    has_rows: bool = False
    nvidia: NvidiaModel | None = field(default=None, repr=False)


def recognise(path: Path) -> ModelFacts | None:
    """Facts about a StyleGAN2 generator; None if it is none.

    Raises:
        ModelError: it is one, but damaged, unsafe, or of an unsupported kind.
    """
    found = inspect(path)
    if found is None:
        return None
    config = found.config
    card = read_card(path)
    notes = list(card.limits)
    if config.c_dim and not found.slots:
        notes.append(f"It makes {config.c_dim} classes of pictures, numbered from 0.")
    return ModelFacts(
        family="gan",
        format=found.format,
        architecture=CLASS_NAME,
        title=path.stem if path.is_file() else path.name,
        licence=card.licence,
        parameters=found.parameters,
        notes=tuple(notes),
    )


def inspect(path: Path) -> GanFile | None:
    """What is in a file or folder, from its headers; as `recognise`."""
    if path.is_dir():
        return _folder(path)
    kind = kind_of(path)
    if kind == "safetensors":
        return _single(path, read_safetensors_header(path))
    if kind == "pickle":
        model = read_nvidia_pickle(path)
        if model is None:
            return None
        return GanFile("nvidia", path, model.config, model.parameters, nvidia=model)
    return None


def _single(path: Path, header: SafetensorsHeader) -> GanFile | None:
    prefix = next((p for p in _PREFIXES if f"{p}synthesis.b4.const" in header.tensors), None)
    if prefix is None:
        return None
    shapes = _shapes(header, prefix)
    try:
        config = config_from_shapes(shapes)
        parameters = check_fit(config, shapes)
        clamp = _number(header.metadata, "conv_clamp")
        rate = _number(header.metadata, "mapping_learning_rate") or config.mapping_learning_rate
        config = replace(config, conv_clamp=clamp, mapping_learning_rate=rate)
        if config.img_channels not in (1, 3, 4):
            raise Misfit(
                f"it makes {config.img_channels} channels, and a file alone has no decoder for them"
            )
    except Misfit as error:
        raise ModelError(
            f"This StyleGAN2 generator can't be used: {error}.",
            where=str(path),
            remedy="Get the model once more, or in another form.",
        ) from None
    return GanFile("safetensors", path, config, parameters, prefix)


def _shapes(header: SafetensorsHeader, prefix: str) -> dict[str, tuple[int, ...]]:
    parts = (f"{prefix}mapping.", f"{prefix}synthesis.")
    return {n[len(prefix) :]: t.shape for n, t in header.tensors.items() if n.startswith(parts)}


def _number(metadata: Mapping[str, str], name: str) -> float | None:
    try:
        value = float(metadata[name])
    except (KeyError, ValueError):
        return None
    return value if math.isfinite(value) and value > 0 else None


def _folder(path: Path) -> GanFile | None:
    values = read_config(path / "config.json")
    if values is None or values.get("_class_name") != CLASS_NAME:
        return None
    weights = path / "model.safetensors"
    header = read_safetensors_header(weights)
    try:
        config = config_from_json(values)
        shapes = {n: t.shape for n, t in header.tensors.items() if n != ROWS}
        parameters = check_fit(config, shapes)
        slots = slots_from_json(values.get("attributes"), config.c_dim)
        decoder = _decoder(path, values, config)
        has_rows = ROWS in header.tensors
        if has_rows and header.tensors[ROWS].shape[1:] != (len(slots),):
            raise Misfit(f"its {ROWS} don't fit its attributes")
    except Misfit as error:
        raise does_not_fit(path, f"The model can't be used: {error}.") from None
    return GanFile(
        "folder", weights, config, parameters, decoder=decoder, slots=slots, has_rows=has_rows
    )


def _decoder(path: Path, values: Mapping[str, Any], config: GanConfig) -> Decoder | None:
    named = values.get("decoder")
    if named is None:
        if config.img_channels not in (1, 3, 4):
            raise Misfit(f"it makes {config.img_channels} channels and names no decoder for them")
        return None
    if not isinstance(named, str) or not named:
        raise Misfit("its decoder is no folder's name")
    folder = (path / named).resolve()
    if not folder.exists() and (path.parent / named).exists():
        folder = (path.parent / named).resolve()
    if folder.parent not in (path.resolve(), path.resolve().parent):
        raise Misfit(f"its decoder {named!r} lies neither in its folder nor beside it")
    about = read_config(folder / "config.json")
    if about is None or not list(folder.glob("*.safetensors")):
        raise ModelError(
            f"The model's decoder {named!r} is not there.",
            where=str(folder),
            remedy="Put the decoder's folder where the model's config says, beside or inside its folder.",
        )
    if about.get("_class_name") != "AutoencoderKL":
        raise Misfit(f"its decoder {named!r} is no AutoencoderKL")
    if about.get("latent_channels", 4) != config.img_channels:
        raise Misfit(f"it makes {config.img_channels} channels, which its decoder doesn't take")
    latents = values.get("latents")
    if not isinstance(latents, dict):
        latents = {"mean": about.get("latents_mean"), "deviation": about.get("latents_std")}
    mean = _channels(latents.get("mean"), config.img_channels, "mean")
    deviation = _channels(latents.get("deviation"), config.img_channels, "deviation")
    if min(deviation) <= 0:
        raise Misfit("the deviation of its latents is not above zero")
    return Decoder(folder, mean, deviation)


def _channels(listed: object, count: int, name: str) -> tuple[float, ...]:
    if (
        not isinstance(listed, list)
        or len(listed) != count
        or not all(isinstance(n, int | float) and math.isfinite(n) for n in listed)
    ):
        raise Misfit(f"the {name} of its latents is no list of {count} numbers")
    return tuple(float(number) for number in listed)
