"""The one place where arrays become QImages and back. Any thread; needs no display."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from studio.api.outputs import Pixels, as_pixels

_BYTES_PER_PIXEL = 4


def to_qimage(pixels: Pixels) -> QImage:
    """A QImage of its own from (H, W, 4) uint8 RGBA, straight alpha, sRGB.

    Raises:
        TypeError, ValueError: the array is no picture; QImage itself would show garbage.
    """
    return viewed(np.ascontiguousarray(as_pixels(pixels))).copy()


def viewed(array: npt.NDArray[np.uint8]) -> QImage:
    """A QImage upon the array's own memory: (H, W, 4) straight RGBA, or (H, W) as alpha. Draw it at once,
    while the array lives, and never write to it."""
    height, width = array.shape[:2]
    if array.ndim == 2:
        return QImage(array.data, width, height, array.strides[0], QImage.Format.Format_Alpha8)
    return QImage(array.data, width, height, array.strides[0], QImage.Format.Format_RGBA8888)


def from_qimage(image: QImage) -> Pixels:
    """A read-only (H, W, 4) uint8 RGBA copy. Raises ValueError: the image is empty."""
    if image.isNull():
        raise ValueError("the image is empty")
    rgba = image.convertToFormat(QImage.Format.Format_RGBA8888)
    stride, height, width = rgba.bytesPerLine(), rgba.height(), rgba.width()
    rows = np.frombuffer(rgba.constBits(), np.uint8, stride * height).reshape(height, stride)
    used = rows[:, : width * _BYTES_PER_PIXEL]
    return as_pixels(used.reshape(height, width, _BYTES_PER_PIXEL))


def wide(image: QImage) -> npt.NDArray[np.uint16]:
    """The memory of an RGBA64 image as (H, W, 4) uint16, to read and write. The image must outlive it, and
    no painter may be active on it."""
    height, width = image.height(), image.width()
    flat = np.frombuffer(image.bits(), np.uint16, image.bytesPerLine() // 2 * height)
    return flat.reshape(height, -1)[:, : width * 4].reshape(height, width, 4)


def alpha_of(image: QImage) -> npt.NDArray[np.uint8]:
    """A copy of an image's alpha: (H, W) uint8. Raises ValueError: the image is empty."""
    if image.isNull():
        raise ValueError("the image is empty")
    alpha = image.convertToFormat(QImage.Format.Format_Alpha8)
    stride, height, width = alpha.bytesPerLine(), alpha.height(), alpha.width()
    rows = np.frombuffer(alpha.constBits(), np.uint8, stride * height).reshape(height, stride)
    return rows[:, :width].copy()
