"""Loads a VAE from its folder, whole and finite or not at all. GPU thread."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.api import Loaded, Loading, ModelError

from .coder import Coder
from .mixing import Whitening
from .recognise import weights_of

_AGAIN = "Its config doesn't fit its weights, or a file is damaged; get the model once more."


def load_coder(loading: Loading) -> Loaded[Coder]:
    """Read, check and try the VAE; a cancel is obeyed in between.

    Raises:
        ModelError: damaged, not finite, or weights that don't fit the config.
    """
    path = loading.model.path
    try:
        vae = _read(path, loading)
    except ModelError:
        raise
    except Exception as error:
        if isinstance(error, MemoryError) or "memory" in str(error).lower():
            raise
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise ModelError(
            f"The VAE can't be loaded: {lines[0][:300]}", where=str(path), remedy=_AGAIN
        ) from None
    loading.progress(0.8, "Checking the VAE")
    _must_be_finite(path, vae)
    vae.to(loading.device)
    if loading.device == "cpu":
        import torch

        # Convolutions over few channels take a fifth less time so, and give the same picture.
        vae.to(memory_format=torch.channels_last)
    coder = Coder(vae, factor_of(vae), own_side_px(vae), whitening_of(vae))
    _must_answer(path, coder)
    size = sum(p.numel() * p.element_size() for p in vae.parameters())
    return Loaded(coder, size, coder.forget)


def _read(path: Path, loading: Loading) -> Any:
    import diffusers
    import torch

    loading.progress(0.0, "Loading the VAE")
    kind = getattr(diffusers, loading.model.facts.architecture)
    weights = weights_of(path)
    dtype = getattr(torch, loading.dtype)
    config = kind.load_config(path, local_files_only=True)
    if dtype == torch.float16 and config.get("force_upcast", kind is diffusers.AutoencoderKL):
        dtype = torch.float32  # such a decoder overflows in half precision
    vae, report = kind.from_pretrained(
        path,
        local_files_only=True,
        use_safetensors=True,
        torch_dtype=dtype,
        variant=weights.variant,
        output_loading_info=True,
    )
    # The library fills what is missing with noise, and says so only in a log.
    _must_be_none(path, "lacks", report["missing_keys"])
    _must_be_none(path, "has no place for", report["unexpected_keys"])
    _must_be_none(path, "lacks", [n for n, p in vae.named_parameters() if p.is_meta])
    return vae.eval().requires_grad_(False)


def _must_be_none(path: Path, what: str, names: Collection[str]) -> None:
    if names:
        raise ModelError(
            f"The VAE can't be loaded: it {what} {len(names)} of its weights, such as {min(names)}.",
            where=str(path),
            remedy=_AGAIN,
        )


def _must_be_finite(path: Path, vae: Any) -> None:
    import torch

    for name, parameter in vae.named_parameters():
        if not bool(torch.isfinite(parameter).all()):
            raise ModelError(
                f"The VAE is damaged: its weight {name} holds values that are no numbers.",
                where=str(path),
                remedy="Get the model once more.",
            )


def factor_of(vae: Any) -> int:
    """Pixels per position of the latent, each way."""
    if hasattr(vae.config, "encoder_block_out_channels"):
        return int(2 ** (len(vae.config.encoder_block_out_channels) - 1))
    return int(2 ** (len(vae.config.block_out_channels) - 1))


def own_side_px(vae: Any) -> int:
    """The side of the pictures it was made for. A tiny one doesn't say; its models are made for 512."""
    size = getattr(vae.config, "sample_size", 512)
    side = int(min(size) if isinstance(size, list | tuple) else size)
    return max(side, 2 * factor_of(vae))


def whitening_of(vae: Any) -> Whitening:
    """The latents' mean and deviation: per channel where the config lists them, else from its scaling."""
    config = vae.config
    channels = int(config.latent_channels)
    mean = _listed(getattr(config, "latents_mean", None), channels)
    deviation = _listed(getattr(config, "latents_std", None), channels)
    if mean is None:
        mean = np.full(channels, float(getattr(config, "shift_factor", None) or 0.0))
    if deviation is None or bool((deviation <= 0).any()):
        deviation = np.full(channels, 1 / (float(config.scaling_factor) or 1.0))
    return Whitening(
        mean.astype(np.float32)[:, None, None], deviation.astype(np.float32)[:, None, None]
    )


def _listed(values: Any, channels: int) -> npt.NDArray[np.float64] | None:
    if not isinstance(values, list | tuple) or len(values) != channels:
        return None
    listed = np.asarray(values, np.float64)
    return listed if bool(np.isfinite(listed).all()) else None


def _must_answer(path: Path, coder: Coder) -> None:
    """One grey picture there and back: sizes that don't agree show here, not in the first result."""
    side = 4 * coder.factor
    grey = np.full((side, side, 3), 128, np.uint8)
    try:
        latent = coder.encode(grey)
        shapes = latent.shape[1:] == (4, 4) and coder.decode(latent).shape == grey.shape
    except RuntimeError as error:
        if "memory" in str(error).lower():
            raise
        shapes = False
    if not shapes:
        raise ModelError(
            "The VAE's two halves don't fit each other: a picture comes back in another size.",
            where=str(path),
            remedy=_AGAIN,
        )
