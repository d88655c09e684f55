"""Pictures shown in the text, below the line that links them. GUI thread.

A line that is one link to a picture gets room for it. Only what is about to be painted is asked for, and
painted once it came; the text itself knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF, Signal
from PySide6.QtGui import QImage, QPainter, QPixmap, QTextBlock

from studio.core.illustration import picture_alone

MOST_PX = (1360, 720)
"""What a picture is read at: twice its largest size on the screen."""
_HIGHEST_PX = 360
_GAP_PX = 8
_LONGEST_LINK = 1000


class InlinePictures(QObject):
    """`asked(source)` for a picture that isn't there yet; `show` gives it."""

    asked = Signal(str)
    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pictures: dict[str, QPixmap | None] = {}
        self.width_px = 0
        """How wide the text's column is."""

    @property
    def sources(self) -> frozenset[str]:
        """Those that were asked for."""
        return frozenset(self._pictures)

    def show(self, source: str, image: QImage | None) -> None:
        """None: there is no such picture, and no room for it."""
        if source in self._pictures:
            self._pictures[source] = None if image is None else QPixmap.fromImage(image)
            self.changed.emit()

    def forget(self, sources: Iterable[str]) -> None:
        """They are other ones by now, and are asked for again when they are seen."""
        gone = self.sources.intersection(sources)
        for source in gone:
            del self._pictures[source]
        if gone:
            self.changed.emit()

    def room(self, block: QTextBlock) -> float:
        """The height it takes below a paragraph's lines. Called at every paint: it must stay cheap."""
        picture = self._of(block)
        return self._size(picture).height() + 2 * _GAP_PX if picture is not None else 0

    def paint(self, painter: QPainter, block: QTextBlock, area: QRectF) -> None:
        """In the lowest part of its paragraph."""
        picture = self._of(block, asking=True)
        if picture is None:
            return
        size = self._size(picture)
        left = area.left() + block.document().documentMargin()  # where the words begin
        place = QPointF(left, area.bottom() - size.height() - _GAP_PX)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(QRectF(place, size), picture, QRectF(picture.rect()))

    def _of(self, block: QTextBlock, *, asking: bool = False) -> QPixmap | None:
        if block.length() > _LONGEST_LINK or (source := picture_alone(block.text())) is None:
            return None
        if asking and source not in self._pictures:
            self._pictures[source] = None
            self.asked.emit(source)
        return self._pictures.get(source)

    def _size(self, picture: QPixmap) -> QSizeF:
        """No wider than the column, no higher than is good between paragraphs, never enlarged."""
        width, height = picture.width(), picture.height()
        scale = min(1.0, self.width_px / width, _HIGHEST_PX / height)
        return QSizeF(width * scale, height * scale)
