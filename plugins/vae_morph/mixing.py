"""Mixing latents: weights per picture, per position where something is transparent. Pure; any thread.

A spatial latent is (C, h, w) float32: a vector of C numbers at each position. Mixing happens between
whitened vectors (mean taken off, divided by the deviation), so that no channel outweighs the others.

Averaging vectors that know nothing of each other shrinks them, and a decoder makes grey mist of
short vectors. "slerp" turns them instead (two: along the arc; more: by the normalised mean), so that each
position keeps its length. "dissolve" lets each position change over in its own, short time, so that
most of them show one picture or the other at any moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Path = Literal["lerp", "slerp", "dissolve"]

_TINY = 1e-8
_STEEPNESS = 4.0
"""A position's own change takes a quarter of the way."""


@dataclass(frozen=True)
class Whitening:
    """Mean and deviation per channel, each (C, 1, 1)."""

    mean: Array
    deviation: Array

    def apply(self, latent: Array) -> Array:
        return np.asarray((latent - self.mean) / self.deviation, np.float32)

    def undo(self, latent: Array) -> Array:
        return np.asarray(latent * self.deviation + self.mean, np.float32)


def mix(latents: Sequence[Array], weights: Array, path: Path, whitening: Whitening) -> Array:
    """One latent of several.

    Args:
        latents: N of them, each (C, h, w).
        weights: (N,) or (N, h, w); they sum to 1 over N; negative ones lead away.
        path: How to go from one to the other.

    Returns:
        (C, h, w). With all the weight on one latent, that latent to the bit.
    """
    flat = weights.reshape(len(latents), -1)
    alone = np.flatnonzero((flat == 1).all(axis=1))
    if alone.size and int(np.count_nonzero(flat)) == flat.shape[1]:
        return np.array(latents[int(alone[0])], np.float32)
    white = np.stack([whitening.apply(latent) for latent in latents])
    spread = np.broadcast_to(
        weights.reshape(len(latents), *((1, 1) if weights.ndim == 1 else weights.shape[1:])),
        (len(latents), *white.shape[2:]),
    ).astype(np.float32)
    if path == "dissolve":
        spread = dissolved(white, spread)
    if path == "lerp":
        return whitening.undo(np.einsum("nhw,nchw->chw", spread, white))
    if len(latents) == 2 and bool(((spread >= 0) & (spread <= 1)).all()):
        return whitening.undo(slerp(white[0], white[1], spread[1]))
    return whitening.undo(_keep_length(white, spread))


def slerp(first: Array, second: Array, fraction: Array) -> Array:
    """Along the arc between two vectors at each position; their length goes over evenly.

    Args:
        first, second: (C, h, w).
        fraction: (h, w), 0 is the first, 1 the second.
    """
    length_a, length_b = np.linalg.norm(first, axis=0), np.linalg.norm(second, axis=0)
    unit_a, unit_b = first / np.maximum(length_a, _TINY), second / np.maximum(length_b, _TINY)
    angle = np.arccos(np.clip((unit_a * unit_b).sum(axis=0), -1, 1))
    sine = np.sin(angle)
    straight = (sine < 1e-4) | (length_a < _TINY) | (length_b < _TINY)
    divisor = np.where(straight, 1, sine)
    part_a = np.where(straight, 1 - fraction, np.sin((1 - fraction) * angle) / divisor)
    part_b = np.where(straight, fraction, np.sin(fraction * angle) / divisor)
    length = (1 - fraction) * length_a + fraction * length_b
    turned = (part_a * unit_a + part_b * unit_b) * length
    plain = (1 - fraction) * first + fraction * second
    return np.asarray(np.where(straight, plain, turned), np.float32)


def _keep_length(white: Array, spread: Array) -> Array:
    """The weighted mean, stretched where it came out shorter than what it was made of."""
    mean = np.einsum("nhw,nchw->chw", spread, white)
    wanted = (spread * np.linalg.norm(white, axis=1)).sum(axis=0)
    length = np.linalg.norm(mean, axis=0)
    stretch = np.where(length > 1e-4, np.maximum(wanted, length) / np.maximum(length, 1e-4), 1)
    return np.asarray(mean * stretch, np.float32)


def dissolved(white: Array, spread: Array) -> Array:
    """Weights (N, h, w) sharpened around moments that differ between positions.

    Where pictures differ little the change comes early, so that what stands out is whole for longest.
    Zeros stay zeros and a one stays one, so the pictures themselves are met exactly.
    """
    if len(white) < 2 or bool((spread < 0).any()):
        return spread
    moment = _moments(white)
    # A power of the weights, leaning one way or the other by the position's moment.
    leaning = np.linspace(-1, 1, len(white), dtype=np.float32)[:, None, None] * moment
    with np.errstate(divide="ignore"):
        logits = np.log(spread) * _STEEPNESS + leaning * _STEEPNESS * 0.5
    logits -= logits.max(axis=0)
    sharp = np.exp(logits)
    return np.asarray(sharp / sharp.sum(axis=0), np.float32)


def _moments(white: Array) -> Array:
    """(h, w) in -1..1: the rank of how much the pictures differ at each position, smoothed."""
    difference = smooth(white.std(axis=0).mean(axis=0))
    ranks = np.argsort(np.argsort(difference, axis=None, kind="stable"), kind="stable")
    return (2 * (ranks.reshape(difference.shape) + 0.5) / difference.size - 1).astype(np.float32)


def smooth(field: Array) -> Array:
    """(h, w) averaged with its neighbours, edges repeated."""
    padded = np.pad(field, 1, mode="edge")
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    return np.asarray((rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / 9, np.float32)


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
