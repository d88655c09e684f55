"""Fills what is not known of a picture from what is known around it, softly. Pure; any thread.

Three uses: the colour under transparent parts, the ground beyond a picture's edge before it is
painted, and the difference along a seam, spread so that it can fade away.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

FloatField = npt.NDArray[np.float32]


def filled(values: FloatField, known: FloatField, otherwise: float = 0.0) -> FloatField:
    """`values` where `known` is 1, and what lies around elsewhere.

    Args:
        values: (H, W, channels).
        known: (H, W), 0..1: how much of each value is known.
        otherwise: The value where nothing is known at all.

    Source: push-pull, Gortler et al., The Lumigraph (1996), section 3.4: averages by coverage at ever
    coarser levels, then filled in from coarse to fine; here with a bilinear step between two levels.
    """
    height, width = known.shape
    if bool((known >= 1).all()):
        return values
    if not bool(known.any()):
        return np.full_like(values, otherwise)
    if height == 1 and width == 1:
        return values
    even = ((0, height % 2), (0, width % 2))
    seen = _summed(np.pad(values * known[..., None], (*even, (0, 0))))
    cover = _summed(np.pad(known, even))
    mean = seen / np.maximum(cover, 1e-6)[..., None]
    coarse = filled(mean.astype(np.float32), np.minimum(1, cover), otherwise)
    spread = _doubled(coarse)[:height, :width]
    share = known[..., None]
    return np.asarray(values * share + spread * (1 - share), np.float32)


def _summed(field: FloatField) -> FloatField:
    """Sums over blocks of 2 × 2."""
    return np.asarray(
        field[0::2, 0::2] + field[1::2, 0::2] + field[0::2, 1::2] + field[1::2, 1::2], np.float32
    )


def _doubled(field: FloatField) -> FloatField:
    """Twice as high and wide, bilinear."""
    height, width = field.shape[:2]
    planes = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(field[..., channel])).resize(
                (2 * width, 2 * height), Image.Resampling.BILINEAR
            )
        )
        for channel in range(field.shape[2])
    ]
    return np.stack(planes, axis=2)


def opaque(rgba: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """(H, W, 3): hidden colours, often black, give way to those of the visible pixels around them."""
    alpha = rgba[..., 3]
    if bool((alpha == 255).all()):
        return rgba[..., :3]
    # What is seen at all keeps its colour; only where almost nothing is seen it is made up.
    known = np.minimum(1, alpha.astype(np.float32) / 32)
    colour = filled(rgba[..., :3].astype(np.float32), known, 127.5)
    return np.asarray(np.clip(colour + 0.5, 0, 255), np.uint8)
