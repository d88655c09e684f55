"""Small pictures of layers and masks, made from every n-th pixel of their tiles. GUI thread."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from studio.api.outputs import Pixels
from studio.core.geometry import Rect
from studio.core.layers import GroupLayer, Layer, Mask, PaintLayer
from studio.core.tiles import TILE_PX, TileMap
from studio.paint.composing import compose
from studio.paint.qimages import to_qimage
from studio.paint.regions import cell

_SHARP = 2
"""Pixels of the thumbnail for one of the screen: sharp on dense screens too."""


def layer_thumbnail(layer: Layer, frame: Rect, side_px: int, dark: bool) -> QPixmap:
    """What a layer shows within the canvas, upon checks."""
    place = _place(frame, layer)
    if isinstance(layer, PaintLayer) and not place.empty:
        return _on_checks(sampled(layer.pixels, place, (layer.x, layer.y), side_px), side_px, dark)
    if isinstance(layer, GroupLayer) and not place.empty and place.width * place.height < 1 << 20:
        return _on_checks(compose((layer,), place), side_px, dark)
    return _on_checks(np.zeros((1, 1, 4), np.uint8), side_px, dark)


def mask_thumbnail(mask: Mask, frame: Rect, side_px: int) -> QPixmap:
    """A mask in greys: white shows."""
    place = frame if not frame.empty else Rect(0, 0, 1, 1)
    grey = sampled(mask.pixels, place, (mask.x, mask.y), side_px)
    pixels = np.dstack((grey, grey, grey, np.full_like(grey, 255)))
    return _on_checks(pixels, side_px, dark=False)


def sampled(tiles: TileMap, place: Rect, offset: tuple[int, int], side_px: int) -> Pixels:
    """A rectangle of the canvas at about twice `side_px`, by the nearest pixels."""
    step = max(1, max(place.width, place.height) // (_SHARP * side_px))
    rows = np.arange(place.y, place.bottom, step) - offset[1]
    columns = np.arange(place.x, place.right, step) - offset[0]
    shape = (rows.size, columns.size, 4) if tiles.channels == 4 else (rows.size, columns.size)
    result = np.full(shape, tiles.fill, np.uint8)
    area = Rect.of_edges(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    for key in area.cells(TILE_PX):
        tile = tiles.tiles.get(key)
        if tile is None:
            continue
        there = cell(key)
        y0, y1 = np.searchsorted(rows, (there.y, there.bottom))
        x0, x1 = np.searchsorted(columns, (there.x, there.right))
        picked = tile[rows[y0:y1] - there.y][:, columns[x0:x1] - there.x]
        result[y0:y1, x0:x1] = picked
    return result


def _place(frame: Rect, layer: Layer) -> Rect:
    """The canvas if it has a size, else what is on the layer; never more than 16 times as long as wide."""
    return frame if not frame.empty else layer.bounds


def _on_checks(pixels: Pixels, side_px: int, dark: bool) -> QPixmap:
    side = side_px * _SHARP
    image = to_qimage(np.ascontiguousarray(pixels)).scaled(
        side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    result = QPixmap(side, side)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    x, y = (side - image.width()) // 2, (side - image.height()) // 2
    light, shade = ("#4a4b50", "#3f4045") if dark else ("#ffffff", "#dcdce0")
    painter.fillRect(x, y, image.width(), image.height(), QColor(light))
    painter.setClipRect(x, y, image.width(), image.height())
    step = 8
    for row in range(0, image.height(), step):
        for column in range(row // step % 2 * step, image.width(), 2 * step):
            painter.fillRect(x + column, y + row, step, step, QColor(shade))
    painter.drawImage(x, y, image)
    painter.end()
    result.setDevicePixelRatio(_SHARP)
    return result
