"""What a run works on: its pictures and latents brought to one size. GPU thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from studio.api import Context, Latent, LatentOutput, Pixels, StudioError
from studio.api.outputs import Extras

from .coder import Coder, Encoded, fingerprint
from .colours import corrected, tint_of
from .fit import Fit, Frame, coverage, fitted, frame_of
from .mixing import Array, Mixture, Path, mix, weights_where_visible
from .params import LAYOUT


@dataclass(frozen=True)
class Still:
    """One result: as the VAE knows it, and the picture it makes, (H, W, 3 or 4) uint8."""

    thing: Encoded
    pixels: npt.NDArray[np.uint8]

    def output(self, seed: int | None = None, extras: Extras | None = None) -> LatentOutput:
        arrays: dict[str, Array] = {
            "latent": self.thing.latent,
            "size": np.array(self.pixels.shape[:2], np.float32),
        }
        if self.thing.alpha is not None:
            arrays["alpha"] = (self.thing.alpha / 255).astype(np.float32)
        if self.thing.correction is not None:
            arrays["colour"] = self.thing.correction
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
        mixture = mix(
            [thing.latent for thing in self.things],
            weights_where_visible(weights, self.coverages),
            path,
            self.coder.whitening,
        )
        alpha = self._mixed_alpha(weights)
        if mixture.alone is not None:
            correction = self.things[mixture.alone].correction
            return self.still(Encoded(mixture.latent, alpha, correction), ctx)
        colour = self._decoded(mixture.latent, ctx)
        correction = self._correction(mixture, colour)
        return self._drawn(Encoded(mixture.latent, alpha, correction), colour)

    def still(self, thing: Encoded, ctx: Context) -> Still:
        """The picture of something the VAE knows, cut to the frame, with its alpha put back."""
        return self._drawn(thing, self._decoded(thing.latent, ctx))

    def _decoded(self, latent: Array, ctx: Context) -> npt.NDArray[np.uint8]:
        return self.coder.decode(latent, check=ctx.check, memory_level=self.memory_level)

    def _drawn(self, thing: Encoded, colour: npt.NDArray[np.uint8]) -> Still:
        if thing.correction is not None:
            colour = corrected(colour, thing.correction)
        colour = colour[: self.frame.height, : self.frame.width]
        return Still(thing, colour if thing.alpha is None else np.dstack([colour, thing.alpha]))

    def _correction(self, mixture: Mixture, colour: npt.NDArray[np.uint8]) -> Array | None:
        """What leads the colours of a mixture to the mixture of the colours."""
        tints = [thing.tint for thing in self.things if thing.tint is not None]
        if len(tints) < len(self.things):
            return None
        wanted = np.einsum("nhw,nchw->chw", mixture.shares, np.stack(tints))
        return np.asarray(np.clip(wanted, 0, 255) - tint_of(colour, self.frame.factor), np.float32)

    def _mixed_alpha(self, weights: Array) -> npt.NDArray[np.uint8] | None:
        if all(thing.alpha is None for thing in self.things):
            return None
        total = np.zeros((self.frame.height, self.frame.width), np.float32)
        for weight, thing in zip(weights, self.things, strict=True):
            total += weight * (np.float32(255) if thing.alpha is None else thing.alpha)
        return np.asarray(np.clip(total + 0.5, 0, 255), np.uint8)


def gather(
    coder: Coder,
    pictures: Sequence[Pixels],
    latents: Sequence[Latent],
    fit: Fit,
    size: int,
    model_hash: str,
    ctx: Context,
    *,
    true_colours: bool = False,
) -> Materials:
    """Read all pictures into one frame: the first latent's, else what `fit` makes of the first picture.

    Args:
        true_colours: Look what colours each has when it is drawn, to keep those of mixtures between.

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
    if true_colours:
        things = [_with_tint(coder, thing, ctx) for thing in things]
    coverages = tuple(coverage(thing.alpha, frame) for thing in things)
    return Materials(coder, frame, tuple(things), coverages, ctx.memory_level)


def _encoded(coder: Coder, pixels: Pixels, frame: Frame, fit: Fit, ctx: Context) -> Encoded:
    picture = fitted(pixels, frame, fit)
    ctx.check()
    latent = coder.encode(picture.colour, check=ctx.check, memory_level=ctx.memory_level)
    return Encoded(latent, picture.alpha)


def _with_tint(coder: Coder, thing: Encoded, ctx: Context) -> Encoded:
    key = ("tint", fingerprint(thing.latent), ctx.memory_level)

    def decoded() -> Encoded:
        colour = coder.decode(thing.latent, check=ctx.check, memory_level=ctx.memory_level)
        return Encoded(thing.latent, tint=tint_of(colour, coder.factor))

    tint = coder.remembered(key, decoded).tint
    assert tint is not None
    return replace(thing, tint=tint if thing.correction is None else tint + thing.correction)


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
    colour = latent.arrays.get("colour")
    if colour is not None and colour.shape != (3, *values.shape[1:]):
        raise StudioError("This latent's colours don't have its size.", where="latents")
    seen = None if alpha is None else np.asarray(np.clip(alpha * 255 + 0.5, 0, 255), np.uint8)
    return Encoded(np.array(values, np.float32), seen, colour)


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
