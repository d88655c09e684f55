"""Where a result belongs on the canvas: over the place its input came from. Pure; any thread."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from studio.api.outputs import ImageOutput, LatentOutput, Pixels
from studio.core.geometry import Rect
from studio.core.layers import PaintLayer
from studio.paint.regions import tiled
from studio.paint.transforming import moving, resampled, scaling
from studio.ui.canvas.ghosts import Ghost


def ghost_of(
    output: ImageOutput | LatentOutput,
    places: Mapping[str, Sequence[Any]],
    name: str,
    record_id: str,
    *,
    live: bool = False,
    source: Pixels | None = None,
) -> Ghost:
    """A result as a layer that waits, scaled to what it covers.

    Args:
        places: By input field: x, y, width, height of its place on the canvas, and the layer's id.
        source: What it was made from, if only a part of that was to change: what is still the same is
            left out, for it lies below already, and half transparent pixels would be seen twice.
    """
    rect, above_id = covered_rect(output, places)
    pixels = fitted_to(output.pixels, rect)
    if source is not None:
        x, y = next(iter(places.values()))[:2]
        pixels = without_same(pixels, source, rect.translated(-x, -y))
    layer = PaintLayer(uuid.uuid4().hex, name, tiled(pixels), rect.x, rect.y, record_id=record_id)
    return Ghost(layer, above_id, live)


def without_same(pixels: Pixels, source: Pixels, rect: Rect) -> Pixels:
    """Transparent where a picture is to the bit what lies in a rectangle of its source."""
    same = Rect(0, 0, source.shape[1], source.shape[0]).intersected(rect)
    if same.empty:
        return pixels
    top, left = same.y - rect.y, same.x - rect.x
    result = np.array(pixels)
    part = result[top : top + same.height, left : left + same.width]
    below = source[same.y : same.bottom, same.x : same.right]
    part[(part == below).all(-1)] = 0
    return result


def covered_rect(
    output: ImageOutput | LatentOutput, places: Mapping[str, Sequence[Any]]
) -> tuple[Rect, str]:
    """What the result says it covers, else the place of the first input; and whose layer that was."""
    said = output.placement if isinstance(output, ImageOutput) else None
    if said is not None and said.input in places:
        x, y, _, _, above_id = places[said.input]
        return Rect(x + said.x, y + said.y, said.width, said.height), str(above_id)
    x, y, width, height, above_id = next(iter(places.values()))
    return Rect(x, y, width, height), str(above_id)


def fitted_to(pixels: Pixels, rect: Rect) -> Pixels:
    """The same picture with a rectangle's size; untouched to the bit if it has that size."""
    height, width = pixels.shape[:2]
    if (width, height) == (rect.width, rect.height):
        return pixels
    matrix = moving(rect.x, rect.y) @ scaling(rect.width / width, rect.height / height)
    scaled, _, _ = resampled(pixels, Rect(0, 0, width, height), matrix)
    return scaled
