"""All visible layers as one picture, for export. QImage only, so any thread may."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from studio.api.errors import StudioError
from studio.api.outputs import Pixels
from studio.core.document import Layer
from studio.io.atomic import write_bytes
from studio.io.images import encode_png
from studio.ui.pixels import from_qimage, to_qimage


def export_png(path: Path, layers: Iterable[Layer], read: Callable[[str], Pixels]) -> None:
    """Write the canvas as it is seen. The person was asked before a file is replaced."""
    write_bytes(path, encode_png(flatten(layers, read)), force=True)


def flatten(layers: Iterable[Layer], read: Callable[[str], Pixels]) -> Pixels:
    """The smallest picture that holds every visible layer, from bottom to top.

    Raises:
        StudioError: no layer is visible.
    """
    shown = [layer for layer in layers if layer.visible and layer.opacity > 0]
    if not shown:
        raise StudioError("No picture on the canvas is visible.", remedy="Show a layer first.")
    left, top = min(layer.x for layer in shown), min(layer.y for layer in shown)
    right = max(layer.x + layer.width_px for layer in shown)
    bottom = max(layer.y + layer.height_px for layer in shown)
    # 16 bits: in 8, premultiplying would change the colours of what is half transparent.
    canvas = QImage(right - left, bottom - top, QImage.Format.Format_RGBA64_Premultiplied)
    canvas.fill(Qt.GlobalColor.transparent)
    painter = QPainter(canvas)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for layer in shown:
        image = to_qimage(read(layer.blob_id))
        if (image.width(), image.height()) != (layer.width_px, layer.height_px):
            image = image.scaled(
                layer.width_px,
                layer.height_px,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        painter.setOpacity(layer.opacity)
        painter.drawImage(layer.x - left, layer.y - top, image)
    painter.end()
    return from_qimage(canvas)
