"""What a latent looks like, without decoding it: one linear map from its channels to RGB. GPU thread.

The map is fitted once per model, by least squares, on a few smooth random latents and what the
model's own decoder makes of them; so it serves any VAE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import torch

_SAMPLES = 6
_SIDE = 8


def fit_latent_map(vae: Any) -> npt.NDArray[np.float32]:
    """(channels + 1, 3): RGB in 0..1 is [latent as the denoiser sees it, 1] @ map."""
    import torch

    channels = int(vae.config.latent_channels)
    generator = torch.Generator("cpu").manual_seed(0)
    coarse = torch.randn(_SAMPLES, channels, 3, 3, generator=generator) * 1.4
    smooth = torch.nn.functional.interpolate(coarse, (_SIDE, _SIDE), mode="bilinear")
    parameter = next(vae.parameters())
    device, dtype = parameter.device, parameter.dtype
    # SDXL's decoder overflows in half precision; the pipeline, too, widens it to decode.
    widened = dtype == torch.float16 and bool(getattr(vae.config, "force_upcast", False))
    if widened:
        vae.to(torch.float32)
    with torch.inference_mode():
        scaled = unscaled(vae, smooth.to(device, torch.float32))
        pictures = vae.decode(scaled.to(torch.float32 if widened else dtype)).sample.float()
    if widened:
        vae.to(dtype)
    small = torch.nn.functional.adaptive_avg_pool2d(pictures, (_SIDE, _SIDE)).clamp(-1, 1)
    latents = smooth.permute(0, 2, 3, 1).reshape(-1, channels).numpy()
    colours = (small.permute(0, 2, 3, 1).reshape(-1, 3).cpu().numpy() + 1) / 2
    design = np.concatenate([latents, np.ones((len(latents), 1), np.float32)], axis=1)
    # A little ridge: an untrained or collapsed channel must not blow the map up.
    ridge = 1e-3 * len(design) * np.eye(design.shape[1])
    solved = np.linalg.solve(design.T @ design + ridge, design.T @ colours)
    return np.asarray(solved, np.float32)


def unscaled(vae: Any, latents: torch.Tensor) -> torch.Tensor:
    """Latents as the VAE decodes them, from latents as the denoiser sees them."""
    shift = getattr(vae.config, "shift_factor", None) or 0.0
    plain: torch.Tensor = latents / vae.config.scaling_factor + shift
    return plain


def preview_pixels(
    latents: torch.Tensor, latent_map: npt.NDArray[np.float32]
) -> npt.NDArray[np.uint8]:
    """(H, W, 3) uint8 at four times the latent's size, from (C, H, W)."""
    values = latents.detach().float().cpu().permute(1, 2, 0).numpy()
    colours = values @ latent_map[:-1] + latent_map[-1]
    pixels = (np.clip(colours, 0, 1) * 255 + 0.5).astype(np.uint8)
    return np.asarray(pixels.repeat(4, axis=0).repeat(4, axis=1))
