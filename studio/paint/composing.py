"""Layers composed to one picture: pure functions from a layer tree to pixels. Any thread; no display.

Accumulated as 16-bit premultiplied RGBA by QPainter, straight from the layers' 8-bit tiles: exact to
the last 8-bit step over many layers, and several times as fast as 8-bit arithmetic in numpy.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage, QPainter

from studio.api.outputs import Pixels
from studio.core.geometry import Rect
from studio.core.layers import BlendMode, GroupLayer, Layer, Layers, PaintLayer
from studio.core.tiles import TILE_PX
from studio.paint.blending import PAINTER_MODES, Floats, blended
from studio.paint.qimages import from_qimage, viewed, wide
from studio.paint.regions import cell, mask_values

_WIDE = QImage.Format.Format_RGBA64_Premultiplied
_DESTINATION_IN = QPainter.CompositionMode.CompositionMode_DestinationIn
_MAX_16 = 65535
_STEP_PX = 16
"""Rows are cut in steps of it: a multiple of what any processor works through at once."""
_Clipped = tuple[Layer, list[Layer]]
_AT_ONCE_PX = 8192
"""Blended at once by numpy: few enough that all intermediates stay in the processor's cache."""


def compose(layers: Layers, rect: Rect) -> Pixels:
    """What is seen of these siblings, bottom to top, in a rectangle of the canvas.

    Returns:
        Read-only (H, W, 4) uint8 RGBA, straight alpha; transparent where nothing is.

    Raises:
        ValueError: the rectangle is empty.
    """
    if rect.empty:
        raise ValueError("an empty rectangle has no pixels")
    picture = np.empty((rect.height, rect.width, 4), np.uint8)
    in_step = _in_step(layers)
    at_once = in_step and max(rect.width, rect.height) <= TILE_PX  # over several cells
    for part in [rect] if at_once else [rect.intersected(cell(key)) for key in rect.cells(TILE_PX)]:
        drawn = _drawn(part, in_step)
        columns = slice(part.x - drawn.x, part.right - drawn.x)
        top = part.y - rect.y
        picture[top : top + part.height, part.x - rect.x : part.right - rect.x] = from_qimage(
            composed(layers, drawn, columns)
        )[:, columns]
    picture.setflags(write=False)
    return picture


def composed(layers: Layers, rect: Rect, columns: slice) -> QImage:
    """As `compose`, not yet rounded to 8 bits: an image of 16-bit premultiplied RGBA.

    Args:
        rect: As `_drawn` gives it.
        columns: Of the image, those that must be right; the others may be anything.
    """
    canvas = QImage(rect.width, rect.height, _WIDE)
    canvas.fill(0)
    painter = QPainter()
    for base, clipped in _above_cover(_clip_groups(layers), rect):
        if not base.visible or base.opacity <= 0 or not _touches(base, rect):
            continue
        upper = tuple(layer for layer in clipped if layer.visible and layer.opacity > 0)
        if not upper and _plain(base):
            assert isinstance(base, PaintLayer)
            if not painter.isActive():
                painter.begin(canvas)
            painter.setOpacity(_painter_opacity(base.opacity))
            painter.setCompositionMode(PAINTER_MODES[base.blend_mode])
            _draw_tiles(painter, base, rect, columns)
            continue
        if painter.isActive():
            painter.end()
        alone = _alone(base, rect, columns)
        if upper:
            alone = _with_clipped(alone, upper, rect, columns)
        _blend(canvas, alone, base, columns)
    if painter.isActive():
        painter.end()
    return canvas


def _in_step(layers: Layers) -> bool:
    """Whether all tiles begin at whole steps of the canvas."""
    return all(
        _in_step(layer.layers)
        if isinstance(layer, GroupLayer)
        else isinstance(layer, PaintLayer) and layer.x % _STEP_PX == 0
        for layer in layers
    )


def _drawn(part: Rect, in_step: bool) -> Rect:
    """What is drawn so that a part of the canvas is right to the last bit: within a cell unless in step.

    QPainter works through a row by eights, and a pixel's last bit depends on where in its eight it is.
    So all rows are cut where whole steps from the row's first pixel in the cell end: then a pixel is the
    same whichever rectangle it is read with. Rows of layers at odd places are cut up to a step further out.
    """
    left, right = part.x // _STEP_PX * _STEP_PX, -(-part.right // _STEP_PX) * _STEP_PX
    if not in_step:
        cell_left = part.x // TILE_PX * TILE_PX
        left, right = (
            max(left - _STEP_PX, cell_left),
            min(right + _STEP_PX, cell_left + TILE_PX),
        )
    return Rect(left, part.y, right - left, part.height)


