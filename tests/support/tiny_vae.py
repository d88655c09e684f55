"""Real VAEs, tiny and untrained, saved as the folders people bring."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def tiny_kl(folder: Path, *, channels: int = 4, side_px: int = 32, **config: Any) -> Path:
    """An AutoencoderKL with 8 pixels per position."""
    import torch
    from diffusers import AutoencoderKL

    torch.manual_seed(0)
    settings = {
        "block_out_channels": (8, 8, 16, 16), "layers_per_block": 1, "latent_channels": channels,
        "norm_num_groups": 8, "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4, "sample_size": side_px, "scaling_factor": 0.5,
        **config,
    }  # fmt: skip
    AutoencoderKL(**settings).save_pretrained(folder, safe_serialization=True)
    return folder


def tiny_taesd(folder: Path, *, channels: int = 4) -> Path:
    """An AutoencoderTiny with 8 pixels per position; without norms, so it sees only near pixels."""
    import torch
    from diffusers import AutoencoderTiny

    torch.manual_seed(0)
    AutoencoderTiny(
        encoder_block_out_channels=(8,) * 4, decoder_block_out_channels=(8,) * 4,
        num_encoder_blocks=(1, 1, 1, 1), num_decoder_blocks=(1, 1, 1, 1), latent_channels=channels,
    ).save_pretrained(folder, safe_serialization=True)  # fmt: skip
    return folder
