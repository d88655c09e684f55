"""Selections: masks in canvas pixels, made of shapes and of each other. Pure; any thread; no display.

None stands for no selection: everything may change. An inverted one is 255 where it has no tile.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from enum import StrEnum

import numpy as np
from PIL import Image, ImageFilter
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPolygonF

from studio.core.geometry import Rect
from studio.core.tiles import Tile, TileKey, TileMap
from studio.paint.qimages import alpha_of
from studio.paint.regions import Region, blank, is_blank, read, tiled, written


class Combining(StrEnum):
    """What a new shape does to the selection that is there."""

    REPLACE = "replace"
    ADD = "add"
    SUBTRACT = "subtract"
    INTERSECT = "intersect"


def rectangle(rect: Rect) -> TileMap:
    """Whole pixels, without soft edges."""
    return tiled(np.full((max(rect.height, 0), max(rect.width, 0)), 255, np.uint8), rect.x, rect.y)


def ellipse(x: float, y: float, width: float, height: float) -> TileMap:
    """The ellipse within a rectangle, with smooth edges."""
    path = QPainterPath()
    path.addEllipse(QRectF(x, y, width, height))
    return of_path(path)


def polygon(points: Sequence[tuple[float, float]]) -> TileMap:
    """A polygon or a lasso's line, closed; where it crosses itself, the winding counts."""
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
    path.closeSubpath()
    path.setFillRule(Qt.FillRule.WindingFill)
    return of_path(path)


def of_path(path: QPainterPath) -> TileMap:
    """What a path covers, with smooth edges."""
    bounds = path.boundingRect()
    rect = Rect.of_edges(
        math.floor(bounds.left()), math.floor(bounds.top()),
        math.ceil(bounds.right()) + 1, math.ceil(bounds.bottom()) + 1,
    )  # fmt: skip
    if rect.empty:
        return TileMap(channels=1)
    image = QImage(rect.width, rect.height, QImage.Format.Format_Alpha8)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(-rect.x, -rect.y)
    painter.fillPath(path, Qt.GlobalColor.black)
    painter.end()
    return tiled(alpha_of(image), rect.x, rect.y)


def combined(old: TileMap | None, new: TileMap, how: Combining) -> TileMap:
    """The selection after a shape was drawn. Adding to none selects the shape alone."""
    if how is Combining.REPLACE or (old is None and how is Combining.ADD):
        return new
    if old is None:
        old = TileMap(channels=1, fill=255)
    if how is Combining.ADD:
        return _merged(old, new, np.maximum)
    if how is Combining.INTERSECT:
        return _merged(old, new, np.minimum)
    return _merged(old, inverted(new), np.minimum)


def inverted(selection: TileMap | None) -> TileMap:
    """Selected what was not; of none, nothing."""
    if selection is None:
        return TileMap(channels=1)
    tiles = {key: 255 - tile for key, tile in selection.tiles.items()}
    return TileMap(tiles, channels=1, fill=255 - selection.fill)


def grown(selection: TileMap, by_px: int) -> TileMap:
    """Wider on all sides by a round brush's radius; negative: narrower."""
    if by_px == 0 or not selection.tiles:
        return selection
    if by_px < 0:
        return inverted(grown(inverted(selection), -by_px))
    rect = selection.bounds.grown(by_px)
    return written(selection, _dilated(read(selection, rect), by_px), rect.x, rect.y)


def feathered(selection: TileMap, radius_px: float) -> TileMap:
    """Soft edges: a Gaussian blur with this standard deviation."""
    if radius_px <= 0 or not selection.tiles:
        return selection
    rect = selection.bounds.grown(math.ceil(3 * radius_px) + 1)
    image = Image.fromarray(read(selection, rect)).filter(ImageFilter.GaussianBlur(radius_px))
    return written(selection, np.asarray(image), rect.x, rect.y)


def within_frame(selection: TileMap, frame: Rect) -> TileMap:
    """Only what lies on the canvas: an inverted selection becomes one with bounds."""
    return tiled(read(selection, frame), frame.x, frame.y)


def _merged(one: TileMap, two: TileMap, operation: Callable[[Tile, Tile], Tile]) -> TileMap:
    fill = int(operation(np.array(one.fill, np.uint8), np.array(two.fill, np.uint8)))
    merged = TileMap(channels=1, fill=fill)
    tiles: dict[TileKey, Tile | None] = {}
    for key in one.tiles.keys() | two.tiles.keys():
        first, second = one.tiles.get(key), two.tiles.get(key)
        tile = operation(
            blank(one) if first is None else first, blank(two) if second is None else second
        )
        if not is_blank(tile, merged):
            tiles[key] = tile
    return merged.with_tiles(tiles)


def _dilated(values: Region, radius: int) -> Region:
    """The largest value within a disc: rows of the disc one by one, each as two overlapping maxima over a
    power of two."""
    height, width = values.shape
    padded = np.pad(values, radius)
    spans = [padded]  # spans[k][y, x] is the maximum of padded[y, x : x + 2ᵏ]
    while 2 ** len(spans) <= 2 * radius + 1:
        shift = 2 ** (len(spans) - 1)
        last = spans[-1]
        spans.append(np.maximum(last[:, :-shift], last[:, shift:]))
    result = np.zeros_like(values)
    for dy in range(-radius, radius + 1):
        half = int(math.sqrt((radius + 0.5) ** 2 - dy * dy))
        half = min(half, radius)
        level = (2 * half + 1).bit_length() - 1
        span, top, left = spans[level], radius + dy, radius - half
        right = left + 2 * half + 1 - 2**level
        rows = span[top : top + height]
        np.maximum(result, rows[:, left : left + width], out=result)
        np.maximum(result, rows[:, right : right + width], out=result)
    return result
