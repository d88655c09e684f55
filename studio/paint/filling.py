"""Colour through a mask: bucket, shapes, gradients, deleting what is selected; and the colour picker.

Pure functions from a layer to a layer. Any thread; no display.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPainterPathStroker

from studio.core.geometry import Rect
from studio.core.layers import Layers, PaintLayer
from studio.core.tiles import TILE_PX, Tile, TileKey, TileMap
from studio.paint.brush import Coverage
from studio.paint.composing import compose
from studio.paint.regions import Region, blank, cell, is_blank, read, within
from studio.paint.selection import of_path
from studio.paint.stroke import Colour, covered, erased

_Change = Callable[[Region, Coverage, Rect], Region]


def filled(
    layer: PaintLayer,
    coverage: TileMap,
    colour: Colour,
    *,
    opacity: float = 1.0,
    selection: TileMap | None = None,
) -> PaintLayer:
    """A colour laid over a layer where `coverage` (one channel, canvas pixels) says so."""
    ink = np.array(colour, np.uint8)

    def change(original: Region, amount: Coverage, _: Rect) -> Region:
        return covered(original, ink, amount, alpha_locked=layer.alpha_locked)

    return _changed(layer, coverage, coverage.bounds, opacity, selection, change)


def cleared(layer: PaintLayer, coverage: TileMap) -> PaintLayer:
    """What `coverage` takes away: Delete with a selection. Nothing happens to a layer with locked alpha."""
    if layer.alpha_locked:
        return layer
    rect = layer.bounds if coverage.fill else coverage.bounds
    return _changed(layer, coverage, rect, 1.0, None, lambda old, amount, _: erased(old, amount))


class GradientKind(StrEnum):
    LINEAR = "linear"
    RADIAL = "radial"


@dataclass(frozen=True)
class Gradient:
    """Colours between two points (canvas pixels); at and beyond them it stays what it is there."""

    start: tuple[float, float]
    end: tuple[float, float]
    stops: tuple[tuple[float, Colour], ...]
    """From 0 at the start to 1 at the end, in order."""
    kind: GradientKind = GradientKind.LINEAR

    def colours(self, rect: Rect) -> npt.NDArray[np.float32]:
        """(H, W, 4) float32, 0..255, straight alpha, of a rectangle of the canvas."""
        dx, dy = self.end[0] - self.start[0], self.end[1] - self.start[1]
        length = math.hypot(dx, dy) or 1e-6
        x = np.arange(rect.x, rect.right, dtype=np.float32)[None, :] + 0.5 - self.start[0]
        y = np.arange(rect.y, rect.bottom, dtype=np.float32)[:, None] + 0.5 - self.start[1]
        if self.kind is GradientKind.LINEAR:
            along = (x * dx + y * dy) / (length * length)
        else:
            along = np.hypot(x, y) / length
        at = [stop for stop, _ in self.stops]
        channels = [
            np.interp(along, at, [c[channel] for _, c in self.stops]) for channel in range(4)
        ]
        return np.stack(channels, -1).astype(np.float32)


def graded(
    layer: PaintLayer,
    gradient: Gradient,
    rect: Rect,
    *,
    opacity: float = 1.0,
    selection: TileMap | None = None,
) -> PaintLayer:
    """A gradient laid over a layer, in a rectangle of the canvas and where it is selected."""

    def change(original: Region, amount: Coverage, seen: Rect) -> Region:
        return covered(original, gradient.colours(seen), amount, alpha_locked=layer.alpha_locked)

    return _changed(layer, TileMap(channels=1, fill=255), rect, opacity, selection, change)


class ShapeKind(StrEnum):
    RECTANGLE = "rectangle"
    ELLIPSE = "ellipse"
    POLYGON = "polygon"
    LINE = "line"


@dataclass(frozen=True)
class Shape:
    """`points`: two opposite corners, the corners of a polygon, or those of a line. Canvas pixels."""

    kind: ShapeKind
    points: Sequence[tuple[float, float]]
    fill: Colour | None = None
    outline: Colour | None = None
    outline_px: float = 2.0
    corner_px: float = 0.0
    """A rectangle's rounding."""


def drawn(layer: PaintLayer, shape: Shape, *, selection: TileMap | None = None) -> PaintLayer:
    """A layer with a shape on it; edges are smooth."""
    path = _path(shape)
    if shape.fill is not None and shape.kind is not ShapeKind.LINE:
        layer = filled(layer, of_path(path), shape.fill, selection=selection)
    if shape.outline is not None and shape.outline_px > 0:
        stroker = QPainterPathStroker()
        stroker.setWidth(shape.outline_px)
        stroker.setCapStyle(Qt.PenCapStyle.RoundCap)
        stroker.setJoinStyle(
            Qt.PenJoinStyle.RoundJoin if shape.kind is ShapeKind.LINE else Qt.PenJoinStyle.MiterJoin
        )
        outline = stroker.createStroke(path)
        outline.setFillRule(Qt.FillRule.WindingFill)
        layer = filled(layer, of_path(outline), shape.outline, selection=selection)
    return layer


def picked(layers: Layers, x: int, y: int, radius_px: int = 0) -> Colour:
    """The colour that is seen at a pixel: the mean of a square around it, weighted by alpha."""
    side = 2 * radius_px + 1
    square = compose(layers, Rect(x - radius_px, y - radius_px, side, side)).astype(np.float64)
    alpha = square[..., 3]
    weight = max(float(alpha.sum()), 1e-9)
    red, green, blue = ((square[..., c] * alpha).sum() / weight for c in range(3))
    return round(red), round(green), round(blue), round(float(alpha.mean()))


def _path(shape: Shape) -> QPainterPath:
    path = QPainterPath()
    points = [QPointF(x, y) for x, y in shape.points]
    if shape.kind in (ShapeKind.POLYGON, ShapeKind.LINE):
        path.moveTo(points[0])
        for point in points[1:]:
            path.lineTo(point)
        if shape.kind is ShapeKind.POLYGON:
            path.closeSubpath()
        return path
    box = QRectF(points[0], points[1]).normalized()
    if shape.kind is ShapeKind.ELLIPSE:
        path.addEllipse(box)
    elif shape.corner_px > 0:
        longest = min(shape.corner_px, QLineF(box.topLeft(), box.bottomRight()).length() / 2)
        path.addRoundedRect(box, longest, longest)
    else:
        path.addRect(box)
    return path


def _changed(
    layer: PaintLayer,
    coverage: TileMap,
    rect: Rect,
    opacity: float,
    selection: TileMap | None,
    change: _Change,
) -> PaintLayer:
    """`change` applied tile by tile in a rectangle of the canvas, by coverage × selection × opacity."""
    if selection is not None and not selection.fill:
        rect = rect.intersected(selection.bounds)
    tiles: dict[TileKey, Tile | None] = {}
    own = rect.translated(-layer.x, -layer.y)
    for key in own.cells(TILE_PX):
        part = own.intersected(cell(key))
        seen = part.translated(layer.x, layer.y)
        amount = read(coverage, seen).astype(np.float32) * np.float32(opacity / 255)
        if selection is not None:
            amount *= read(selection, seen) * np.float32(1 / 255)
        if not amount.any():
            continue
        before = layer.pixels.tiles.get(key)
        tile = blank(layer.pixels) if before is None else before.copy()
        where = within(part, cell(key))
        tile[where] = change(tile[where], amount, seen)
        gone = is_blank(tile, layer.pixels)
        if not gone or before is not None:
            tiles[key] = None if gone else tile
    return replace(layer, pixels=layer.pixels.with_tiles(tiles))
