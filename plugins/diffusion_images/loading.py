"""Loads a pipeline from a folder or a single file, safely and without a network. GPU thread."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from studio.api import Loaded, Loading, ModelError

from .checkpoint import pipeline_from_checkpoint
from .preview import fit_latent_map
from .prompts import PromptReader, prompt_reader
from .recognise import own_side_px, weights_of
from .schedulers import Schedulers

if TYPE_CHECKING:
    import torch

_NOT_USED = ("safety_checker", "feature_extractor", "image_encoder")


@dataclass
class Painter:
    """A loaded pipeline and what is needed beside it."""

    pipe: Any
    latent_map: npt.NDArray[np.float32]
    own_size_px: int
    """Side of the square pictures it was made for; what its card says, else what its config says."""

    memory_level: int = 0
    """What the pipeline is set for now."""

    prompts_for: PromptReader = field(init=False)
    schedulers: Schedulers = field(init=False)
    device: torch.device = field(init=False)
    dtype: torch.dtype = field(init=False)
    """The denoiser's. Written down once, because a network asked for them looks through all its parts."""

    vae_dtype: torch.dtype = field(init=False)

    def __post_init__(self) -> None:
        unet = self.pipe.unet
        self.device, self.dtype, self.vae_dtype = unet.device, unet.dtype, self.pipe.vae.dtype
        self.prompts_for = prompt_reader(self.pipe)
        self.schedulers = Schedulers(self.pipe.scheduler.config)

    @property
    def factor(self) -> int:
        """How many pixels one position of the latents covers each way."""
        return int(self.pipe.vae_scale_factor)

    @property
    def channels(self) -> int:
        return int(self.pipe.vae.config.latent_channels)

    def guided(self, guidance_scale: float) -> bool:
        """Whether it paints with and without the words, and takes the difference times the scale."""
        return guidance_scale > 1 and self.pipe.unet.config.time_cond_proj_dim is None

    @property
    def inpaints(self) -> bool:
        """Whether the UNet takes the mask and what is around it as further channels."""
        return int(self.pipe.unet.config.in_channels) == 2 * self.channels + 1


def load_painter(loading: Loading) -> Loaded[Painter]:
    """Load the model's parts one by one; a cancel is obeyed between them.

    Raises:
        ModelError: damaged, or weights that don't fit their configuration.
    """
    path = loading.model.path
    facts = loading.model.facts
    try:
        if facts.format == "checkpoint":
            pipe = pipeline_from_checkpoint(path, facts.architecture, loading)
        else:
            pipe = _from_folder(path, loading)
    except ModelError:
        raise
    except Exception as error:
        if isinstance(error, MemoryError) or "memory" in str(error).lower():
            raise
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise ModelError(
            f"The model can't be loaded: {lines[0][:300]}",
            where=str(path),
            remedy="A file may be damaged, or a config may not fit its weights; get the model once more.",
        ) from None
    modules = {name: p for name, p in pipe.components.items() if hasattr(p, "parameters")}
    for name, module in modules.items():
        # Parameters that no weight was found for were never given memory.
        _must_be_whole(path, name, [n for n, p in module.named_parameters() if p.is_meta])
    pipe.set_progress_bar_config(disable=True)
    pipe.to(loading.device)
    set_memory_format(loading.device, pipe.unet, pipe.vae)
    loading.progress(0.95, "Preparing previews")
    own_px = max(int(facts.recommended.get(side, 0)) for side in ("width", "height"))
    own_px = own_px or own_side_px(pipe.unet.config, pipe.vae.config)
    if not own_px:
        raise ModelError(
            "The model doesn't say for which size of pictures it was made: its UNet's config has no "
            "sample_size.",
            where=str(path),
            remedy="Download that config once more.",
        )
    painter = Painter(pipe, fit_latent_map(pipe.vae), own_px)
    size = sum(p.numel() * p.element_size() for part in modules.values() for p in part.parameters())
    return Loaded(painter, size)


def _from_folder(path: Path, loading: Loading) -> Any:
    import diffusers
    import torch
    import transformers

    index = json.loads((path / "model_index.json").read_text(encoding="utf-8"))
    dtype = getattr(torch, loading.dtype)
    parts: dict[str, Any] = dict.fromkeys(_NOT_USED)
    names = [
        n for n, v in index.items() if isinstance(v, list) and v[0] is not None and n not in parts
    ]
    for number, name in enumerate(names):
        loading.progress(number / (len(names) + 1), f"Loading {name.replace('_', ' ')}")
        library, class_name = index[name]
        if library not in ("diffusers", "transformers"):
            raise ModelError(
                f"Its part {name!r} needs code of its own ({library}), which is never run.",
                where=str(path),
            )
        kind = getattr(diffusers if library == "diffusers" else transformers, class_name)
        options: dict[str, Any] = {"local_files_only": True}
        if not hasattr(kind, "forward"):
            parts[name] = kind.from_pretrained(path / name, **options)
            continue
        options |= {
            "torch_dtype" if library == "diffusers" else "dtype": dtype,
            "use_safetensors": True,
            "variant": weights_of(path / name).variant,
            "output_loading_info": True,
        }
        parts[name], report = kind.from_pretrained(path / name, **options)
        _must_be_whole(path, name, report["missing_keys"])
        if library == "diffusers":
            # A text encoder may bring a projection it doesn't need; a network of layers may not.
            _must_be_used(path, name, report["unexpected_keys"])
    # All verbs paint with the same networks; of the library's pipelines only the words' part is used.
    if "XL" in index["_class_name"]:
        parts.pop("safety_checker")
        parts["add_watermarker"] = False
        if "force_zeros_for_empty_prompt" in index:
            parts["force_zeros_for_empty_prompt"] = bool(index["force_zeros_for_empty_prompt"])
        return diffusers.StableDiffusionXLPipeline(**parts)
    parts["requires_safety_checker"] = False
    return diffusers.StableDiffusionPipeline(**parts)


def set_memory_format(device: str, *networks: Any) -> None:
    """Channels last on a CPU, where convolutions over few channels take less time so. Other devices were
    not measured and keep what the libraries give them."""
    import torch

    if device == "cpu":
        for network in networks:
            network.to(memory_format=torch.channels_last)


def _must_be_whole(path: Path, part: str, missing: Collection[str]) -> None:
    """Libraries fill what is missing with noise, and say so only in a log."""
    if missing:
        raise ModelError(
            f"The model can't be loaded: its part {part!r} lacks {len(missing)} of its weights, "
            f"such as {min(missing)}.",
            where=str(path),
            remedy="Its config doesn't fit its weights, or a file is not whole; get the model once more.",
        )


def _must_be_used(path: Path, part: str, left_over: Collection[str]) -> None:
    if left_over:
        raise ModelError(
            f"The model can't be loaded: the config of its part {part!r} has no place for "
            f"{len(left_over)} of its weights, such as {min(left_over)}.",
            where=str(path),
            remedy="Its config doesn't fit its weights; get the model once more.",
        )
