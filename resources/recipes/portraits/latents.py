"""The train split as latents of the finished autoencoder: encoded once, kept beside the pictures."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import AutoencoderKL
from training import MODELS, WORK, load_split, to_float


def load_vae() -> AutoencoderKL:
    """The autoencoder as it is shipped, in float32."""
    return AutoencoderKL.from_pretrained(MODELS / "portrait-vae", use_safetensors=True).eval()


@torch.no_grad()
def load_latents(split: str = "train") -> tuple[torch.Tensor, list[dict[str, Any]]]:
    """(N, 8, 16, 16) float32 means, scaled as a pipeline scales them, and the attributes."""
    pixels, attributes = load_split(split)
    kept = WORK / f"latents-{split}.pt"
    if not kept.exists():
        vae = load_vae().to(memory_format=torch.channels_last)
        parts = [vae.encode(to_float(part)).latent_dist.mean for part in pixels.split(50)]
        torch.save(torch.cat(parts) * vae.config.scaling_factor, kept)
    return torch.load(kept, weights_only=True), attributes


def place_weights() -> torch.Tensor:
    """(16, 16), mean 1: mouth and ear, few places that few words name, count four times, the face twice.

    Portraits are always in the same place.
    """
    weight = torch.ones(16, 16)
    weight[5:14, 5:14] = 2
    weight[10:14, 7:13] = 4
    weight[9:12, 3:6] = 4
    return weight / weight.mean()
