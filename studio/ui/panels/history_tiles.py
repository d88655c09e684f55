"""How one result looks in the history and wherever else results are picked. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.library.history import HistoryItem
from studio.ui.panels.history_model import ITEM_ROLE, THUMBNAIL_ROLE
from studio.ui.theme.icons import pixmap, tokens_in_use

_TILE = QSize(116, 116)
_PAD_PX = 4
_BADGE_PX = 20
_BADGES = {"video": "film", "latent": "sliders-horizontal"}
"""What can be done with them beyond placing: played, and changed by sliders."""


class TileDelegate(QStyledItemDelegate):
    """Paints one result: its picture, or the beginning of its text; stars when rated."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return _TILE

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        tokens = tokens_in_use()
        item: HistoryItem = index.data(ITEM_ROLE)
        area: QRect = option.rect.adjusted(_PAD_PX, _PAD_PX, -_PAD_PX, -_PAD_PX)
        state: QStyle.StateFlag = option.state
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(area), 6, 6)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setClipPath(shape)
        painter.fillRect(area, QColor(tokens.raised))
        thumbnail: QPixmap | None = index.data(THUMBNAIL_ROLE)
        if thumbnail is not None:
            painter.drawPixmap(area, thumbnail, _centre_square(thumbnail))
        elif item.kind == "text":
            _paint_text(painter, area, item.excerpt, QColor(tokens.text))
        else:
            picture = pixmap("image", "faint", 24)
            painter.drawPixmap(area.center() - QPoint(12, 12), picture)
        if item.kind in _BADGES:
            _paint_badge(painter, area, _BADGES[item.kind])
        if item.rating:
            band = QRect(area.left(), area.bottom() - 19, area.width(), 20)
            painter.fillRect(band, QColor(0, 0, 0, 120))
            painter.setPen(QColor("#ffd66b"))
            painter.drawText(band, Qt.AlignmentFlag.AlignCenter, "★" * item.rating)
        painter.setClipping(False)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        colour = tokens.accent if chosen else tokens.faint if hovered else tokens.line
        painter.setPen(QPen(QColor(colour), 2 if chosen else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.restore()


def _centre_square(picture: QPixmap) -> QRect:
    side = min(picture.width(), picture.height())
    return QRect((picture.width() - side) // 2, (picture.height() - side) // 2, side, side)


def _paint_text(painter: QPainter, area: QRect, text: str, colour: QColor) -> None:
    font = QFont(painter.font())
    font.setPixelSize(11)
    painter.setFont(font)
    painter.setPen(colour)
    wrap = Qt.TextFlag.TextWordWrap
    painter.drawText(area.adjusted(8, 8, -8, -8), Qt.AlignmentFlag.AlignLeft | wrap, text)


def _paint_badge(painter: QPainter, area: QRect, icon: str) -> None:
    """A small dark disc with an icon, in the corner."""
    disc = QRect(area.right() - _BADGE_PX - 4, area.top() + 5, _BADGE_PX, _BADGE_PX)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 150))
    painter.drawEllipse(disc)
    painter.drawPixmap(disc.topLeft() + QPoint(4, 4), pixmap(icon, "on_accent", 12))
