"""Which folders are VAEs, by content. Reads configs and headers only; no torch."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.api import ModelError, ModelFacts
from studio.api.weights import TensorFact, is_pickle, read_safetensors_header

ARCHITECTURES = ("AutoencoderKL", "AutoencoderTiny")
_WEIGHTS = re.compile(
    r"diffusion_pytorch_model(?:\.(?P<variant>\w+))?(?:-\d+-of-\d+)?\.safetensors"
)
_AGAIN = "Its config doesn't fit its weights, or a file is not whole; get the model once more."


@dataclass(frozen=True)
class Weights:
    """The safetensors files of one variant."""

    variant: str | None
    files: tuple[Path, ...]


def recognise(path: Path) -> ModelFacts | None:
    """Facts about a diffusers VAE folder; None if it is none.

    A whole pipeline's folder stays a diffusion model; the `vae` folder within is a VAE of its own.

    Raises:
        ModelError: it is a VAE, but damaged, unsafe, or of a kind that is not known here.
    """
    if not path.is_dir() or (path / "model_index.json").exists():
        return None
    config = _config(path)
    name = str(config.get("_class_name", ""))
    if name not in ARCHITECTURES:
        if name.startswith("Autoencoder"):
            raise ModelError(
                f"This VAE is of the kind {name}, which is not known here.",
                where=str(path),
                remedy=f"Known: {' and '.join(ARCHITECTURES)}.",
            )
        return None
    tensors: dict[str, TensorFact] = {}
    for file in weights_of(path).files:
        tensors.update(read_safetensors_header(file).tensors)
    _check_ends(path, name, config, tensors)
    return ModelFacts(
        family="vae",
        format="diffusers",
        architecture=name,
        title=f"{path.parent.name} VAE" if path.name == "vae" else path.name,
        licence=_licence(path),
        parameters=sum(fact.elements for fact in tensors.values()),
        notes=tuple(line for line in _card(path).splitlines() if line.startswith("Limits:")),
    )


def _config(path: Path) -> Mapping[str, Any]:
    try:
        read: Any = json.loads((path / "config.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelError(f"Its config.json can't be read: {error}.", where=str(path)) from None
    return read if isinstance(read, dict) else {}


def weights_of(path: Path) -> Weights:
    """The plain weights, else those of the variant "fp16", else of any.

    Raises:
        ModelError: it has none, or only pickles.
    """
    found: dict[str | None, list[Path]] = {}
    for file in sorted(path.glob("*.safetensors")):
        if match := _WEIGHTS.fullmatch(file.name):
            found.setdefault(match["variant"], []).append(file)
    if found:
        variant = next((v for v in (None, "fp16") if v in found), next(iter(found)))
        return Weights(variant, tuple(found[variant]))
    if any(is_pickle(file) for file in path.glob("*.bin")):
        raise ModelError(
            "This VAE has its weights only as pickles, which can run programs when opened.",
            where=str(path),
            remedy="Get it with safetensors files.",
        )
    raise ModelError(
        "This VAE has no weights.",
        where=str(path),
        remedy="Download diffusion_pytorch_model.safetensors into the folder.",
    )


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
            raise ModelError(
                f"This VAE has no {part}: the tensor {tensor} is missing.",
                where=str(path),
                remedy=_AGAIN,
            )
    colours, channels = tensors[way_in].shape[1], tensors[way_out].shape[1]
    if colours != 3:
        raise ModelError(
            f"This VAE takes {colours} colour channels; only RGB is known here.", where=str(path)
        )
    for key, standard, found in (
        ("in_channels", 3, colours),
        ("latent_channels", 4, channels),
    ):
        wanted = config.get(key, standard)
        if wanted != found:
            raise ModelError(
                f"Its config says {key} is {wanted}, its weights say {found}.",
                where=str(path),
                remedy=_AGAIN,
            )


def _card(path: Path) -> str:
    try:
        return (path / "README.md").read_text(encoding="utf-8")[:20_000]
    except OSError:
        return ""


def _licence(path: Path) -> str:
    for line in _card(path).splitlines():
        if line.lower().startswith(("license:", "licence:")):
            return line.partition(":")[2].strip()
    return ""
