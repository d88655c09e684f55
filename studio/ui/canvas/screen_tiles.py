"""The composed picture as images ready for the screen: converted once, drawn at every frame. GUI thread.

The compositor's tiles are straight RGBA; turning a window full of them into what the screen takes costs
more than drawing it. A few hundred are kept, the ones seen last. Where composing would take longer than a
frame may, what is there already stands in: the tile as it was, or tiles of finer or coarser levels.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from studio.core.geometry import Rect
from studio.core.tiles import TILE_PX, TileKey
from studio.paint.compositor import Compositor
from studio.paint.pyramid import MAX_LEVEL
from studio.paint.qimages import viewed
from studio.paint.regions import cell

_MOST = 320
"""Of 256 KB each."""
_FINER = 2
"""Levels: of finer tiles than that too many would stand in for one."""


@dataclass(frozen=True)
class Gathered:
    """The images of a region of a level; None where one would take too long to make."""

    level: int
    region: Rect
    images: dict[TileKey, QImage | None]

    @property
    def whole(self) -> bool:
        return None not in self.images.values()

    @property
    def opaque(self) -> bool:
        """Whether nothing below can be seen through."""
        return all(
            image is not None and image.format() == QImage.Format.Format_RGB32
            for image in self.images.values()
        )


class ScreenTiles:
    """`soil` what looks different, `gather` what is seen and `draw` it."""

    def __init__(self, compositor: Compositor) -> None:
        self._compositor = compositor
        self._images: OrderedDict[tuple[int, TileKey], QImage] = OrderedDict()
        self._stale: set[tuple[int, TileKey]] = set()

    def soil(self, rects: Iterable[Rect]) -> None:
        """These rectangles of the canvas may look different now."""
        if not self._images:
            return
        for rect in rects:
            for level in range(MAX_LEVEL + 1):
                for key in rect.cells(TILE_PX << level):
                    if (level, key) in self._images:
                        self._stale.add((level, key))

    def gather(self, level: int, region: Rect, patience: int) -> Gathered:
        """What a region of the level needs, in pixels of the level.

        Args:
            patience: How much may be composed for it (`Compositor.effort`).
        """
        images: dict[TileKey, QImage | None] = {}
        for key in region.cells(TILE_PX):
            effort = 0 if self._fresh(level, key) else self._compositor.effort(key, level, patience)
            images[key] = self._image(level, key) if effort <= patience else None
            patience -= effort if effort <= patience else 0
        return Gathered(level, region, images)

    def draw(self, painter: QPainter, gathered: Gathered, frame: Rect) -> None:
        """Draw what was gathered to its place on the canvas.

        Args:
            painter: In canvas pixels.
            frame: The canvas's rectangle: nothing is drawn outside of it.
        """
        side = 1 << gathered.level
        for key, image in gathered.images.items():
            part = gathered.region.intersected(cell(key))
            place = Rect(part.x * side, part.y * side, part.width * side, part.height * side)
            place = place.intersected(frame)
            if place.empty:
                continue
            if image is not None:
                _put(painter, gathered.level, key, image, place)
            else:
                self._draw_stand_in(painter, gathered.level, key, place)

    def _draw_stand_in(self, painter: QPainter, level: int, key: TileKey, place: Rect) -> None:
        """What is known of a tile that isn't composed: as it was, or finer ones, or a coarser one."""
        parts: list[tuple[TileKey, QImage]] = []
        of_level = level
        for finer in range(level, max(-1, level - _FINER - 1), -1):
            wanted = list(place.cells(TILE_PX << finer))
            images = [(child, self._images.get((finer, child))) for child in wanted]
            known = [(child, image) for child, image in images if image is not None]
            if len(known) == len(wanted):
                self._put_all(painter, finer, known, place)
                return
            if len(known) << 2 * finer > len(parts) << 2 * of_level:  # by area
                parts, of_level = known, finer
        for up in range(1, MAX_LEVEL + 1 - level):
            parent = (key[0] >> up, key[1] >> up)
            there = self._images.get((level + up, parent))
            if there is None and self._compositor.ready(parent, level + up):
                there = self._image(level + up, parent)
            if there is not None:
                _put(painter, level + up, parent, there, place)
                return
        if parts:
            self._put_all(painter, of_level, parts, place)

    def _put_all(
        self, painter: QPainter, level: int, images: list[tuple[TileKey, QImage]], place: Rect
    ) -> None:
        side = 1 << level
        for key, image in images:
            origin = cell(key)
            part = Rect(origin.x * side, origin.y * side, TILE_PX * side, TILE_PX * side)
            _put(painter, level, key, image, part.intersected(place))

    def _fresh(self, level: int, key: TileKey) -> bool:
        return (level, key) in self._images and (level, key) not in self._stale

    def _image(self, level: int, key: TileKey) -> QImage:
        place = level, key
        if self._fresh(level, key):
            self._images.move_to_end(place)
            return self._images[place]
        pixels = self._compositor.tile(key, level)
        opaque = bool((pixels[..., 3] == 255).all())
        wanted = QImage.Format.Format_RGB32 if opaque else QImage.Format.Format_ARGB32_Premultiplied
        image = self._images[place] = viewed(pixels).convertToFormat(wanted)
        self._images.move_to_end(place)
        self._stale.discard(place)
        while len(self._images) > _MOST:
            gone, _ = self._images.popitem(last=False)
            self._stale.discard(gone)
        return image


def _put(painter: QPainter, level: int, key: TileKey, image: QImage, place: Rect) -> None:
    """Draw a rectangle of the canvas from a tile's image. The painter is in canvas pixels."""
    origin, side = cell(key), 1 << level
    source = QRectF(
        place.x / side - origin.x, place.y / side - origin.y, place.width / side, place.height / side
    )  # fmt: skip
    transform = painter.transform()
    if level == 0 and transform.m11() == 1 and transform.m12() == 0:
        painter.drawImage(QPointF(place.x, place.y), image, source)
    else:
        painter.drawImage(QRectF(place.x, place.y, place.width, place.height), image, source)
