"""The whole canvas made larger, smaller, turned or mirrored, with all its layers. Pure; any thread.

Texts are drawn, so fonts need a QGuiApplication; the offscreen platform will do.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from studio.core.document import Document
from studio.core.geometry import Rect
from studio.core.guides import Guide, moved_guides
from studio.core.layers import GroupLayer, Layer, PaintLayer, TextLayer
from studio.core.tiles import EMPTY, TileMap
from studio.paint.lettering import lettered
from studio.paint.regions import read, tiled
from studio.paint.selection import within_frame
from studio.paint.transforming import Matrix, moving, resampled, scaling, transformed, turning

Anchor: TypeAlias = tuple[float, float]
"""Which point of the picture stays in its place within the canvas: (0, 0) the top left corner, (0.5, 0.5)
the middle, (1, 1) the bottom right corner."""
_ALIKE = 0.01
"""Scaled so nearly the same both ways that a text may stay one."""


def resized(document: Document, width: int, height: int, anchor: Anchor = (0.5, 0.5)) -> Document:
    """A canvas of another size under the same pixels; what lies outside then is kept, unseen.

    Raises:
        ValueError: a side is less than one pixel.
    """
    if width < 1 or height < 1:
        raise ValueError("a canvas has at least one pixel")
    frame = document.frame
    dx = math.floor((width - frame.width) * anchor[0])
    dy = math.floor((height - frame.height) * anchor[1])
    return reframed(document, Rect(frame.x - dx, frame.y - dy, width, height))


def reframed(document: Document, bounds: Rect) -> Document:
    """The canvas becomes a rectangle of itself, or one beyond it, whose corner is its origin from then on."""
    dx, dy, selection = -bounds.x, -bounds.y, document.selection
    if selection is not None:
        selection = _some(tiled(read(selection, bounds)))
    return replace(
        document,
        layers=tuple(layer.moved(dx, dy) for layer in document.layers),
        width_px=bounds.width,
        height_px=bounds.height,
        selection=selection,
        guides=moved_guides(document.guides, dx, dy),
    )


def scaled(document: Document, width: int, height: int) -> Document:
    """All layers resampled, so that the canvas has this size. Texts stay texts if both sides scale alike.

    Raises:
        ValueError: a side is less than one pixel, or the canvas is empty.
    """
    frame = document.frame
    if width < 1 or height < 1 or frame.empty:
        raise ValueError("there is nothing to scale, or nothing would be left")
    matrix = scaling(width / frame.width, height / frame.height) @ moving(-frame.x, -frame.y)
    return _mapped(document, matrix, width, height)


def turned(document: Document, quarters: int) -> Document:
    """Turned clockwise by right angles: no pixel changes its colour."""
    frame = document.frame
    matrix = turning(90 * quarters) @ moving(-frame.x, -frame.y)
    sides = frame.width, frame.height
    if quarters % 2:
        sides = frame.height, frame.width
    back = {0: (0, 0), 1: (sides[0], 0), 2: sides, 3: (0, sides[1])}[quarters % 4]
    return _mapped(document, moving(*back) @ matrix, *sides)


def mirrored(document: Document, *, across: bool) -> Document:
    """Left to right with `across`, else top to bottom: no pixel changes its colour."""
    frame = document.frame
    middle = frame.width / 2, frame.height / 2
    flip = scaling(-1 if across else 1, 1 if across else -1, *middle)
    return _mapped(document, flip @ moving(-frame.x, -frame.y), frame.width, frame.height)


def _mapped(document: Document, matrix: Matrix, width: int, height: int) -> Document:
    return replace(
        document,
        layers=tuple(_layer(layer, matrix) for layer in document.layers),
        width_px=width,
        height_px=height,
        selection=_transformed(document.selection, matrix, Rect(0, 0, width, height)),
        guides=tuple(_guide(guide, matrix) for guide in document.guides),
    )


def _layer(layer: Layer, matrix: Matrix) -> Layer:
    if isinstance(layer, GroupLayer):
        # A group's mask goes with an empty group; its layers one by one, for there may be texts.
        bare = transformed(replace(layer, layers=()), matrix)
        return replace(
            layer, layers=tuple(_layer(child, matrix) for child in layer.layers), mask=bare.mask
        )
    assert isinstance(layer, PaintLayer)
    if isinstance(layer, TextLayer) and _only_scales(matrix):
        return _text(layer, matrix)
    try:
        return transformed(layer, matrix)
    except ValueError:
        # Too small to be seen then; its mask would be as well.
        return replace(layer, pixels=EMPTY, mask=None)


def _text(layer: TextLayer, matrix: Matrix) -> Layer:
    """Drawn anew at its new size, sharp."""
    scale = float(matrix[1, 1])
    style = replace(
        layer.style,
        size_px=layer.style.size_px * scale,
        width_px=round(layer.style.width_px * scale),
    )
    x, y, _ = matrix @ (layer.x, layer.y, 1.0)
    after = lettered(replace(layer, x=round(x), y=round(y)), layer.text, style)
    return replace(after, mask=transformed(replace(layer, pixels=EMPTY), matrix).mask)


def _only_scales(matrix: Matrix) -> bool:
    sx, sy = float(matrix[0, 0]), float(matrix[1, 1])
    straight = not matrix[0, 1] and not matrix[1, 0]
    return bool(straight and sx > 0 and sy > 0 and abs(sx / sy - 1) < _ALIKE)


def _transformed(selection: TileMap | None, matrix: Matrix, frame: Rect) -> TileMap | None:
    """Only what lies on the new canvas; an inverted one has bounds then."""
    if selection is None:
        return None
    before = np.linalg.inv(matrix) @ [
        [frame.x, frame.right],
        [frame.y, frame.bottom],
        [1.0, 1.0],
    ]
    xs, ys = sorted(before[0]), sorted(before[1])
    old = Rect.of_edges(round(xs[0]), round(ys[0]), round(xs[1]), round(ys[1]))
    values, x, y = resampled(read(selection, old), old, matrix)
    return _some(within_frame(tiled(values, x, y), frame))


def _guide(guide: Guide, matrix: Matrix) -> Guide:
    """Level lines become upright ones where the picture is turned by a right angle."""
    column = 0 if guide.axis == "x" else 1
    row = int(np.argmax(np.abs(matrix[:2, column])))
    return Guide("xy"[row], round(float(matrix[row, column] * guide.at_px + matrix[row, 2])))  # type: ignore[arg-type]


def _some(selection: TileMap) -> TileMap | None:
    return selection if selection.tiles else None
