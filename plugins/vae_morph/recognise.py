"""Which folders are VAEs, by content. Reads configs and headers only; no torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.api import ModelError, ModelFacts
from studio.api.weights import (
    FolderWeights,
    TensorFact,
    check_config,
    does_not_fit,
    folder_weights,
    read_card,
    read_config,
)

ARCHITECTURES = ("AutoencoderKL", "AutoencoderTiny")


def recognise(path: Path) -> ModelFacts | None:
    """Facts about a diffusers VAE folder; None if it is none.

    A whole pipeline's folder stays a diffusion model; the `vae` folder within is a VAE of its own.

    Raises:
        ModelError: it is a VAE, but damaged, unsafe, or of a kind that is not known here.
    """
    if not path.is_dir() or (path / "model_index.json").exists():
        return None
    config = read_config(path / "config.json") or {}
    name = str(config.get("_class_name", ""))
    if name not in ARCHITECTURES:
        if name.startswith("Autoencoder"):
            raise ModelError(
                f"This VAE is of the kind {name}, which is not known here.",
                where=str(path),
                remedy=f"Known: {' and '.join(ARCHITECTURES)}.",
            )
        return None
    tensors = weights_of(path).tensors()
    _check_ends(path, name, config, tensors)
    card = read_card(path)
    return ModelFacts(
        family="vae",
        format="diffusers",
        architecture=name,
        title=f"{path.parent.name} VAE" if path.name == "vae" else path.name,
        licence=card.licence,
        parameters=sum(fact.elements for fact in tensors.values()),
        notes=card.limits,
        own=_own_side(config),
    )


def weights_of(path: Path) -> FolderWeights:
    """Raises ModelError: it has none, or only pickles."""
    return folder_weights(path, "This VAE")


def _own_side(config: Mapping[str, Any]) -> dict[str, int]:
    side = config.get("sample_size")
    return {"size": side} if isinstance(side, int) and side > 0 else {}


def _check_ends(
    path: Path, name: str, config: Mapping[str, Any], tensors: Mapping[str, TensorFact]
) -> None:
    """Both halves must be there and fit the config where picture and latent go in and come out."""
    tiny = name == "AutoencoderTiny"
    way_in, way_out = (
        ("encoder.layers.0.weight", "decoder.layers.0.weight")
        if tiny
        else ("encoder.conv_in.weight", "decoder.conv_in.weight")
    )
    for part, tensor in (("encoder", way_in), ("decoder", way_out)):
        if len(tensors.get(tensor, TensorFact("", ())).shape) != 4:
            raise does_not_fit(path, f"This VAE has no {part}: the tensor {tensor} is missing.")
    colours, channels = tensors[way_in].shape[1], tensors[way_out].shape[1]
    if colours != 3:
        raise ModelError(
            f"This VAE takes {colours} colour channels; only RGB is known here.", where=str(path)
        )
    found = {"in_channels": (3, colours), "latent_channels": (4, channels)}
    check_config(path, config, found)
