"""The one place where arrays become QImages and back. Any thread, but for the pixmap of `thumbnail`."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap

from studio.api.outputs import Pixels, as_pixels

_BYTES_PER_PIXEL = 4


def to_qimage(pixels: Pixels) -> QImage:
    """A QImage of its own from (H, W, 4) uint8 RGBA, straight alpha, sRGB.

    Raises:
        TypeError, ValueError: the array is no picture; QImage itself would show garbage.
    """
    array = np.ascontiguousarray(as_pixels(pixels))
    height, width = array.shape[:2]
    stride = _BYTES_PER_PIXEL * width
    # QImage aliases the array: copied, or it would read freed memory.
    return QImage(array.data, width, height, stride, QImage.Format.Format_RGBA8888).copy()


def from_qimage(image: QImage) -> Pixels:
    """A read-only (H, W, 4) uint8 RGBA copy. Raises ValueError: the image is empty."""
    if image.isNull():
        raise ValueError("the image is empty")
    rgba = image.convertToFormat(QImage.Format.Format_RGBA8888)
    stride, height, width = rgba.bytesPerLine(), rgba.height(), rgba.width()
    rows = np.frombuffer(rgba.constBits(), np.uint8, stride * height).reshape(height, stride)
    used = rows[:, : width * _BYTES_PER_PIXEL]
    return as_pixels(used.reshape(height, width, _BYTES_PER_PIXEL))


def thumbnail(pixels: Pixels, side_px: int) -> QPixmap:
    """The middle square of a picture, `side_px` wide, sharp on screens of double density. GUI thread."""
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    # Thinned out first: a picture of 60 million pixels would hold the window up.
    stride = max(1, side // (4 * side_px))
    square = to_qimage(pixels[top : top + side : stride, left : left + side : stride])
    scaled = square.scaled(
        2 * side_px,
        2 * side_px,
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    result = QPixmap.fromImage(scaled)
    result.setDevicePixelRatio(2)
    return result
