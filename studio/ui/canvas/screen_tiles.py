"""The composed picture as images ready for the screen: converted once, drawn at every frame. GUI thread.

The compositor's tiles are straight RGBA; turning a window full of them into what the screen takes costs
more than drawing it. A few hundred are kept, the ones seen last.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from studio.core.geometry import Rect
from studio.core.tiles import TILE_PX, TileKey
from studio.paint.compositor import MAX_LEVEL, Compositor
from studio.paint.qimages import viewed
from studio.paint.regions import cell

_MOST = 320
"""Of 256 KB each."""


class ScreenTiles:
    """`soil` what looks different, `draw` what is seen."""

    def __init__(self, compositor: Compositor) -> None:
        self._compositor = compositor
        self._images: OrderedDict[tuple[int, TileKey], QImage] = OrderedDict()

    def soil(self, rects: Iterable[Rect]) -> None:
        """These rectangles of the canvas may look different now."""
        if not self._images:
            return
        for rect in rects:
            for level in range(MAX_LEVEL + 1):
                for key in rect.cells(TILE_PX << level):
                    self._images.pop((level, key), None)

    def opaque(self, level: int, region: Rect) -> bool:
        """Whether nothing below can be seen through a region of the level."""
        return all(
            self._image(level, key).format() == QImage.Format.Format_RGB32
            for key in region.cells(TILE_PX)
        )

    def draw(self, painter: QPainter, level: int, region: Rect, frame: Rect) -> None:
        """Draw a region, in pixels of the level, to its place on the canvas.

        Args:
            painter: In canvas pixels.
            frame: The canvas's rectangle: nothing is drawn outside of it.
        """
        side = 1 << level
        for key in region.cells(TILE_PX):
            part = region.intersected(cell(key))
            place = Rect(part.x * side, part.y * side, part.width * side, part.height * side)
            place = place.intersected(frame)
            if place.empty:
                continue
            image = self._image(level, key)
            origin = cell(key)
            source = QRectF(
                place.x / side - origin.x, place.y / side - origin.y,
                place.width / side, place.height / side,
            )  # fmt: skip
            if level == 0 and painter.transform().m11() == 1 and painter.transform().m12() == 0:
                painter.drawImage(QPointF(place.x, place.y), image, source)
            else:
                target = QRectF(place.x, place.y, place.width, place.height)
                painter.drawImage(target, image, source)

    def _image(self, level: int, key: TileKey) -> QImage:
        image = self._images.get((level, key))
        if image is not None:
            self._images.move_to_end((level, key))
            return image
        pixels = self._compositor.tile(key, level)
        opaque = bool((pixels[..., 3] == 255).all())
        wanted = QImage.Format.Format_RGB32 if opaque else QImage.Format.Format_ARGB32_Premultiplied
        image = viewed(pixels).convertToFormat(wanted)
        self._images[(level, key)] = image
        while len(self._images) > _MOST:
            self._images.popitem(last=False)
        return image
