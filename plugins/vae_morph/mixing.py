"""Mixing latents: weights per picture, per position where something is transparent. Pure; any thread.

A spatial latent is (C, h, w) float32: a vector of C numbers at each position. Mixing happens between
whitened vectors (mean taken off, divided by the deviation), so that no channel outweighs the others.

Averaging latents that know nothing of each other shrinks them, and a decoder makes mist of small
ones. "slerp" turns them instead (two: along the arc; more: by the mean, stretched), so that they keep their
length, and pictures their contrast. "sweep" lets the change run from top to bottom, so that most
positions show one picture or the other at any moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Path = Literal["lerp", "slerp", "sweep"]

_TINY = 1e-8
_MOST_STRETCH = 4.0
"""What 16 that know nothing of each other need; where they cancel out, there is nothing to stretch."""
_STEEPNESS = 4.0
"""The power shares are raised to: how narrow the band of the sweep is."""


@dataclass(frozen=True)
class Whitening:
    """Mean and deviation per channel, each (C, 1, 1)."""

    mean: Array
    deviation: Array

    def apply(self, latent: Array) -> Array:
        return np.asarray((latent - self.mean) / self.deviation, np.float32)

    def undo(self, latent: Array) -> Array:
        return np.asarray(latent * self.deviation + self.mean, np.float32)


@dataclass(frozen=True)
class Mixture:
    """One latent of several.

    Args:
        latent: (C, h, w).
        shares: (N, h, w), how much of each is where; they sum to 1 over N.
        alone: The one that has all the weight, whose latent this is to the bit.
    """

    latent: Array
    shares: Array
    alone: int | None = None


def mix(latents: Sequence[Array], weights: Array, path: Path, whitening: Whitening) -> Mixture:
    """Mix latents by weights.

    Args:
        latents: N of them, each (C, h, w).
        weights: (N,) or (N, h, w); they sum to 1 over N; negative ones lead away.
        path: How to go from one to the other.
    """
    shares = np.broadcast_to(
        weights if weights.ndim == 3 else weights[:, None, None],
        (len(latents), *latents[0].shape[1:]),
    ).astype(np.float32)
    flat = weights.reshape(len(latents), -1)
    alone = np.flatnonzero((flat == 1).all(axis=1))
    if alone.size and int(np.count_nonzero(flat)) == flat.shape[1]:
        return Mixture(np.array(latents[int(alone[0])], np.float32), shares, int(alone[0]))
    white = np.stack([whitening.apply(latent) for latent in latents])
    if path == "sweep":
        shares = swept(shares)
    factors = shares if path == "lerp" else turned(white, shares)
    return Mixture(whitening.undo(np.einsum("nhw,nchw->chw", factors, white)), shares)


def turned(white: Array, spread: Array) -> Array:
    """Factors (N, h, w) that turn latents into each other instead of averaging them.

    The angle is the one between whole latents. Taken at each position of its own, it makes noise of what
    is smooth: short vectors, which stand for nothing much, get the largest turns.

    Args:
        white: (N, C, h, w).
        spread: (N, h, w), summing to 1 over N.
    """
    flat = white.reshape(len(white), -1).astype(np.float64)
    products = flat @ flat.T
    lengths = np.sqrt(np.diag(products))
    if len(white) == 2 and bool((spread >= 0).all()):
        return _arc(products, lengths, spread)
    mean = np.sqrt(np.maximum(np.einsum("nhw,nm,mhw->hw", spread, products, spread), 0))
    wanted = np.einsum("n,nhw->hw", lengths, spread)
    stretch = np.clip(wanted / np.maximum(mean, _TINY), 1, _MOST_STRETCH)
    return np.asarray(spread * stretch, np.float32)


def _arc(
    products: npt.NDArray[np.float64], lengths: npt.NDArray[np.float64], spread: Array
) -> Array:
    """Two: along the arc, the length going over evenly (Shoemake, Animating Rotation, 1985)."""
    first, second = lengths
    if min(first, second) < _TINY:
        return spread
    angle = np.arccos(np.clip(products[0, 1] / (first * second), -1, 1))
    if np.sin(angle) < 1e-3:
        return spread
    length = spread[0] * first + spread[1] * second
    arcs = np.sin(spread * angle) / np.sin(angle) * length
    return np.asarray(arcs / lengths[:, None, None], np.float32)


def swept(shares: Array) -> Array:
    """Shares (N, h, w) sharpened around moments that come later from row to row.

    Zeros stay zeros and a one stays one, so the pictures themselves are met exactly. With a negative
    share there is no way to sweep along; it stays as it is.
    """
    if len(shares) < 2 or bool((shares < 0).any()):
        return shares
    count, rows, _ = shares.shape
    middles = (np.arange(rows, dtype=np.float32) + 0.5) / rows
    # Later pictures are held back further down; two change places at a share of 0.12 to 0.88.
    leaning = np.linspace(1, -1, count, dtype=np.float32)[:, None] * (2 * middles - 1)
    with np.errstate(divide="ignore"):
        logits = _STEEPNESS * (np.log(shares) + leaning[:, :, None])
    sharp = np.exp(logits - logits.max(axis=0))
    return np.asarray(sharp / sharp.sum(axis=0), np.float32)


def weights_where_visible(weights: Array, coverages: Sequence[Array | None]) -> Array:
    """Weights per position that leave out what is transparent there: hidden colour doesn't bleed.

    Args:
        weights: (N,), summing to 1.
        coverages: each picture's alpha at the latent's size, (h, w) 0..1; None where it is opaque.

    Returns:
        (N,) as it was where all is opaque or a weight is negative, else (N, h, w).
    """
    if bool((weights < 0).any()):
        return weights
    shape = next((c.shape for c in coverages if c is not None), None)
    if shape is None:
        return weights
    alphas = np.stack([np.ones(shape, np.float32) if c is None else c for c in coverages])
    seen = weights[:, None, None] * alphas
    total = seen.sum(axis=0)
    visible = np.where(total > 1e-4, seen / np.maximum(total, 1e-4), weights[:, None, None])
    return np.asarray(visible, np.float32)
