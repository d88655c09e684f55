"""What a generator yields. Frozen; arrays are copied and read-only. Any thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
"""(H, W, 4) uint8 RGBA, straight alpha, sRGB, row 0 = top."""

Scalar = str | int | float | bool | None
Extras = Mapping[str, Scalar]
"""Small facts for the record, such as {"finish": "stop string", "tokens": 128}."""


def as_pixels(array: npt.NDArray[np.generic]) -> Pixels:
    """A read-only (H, W, 4) uint8 RGBA copy of an (H, W), (H, W, 3) or (H, W, 4) uint8 array.

    Raises:
        TypeError: the array isn't uint8; scale floats yourself, so that nothing is guessed.
        ValueError: the shape isn't an image's.
    """
    if array.dtype != np.uint8:
        raise TypeError(f"pixels must be uint8, not {array.dtype}")
    if array.ndim == 2:
        array = np.repeat(array[:, :, None], 3, axis=2)
    if array.ndim != 3 or array.shape[2] not in (3, 4) or 0 in array.shape:
        raise ValueError(f"pixels must be (H, W), (H, W, 3) or (H, W, 4), not {array.shape}")
    rgba = np.empty((array.shape[0], array.shape[1], 4), np.uint8)
    rgba[..., 3] = 255
    rgba[..., : array.shape[2]] = array
    rgba.setflags(write=False)
    return rgba


@dataclass(frozen=True)
class ImageOutput:
    """One finished picture. `seed` is the one that made it (in a batch, each its own)."""

    pixels: Pixels
    seed: int | None = None
    extras: Extras = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pixels", as_pixels(self.pixels))


@dataclass(frozen=True)
class TextDelta:
    """A piece of streamed text: append it. Never ends within a character."""

    text: str
    tokens: int = 1
    """How many tokens the piece stands for; the status line's tokens/s is counted from it."""


@dataclass(frozen=True)
class TextOutput:
    """One finished text. It stands for all deltas since the last TextOutput."""

    text: str
    seed: int | None = None
    extras: Extras = field(default_factory=dict)


@dataclass(frozen=True)
class LatentOutput:
    """A latent that can be edited again later: named float arrays."""

    arrays: Mapping[str, npt.NDArray[np.float32]]
    preview: Pixels | None = None
    seed: int | None = None
    extras: Extras = field(default_factory=dict)


@dataclass(frozen=True)
class FileOutput:
    """A finished file, such as a video, written into `ctx.work_dir`; the studio moves it away."""

    path: Path
    media_type: str
    preview: Pixels | None = None
    seed: int | None = None
    extras: Extras = field(default_factory=dict)


Output = ImageOutput | TextDelta | TextOutput | LatentOutput | FileOutput
