"""What a generator yields. Frozen; arrays are copied and read-only. Any thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt

from studio.api.tokens import TokenFact

Pixels = npt.NDArray[np.uint8]
"""(H, W, 4) uint8 RGBA, straight alpha, sRGB, row 0 = top."""

FloatArray = npt.NDArray[np.float32]

Scalar = str | int | float | bool | None
Extras = Mapping[str, Scalar]
"""Small facts for the record, such as {"finish": "stop string", "tokens": 128}."""


def as_pixels(array: npt.NDArray[np.generic]) -> Pixels:
    """A read-only (H, W, 4) uint8 RGBA copy of an (H, W), (H, W, 3) or (H, W, 4) uint8 array.

    What is such a copy already, is itself returned.

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
    if _is_kept(array):
        return cast(Pixels, array)
    rgba = np.empty((array.shape[0], array.shape[1], 4), np.uint8)
    rgba[..., 3] = 255
    rgba[..., : array.shape[2]] = array
    rgba.setflags(write=False)
    return rgba


def _is_kept(array: npt.NDArray[np.generic]) -> bool:
    flags = array.flags
    return array.shape[2] == 4 and flags.owndata and flags.c_contiguous and not flags.writeable


def as_float_arrays(arrays: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Read-only copies of a latent's arrays, in the order of their names.

    Raises:
        TypeError: one isn't float32.
        ValueError: there is none, one is empty, or a value is no finite number.
    """
    if not arrays:
        raise ValueError("a latent needs at least one array")
    kept: dict[str, FloatArray] = {}
    for name, array in sorted(arrays.items()):
        if array.dtype != np.float32:
            raise TypeError(f"a latent's arrays must be float32; {name!r} is {array.dtype}")
        if array.size == 0 or not np.isfinite(array).all():
            raise ValueError(f"the latent's array {name!r} is empty or not finite")
        copy: FloatArray = np.array(array, np.float32, order="C")
        copy.setflags(write=False)
        kept[name] = copy
    return kept


@dataclass(frozen=True)
class Placement:
    """Where a picture belongs: over which rectangle of the picture that it was made from. It is kept in
    the record, so that the result can be put there at once or years later.

    Args:
        input: The name of the field that picture was given in.
        x: The rectangle's left edge, in that picture's pixels; below 0 is beyond its edge.
        y: Its top edge.
        width: How many of that picture's pixels it covers; the result may have more or fewer itself.
        height: The same downwards.
    """

    input: str
    x: int
    y: int
    width: int
    height: int

    def __post_init__(self) -> None:
        if not self.input or self.width < 1 or self.height < 1:
            raise ValueError(f"a placement needs an input's name and a size: {self}")


@dataclass(frozen=True)
class ImageOutput:
    """One finished picture.

    Args:
        pixels: (H, W, 3 or 4) uint8.
        seed: The one that made it (in a batch, each its own).
        extras: See `Extras`.
        placement: Where it belongs, if it was made from a picture; None where that makes no sense.
    """

    pixels: Pixels
    seed: int | None = None
    extras: Extras = field(default_factory=dict)
    placement: Placement | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "pixels", as_pixels(self.pixels))


@dataclass(frozen=True)
class TextDelta:
    """A piece of streamed text: append it. Never ends within a character."""

    text: str
    tokens: int = 1
    """How many tokens the piece stands for; the status line's tokens/s is counted from it."""
    token_facts: tuple[TokenFact, ...] = ()
    """Of the tokens that are finished by now: a little behind the text, where a part of one is held back."""


@dataclass(frozen=True)
class TextOutput:
    """One finished text. It stands for all deltas since the last TextOutput."""

    text: str
    seed: int | None = None
    extras: Extras = field(default_factory=dict)
    token_facts: tuple[TokenFact, ...] = ()
    """What the model thought of each token: kept beside the text. Empty where nobody asked."""

    def __post_init__(self) -> None:
        if self.token_facts and "".join(fact.text for fact in self.token_facts) != self.text:
            raise ValueError("the tokens' texts, joined, must be the text")


@dataclass(frozen=True, eq=False)
class Latent:
    """What a picture is to a model: named float arrays that can be edited and drawn again.

    Args:
        arrays: float32 and finite; kept as read-only copies.
        layout: What the arrays mean, such as "stylegan2.w" or "kl.moments".
        model_hash: `ModelInfo.content_hash` of the model it belongs to; "" where none is known.

    Raises:
        TypeError: an array isn't float32.
        ValueError: no arrays, or a value that is no finite number.
    """

    arrays: Mapping[str, FloatArray]
    layout: str
    model_hash: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "arrays", as_float_arrays(self.arrays))


@dataclass(frozen=True, eq=False)
class LatentOutput:
    """A latent with the full picture it makes: shown, placed and exported as that picture, and
    kept beside it so that it can be edited again.

    Args:
        arrays: As in `Latent`.
        layout: As in `Latent`.
        pixels: The picture, (H, W, 3 or 4) uint8.
        model_hash: As in `Latent`; "" means the model this job ran with.
    """

    arrays: Mapping[str, FloatArray]
    layout: str
    pixels: Pixels
    seed: int | None = None
    extras: Extras = field(default_factory=dict)
    model_hash: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "arrays", as_float_arrays(self.arrays))
        object.__setattr__(self, "pixels", as_pixels(self.pixels))


@dataclass(frozen=True)
class FileOutput:
    """A finished file, such as a video, written into `ctx.work_dir`; the studio moves it away."""

    path: Path
    media_type: str
    preview: Pixels | None = None
    seed: int | None = None
    extras: Extras = field(default_factory=dict)


Output = ImageOutput | TextDelta | TextOutput | LatentOutput | FileOutput
