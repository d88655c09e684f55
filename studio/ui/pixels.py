"""Pictures as the widgets' pixmaps. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap

from studio.api.outputs import Pixels
from studio.paint.qimages import to_qimage


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
