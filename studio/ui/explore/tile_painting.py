"""How one tile of the grid looks: picture, seed, star, its number in the order chosen. GUI thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.ui.explore.exploration import Tile
from studio.ui.theme.icons import pixmap, tokens_in_use

TILE_ROLE = Qt.ItemDataRole.UserRole
PICTURE_ROLE = Qt.ItemDataRole.UserRole + 1
CAPTION_PX = 18
_STAR = "#ffd66b"
_DISC = QColor(0, 0, 0, 150)
_Index = QModelIndex | QPersistentModelIndex


class TilePainter(QStyledItemDelegate):
    """Args:
    chosen: The chosen tiles in their order; from two on they carry their number.
    """

    def __init__(self, parent: QObject, chosen: Callable[[], tuple[Tile, ...]]) -> None:
        super().__init__(parent)
        self._chosen = chosen
        self.side_px = 92

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(self.side_px + 8, self.side_px + 8 + CAPTION_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        tile: Tile = index.data(TILE_ROLE)
        whole: QRect = option.rect
        area = QRect(whole.left() + 4, whole.top() + 4, self.side_px, self.side_px)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._paint_picture(painter, area, tile, index.data(PICTURE_ROLE))
        self._paint_badges(painter, area, tile)
        self._paint_frame(painter, area, tile, option.state)
        self._paint_caption(painter, area, tile)
        painter.restore()

    def _paint_picture(
        self, painter: QPainter, area: QRect, tile: Tile, picture: QPixmap | None
    ) -> None:
        tokens = tokens_in_use()
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(area), 8, 8)
        painter.setClipPath(shape)
        painter.fillRect(area, QColor(tokens.hover))
        if picture is not None:
            painter.setOpacity(1.0 if tile.state == "ready" else 0.6)
            painter.drawPixmap(area, picture)
            painter.setOpacity(1.0)
        else:
            painter.drawPixmap(area.center() - QPoint(9, 9), pixmap("loader", "faint", 20))
        painter.setClipping(False)

    def _paint_badges(self, painter: QPainter, area: QRect, tile: Tile) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_DISC)
        if tile.kept:
            disc = QRect(area.right() - 24, area.top() + 5, 20, 20)
            painter.drawEllipse(disc)
            painter.setPen(QColor(_STAR))
            painter.setFont(_font(painter, 12))
            painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, "★")
            painter.setPen(Qt.PenStyle.NoPen)
        if tile.edited:
            disc = QRect(area.right() - 24, area.bottom() - 24, 20, 20)
            painter.drawEllipse(disc)
            icon = pixmap("sliders-horizontal", "on_accent", 12)
            painter.drawPixmap(disc.topLeft() + QPoint(4, 4), icon)
        chosen = [other.key for other in self._chosen()]
        if len(chosen) > 1 and tile.key in chosen:
            disc = QRect(area.left() + 5, area.top() + 5, 20, 20)
            painter.setBrush(QColor(tokens_in_use().accent))
            painter.drawEllipse(disc)
            painter.setPen(QColor(tokens_in_use().on_accent))
            painter.setFont(_font(painter, 11, bold=True))
            number = str(chosen.index(tile.key) + 1)
            painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, number)

    def _paint_frame(
        self, painter: QPainter, area: QRect, tile: Tile, state: QStyle.StateFlag
    ) -> None:
        tokens = tokens_in_use()
        flag = QStyle.StateFlag
        chosen = bool(state & flag.State_Selected)
        colour, width = tokens.line, 1
        if chosen:
            colour, width = tokens.accent, 3
        elif state & flag.State_MouseOver and tile.state == "ready":
            colour = tokens.faint
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colour), width))
        inset = width / 2 - (1 if chosen else 0)
        frame = QRectF(area).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(frame, 8, 8)
        if state & flag.State_HasFocus and not chosen:
            painter.setPen(QPen(QColor(tokens.accent), 1, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(frame.adjusted(2, 2, -2, -2), 7, 7)

    def _paint_caption(self, painter: QPainter, area: QRect, tile: Tile) -> None:
        if tile.seed is None:
            return
        painter.setPen(QColor(tokens_in_use().muted))
        painter.setFont(_font(painter, 11))
        below = QRect(area.left(), area.bottom() + 2, area.width(), CAPTION_PX)
        text = painter.fontMetrics().elidedText(
            str(tile.seed), Qt.TextElideMode.ElideRight, below.width()
        )
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, text)


def _font(painter: QPainter, size_px: int, *, bold: bool = False) -> QFont:
    font = QFont(painter.font())
    font.setPixelSize(size_px)
    font.setBold(bold)
    return font
