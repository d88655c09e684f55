"""The picture from afar: each level is half as wide and high as the one below. Pure; any thread."""

from __future__ import annotations

import numpy as np
from PIL import Image

from studio.api.outputs import Pixels
from studio.core.tiles import TileKey

MAX_LEVEL = 8
"""One pixel for 256 × 256."""


def children_of(key: TileKey) -> list[TileKey]:
    """The four tiles of the next finer level that a tile is made of."""
    return [(2 * key[0] + dx, 2 * key[1] + dy) for dx in (0, 1) for dy in (0, 1)]


def halved(pixels: Pixels) -> Pixels:
    """Half as wide and high: the mean of each 2 × 2 pixels, weighted by their alpha. Even sizes only."""
    if (pixels[..., 3] == 255).all():
        return np.asarray(Image.fromarray(pixels).reduce(2))
    quarters = [pixels[y::2, x::2] for y in (0, 1) for x in (0, 1)]
    weights = [quarter[..., 3].astype(np.float32) for quarter in quarters]
    total = weights[0] + weights[1] + weights[2] + weights[3]
    result = np.empty(quarters[0].shape, np.uint8)
    result[..., 3] = total * np.float32(0.25) + np.float32(0.5)
    share = np.float32(1) / np.maximum(total, np.float32(1))
    for channel in range(3):
        mean = quarters[0][..., channel] * weights[0]
        for quarter, weight in zip(quarters[1:], weights[1:], strict=True):
            mean += quarter[..., channel] * weight
        result[..., channel] = mean * share + np.float32(0.5)
    return result
