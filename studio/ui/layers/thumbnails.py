"""Small pictures of layers and masks, made from every n-th pixel of their tiles. GUI thread."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from studio.api.outputs import Pixels
from studio.core.geometry import Rect
from studio.core.layers import GroupLayer, Layer, Mask, PaintLayer
from studio.paint.composing import compose
from studio.paint.qimages import to_qimage
from studio.paint.regions import tiled
from studio.ui.canvas.sampling import sampled

_SHARP = 2
"""Pixels of the thumbnail for one of the screen: sharp on dense screens too."""


def layer_thumbnail(layer: Layer, frame: Rect, side_px: int, dark: bool) -> QPixmap:
    """What a layer shows within the canvas, upon checks."""
    place = _place(frame, layer)
    if isinstance(layer, PaintLayer) and not place.empty:
        return _on_checks(
            sampled(layer.pixels, place, (layer.x, layer.y), _step(place, side_px)), side_px, dark
        )
    if isinstance(layer, GroupLayer) and not place.empty:
        step = _step(place, side_px)
        small = Rect(0, 0, -(-place.width // step), -(-place.height // step))
        return _on_checks(compose((_reduced(layer, place, step),), small), side_px, dark)
    return _on_checks(np.zeros((1, 1, 4), np.uint8), side_px, dark)


def mask_thumbnail(mask: Mask, frame: Rect, side_px: int) -> QPixmap:
    """A mask in greys: white shows."""
    place = frame if not frame.empty else Rect(0, 0, 1, 1)
    grey = sampled(mask.pixels, place, (mask.x, mask.y), _step(place, side_px))
    pixels = np.dstack((grey, grey, grey, np.full_like(grey, 255)))
    return _on_checks(pixels, side_px, dark=False)


def _reduced(layer: Layer, place: Rect, step: int) -> Layer:
    """A layer of every `step`-th pixel, with its mask and all that is in it: composing it takes no time."""
    mask = layer.mask
    if mask is not None:
        values = sampled(mask.pixels, place, (mask.x, mask.y), step)
        mask = replace(mask, pixels=tiled(values, fill=mask.pixels.fill), x=0, y=0)
    if isinstance(layer, GroupLayer):
        inner = tuple(_reduced(child, place, step) for child in layer.layers)
        return replace(layer, layers=inner, mask=mask)
    assert isinstance(layer, PaintLayer)
    pixels = tiled(sampled(layer.pixels, place, (layer.x, layer.y), step))
    return replace(layer, pixels=pixels, x=0, y=0, mask=mask)


def _step(place: Rect, side_px: int) -> int:
    return max(1, max(place.width, place.height) // (_SHARP * side_px))


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
