"""The part of a picture that is painted anew: what the model sees, and its way back. Pure; any thread."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from PIL import Image

from studio.api import Mask, Pixels, Placement, StudioError

from .filling import FloatField, opaque
from .fitting import Box, Fit, box_of, fit_for, resized, seen_around, whole
from .pasting import cut_out, pasted, weights, with_matched_seam

MOST_PIXELS = 64 << 20
"""Of an extended picture; no larger ones are read either."""
_PREVIEW_PX = 256


@dataclass(frozen=True, eq=False)
class Part:
    """Args:
    ground: (H, W, 4), the whole picture; where it is extended, with nothing there yet.
    origin: Where its top left lies in the picture that was given: (x, y), 0 or less.
    box: The part of it that the model sees.
    mask: Of the box, 255 where to paint; None for all of it.
    feather: In pixels of the picture.
    below: The paint fills up what is transparent, instead of covering what is there.
    fit: How the box comes to the size it is painted at.
    factor: Pixels that one position of the latents covers each way.
    """

    ground: Pixels
    origin: tuple[int, int]
    box: Box
    mask: Mask | None
    feather: int
    below: bool
    fit: Fit
    factor: int

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) it is painted at, in pixels."""
        return self.fit.painted[1], self.fit.painted[0]

    @cached_property
    def colour(self) -> npt.NDArray[np.uint8]:
        """(height, width, 3): what the model sees; where nothing is yet, what lies around goes on."""
        small = resized(self.ground[self.box.cut], self.fit.scaled)
        return self.fit.with_edge(opaque(small))

    @cached_property
    def positions(self) -> npt.NDArray[np.float32] | None:
        """(h, w) of the latents, 1 where to paint; None for everywhere."""
        return None if self.mask is None else self.fit.positions(self.mask, self.factor)

    @cached_property
    def weight(self) -> FloatField:
        """Of the box: how much of the paint is seen."""
        if self.mask is None:
            return np.ones((self.box.height, self.box.width), np.float32)
        if not self.below:
            return weights(self.mask, self.feather)
        missing = 1 - self.ground[self.box.cut][..., 3].astype(np.float32) / 255
        return np.asarray(missing * (self.mask > 0), np.float32)

    def whole_picture(self, painted: npt.NDArray[np.uint8]) -> tuple[Pixels, Placement]:
        """The picture with what was painted (height, width, 3) in it."""
        pixels = self.ground.copy()
        here = self.box.cut
        finished = self._finished(painted)
        if self.mask is None:
            pixels[here][..., :3] = finished
        else:
            pixels[here] = pasted(self.ground[here], finished, self.weight, below=self.below)
        return pixels, self._place(whole(self.ground))

    def patch(self, painted: npt.NDArray[np.uint8]) -> tuple[Pixels, Placement]:
        """Only what was painted, see-through elsewhere."""
        inner = box_of(self.weight > 0) or whole(self.weight)
        pixels = cut_out(self._finished(painted)[inner.cut], self.weight[inner.cut])
        return pixels, self._place(
            Box(
                self.box.left + inner.left,
                self.box.top + inner.top,
                self.box.left + inner.right,
                self.box.top + inner.bottom,
            )
        )

    def shown(self, painting: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """A small picture of the whole with the painting, at any size, where it belongs."""
        base, mask = self._small
        scale = base.shape[1] / self.ground.shape[1]
        rows, columns = (
            slice(
                round(side.start * scale),
                max(round(side.stop * scale), round(side.start * scale) + 1),
            )
            for side in self.box.cut
        )
        there = base[rows, columns]
        if there.size == 0:
            return base
        sized = resized(painting, (there.shape[1], there.shape[0]))
        small = base.copy()
        small[rows, columns] = np.where(mask[rows, columns, None] > 0, sized, there)
        return small

    @cached_property
    def _small(self) -> tuple[npt.NDArray[np.uint8], Mask]:
        height, width = self.ground.shape[:2]
        scale = min(1.0, _PREVIEW_PX / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        mask = np.full((height, width), 255, np.uint8)
        if self.mask is not None:
            mask[:] = 0
            mask[self.box.cut] = self.mask
        return opaque(resized(self.ground, size)), resized(mask, size)

    def _finished(self, painted: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """(H, W, 3) of the box, at the picture's own size."""
        if not self.below or self.mask is None:
            return self.fit.take_back(painted)
        scaled = self.fit.scaled
        new = resized(self.mask, scaled)
        feather = round(self.feather * scaled[0] / self.fit.part[0])
        matched = with_matched_seam(
            self.fit.without_edge(painted),
            self.fit.without_edge(self.colour),
            new,
            weights(new, feather),
        )
        return resized(matched, self.fit.part)

    def _place(self, box: Box) -> Placement:
        x, y = self.origin
        return Placement("image", box.left + x, box.top + y, box.width, box.height)


def varied(picture: Pixels, own_px: int, factor: int) -> Part:
    """All of a picture; what is transparent stays so."""
    box = whole(picture)
    fit = fit_for(box.width, box.height, own_px, factor)
    return Part(picture, (0, 0), box, None, 0, False, fit, factor)


def inpainted(
    picture: Pixels, mask: Mask | None, feather: int, padding: int, own_px: int, factor: int
) -> Part:
    """Where the mask is, or without one where the picture is transparent.

    Args:
        mask: As large as the picture: see `mask_for`.

    Raises:
        StudioError: nothing is chosen, nothing is transparent.
    """
    chosen: Mask = np.asarray(255 - picture[..., 3]) if mask is None else mask
    around = box_of(chosen)
    if around is None:
        raise StudioError(
            "Nothing is to be painted: no mask was given, and the picture is nowhere transparent."
            if mask is None
            else "Nothing is to be painted: the mask is black all over.",
            where="mask",
            remedy="Make white in the mask, or transparent in the picture, what shall be painted anew.",
        )
    return _around(picture, (0, 0), chosen, around, feather, padding, mask is None, own_px, factor)


def mask_for(picture: Pixels, mask: Mask | None) -> Mask | None:
    """The mask as large as its picture: scaled, if it has the same proportions.

    Raises:
        StudioError: it hasn't, so nobody can know which pixels are meant.
    """
    height, width = picture.shape[:2]
    if mask is None or mask.shape == (height, width):
        return mask
    high, wide = mask.shape
    # Alike, but for the half pixel that rounding a side of the smaller one may have cost.
    if abs(high * width - height * wide) > max(width, height, wide, high) / 2:
        raise StudioError(
            f"The mask is {wide} × {high} pixels, and the picture {width} × {height}: "
            "it can't be known which pixels are meant.",
            where="mask",
            remedy="Give a mask of the picture's size, or of the same proportions.",
        )
    # A box keeps hard edges hard.
    return np.asarray(Image.fromarray(mask).resize((width, height), Image.Resampling.BOX))


def extended(
    picture: Pixels,
    sides: tuple[int, int, int, int],
    feather: int,
    padding: int,
    own_px: int,
    factor: int,
) -> Part:
    """Beyond the picture's edges.

    Args:
        sides: Pixels to add on the left, top, right and bottom; not all 0.

    Raises:
        StudioError: it would become too large.
    """
    left, top, right, bottom = sides
    height, width = picture.shape[:2]
    wide, high = width + left + right, height + top + bottom
    if wide * high > MOST_PIXELS:
        raise StudioError(
            f"The picture would become {wide} × {high} pixels.",
            where="left, top, right, bottom",
            remedy=f"At most {MOST_PIXELS // 10**6} million pixels fit; extend it by less.",
        )
    inside = slice(top, top + height), slice(left, left + width)
    ground = np.zeros((high, wide, 4), np.uint8)
    ground[inside] = picture
    new: Mask = np.full((high, wide), 255, np.uint8)
    new[inside] = 0
    around = box_of(new)
    assert around is not None
    return _around(ground, (-left, -top), new, around, feather, padding, True, own_px, factor)


def _around(
    ground: Pixels,
    origin: tuple[int, int],
    mask: Mask,
    around: Box,
    feather: int,
    padding: int,
    below: bool,
    own_px: int,
    factor: int,
) -> Part:
    height, width = ground.shape[:2]
    box = seen_around(around, padding, width, height, factor)
    fit = fit_for(box.width, box.height, own_px, factor)
    return Part(ground, origin, box, mask[box.cut], feather, below, fit, factor)
