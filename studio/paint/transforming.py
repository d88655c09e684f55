"""Layers scaled, turned, mirrored and put into perspective. Pure; any thread; no display.

Mirrored and turned by right angles nothing is computed. Else pixels are resampled, premultiplied: by
Lanczos where it only gets larger or smaller, else bicubically, from a picture first made smaller.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PIL import Image

from studio.core.geometry import Rect
from studio.core.layers import GroupLayer, Layer, Mask, PaintLayer, TextLayer
from studio.core.tiles import TileMap
from studio.paint.regions import Region, read, tiled

Matrix = npt.NDArray[np.float64]
"""(3, 3): canvas pixels before, as (x, y, 1), to canvas pixels after; edges of pixels are whole numbers."""


def moving(dx: float, dy: float) -> Matrix:
    return np.array([[1, 0, dx], [0, 1, dy], [0, 0, 1]], np.float64)


def scaling(sx: float, sy: float, x: float = 0, y: float = 0) -> Matrix:
    """About the point (x, y). A negative factor mirrors."""
    return moving(x, y) @ np.diag([sx, sy, 1.0]) @ moving(-x, -y)


def turning(degrees: float, x: float = 0, y: float = 0) -> Matrix:
    """Clockwise about the point (x, y). Right angles are exact."""
    quarter = degrees / 90
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    if quarter == round(quarter):
        cosine, sine = float(round(cosine)), float(round(sine))
    turn = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]], np.float64)
    return moving(x, y) @ turn @ moving(-x, -y)


def perspective(rect: Rect, corners: Sequence[tuple[float, float]]) -> Matrix:
    """Takes a rectangle's corners (top left, top right, bottom right, bottom left) to four points.

    Raises:
        ValueError: three of the points lie on a line.
    """
    source = [
        (rect.x, rect.y),
        (rect.right, rect.y),
        (rect.right, rect.bottom),
        (rect.x, rect.bottom),
    ]
    rows, values = [], []
    for (x, y), (u, v) in zip(source, corners, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    try:
        solved = np.linalg.solve(np.array(rows, np.float64), np.array(values, np.float64))
    except np.linalg.LinAlgError:
        raise ValueError("the corners lie on a line") from None
    matrix = np.append(solved, 1.0).reshape(3, 3)
    if abs(np.linalg.det(matrix)) < 1e-12:
        raise ValueError("the corners lie on a line")
    return matrix


def transformed(layer: Layer, matrix: Matrix) -> Layer:
    """A layer after a transformation, with its mask and what is in it. A text becomes pixels.

    Raises:
        ValueError: nothing would be left, or a part of it would lie infinitely far away.
    """
    mask = None if layer.mask is None else _mask(layer.mask, matrix)
    if isinstance(layer, GroupLayer):
        inner = tuple(transformed(child, matrix) for child in layer.layers)
        return replace(layer, layers=inner, mask=mask)
    assert isinstance(layer, PaintLayer)
    if isinstance(layer, TextLayer):
        layer = layer.rasterised()
    bounds = layer.bounds
    if bounds.empty:
        return replace(layer, mask=mask)
    pixels = read(layer.pixels, bounds.translated(-layer.x, -layer.y))
    result, x, y = resampled(pixels, bounds, matrix)
    # Placed at (0, 0) of its own tiles, so that it fills as few as it can.
    return replace(layer, pixels=tiled(result), x=x, y=y, mask=mask)


def resampled(
    pixels: Region, rect: Rect, matrix: Matrix, *, fill: int = 0
) -> tuple[Region, int, int]:
    """Pixels that lie in a rectangle, transformed: the new ones with the place of their top left corner."""
    if _keeps_pixels(matrix):
        matrix = matrix.copy()
        matrix[:2, 2] = np.floor(
            matrix[:2, 2] + 0.5
        )  # a turn about the middle may end between pixels
        target = _target(rect, matrix)
        return _exact(pixels, matrix), target.x, target.y
    target = _target(rect, matrix)
    local = moving(-target.x, -target.y) @ matrix @ moving(rect.x, rect.y)
    if _upright(matrix):
        scaled = _scaled(pixels, local, target, fill)
        if scaled is not None:
            return scaled, target.x, target.y
    image = Image.fromarray(pixels)
    image, local = _reduced(image, local)
    image, local = _padded(image, local, fill)
    inverse = np.linalg.inv(local)
    inverse /= inverse[2, 2]
    turned = image.transform(
        (target.width, target.height),
        Image.Transform.PERSPECTIVE,
        tuple(inverse.ravel()[:8]),
        Image.Resampling.BICUBIC,
        fillcolor=fill if pixels.ndim == 2 else None,
    )
    return np.array(turned), target.x, target.y


def _mask(mask: Mask, matrix: Matrix) -> Mask:
    tiles = mask.pixels
    bounds = tiles.bounds
    if bounds.empty:
        return mask
    rect = bounds.translated(mask.x, mask.y)
    values, x, y = resampled(read(tiles, bounds), rect, matrix, fill=tiles.fill)
    return replace(mask, pixels=tiled(values, fill=tiles.fill), x=x, y=y)


def _target(rect: Rect, matrix: Matrix) -> Rect:
    corners = np.array(
        [
            [rect.x, rect.right, rect.right, rect.x],
            [rect.y, rect.y, rect.bottom, rect.bottom],
            [1, 1, 1, 1],
        ],
        np.float64,
    )
    x, y, w = matrix @ corners
    if (w <= 1e-6).any():
        raise ValueError("a part of it would lie infinitely far away")
    x, y = x / w, y / w
    # What floating point adds to a whole number is no pixel.
    slack = 1e-6 * (1 + float(max(np.abs(x).max(), np.abs(y).max())))
    target = Rect.of_edges(
        math.floor(x.min() + slack), math.floor(y.min() + slack),
        math.ceil(x.max() - slack), math.ceil(y.max() - slack),
    )  # fmt: skip
    if target.empty:
        raise ValueError("nothing would be left")
    return target


def _keeps_pixels(matrix: Matrix) -> bool:
    """Whether it only moves, mirrors and turns by right angles."""
    turn = np.round(matrix[:2, :2])
    one_each = (np.abs(turn).sum(0) == 1).all() and (np.abs(turn).sum(1) == 1).all()
    whole = np.allclose(matrix[:2, :2], turn, atol=1e-9)
    return bool(one_each and whole and np.allclose(matrix[2], (0, 0, 1), atol=1e-12))


def _exact(pixels: Region, matrix: Matrix) -> Region:
    """Mirrored and turned by right angles: the same values elsewhere."""
    turn = np.round(matrix[:2, :2])
    if turn[0, 0] == 0:
        pixels = np.swapaxes(pixels, 0, 1)
        flip_x, flip_y = turn[0, 1] < 0, turn[1, 0] < 0
    else:
        flip_x, flip_y = turn[0, 0] < 0, turn[1, 1] < 0
    return np.ascontiguousarray(pixels[:: -1 if flip_y else 1, :: -1 if flip_x else 1])


def _upright(matrix: Matrix) -> bool:
    return bool(
        np.allclose(matrix[[0, 1, 2, 2], [1, 0, 0, 1]], 0, atol=1e-12)
        and matrix[0, 0] > 0
        and matrix[1, 1] > 0
    )


def _scaled(pixels: Region, local: Matrix, target: Rect, fill: int) -> Region | None:
    """Only larger or smaller, if the edges fall between pixels; else None."""
    height, width = pixels.shape[:2]
    edges = np.array([local[0, 2], local[1, 2]])
    size = np.array([local[0, 0] * width, local[1, 1] * height])
    if np.abs(edges).max() > 1e-3 or np.abs(size - (target.width, target.height)).max() > 1e-3:
        return None
    image = Image.fromarray(pixels)
    return np.array(image.resize((target.width, target.height), Image.Resampling.LANCZOS))


def _reduced(image: Image.Image, local: Matrix) -> tuple[Image.Image, Matrix]:
    """Made smaller first where it shrinks much: bicubic sampling would skip pixels."""
    width, height = image.size
    middle = np.array([width / 2, height / 2, 1.0])
    w = float(local[2] @ middle)
    jacobian = local[:2, :2] / w - np.outer(local[:2] @ middle, local[2, :2]) / (w * w)
    across, down = (float(np.hypot(*jacobian[:, axis])) for axis in (0, 1))
    new_width = max(1, round(width * min(1.0, max(across, 1e-6))) if across < 0.75 else width)
    new_height = max(1, round(height * min(1.0, max(down, 1e-6))) if down < 0.75 else height)
    if (new_width, new_height) == (width, height):
        return image, local
    back = np.diag([width / new_width, height / new_height, 1.0])
    return image.resize((new_width, new_height), Image.Resampling.LANCZOS), local @ back


def _padded(image: Image.Image, local: Matrix, fill: int) -> tuple[Image.Image, Matrix]:
    """With a border of nothing, so that edges are smooth."""
    border = 2
    colour = fill if image.mode == "L" else (0, 0, 0, 0)
    padded = Image.new(image.mode, (image.width + 2 * border, image.height + 2 * border), colour)
    padded.paste(image, (border, border))
    return padded, local @ moving(-border, -border)


def flipped(layer: Layer, *, across: bool, about: Rect) -> Layer:
    """Mirrored within a rectangle: left to right with `across`, else top to bottom."""
    x, y = about.x + about.width / 2, about.y + about.height / 2
    return transformed(layer, scaling(-1 if across else 1, 1 if across else -1, x, y))


def empty_mask(*, shows: bool) -> Mask:
    """A mask that shows or hides everything, to be painted on."""
    return Mask(TileMap(channels=1, fill=255 if shows else 0))
