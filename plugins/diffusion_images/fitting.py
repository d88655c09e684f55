"""Which part of a picture the model sees, and at what size it paints it. Pure; any thread.

A model paints well at the size it was trained for. So a part is scaled to about that many pixels, made
up to whole positions of the latent by repeating its edge, painted, cut and scaled back.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

ROOM = 2.25
"""Up to this many times the model's own pixels a part is painted as it is: scaling costs sharpness, and
half as long again each way is what models still bear."""
_LONGEST = 4
"""No side is painted longer than this many times the model's own, however narrow the picture."""
_FLATTEST = 2
"""A part is made no flatter than 1 to this, where the picture has more to show."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels; right and bottom are outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def cut(self) -> tuple[slice, slice]:
        """For arrays: rows, columns."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


def whole(array: npt.NDArray[np.generic]) -> Box:
    return Box(0, 0, array.shape[1], array.shape[0])


def box_of(mask: npt.NDArray[np.generic]) -> Box | None:
    """The smallest box around all that is not 0; None where nothing is."""
    rows = np.flatnonzero(mask.any(axis=1))
    if rows.size == 0:
        return None
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(mask[top:bottom].any(axis=0))
    return Box(int(columns[0]), top, int(columns[-1]) + 1, bottom)


def seen_around(box: Box, padding: int, width: int, height: int, multiple: int) -> Box:
    """The box with `padding` pixels around it, within a picture of `width` × `height`."""
    left, right = box.left - padding, box.right + padding
    top, bottom = box.top - padding, box.bottom + padding
    least = math.ceil(max(right - left, bottom - top) / _FLATTEST)
    left, right = _stretched(left, right, least, multiple, width)
    top, bottom = _stretched(top, bottom, least, multiple, height)
    return Box(left, top, right, bottom)


def _stretched(start: int, end: int, least: int, multiple: int, most: int) -> tuple[int, int]:
    """At least `least` long and a multiple, around the same middle, within 0..most."""
    length = min(most, math.ceil(max(end - start, least) / multiple) * multiple)
    start = min(max(0, start - (length - (end - start)) // 2), most - length)
    return start, start + length


@dataclass(frozen=True)
class Fit:
    """How a part comes to the size it is painted at.

    Args:
        part: (width, height) of it in the picture.
        scaled: The same, scaled.
        painted: With the repeated edge: multiples of the latent's factor.
    """

    part: tuple[int, int]
    scaled: tuple[int, int]
    painted: tuple[int, int]

    def bring(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """(H, W, channels) of the part, as the model gets it."""
        return self.with_edge(resized(pixels, self.scaled))

    def with_edge(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """What is scaled already, with its edge repeated up to whole positions."""
        right, below = (p - s for p, s in zip(self.painted, self.scaled, strict=True))
        return np.pad(pixels, ((0, below), (0, right), (0, 0)), mode="edge")

    def without_edge(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        width, height = self.scaled
        return pixels[:height, :width]

    def take_back(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """What was painted, at the part's own size."""
        return resized(self.without_edge(pixels), self.part)

    def positions(self, mask: npt.NDArray[np.uint8], multiple: int) -> npt.NDArray[np.float32]:
        """(h, w), 1 for each position of the latent that has a chosen pixel in it, be it only one."""
        for axis in (0, 1):
            length, scaled = self.part[1 - axis], self.scaled[1 - axis]
            count = self.painted[1 - axis] // multiple
            starts = [n * multiple * length // scaled for n in range(count)]
            ends = [math.ceil((n + 1) * multiple * length / scaled) for n in range(count)]
            lines = [
                mask.take(range(a, min(b, length)), axis).max(axis)
                for a, b in zip(starts, ends, strict=True)
            ]
            mask = np.stack(lines, axis)
        return (mask > 0).astype(np.float32)


def fit_for(width: int, height: int, own_px: int, multiple: int) -> Fit:
    """How a part of `width` × `height` is painted by a model whose own pictures are `own_px` square."""
    own = own_px * own_px
    area = width * height
    scale = math.sqrt(max(own, min(area, ROOM * own)) / area)
    least, most = max(multiple, own_px // _LONGEST), own_px * _LONGEST

    def side(length: int) -> int:
        return min(most, max(least, round(length * scale)))

    # A scale of 1 leaves every pixel as it is, unless the picture is but a line.
    scaled = side(width), side(height)
    return Fit(
        (width, height),
        scaled,
        (
            math.ceil(scaled[0] / multiple) * multiple,
            math.ceil(scaled[1] / multiple) * multiple,
        ),
    )


def resized(pixels: npt.NDArray[np.uint8], size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """(H, W), (H, W, 3) or (H, W, 4); the same array where it has that size already.

    Lanczos for colours. For alpha, with which Pillow premultiplies the colours, a filter that doesn't
    ring: at the edge to nothing a ring becomes a bright line.
    """
    if (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    image = Image.fromarray(np.ascontiguousarray(pixels))
    plain = pixels.ndim == 3 and (pixels.shape[2] == 3 or bool((pixels[..., 3] == 255).all()))
    return np.asarray(
        image.resize(size, Image.Resampling.LANCZOS if plain else Image.Resampling.HAMMING)
    )
