"""Brings pictures to one size, and takes their alpha apart from their colour. Pure; any thread.

What is transparent has some colour all the same, often black: it is replaced by what lies around, so
that neither the resampling nor the network sees it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from studio.api import Pixels

Fit = Literal["crop", "pad", "stretch", "keep"]
MOST_PIXELS = 16_000_000
"""A larger picture is made smaller first: a decoder's answer has to fit into memory, with its floats."""


@dataclass(frozen=True)
class Frame:
    """The size all pictures of a run are brought to, and the network's: the next multiples.

    Args:
        height, width: of the result, in pixels.
        factor: How many pixels one position of the latent covers each way.
    """

    height: int
    width: int
    factor: int

    @property
    def latent_shape(self) -> tuple[int, int]:
        return -(-self.height // self.factor), -(-self.width // self.factor)

    @property
    def padded_shape(self) -> tuple[int, int]:
        rows, columns = self.latent_shape
        return rows * self.factor, columns * self.factor


@dataclass(frozen=True)
class Fitted:
    """A picture as the network takes it.

    Args:
        colour: (H', W', 3) uint8, the padded shape, opaque.
        alpha: (H, W) uint8, the frame's shape; None where all is opaque.
    """

    colour: npt.NDArray[np.uint8]
    alpha: npt.NDArray[np.uint8] | None


def frame_of(height: int, width: int, fit: Fit, side: int, factor: int) -> Frame:
    """The frame for a run whose first picture is `height` × `width`.

    Args:
        side: The square's side for all fits but "keep"; at least one factor.
    """
    if fit != "keep":
        side = max(factor, round(side / factor) * factor)
        return Frame(side, side, factor)
    shrink = min(1.0, (MOST_PIXELS / (height * width)) ** 0.5)
    return Frame(max(1, round(height * shrink)), max(1, round(width * shrink)), factor)


def fitted(pixels: Pixels, frame: Frame, fit: Fit) -> Fitted:
    """Crop, pad or stretch a picture into the frame. With "keep", what has another size is cropped."""
    shaped = _shaped(pixels, frame, fit)
    alpha = None if bool((shaped[..., 3] == 255).all()) else shaped[..., 3].copy()
    colour = shaped[..., :3] if alpha is None else filled(shaped)
    below, right = (p - s for p, s in zip(frame.padded_shape, shaped.shape[:2], strict=True))
    if below or right:
        colour = np.pad(colour, ((0, below), (0, right), (0, 0)), mode="edge")
    return Fitted(np.ascontiguousarray(colour), alpha)


def _shaped(pixels: Pixels, frame: Frame, fit: Fit) -> Pixels:
    height, width = pixels.shape[:2]
    if (height, width) == (frame.height, frame.width):
        return pixels
    if fit == "stretch":
        return _resized(pixels, frame.height, frame.width, (0, 0, width, height))
    if fit == "pad":
        scale = min(frame.height / height, frame.width / width)
        inner_h = min(frame.height, max(1, round(height * scale)))
        inner_w = min(frame.width, max(1, round(width * scale)))
        inner = _resized(pixels, inner_h, inner_w, (0, 0, width, height))
        sheet = np.zeros((frame.height, frame.width, 4), np.uint8)
        top, left = (frame.height - inner_h) // 2, (frame.width - inner_w) // 2
        sheet[top : top + inner_h, left : left + inner_w] = inner
        return sheet
    scale = max(frame.height / height, frame.width / width)
    crop_h, crop_w = frame.height / scale, frame.width / scale
    left, top = (width - crop_w) / 2, (height - crop_h) / 2
    box = (max(0.0, left), max(0.0, top), min(width, left + crop_w), min(height, top + crop_h))
    return _resized(pixels, frame.height, frame.width, box)


def _resized(
    pixels: Pixels, height: int, width: int, box: tuple[float, float, float, float]
) -> Pixels:
    """Lanczos; Pillow premultiplies alpha for it."""
    opaque = bool((pixels[..., 3] == 255).all())
    image = Image.fromarray(np.ascontiguousarray(pixels[..., :3] if opaque else pixels))
    small = np.asarray(image.resize((width, height), Image.Resampling.LANCZOS, box=box))
    if not opaque:
        return small
    return np.dstack([small, np.full(small.shape[:2], 255, np.uint8)])


def filled(pixels: Pixels) -> npt.NDArray[np.uint8]:
    """(H, W, 3) colour where hidden pixels take on the colour of the visible ones around them.

    Source: push-pull, Gortler et al., The Lumigraph (1996), section 3.4: averages by coverage at ever
    coarser levels, then filled in from coarse to fine.
    """
    # What is seen at all keeps its colour; only where almost nothing is seen it is made up.
    weight = np.minimum(1, pixels[..., 3].astype(np.float32) / 32)
    colour = _pull(pixels[..., :3].astype(np.float32), weight)
    return np.asarray(np.clip(colour + 0.5, 0, 255), np.uint8)


def _pull(
    colour: npt.NDArray[np.float32], weight: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    height, width = weight.shape
    if bool((weight >= 1).all()):
        return colour
    if height == 1 and width == 1:
        return colour if float(weight[0, 0]) > 0 else np.full_like(colour, 127.5)
    odd = ((0, height % 2), (0, width % 2))
    seen = np.pad(colour * weight[..., None], (*odd, (0, 0)))
    cover = np.pad(weight, odd)
    total = _quartered(cover)
    mean = (_quartered(seen) / np.maximum(total, 1e-6)[..., None]).astype(np.float32)
    coarse = _pull(mean, np.minimum(1, total))
    spread = coarse.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    return np.asarray(colour * weight[..., None] + spread * (1 - weight[..., None]), np.float32)


def _quartered(field: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Sums over blocks of 2 × 2."""
    return np.asarray(
        field[0::2, 0::2] + field[1::2, 0::2] + field[0::2, 1::2] + field[1::2, 1::2], np.float32
    )


def coverage(alpha: npt.NDArray[np.uint8] | None, frame: Frame) -> npt.NDArray[np.float32] | None:
    """Alpha at the latent's size, (h, w) 0..1: the mean over each position's pixels."""
    if alpha is None:
        return None
    rows, columns = frame.latent_shape
    below, right = (p - s for p, s in zip(frame.padded_shape, alpha.shape, strict=True))
    whole = np.pad(alpha, ((0, below), (0, right)), mode="edge").astype(np.float32) / 255
    blocks = whole.reshape(rows, frame.factor, columns, frame.factor)
    return np.asarray(blocks.mean(axis=(1, 3)), np.float32)
