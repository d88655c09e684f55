"""A pipeline from a single-file checkpoint, with the configs that ship with Folio. GPU thread."""

from __future__ import annotations

import contextlib
import importlib.resources
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from studio.api import Loading, ModelError
from studio.api.weights import SafetensorsHeader, read_safetensors_header

from .recognise import UNET_IN

Prediction = Literal["epsilon", "v_prediction"]
_TOKENIZERS = ("tokenizer", "tokenizer_2")


def pipeline_from_checkpoint(path: Path, family: str, loading: Loading) -> Any:
    """The pipeline of an SD 1, SD 2 or SDXL checkpoint, in which nothing has been checked yet."""
    header = read_safetensors_header(path)
    name = config_name(family, header, path.stem)
    channels = header.tensors[UNET_IN].shape[1] if UNET_IN in header.tensors else 4
    with config_folder(name, loading.cache_dir, channels) as folder:
        try:
            pipe = load_with_configs(path, folder, loading)
        except NotImplementedError as error:
            if "meta tensor" not in str(error):
                raise
            # What no weight was found for has no memory, and can't be moved.
            raise ModelError(
                f"The model can't be loaded: some weights that every {family} checkpoint has are missing.",
                where=str(path),
                remedy="Get the whole model, with text encoder and VAE in one file.",
            ) from None
    told = prediction_told(header)
    if told is not None:
        changes: dict[str, Any] = {"prediction_type": told}
        if "ztsnr" in header.tensors:
            changes |= {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}
        pipe.scheduler = type(pipe.scheduler).from_config(pipe.scheduler.config, **changes)
    return pipe


def load_with_configs(path: Path, folder: Path, loading: Loading) -> Any:
    """The pipeline whose weights are in `path` and whose configs and tokenizers are in `folder`.

    Source: the layout of `folder` is that of a diffusers pipeline without weights.
    """
    import diffusers
    import torch

    options: dict[str, Any] = {
        "config": str(folder),
        "local_files_only": True,
        "torch_dtype": getattr(torch, loading.dtype),
    }
    parts: dict[str, Any] = {}
    loading.progress(0.0, "Loading unet")
    parts["unet"] = diffusers.UNet2DConditionModel.from_single_file(
        str(path), subfolder="unet", **options
    )
    loading.progress(0.6, "Loading vae")
    parts["vae"] = diffusers.AutoencoderKL.from_single_file(str(path), subfolder="vae", **options)
    loading.progress(0.7, "Loading text encoder")
    kind: Any = diffusers.StableDiffusionPipeline
    if (folder / "text_encoder_2").is_dir():
        kind = diffusers.StableDiffusionXLPipeline
        # Else it would draw its invisible watermark into the pictures where that package happens to be.
        parts["add_watermarker"] = False
    return kind.from_single_file(str(path), use_safetensors=True, **options, **parts)


def config_name(family: str, header: SafetensorsHeader, stem: str) -> str:
    """The shipped configs for a checkpoint: its family, and for SD 2 which of the two models."""
    if family != "sd2":
        return family
    told = prediction_told(header)
    if told is None:
        # The published inpainting model of SD 2 predicts noise.
        plain = any(word in stem.lower() for word in ("base", "512", "inpaint"))
        told = "epsilon" if plain else "v_prediction"
    return "sd2" if told == "epsilon" else "sd2v"


def prediction_told(header: SafetensorsHeader) -> Prediction | None:
    """What the model predicts, where its file says so.

    Source: the modelspec metadata (Stability-AI/ModelSpec), and the empty tensor "v_pred" that
    trainers of v-prediction SDXL models put in.
    """
    word = header.metadata.get("modelspec.prediction_type", "").lower()
    if "v_pred" in header.tensors or word.startswith("v"):
        return "v_prediction"
    return "epsilon" if word.startswith("eps") else None


@contextlib.contextmanager
def config_folder(name: str, cache_dir: Path, channels: int = 4) -> Iterator[Path]:
    """A diffusers folder without weights, put together from the shipped configs; gone afterwards.

    Args:
        channels: How many the UNet takes: 9 if it takes a mask and what is around it.
    """
    shipped = importlib.resources.files("studio_resources").joinpath("diffusion")
    with (
        importlib.resources.as_file(shipped) as source,
        tempfile.TemporaryDirectory(prefix="config-", dir=cache_dir) as made,
    ):
        folder = Path(made)
        shutil.copytree(source / name, folder, dirs_exist_ok=True)
        unet = folder / "unet" / "config.json"
        config = json.loads(unet.read_text(encoding="utf-8"))
        unet.write_text(json.dumps({**config, "in_channels": channels}), encoding="utf-8")
        for tokenizer in _TOKENIZERS:
            if (folder / tokenizer).is_dir():
                for file in ("vocab.json", "merges.txt"):
                    shutil.copy(source / "clip" / file, folder / tokenizer)
        yield folder
