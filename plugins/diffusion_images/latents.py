"""Pictures to latents and back, as the model's own pipeline does it. GPU thread."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import torch

    from .loading import Painter


def encoded(painter: Painter, pixels: npt.NDArray[np.uint8]) -> torch.Tensor:
    """(1, channels, h, w) as the denoiser sees them, of (H, W, 3) pixels.

    The middle of what the VAE gives, not a draw from it: so a picture has one latent, whatever the seed.
    """
    import torch

    picture = torch.from_numpy(pixels.astype(np.float32) / 127.5 - 1).permute(2, 0, 1)[None]
    return _encoded(painter, picture)


def grey(painter: Painter, height: int, width: int) -> torch.Tensor:
    """(1, channels, h, w) of a picture that is grey all over, in pixels."""
    import torch

    return _encoded(painter, torch.zeros((1, 3, height, width)))


def _encoded(painter: Painter, picture: torch.Tensor) -> torch.Tensor:
    import torch

    with torch.no_grad(), _wide_enough(painter) as dtype:
        coded = painter.pipe.vae.encode(picture.to(painter.device, dtype))
    plain = coded.latent_dist.mode() if hasattr(coded, "latent_dist") else coded.latents
    return _scaled(painter, plain).to(painter.dtype)


def decoded(painter: Painter, latents: torch.Tensor) -> npt.NDArray[np.uint8]:
    """(H, W, 3), of (1, channels, h, w) as the denoiser left them."""
    import torch

    with torch.no_grad(), _wide_enough(painter) as dtype:
        picture = painter.pipe.vae.decode(_unscaled(painter, latents.to(dtype)), return_dict=False)[
            0
        ]
    shown = (picture * 0.5 + 0.5).clamp(0, 1).cpu().permute(0, 2, 3, 1).float().numpy()[0]
    return np.asarray(np.nan_to_num(shown) * 255 + 0.5).astype(np.uint8)


@contextlib.contextmanager
def _wide_enough(painter: Painter) -> Iterator[torch.dtype]:
    """SDXL's VAE overflows in half precision: it is widened meanwhile, as its pipeline does."""
    import torch

    vae, dtype = painter.pipe.vae, painter.vae_dtype
    if not (_is_xl(painter) and dtype == torch.float16 and vae.config.get("force_upcast")):
        yield dtype
        return
    vae.to(torch.float32)
    try:
        yield torch.float32
    finally:
        vae.to(dtype)


def _is_xl(painter: Painter) -> bool:
    return getattr(painter.pipe, "text_encoder_2", None) is not None


def _spread(painter: Painter, like: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor] | None:
    """Mean and deviation of each channel, where the model is trained on latents freed of them. Only
    SDXL's pipelines look at them; other models' VAEs may have them written down all the same."""
    import torch

    mean, deviation = (
        painter.pipe.vae.config.get(name) for name in ("latents_mean", "latents_std")
    )
    if not _is_xl(painter) or mean is None or deviation is None:
        return None
    return (
        torch.tensor(mean, dtype=like.dtype, device=like.device).view(1, -1, 1, 1),
        torch.tensor(deviation, dtype=like.dtype, device=like.device).view(1, -1, 1, 1),
    )


def _scaled(painter: Painter, plain: torch.Tensor) -> torch.Tensor:
    factor = painter.pipe.vae.config.scaling_factor
    spread = _spread(painter, plain)
    scaled: torch.Tensor = plain * factor
    return scaled if spread is None else (plain - spread[0]) * factor / spread[1]


def _unscaled(painter: Painter, latents: torch.Tensor) -> torch.Tensor:
    factor = painter.pipe.vae.config.scaling_factor
    spread = _spread(painter, latents)
    plain: torch.Tensor = latents / factor
    return plain if spread is None else latents * spread[1] / factor + spread[0]
