"""Keeps a mixture's colours between those of its pictures. GPU thread.

Halfway between the latents of a blue and a red lies no promise of purple: a spatial VAE may keep green
there (seen on portraits with the starter VAE). So the mean colour around each position is led to the
mixture of the pictures' own, and the decoder's lines and edges stay as they are. Where a VAE mixes
colours well, this changes next to nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .mixing import Array


def tint_of(colour: npt.NDArray[np.uint8], factor: int) -> Array:
    """(3, h, w) 0..255: the mean colour of each position of an (H, W, 3) picture."""
    height, width = (side // factor for side in colour.shape[:2])
    blocks = colour.reshape(height, factor, width, factor, 3)
    return np.asarray(blocks.mean(axis=(1, 3), dtype=np.float32).transpose(2, 0, 1), np.float32)


def corrected(colour: npt.NDArray[np.uint8], correction: Array) -> npt.NDArray[np.uint8]:
    """The picture with a smooth field added.

    Args:
        colour: (H, W, 3).
        correction: (3, h, w), to be added to 0..255; read between the positions' middles.
    """
    import torch

    field = torch.from_numpy(np.array(correction, np.float32))[None]
    spread = torch.nn.functional.interpolate(
        field, size=colour.shape[:2], mode="bilinear", align_corners=False
    )[0].permute(1, 2, 0)
    sum_ = torch.from_numpy(np.ascontiguousarray(colour)) + spread
    return np.asarray(sum_.clamp_(0, 255).round_().to(torch.uint8).contiguous().numpy())
