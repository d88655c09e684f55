"""Which folders and single files are diffusion models, by content. Reads headers only; no torch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.api import ModelError, ModelFacts
from studio.api.weights import (
    FolderWeights,
    SafetensorsHeader,
    folder_weights,
    kind_of,
    read_card,
    read_config,
    read_safetensors_header,
)

from .recommending import recommended

PIPELINES = {
    "StableDiffusionPipeline": "sd",
    "StableDiffusionInpaintPipeline": "sd",
    "LatentConsistencyModelPipeline": "sd",
    "StableDiffusionXLPipeline": "sdxl",
    "StableDiffusionXLInpaintPipeline": "sdxl",
}
UNET_IN = "model.diffusion_model.input_blocks.0.0.weight"
INPAINTS = (
    "Made for painting into pictures; it does the rest too, but no better than a plain model."
)
_CROSS = re.compile(
    r"model\.diffusion_model\.input_blocks\.\d+\.1\.transformer_blocks\.0\.attn2\.to_k\.weight"
)
_FAMILIES: Mapping[int, str] = {768: "sd1", 1024: "sd2", 2048: "sdxl"}
"""By the width of the text the UNet attends to."""
_SIDES_PX: Mapping[str, int] = {"sd1": 512, "sd2": 512, "sd2v": 768, "sdxl": 1024}
"""By the shipped configs that a checkpoint is read with."""
_REFINER_WIDTH = 1280
_PARTS: Mapping[str, dict[str, str]] = {
    "sd1": {"text encoder": "cond_stage_model.transformer."},
    "sd2": {"text encoder": "cond_stage_model.model."},
    "sdxl": {
        "first text encoder": "conditioner.embedders.0.transformer.",
        "second text encoder": "conditioner.embedders.1.model.",
    },
}


def recognise(path: Path) -> ModelFacts | None:
    """Facts about a diffusers folder or a single-file checkpoint; None if it is neither.

    Raises:
        ModelError: it is a part of a model, of an unsupported kind, damaged, or unsafe.
    """
    if path.is_dir():
        return _folder(path)
    if kind_of(path) != "safetensors":
        return None
    header = read_safetensors_header(path)
    family = checkpoint_family(header, path)
    if family is None:
        return None
    from .checkpoint import config_name

    return ModelFacts(
        family="diffusion",
        format="checkpoint",
        architecture=family,
        title=path.stem,
        parameters=header.parameters,
        notes=(INPAINTS,) if header.tensors[UNET_IN].shape[1] == 9 else (),
        own=_own_sides(_SIDES_PX[config_name(family, header, path.stem)]),
    )


def checkpoint_family(header: SafetensorsHeader, path: Path) -> str | None:
    """ "sd1", "sd2" or "sdxl" by the names and shapes of a checkpoint's tensors."""
    tensors = header.tensors
    if UNET_IN not in tensors:
        _refuse_parts(header, path)
        return None
    channels = tensors[UNET_IN].shape[1]
    if channels not in (4, 9):
        raise ModelError(
            f"This checkpoint takes {channels} channels; models that edit by instruction or follow "
            "depth can't be used yet.",
            where=str(path),
            remedy="Use the plain or the inpainting version of the model.",
        )
    width = next((fact.shape[-1] for name, fact in tensors.items() if _CROSS.fullmatch(name)), 0)
    if width == _REFINER_WIDTH:
        raise ModelError(
            "This is an SDXL refiner, which only finishes another model's pictures.",
            where=str(path),
            remedy="Add the SDXL base model instead.",
        )
    if width not in _FAMILIES:
        raise ModelError(
            "This checkpoint is of a diffusion family that is not known here.",
            where=str(path),
            remedy="Stable Diffusion 1.x, 2.x and XL are.",
        )
    family = _FAMILIES[width]
    for part, prefix in (_PARTS[family] | {"VAE": "first_stage_model."}).items():
        if not any(name.startswith(prefix) for name in tensors):
            raise ModelError(
                f"This checkpoint has no {part}; it can't be used alone.",
                where=str(path),
                remedy="Get the whole model, with text encoder and VAE in one file.",
            )
    return family


