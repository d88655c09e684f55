"""One face as numbers, and what can be done with several: vary, mix, edit, walk. Pure numpy; any thread.

A face is w, one row for each layer of the generator; one that came straight from chance also keeps its z and
condition, so that a walk can go through z.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

LAYOUT = "stylegan2.w"
Floats = npt.NDArray[np.float32]
Easing = Literal["linear", "smooth", "in", "out"]


@dataclass(frozen=True, eq=False)
class Face:
    """`w` is (num_ws, w_dim); `z` (z_dim,) and `c` (c_dim,) where they are known."""

    w: Floats
    z: Floats | None = None
    c: Floats | None = None

    @property
    def arrays(self) -> dict[str, Floats]:
        named = {"w": self.w, "z": self.z, "c": self.c}
        return {name: array for name, array in named.items() if array is not None}


def face_from(arrays: Mapping[str, Floats], num_ws: int, w_dim: int) -> Face:
    """The face of a latent's arrays.

    Raises:
        ValueError: they are no face of such a generator.
    """
    w = arrays.get("w")
    if w is None or w.shape != (num_ws, w_dim):
        shape = "none" if w is None else " × ".join(map(str, w.shape))
        raise ValueError(f"its w is {shape}, and the model's is {num_ws} × {w_dim}")
    return Face(w, arrays.get("z"), arrays.get("c"))


def random_of(seed: int) -> np.random.RandomState:
    """The source of a face's z, as the published samples of StyleGAN2-ADA use it: so that their
    numbered faces come out the same here. Seeds beyond its 32 bits are taken whole, in two halves."""
    if seed < 1 << 32:
        return np.random.RandomState(seed)
    return np.random.RandomState([seed & 0xFFFFFFFF, seed >> 32])


def truncate(w: Floats, mean: Floats, psi: float, layers: int) -> Floats:
    """(num_ws, w_dim) drawn towards the mean w in so many layers from the coarsest; 0 layers means all.

    Source: Karras et al. 2019, "A Style-Based Generator Architecture", section B (truncation in W).
    """
    truncated = w.copy()
    upto = layers or len(w)
    truncated[:upto] = mean + np.float32(psi) * (w[:upto] - mean)
    return truncated


def vary(w: Floats, other: Floats, mean: Floats, spread: float, layers: Sequence[int]) -> Floats:
    """w moved towards another face's, as far off the mean as before: 0 is w, 1 the other."""
    keep = np.float32(math.sqrt(max(0.0, 1 - spread**2)))
    moved = w.copy()
    rows = list(layers)
    moved[rows] = mean + keep * (w[rows] - mean) + np.float32(spread) * (other[rows] - mean)
    return moved


def mix(first: Floats, second: Floats, layers: Sequence[int], amount: float = 1.0) -> Floats:
    """The first face with some layers taken, or by `amount` moved, from the second.

    Source: Karras et al. 2019, section 3.1 (style mixing).
    """
    mixed = first.copy()
    rows = list(layers)
    mixed[rows] = lerp(first[rows], second[rows], amount)
    return mixed


def edit(
    w: Floats, directions: Mapping[str, Floats], weights: Mapping[str, float], layers: Sequence[int]
) -> Floats:
    """w moved along directions, each (w_dim,) or (num_ws, w_dim), in the given layers."""
    moved = w.copy()
    rows = list(layers)
    for name, weight in sorted(weights.items()):
        step = np.broadcast_to(directions[name], w.shape)
        moved[rows] += np.float32(weight) * step[rows]
    return moved


def slerp(a: Floats, b: Floats, fraction: float) -> Floats:
    """From one z to another along the sphere; lengths go evenly from one's to the other's.

    Source: Shoemake 1985, "Animating Rotation with Quaternion Curves", section 3.3.
    """
    long_a, long_b = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    if not long_a or not long_b:
        return lerp(a, b, fraction)
    cosine = float(np.clip(np.dot(a / long_a, b / long_b), -1, 1))
    angle = math.acos(cosine)
    if math.sin(angle) < 1e-6:
        return lerp(a, b, fraction)
    first = math.sin((1 - fraction) * angle) / math.sin(angle)
    second = math.sin(fraction * angle) / math.sin(angle)
    direction = np.float32(first) * a / np.float32(long_a) + np.float32(second) * b / np.float32(
        long_b
    )
    length = np.float32((1 - fraction) * long_a + fraction * long_b)
    return (direction * length).astype(np.float32)


def lerp(a: Floats, b: Floats, fraction: float) -> Floats:
    """Straight from one to the other; exactly either at the ends."""
    if fraction >= 1:
        return b
    return (a + np.float32(fraction) * (b - a)).astype(np.float32)


def eased(fraction: float, easing: Easing) -> float:
    """0..1 to 0..1, never turning back."""
    if easing == "smooth":
        return fraction * fraction * (3 - 2 * fraction)
    if easing == "in":
        return fraction * fraction
    if easing == "out":
        return fraction * (2 - fraction)
    return fraction


@dataclass(frozen=True)
class Stop:
    """One frame of a walk: how far it is from one key face to another."""

    start: int
    end: int
    fraction: float


def stops(keys: int, frames_per_leg: int, closed: bool, easing: Easing) -> list[Stop]:
    """The frames of a walk through `keys` faces.

    An open one ends on its last face; a closed one ends a frame short of its first, so that it repeats
    without a stutter.
    """
    legs = [(index, index + 1) for index in range(keys - 1)]
    if closed and keys > 1:
        legs.append((keys - 1, 0))
    walk = [
        Stop(start, end, eased(frame / frames_per_leg, easing))
        for start, end in legs
        for frame in range(frames_per_leg)
    ]
    if not closed or keys == 1:
        walk.append(Stop(keys - 1, keys - 1, 0.0))
    return walk
