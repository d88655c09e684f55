"""What a run works on: its pictures and latents brought to one size. GPU thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from studio.api import Context, Latent, LatentOutput, Pixels, StudioError
from studio.api.outputs import Extras

from .coder import Coder, Encoded, fingerprint
from .fit import Fit, Frame, coverage, fitted, frame_of
from .mixing import Array, Path, mix, weights_where_visible
from .params import LAYOUT


@dataclass(frozen=True)
class Still:
    """One result: the latent, and the picture it makes (H, W, 3 or 4) uint8."""

    latent: Array
    alpha: npt.NDArray[np.uint8] | None
    pixels: npt.NDArray[np.uint8]

    def output(self, seed: int | None = None, extras: Extras | None = None) -> LatentOutput:
        arrays: dict[str, Array] = {
            "latent": self.latent,
            "size": np.array(self.pixels.shape[:2], np.float32),
        }
        if self.alpha is not None:
            arrays["alpha"] = (self.alpha / 255).astype(np.float32)
        return LatentOutput(arrays, LAYOUT, self.pixels, seed=seed, extras=extras or {})


@dataclass(frozen=True)
class Materials:
    """Pictures and latents as the VAE knows them, in the person's order."""

    coder: Coder
    frame: Frame
    things: tuple[Encoded, ...]
    coverages: tuple[Array | None, ...]
    memory_level: int

    def __len__(self) -> int:
        return len(self.things)

    def mixed(self, weights: Array, path: Path, ctx: Context) -> Still:
        """The picture of a mixture. A cancel point, for each of its tiles one.

        Args:
            weights: (N,), summing to 1.
        """
        latent = mix(
            [thing.latent for thing in self.things],
            weights_where_visible(weights, self.coverages),
            path,
            self.coder.whitening,
        )
        return self.still(latent, self.mixed_alpha(weights), ctx)

    def mixed_alpha(self, weights: Array) -> npt.NDArray[np.uint8] | None:
        if all(thing.alpha is None for thing in self.things):
            return None
        total = np.zeros((self.frame.height, self.frame.width), np.float32)
        for weight, thing in zip(weights, self.things, strict=True):
            total += weight * (np.float32(255) if thing.alpha is None else thing.alpha)
        return np.asarray(np.clip(total + 0.5, 0, 255), np.uint8)

    def still(self, latent: Array, alpha: npt.NDArray[np.uint8] | None, ctx: Context) -> Still:
        """A latent's picture, cut to the frame, with its alpha put back."""
        colour = self.coder.decode(latent, check=ctx.check, memory_level=self.memory_level)
        colour = colour[: self.frame.height, : self.frame.width]
        if alpha is None:
            return Still(latent, None, colour)
        return Still(latent, alpha, np.dstack([colour, alpha]))


def gather(
    coder: Coder,
    pictures: Sequence[Pixels],
    latents: Sequence[Latent],
    fit: Fit,
    size: int,
    model_hash: str,
    ctx: Context,
) -> Materials:
    """Read all pictures into one frame: the first latent's, else what `fit` makes of the first picture.

    Raises:
        StudioError: a latent of another model or another size.
        Cancelled: between pictures, and between the tiles of a large one.
    """
    given = [_checked(latent, model_hash, coder) for latent in latents]
    if given:
        height, width = _size_of(latents[0])
        frame = Frame(height, width, coder.factor)
        _must_agree(given, latents, frame)
    else:
        height, width = pictures[0].shape[:2]
        frame = frame_of(height, width, fit, size or coder.own_side_px, coder.factor)
    things = []
    for index, pixels in enumerate(pictures):
        ctx.progress(index, len(pictures), f"Reading picture {index + 1} of {len(pictures)}")
        key = (fingerprint(pixels), frame, fit, ctx.memory_level)
        things.append(coder.remembered(key, partial(_encoded, coder, pixels, frame, fit, ctx)))
    things += given
    coverages = tuple(coverage(thing.alpha, frame) for thing in things)
    return Materials(coder, frame, tuple(things), coverages, ctx.memory_level)


def _encoded(coder: Coder, pixels: Pixels, frame: Frame, fit: Fit, ctx: Context) -> Encoded:
    picture = fitted(pixels, frame, fit)
    ctx.check()
    latent = coder.encode(picture.colour, check=ctx.check, memory_level=ctx.memory_level)
    return Encoded(latent, picture.alpha)


def _checked(latent: Latent, model_hash: str, coder: Coder) -> Encoded:
    if latent.layout != LAYOUT or "latent" not in latent.arrays or "size" not in latent.arrays:
        raise StudioError(
            f"This latent is of the layout {latent.layout!r}; morphs take {LAYOUT!r}.",
            where="latents",
            remedy="Give its picture instead.",
        )
    if latent.model_hash and latent.model_hash != model_hash:
        raise StudioError(
            "This latent was made with another VAE.",
            where="latents",
            remedy="Choose that VAE as the model, or give the latent's picture instead.",
        )
    values = latent.arrays["latent"]
    if values.ndim != 3 or values.shape[0] != coder.channels or latent.arrays["size"].size != 2:
        raise StudioError(
            f"This latent's shape {values.shape} doesn't fit the VAE, which has {coder.channels} channels.",
            where="latents",
            remedy="Give its picture instead.",
        )
    alpha = latent.arrays.get("alpha")
    if alpha is not None and alpha.shape != _size_of(latent):
        raise StudioError("This latent's alpha doesn't have its size.", where="latents")
    seen = None if alpha is None else np.asarray(np.clip(alpha * 255 + 0.5, 0, 255), np.uint8)
    return Encoded(np.array(values, np.float32), seen)


def _size_of(latent: Latent) -> tuple[int, int]:
    height, width = (round(float(side)) for side in latent.arrays["size"])
    return height, width


def _must_agree(given: Sequence[Encoded], latents: Sequence[Latent], frame: Frame) -> None:
    for thing, latent in zip(given, latents, strict=True):
        size = _size_of(latent)
        if size != (frame.height, frame.width) or thing.latent.shape[1:] != frame.latent_shape:
            raise StudioError(
                f"The latents have different sizes: {frame.width} × {frame.height} and "
                f"{size[1]} × {size[0]} pixels.",
                where="latents",
                remedy="Give their pictures instead, and they are fitted.",
            )
