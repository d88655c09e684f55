"""A picture of any size and kind as a generator would have made it: a square, opaque. Pure; any thread."""

from __future__ import annotations

import numpy as np

from studio.api import Pixels

from .faces import Floats

_MOST_SAMPLES = 1 << 24


def fitted(pixels: Pixels, size_px: int) -> Floats:
    """The middle square of a picture, (size_px, size_px, 3), -1..1; white where it is transparent.

    Each pixel is the mean of the area it covers, or lies between the nearest where the picture is smaller.
    Needs memory in proportion to a few rows, not to the picture.

    Args:
        pixels: (H, W, 4) uint8 RGBA of any size from 1 × 1.
    """
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = pixels[top : top + side, left : left + side]
    if side <= size_px:
        opaque = _opaque(square)
    else:
        # Whole pixels first, then the rest by the weights of what is covered.
        opaque = _area(square, min(side, 2 * size_px) if side >= 4 * size_px else side)
    weights = _weights(len(opaque), size_px)
    across = np.einsum("ij,kjc->kic", weights, opaque)
    resized = np.einsum("ij,jkc->ikc", weights, across)
    square_of_size: Floats = (resized * 2 - 1).astype(np.float32)
    return square_of_size


def _opaque(pixels: Pixels) -> Floats:
    """(H, W, 3), 0..1, over white."""
    values = pixels.astype(np.float32) / np.float32(255)
    alpha = values[..., 3:]
    opaque: Floats = values[..., :3] * alpha + (1 - alpha)
    return opaque


def _area(square: Pixels, goal: int) -> Floats:
    """Reduced by a whole factor to no less than `goal` a side, some rows at a time."""
    factor = max(1, len(square) // goal)
    side = len(square) // factor
    start = (len(square) - side * factor) // 2
    reduced = np.empty((side, side, 3), np.float32)
    rows = max(1, _MOST_SAMPLES // (side * factor * factor * 4))
    for first in range(0, side, rows):
        last = min(first + rows, side)
        band = square[start + first * factor : start + last * factor, start : start + side * factor]
        blocks = _opaque(band).reshape(last - first, factor, side, factor, 3)
        reduced[first:last] = blocks.mean((1, 3))
    return reduced


def _weights(count: int, goal: int) -> Floats:
    """(goal, count): how much of each old pixel goes into each new one; rows sum to one."""
    scale = count / goal
    centres = (np.arange(goal) + 0.5) * scale - 0.5
    reach = max(1.0, scale)
    distance = np.abs(np.arange(count)[None] - centres.clip(0, count - 1)[:, None])
    weights = (1 - distance / reach).clip(0)
    even: Floats = (weights / weights.sum(1, keepdims=True)).astype(np.float32)
    return even
