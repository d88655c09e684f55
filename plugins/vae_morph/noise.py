"""Noise to vary a latent by: from fine to one push for the whole picture. Pure; any thread."""

from __future__ import annotations

import math

import numpy as np

from .mixing import Array


def latent_noise(shape: tuple[int, int, int], coarseness: float, seed: int) -> Array:
    """(C, h, w) of mean 0 and deviation 1 per place, the same for the same seed.

    Args:
        coarseness: 0 draws each position on its own, 1 one value for all of them.
    """
    channels, height, width = shape
    random = np.random.default_rng(seed)
    rows, columns = (_cells(side, coarseness) for side in (height, width))
    drawn = random.standard_normal((channels, rows, columns)).astype(np.float32)
    across = _interpolation(columns, width)
    down = _interpolation(rows, height)
    spread = np.einsum("hr,crk,wk->chw", down, drawn, across)
    # Interpolating averages: without this, places between cells would vary less than those on them.
    power = np.einsum("hr,wk->hw", down**2, across**2)
    return np.asarray(spread / np.sqrt(power), np.float32)


def _cells(side: int, coarseness: float) -> int:
    """Cells along a side: from one for each position down to one, evenly in powers."""
    return max(1, round(math.pow(side, 1 - coarseness)))


def _interpolation(cells: int, side: int) -> Array:
    """(side, cells): linear weights of the cells at each position; each row sums to one."""
    centres = np.clip((np.arange(side) + 0.5) * cells / side - 0.5, 0, cells - 1)
    low = np.floor(centres).astype(int)
    high = np.minimum(low + 1, cells - 1)
    weights = np.zeros((side, cells), np.float32)
    np.add.at(weights, (np.arange(side), low), 1 - (centres - low))
    np.add.at(weights, (np.arange(side), high), centres - low)
    return weights
