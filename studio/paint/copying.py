"""A part of the canvas as a picture of its own: what Copy takes. Pure; any thread."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.api.outputs import Pixels, as_pixels
from studio.core.geometry import Rect, around
from studio.core.layers import Layer, Layers
from studio.core.tiles import TileMap
from studio.paint.composing import compose
from studio.paint.regions import read
from studio.paint.selection import within_frame


def alone(layer: Layer) -> Layer:
    """A layer as it looks by itself, whether it can be seen on its canvas or not."""
    return replace(layer, visible=True, clipped=False)


def copied(
    layers: Layers, selection: TileMap | None, frame: Rect | None = None
) -> tuple[Pixels, Rect] | None:
    """What is selected of some layers, or all of them, with the rectangle of the canvas it was in.

    Args:
        selection: A soft one copies softly: its values become transparency.
        frame: Nothing outside it; None: all that the layers cover.

    Returns:
        (H, W, 4) uint8 RGBA, straight alpha; None: there is nothing.
    """
    area = around(layer.bounds for layer in layers)
    if frame is not None:
        area = area.intersected(frame)
    if selection is not None and not area.empty:
        area = area.intersected(within_frame(selection, area).bounds)
    if area.empty:
        return None
    pixels = np.array(compose(layers, area))
    if selection is not None:
        share = read(selection, area).astype(np.uint16)
        pixels[..., 3] = (pixels[..., 3] * share + 127) // 255
    return as_pixels(pixels), area