def _draw_tiles(painter: QPainter, layer: PaintLayer, rect: Rect, columns: slice) -> None:
    """Draw the tiles that the wanted columns need, at the image's place on the canvas."""
    x, y, tiles = layer.x, layer.y, layer.pixels.tiles
    cell_left = rect.x // TILE_PX * TILE_PX
    cells_right = -(-rect.right // TILE_PX) * TILE_PX
    first, last = rect.x + columns.start, rect.x + columns.stop
    for column in range((first - x) // TILE_PX, (last - 1 - x) // TILE_PX + 1):
        tile_left = x + column * TILE_PX
        begin = max(tile_left, cell_left)
        end = min(begin - (begin - last) // _STEP_PX * _STEP_PX, tile_left + TILE_PX, cells_right)
        begin += max(0, first - begin) // _STEP_PX * _STEP_PX
        for row in range((rect.y - y) // TILE_PX, (rect.bottom - 1 - y) // TILE_PX + 1):
            tile = tiles.get((column, row))
            if tile is not None:
                tile_top = y + row * TILE_PX
                top, bottom = max(tile_top, rect.y), min(tile_top + TILE_PX, rect.bottom)
                source = QRect(begin - tile_left, top - tile_top, end - begin, bottom - top)
                painter.drawImage(QPoint(begin - rect.x, top - rect.y), viewed(tile), source)


def _clip_groups(layers: Layers) -> list[_Clipped]:
    """Each layer that isn't clipped with those clipped to it. Clipped ones without a base stand alone."""
    groups: list[_Clipped] = []
    for layer in layers:
        if layer.clipped and groups:
            groups[-1][1].append(layer)
        else:
            groups.append((layer, []))
    return groups


def _above_cover(groups: list[_Clipped], rect: Rect) -> list[_Clipped]:
    """Without what lies under a layer that covers the whole rectangle."""
    for index in range(len(groups) - 1, 0, -1):
        base, clipped = groups[index]
        normal = base.blend_mode is BlendMode.NORMAL and base.opacity >= 1 and base.visible
        if normal and not clipped and _plain(base) and _covers(base, rect):
            return groups[index:]
    return groups


def _covers(layer: Layer, rect: Rect) -> bool:
    if not isinstance(layer, PaintLayer):
        return False
    own = rect.translated(-layer.x, -layer.y)
    return all(layer.pixels.opaque(key) for key in own.cells(TILE_PX))


def _touches(layer: Layer, rect: Rect) -> bool:
    if isinstance(layer, PaintLayer):
        own = rect.translated(-layer.x, -layer.y)
        return any(key in layer.pixels.tiles for key in own.cells(TILE_PX))
    return True


def _plain(layer: Layer) -> bool:
    """Whether its tiles can be drawn as they are."""
    masked = layer.mask is not None and layer.mask.enabled
    return isinstance(layer, PaintLayer) and not masked and layer.blend_mode in PAINTER_MODES


def _alone(layer: Layer, rect: Rect, columns: slice) -> QImage:
    """A layer by itself with its mask, at full opacity."""
    if isinstance(layer, GroupLayer):
        image = composed(layer.layers, rect, columns)
    else:
        assert isinstance(layer, PaintLayer)
        image = QImage(rect.width, rect.height, _WIDE)
        image.fill(0)
        painter = QPainter(image)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        _draw_tiles(painter, layer, rect, columns)
        painter.end()
    values = mask_values(layer, rect)
    if values is not None:
        _keep_within(image, viewed(values))
    return image


def _with_clipped(base: QImage, upper: Layers, rect: Rect, columns: slice) -> QImage:
    """Layers blended upon a base within its alpha: as if it were opaque, then cut out again."""
    opaque = base.convertToFormat(QImage.Format.Format_RGBA64)
    wide(opaque)[..., 3] = _MAX_16
    opaque = opaque.convertToFormat(_WIDE)
    for layer in upper:
        _blend(opaque, _alone(layer, rect, columns), layer, columns)
    _keep_within(opaque, base)
    return opaque


def _blend(canvas: QImage, image: QImage, layer: Layer, columns: slice) -> None:
    """An image of the same size upon the canvas, with a layer's opacity and mode."""
    mode = PAINTER_MODES.get(layer.blend_mode)
    if mode is not None:
        painter = QPainter(canvas)
        painter.setOpacity(_painter_opacity(layer.opacity))
        painter.setCompositionMode(mode)
        painter.drawImage(0, 0, image)
        painter.end()
        return
    below, above = wide(canvas)[:, columns], wide(image)[:, columns]
    height = max(1, _AT_ONCE_PX // max(1, below.shape[1]))
    for top in range(0, below.shape[0], height):
        rows = slice(top, top + height)
        backdrop = _planes(below[rows], 1.0)
        result = blended(layer.blend_mode, backdrop, _planes(above[rows], layer.opacity))
        result *= np.float32(_MAX_16)
        result += np.float32(0.5)
        below[rows] = np.moveaxis(result.astype(np.uint16), 0, -1)


def _planes(pixels: npt.NDArray[np.uint16], opacity: float) -> Floats:
    planes = np.moveaxis(pixels, -1, 0).astype(np.float32, order="C")
    planes *= np.float32(opacity / _MAX_16)
    return planes


def _painter_opacity(opacity: float) -> float:
    """What makes QPainter use the nearest 255th: by itself it cuts off, up to a whole step too low."""
    step = round(opacity * 255)
    return 1.0 if step >= 255 else (step + 1) / 256 if step else 0.0


def _keep_within(image: QImage, cover: QImage) -> None:
    """Multiply by another image's alpha."""
    painter = QPainter(image)
    painter.setCompositionMode(_DESTINATION_IN)
    painter.drawImage(0, 0, cover)
    painter.end()
