"""The networks in a StyleGAN2-ADA pickle: their tensors' places and configs, without running a byte of it.

The file is a table with G, D and G_ema, each a network with its parameters, buffers and parts. Reads the
structure only; no torch; any thread.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from studio.api import ModelError

from .config import GanConfig, Misfit, check_fit, config_from_shapes
from .pickle_machine import read_pickle
from .pickle_values import AllowedValues, Persistent, TensorPlace

_MOST_PARTS = 10_000
_GENERATORS = ("G_ema", "G")


@dataclass(frozen=True)
class NvidiaNetwork:
    """One network of the file: where its tensors lie, by their published names."""

    path: Path
    tensors: Mapping[str, TensorPlace]
    attributes: Mapping[str, Mapping[str, object]]
    """The plain attributes of each part, by the part's name; the network's own under ""."""

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {name: place.shape for name, place in self.tensors.items()}

    def read(self) -> dict[str, npt.NDArray[np.float32]]:
        """All tensors' numbers.

        Raises:
            ModelError: the file can't be read.
        """
        try:
            with self.path.open("rb") as file:
                return {name: place.read(file) for name, place in self.tensors.items()}
        except OSError as error:
            raise ModelError(
                f"The file can't be read: {error.strerror}.", where=str(self.path)
            ) from None


@dataclass(frozen=True)
class NvidiaModel:
    generator: NvidiaNetwork
    config: GanConfig
    discriminator: NvidiaNetwork | None
    parameters: int


def read_nvidia_pickle(path: Path) -> NvidiaModel | None:
    """The generator (the averaged one, if there is one) and discriminator; None for other pickles.

    Raises:
        ModelError: it is damaged, cut short, of the TensorFlow edition, of an unsupported kind, or has
            something in it that isn't allowed.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            snapshot, _ = read_pickle(file, path, AllowedValues(file, path, size))
    except OSError as error:
        raise ModelError(f"The file can't be read: {error.strerror}.", where=str(path)) from None
    if isinstance(snapshot, Persistent):
        snapshot = {"G_ema": snapshot}
    if not isinstance(snapshot, dict):
        return None
    found = next(
        (snapshot[n] for n in _GENERATORS if isinstance(snapshot.get(n), Persistent)), None
    )
    if found is None:
        return None
    generator = _network(path, found)
    config = _config(path, generator)
    critic = snapshot.get("D")
    discriminator = _network(path, critic) if isinstance(critic, Persistent) else None
    parameters = sum(place.elements for place in generator.tensors.values())
    return NvidiaModel(generator, config, discriminator, parameters)


def _config(path: Path, network: NvidiaNetwork) -> GanConfig:
    try:
        if any(name.startswith("synthesis.L") for name in network.tensors):
            raise Misfit("it is a StyleGAN3 generator")
        config = config_from_shapes(network.shapes)
        check_fit(config, network.shapes)
    except Misfit as error:
        raise ModelError(
            f"The networks in this file can't be used: {error}.",
            where=str(path),
            remedy="StyleGAN2 and StyleGAN2-ADA generators can.",
        ) from None
    clamp = network.attributes.get(f"synthesis.b{config.resolution}.conv1", {}).get("conv_clamp")
    if isinstance(clamp, int | float) and math.isfinite(clamp) and clamp > 0:
        config = replace(config, conv_clamp=float(clamp))
    gain = network.attributes.get("mapping.fc0", {}).get("weight_gain")
    if isinstance(gain, int | float) and math.isfinite(gain) and gain > 0:
        width = network.shapes["mapping.fc0.weight"][1]
        config = replace(config, mapping_learning_rate=round(gain * math.sqrt(width), 6))
    return config


def _network(path: Path, root: Persistent) -> NvidiaNetwork:
    tensors: dict[str, TensorPlace] = {}
    attributes: dict[str, Mapping[str, object]] = {}
    waiting: list[tuple[str, Persistent]] = [("", root)]
    for _ in range(_MOST_PARTS):
        if not waiting:
            return NvidiaNetwork(path, tensors, attributes)
        name, part = waiting.pop()
        prefix = f"{name}." if name else ""
        attributes[name] = {k: v for k, v in part.state.items() if not k.startswith("_")}
        for kind in ("_parameters", "_buffers"):
            for key, value in _table(part, kind).items():
                if isinstance(value, TensorPlace):
                    tensors[f"{prefix}{key}"] = value
        for key, value in _table(part, "_modules").items():
            if isinstance(value, Persistent):
                waiting.append((f"{prefix}{key}", value))
    raise ModelError("The networks in this file have more parts than any model.", where=str(path))


def _table(part: Persistent, name: str) -> dict[object, object]:
    value = part.state.get(name)
    return value if isinstance(value, dict) else {}