def _refuse_parts(header: SafetensorsHeader, path: Path) -> None:
    """Name the commonest things that are no whole model."""
    names = header.tensors
    what = None
    if any("lora_" in name or ".lora." in name for name in names):
        what = "This is a LoRA, an addition to a model; LoRAs can't be used yet."
    elif any(name.startswith(("control_model.", "controlnet_")) for name in names):
        what = "This is a ControlNet, an addition to a model; ControlNets can't be used yet."
    elif any(name.startswith(("decoder.", "first_stage_model.decoder.")) for name in names):
        what = "This is only a VAE, one part of a model."
    elif any(name.startswith(("down_blocks.", "mid_block.")) for name in names):
        what = "This is one part of a diffusers model."
    if what is not None:
        raise ModelError(
            what, where=str(path), remedy="Add the whole model: its folder, or its checkpoint."
        )


def _folder(path: Path) -> ModelFacts | None:
    index = read_config(path / "model_index.json")
    if index is None:
        return None
    name = str(index.get("_class_name", ""))
    if name not in PIPELINES:
        raise ModelError(
            f"This folder's pipeline is {name or 'not named'}; it is not known here.",
            where=str(path),
            remedy=f"Known: {', '.join(PIPELINES)}.",
        )
    parts = ["unet", "vae", "text_encoder"]
    if PIPELINES[name] == "sdxl":
        parts.append("text_encoder_2")
    parameters = sum(weights_of(path / part).parameters for part in parts)
    unet, vae = _config(path, "unet"), _config(path, "vae")
    inpaints = _inpaints(path, unet, vae)
    card = read_card(path)
    return ModelFacts(
        family="diffusion",
        format="diffusers",
        architecture=name,
        title=path.name,
        licence=card.licence,
        parameters=parameters,
        notes=((INPAINTS,) if inpaints else ()) + card.limits,
        recommended=recommended(path),
        own=_own_sides(own_side_px(unet, vae)),
    )


def _config(path: Path, part: str) -> dict[str, Any]:
    config = read_config(path / part / "config.json")
    if config is None:
        raise ModelError(
            f"Its part {part!r} has no config.json.",
            where=str(path),
            remedy="Download the missing files into the folder.",
        )
    return config


def _inpaints(path: Path, unet: Mapping[str, Any], vae: Mapping[str, Any]) -> bool:
    """Whether its UNet takes, beside the latents, a mask and the latents of what is around it.

    Raises:
        ModelError: it takes something else.
    """
    taken, made = unet.get("in_channels", 4), vae.get("latent_channels", 4)
    if taken not in (made, 2 * made + 1):
        raise ModelError(
            f"Its UNet takes {taken} channels where its VAE makes {made}; models that edit by "
            "instruction or follow depth can't be used yet.",
            where=str(path),
            remedy="Use the plain or the inpainting version of the model.",
        )
    return bool(taken != made)


def own_side_px(unet: Mapping[str, Any], vae: Mapping[str, Any]) -> int:
    """The side of the square pictures a model was made for, by its parts' configs; 0: they don't say."""
    side, blocks = unet.get("sample_size"), vae.get("block_out_channels")
    if isinstance(side, list | tuple) and side:  # height and width
        side = max(side)
    if not isinstance(side, int) or not isinstance(blocks, list | tuple) or not 0 < side <= 4096:
        return 0
    return int(side * 2 ** (min(len(blocks), 8) - 1))


def _own_sides(side_px: int) -> dict[str, int]:
    return dict.fromkeys(("width", "height", "resolution"), side_px) if side_px else {}


def weights_of(part: Path) -> FolderWeights:
    """A component's safetensors files, of one variant.

    Raises:
        ModelError: it has none, or only pickles.
    """
    return folder_weights(part, f"The part {part.name!r}", where=part.parent)
