"""Draws what the compositor made, with the sheet below it and previews above. GUI thread."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QImage,
    QPainter,
    QPalette,
    QPen,
    QTransform,
)

from studio.core.document import Document
from studio.core.geometry import Rect
from studio.core.guides import Guides
from studio.core.layers import Layer
from studio.paint.pyramid import MAX_LEVEL
from studio.paint.qimages import viewed
from studio.ui.canvas.sampling import sampled
from studio.ui.canvas.screen_tiles import Gathered, ScreenTiles
from studio.ui.canvas.view_transform import ViewTransform

_CHECK_PX = 8
_EMPTY_TITLE = "An empty canvas"
_EMPTY_TEXT = (
    "Describe a picture on the left and press Generate,\n"
    "drop a picture or a model here, or choose the brush and paint."
)


def qtransform(view: ViewTransform) -> QTransform:
    return QTransform(*view.matrix)


def canvas_rect(view: ViewTransform, area: QRect | QRectF) -> Rect:
    """Every canvas pixel that may be seen in a part of the widget."""
    corners = [
        view.to_canvas(x, y)
        for x in (area.x(), area.x() + area.width())
        for y in (area.y(), area.y() + area.height())
    ]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return Rect.of_edges(
        math.floor(min(xs)), math.floor(min(ys)), math.ceil(max(xs)) + 1, math.ceil(max(ys)) + 1
    )


def widget_rect(view: ViewTransform, rect: Rect) -> QRectF:
    """The part of the widget a rectangle of the canvas is seen in."""
    return qtransform(view).mapRect(QRectF(rect.x, rect.y, rect.width, rect.height))


def level_for(scale: float) -> int:
    """The coarsest level of the pyramid that is still fine enough at a scale in device pixels."""
    return min(MAX_LEVEL, max(0, math.floor(math.log2(1 / scale)))) if scale < 1 else 0


def level_and_region(scale: float, seen: Rect) -> tuple[int, Rect]:
    """The pyramid's level for a scale in device pixels, and a canvas rectangle in that level's pixels."""
    level = level_for(scale)
    side = 1 << level
    return level, Rect.of_edges(
        seen.x // side, seen.y // side, -(-seen.right // side), -(-seen.bottom // side)
    )


def draw_composed(
    painter: QPainter,
    tiles: ScreenTiles,
    gathered: Gathered,
    view: ViewTransform,
    seen: Rect,
    device_scale: float,
    *,
    hurried: bool = False,
) -> None:
    """What is in a rectangle of the canvas. The painter is in the widget's coordinates.

    Args:
        hurried: The view is moving: nearest pixels instead of smooth ones.
    """
    scale = view.scale * device_scale
    painter.save()
    painter.setTransform(qtransform(view), True)
    smooth = not hurried and (scale < 1 or (not view.upright and scale < 2))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    tiles.draw(painter, gathered, seen)
    painter.restore()


def draw_mask(
    painter: QPainter, document: Document, layer: Layer | None, view: ViewTransform, seen: Rect
) -> None:
    """What a layer's mask hides, in red over the picture, as everybody shows it."""
    shown = document.layer(layer.id) if layer is not None else None
    if shown is None or shown.mask is None or seen.empty:
        return
    mask = shown.mask
    step = max(1, round(1 / view.scale)) if view.scale < 1 else 1
    values = sampled(mask.pixels, seen, (mask.x, mask.y), step)
    red = np.empty((*values.shape, 4), np.uint8)
    red[...] = (220, 30, 40, 0)
    red[..., 3] = (255 - values) * np.float32(0.55)
    painter.save()
    painter.setTransform(qtransform(view), True)
    height, width = values.shape
    target = QRectF(seen.x, seen.y, width * step, height * step)
    painter.drawImage(target, viewed(red))
    painter.restore()


def draw_guides(painter: QPainter, view: ViewTransform, guides: Guides) -> None:
    """Thin lines across the whole view."""
    far = 1 << 16
    painter.setPen(QPen(QColor("#22a6d6"), 1))
    for axis, line in guides:
        ends = ((line, -far), (line, far)) if axis == "x" else ((-far, line), (far, line))
        painter.drawLine(*(QPointF(*view.to_widget(*end)) for end in ends))


def draw_sheet(painter: QPainter, view: ViewTransform, rects: list[Rect], dark: bool) -> None:
    """Transparency, as everybody shows it: checks of the same size at every scale."""
    brush = QBrush(_check_image(dark))
    brush.setTransform(QTransform.fromTranslate(view.offset_x, view.offset_y))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(brush)
    for rect in rects:
        if view.upright:
            painter.fillRect(widget_rect(view, rect), brush)
        else:
            shape = QRectF(rect.x, rect.y, rect.width, rect.height)
            painter.drawPolygon(qtransform(view).map(shape_of(shape)))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def shape_of(rect: QRectF) -> list[QPointF]:
    return [rect.topLeft(), rect.topRight(), rect.bottomRight(), rect.bottomLeft()]


def draw_preview(painter: QPainter, image: QImage, area: QRect, palette: QPalette) -> None:
    """A picture in the making, in the middle of the view."""
    side = min(area.width(), area.height()) * 0.6
    scale = min(side / image.width(), side / image.height())
    width, height = image.width() * scale, image.height() * scale
    target = QRectF((area.width() - width) / 2, (area.height() - height) / 2, width, height)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
    painter.setOpacity(0.92)
    painter.drawImage(target, image)
    painter.setOpacity(1.0)
    painter.setPen(QPen(palette.color(QPalette.ColorRole.Highlight), 2))
    painter.drawRect(target)


def draw_empty(painter: QPainter, area: QRect, palette: QPalette) -> None:
    font = painter.font()
    font.setPixelSize(15)
    font.setWeight(font.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(palette.color(QPalette.ColorRole.WindowText))
    centre = Qt.AlignmentFlag.AlignCenter
    painter.drawText(area.translated(0, -28), centre, _EMPTY_TITLE)
    font.setPixelSize(13)
    font.setWeight(font.Weight.Normal)
    painter.setFont(font)
    painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
    words = area.adjusted(16, 14, -16, 14)
    painter.drawText(words, centre | Qt.TextFlag.TextWordWrap, _EMPTY_TEXT)


@lru_cache(maxsize=2)
def _check_image(dark: bool) -> QImage:
    image = QImage(2 * _CHECK_PX, 2 * _CHECK_PX, QImage.Format.Format_RGB32)
    light, shade = ("#3a3b40", "#333439") if dark else ("#ffffff", "#ececee")
    image.fill(QColor(light))
    painter = QPainter(image)
    for x, y in ((0, 0), (_CHECK_PX, _CHECK_PX)):
        painter.fillRect(x, y, _CHECK_PX, _CHECK_PX, QColor(shade))
    painter.end()
    return image
