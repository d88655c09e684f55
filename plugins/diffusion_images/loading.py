"""Loads a pipeline from a folder or a single file, safely and without a network. GPU thread."""

from __future__ import annotations

import importlib.resources
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.api import Loaded, Loading, ModelError

from .preview import fit_latent_map

_TOKENIZERS = ("tokenizer", "tokenizer_2")


@dataclass
class Painter:
    """A loaded pipeline and what is needed beside it."""

    pipe: Any
    scheduler_config: Any
    latent_map: npt.NDArray[np.float32]

    @property
    def own_size_px(self) -> int:
        return int(self.pipe.unet.config.sample_size * self.pipe.vae_scale_factor)


def load_painter(loading: Loading) -> Loaded[Painter]:
    """Load the model's parts one by one; a cancel is obeyed between them.

    Raises:
        ModelError: damaged, or weights that don't fit their configuration.
    """
    path = loading.model.path
    facts = loading.model.facts
    try:
        if facts.format == "checkpoint":
            pipe = _from_file(path, facts.architecture, loading)
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
    pipe.set_progress_bar_config(disable=True)
    pipe.to(loading.device)
    loading.progress(0.95, "Preparing previews")
    painter = Painter(pipe, pipe.scheduler.config, fit_latent_map(pipe.vae))
    modules = [part for part in pipe.components.values() if hasattr(part, "parameters")]
    size = sum(p.numel() * p.element_size() for part in modules for p in part.parameters())
    return Loaded(painter, size)


def _from_folder(path: Path, loading: Loading) -> Any:
    import diffusers
    import torch
    import transformers

    index = json.loads((path / "model_index.json").read_text(encoding="utf-8"))
    dtype = getattr(torch, loading.dtype)
    parts: dict[str, Any] = {
        "safety_checker": None,
        "feature_extractor": None,
        "image_encoder": None,
    }
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
        if hasattr(kind, "forward"):
            options |= {
                "torch_dtype" if library == "diffusers" else "dtype": dtype,
                "use_safetensors": True,
            }
        parts[name] = kind.from_pretrained(path / name, **options)
    pipeline = getattr(diffusers, index["_class_name"])
    if "XL" in index["_class_name"]:
        parts.pop("safety_checker")
    else:
        parts["requires_safety_checker"] = False
    return pipeline(**parts)


def _from_file(path: Path, family: str, loading: Loading) -> Any:
    import diffusers
    import torch

    folder = config_folder(family, path.stem, loading.cache_dir)
    loading.progress(0.1, "Reading the checkpoint")
    kind = (
        diffusers.StableDiffusionXLPipeline
        if family == "sdxl"
        else diffusers.StableDiffusionPipeline
    )
    return kind.from_single_file(
        str(path),
        config=str(folder),
        local_files_only=True,
        use_safetensors=True,
        torch_dtype=getattr(torch, loading.dtype),
    )


def config_folder(family: str, stem: str, cache_dir: Path) -> Path:
    """A diffusers folder without weights for a family, put together from the shipped configs."""
    if family == "sd2" and not any(word in stem.lower() for word in ("base", "512")):
        family = "sd2v"
    target = cache_dir / f"config-{family}"
    if (target / "model_index.json").exists():
        return target
    shipped = Path(str(importlib.resources.files("studio_resources").joinpath("diffusion")))
    beside = cache_dir / f"config-{family}.part"
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(shipped / family, beside)
    for name in _TOKENIZERS:
        if (beside / name).is_dir():
            for file in ("vocab.json", "merges.txt"):
                shutil.copy(shipped / "clip" / file, beside / name)
    beside.rename(target)
    return target
