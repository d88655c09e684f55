"""How a layer's row looks: eye, thumbnail, mask, name, and what is set on it; and what a click in it hits."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from studio.core.geometry import Rect
from studio.core.layers import BlendMode, GroupLayer, Layer, PaintLayer, TextLayer
from studio.ui.layers.layers_model import LAYER_ROLE
from studio.ui.layers.thumbnails import layer_thumbnail, mask_thumbnail
from studio.ui.theme.icons import pixmap, tokens_in_use

ROW_PX = 44
_THUMB_PX = 32
_EYE_PX = 24
_MARK_PX = 14
Part = Literal["eye", "thumbnail", "mask", "lock", "name"]
MODE_NAMES: dict[BlendMode, str] = {
    mode: mode.value.replace("-", " ").capitalize().replace("Color", "Colour").replace("color", "colour")
    for mode in BlendMode
}  # fmt: skip


class LayerRow(QStyledItemDelegate):
    """`frame` is what thumbnails show, `current` and `on_mask` where painting goes."""

    def __init__(self) -> None:
        super().__init__()
        self.frame = Rect()
        self.on_mask = False
        self.current = ""
        self._thumbs: dict[tuple[str, str], tuple[object, QPixmap]] = {}

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(120, ROW_PX)

    def forget(self, ids: set[str]) -> None:
        """Keep only the thumbnails of these layers."""
        self._thumbs = {key: kept for key, kept in self._thumbs.items() if key[0] in ids}

    def part_at(self, rect: QRect, layer: Layer, point: QPoint) -> Part:
        """What of a row is under a point of the view."""
        for part, place in self._places(rect, layer).items():
            if place.contains(point):
                return part
        return "name"

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        layer = index.data(LAYER_ROLE)
        if not isinstance(layer, Layer):
            return
        tokens = tokens_in_use()
        state, rect = _state(option), _rect(option)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.accent_soft))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 6, 6)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.hover))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 6, 6)
        places = self._places(rect, layer)
        eye = pixmap("eye" if layer.visible else "eye-off", "muted" if layer.visible else "faint")
        _in_middle(painter, places["eye"], eye, 16)
        if not layer.visible:
            painter.setOpacity(0.5)
        painter.drawPixmap(places["thumbnail"], self._thumbnail(layer, tokens.dark))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        chosen = layer.id == self.current
        outline = tokens.accent if chosen and not self.on_mask and layer.mask else tokens.edge
        painter.setPen(QPen(QColor(outline), 2 if outline == tokens.accent else 1))
        painter.drawRect(places["thumbnail"])
        if layer.mask is not None:
            painter.drawPixmap(places["mask"], self._mask(layer))
            outline = tokens.accent if chosen and self.on_mask else tokens.edge
            painter.setPen(QPen(QColor(outline), 2 if outline == tokens.accent else 1))
            painter.drawRect(places["mask"])
            if not layer.mask.enabled:
                painter.setPen(QPen(QColor(tokens.danger), 2))
                painter.drawLine(places["mask"].topLeft(), places["mask"].bottomRight())
        painter.setOpacity(1.0)
        self._paint_words(painter, places["name"], layer)
        self._paint_marks(painter, places["lock"], layer)
        painter.restore()

    def createEditor(
        self,
        parent: QWidget,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName("Layer's name")
        return editor

    def updateEditorGeometry(
        self,
        editor: QWidget,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        layer, rect = index.data(LAYER_ROLE), _rect(option)
        if isinstance(layer, Layer):
            place = self._places(rect, layer)["name"]
            editor.setGeometry(place.x() - 6, rect.y() + 6, rect.right() - place.x() + 4, 32)

    def _paint_words(self, painter: QPainter, place: QRect, layer: Layer) -> None:
        tokens = tokens_in_use()
        notes = [] if layer.blend_mode is BlendMode.NORMAL else [MODE_NAMES[layer.blend_mode]]
        if layer.opacity < 1:
            notes.append(f"{layer.opacity * 100:.0f} %")
        font = QFont(painter.font())
        painter.setPen(QColor(tokens.text if layer.visible else tokens.faint))
        line = place
        if notes:
            line = QRect(place.x(), place.y() + 4, place.width(), place.height() // 2 - 4)
        name = painter.fontMetrics().elidedText(
            layer.name, Qt.TextElideMode.ElideRight, place.width()
        )
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        if notes:
            font.setPixelSize(11)
            painter.setFont(font)
            painter.setPen(QColor(tokens.muted))
            below = QRect(place.x(), line.bottom() + 1, place.width(), place.height() // 2 - 4)
            text = painter.fontMetrics().elidedText(
                " · ".join(notes), Qt.TextElideMode.ElideRight, place.width()
            )
            painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_marks(self, painter: QPainter, place: QRect, layer: Layer) -> None:
        icons = _marks(layer)
        x = place.right() - len(icons) * (_MARK_PX + 2)
        for name in icons:
            spot = QRect(x, place.y() + (place.height() - _MARK_PX) // 2, _MARK_PX, _MARK_PX)
            painter.drawPixmap(spot, pixmap(name, "muted", _MARK_PX))
            x += _MARK_PX + 2

    def _places(self, rect: QRect, layer: Layer) -> dict[Part, QRect]:
        top = rect.y() + (rect.height() - _THUMB_PX) // 2
        x = rect.x() + 2
        if layer.clipped:
            x += 12
        places: dict[Part, QRect] = {"eye": QRect(x, rect.y(), _EYE_PX, rect.height())}
        x += _EYE_PX + 2
        places["thumbnail"] = QRect(x, top, _THUMB_PX, _THUMB_PX)
        x += _THUMB_PX + 6
        if layer.mask is not None:
            places["mask"] = QRect(x, top, _THUMB_PX, _THUMB_PX)
            x += _THUMB_PX + 6
        marks = len(_marks(layer)) * (_MARK_PX + 2)
        places["lock"] = QRect(rect.right() - marks - 6, rect.y(), marks + 4, rect.height())
        places["name"] = QRect(x + 2, rect.y(), max(8, places["lock"].x() - x - 4), rect.height())
        return places

    def _thumbnail(self, layer: Layer, dark: bool) -> QPixmap:
        content: object = layer
        if isinstance(layer, PaintLayer):
            content = (layer.pixels, layer.x, layer.y, self.frame, dark)
        key = (layer.id, "layer")
        kept = self._thumbs.get(key)
        if kept is None or not _same(kept[0], content):
            kept = (content, layer_thumbnail(layer, self.frame, _THUMB_PX, dark))
            self._thumbs[key] = kept
        return kept[1]

    def _mask(self, layer: Layer) -> QPixmap:
        assert layer.mask is not None
        key, content = (layer.id, "mask"), (layer.mask.pixels, self.frame)
        kept = self._thumbs.get(key)
        if kept is None or not _same(kept[0], content):
            kept = (content, mask_thumbnail(layer.mask, self.frame, _THUMB_PX))
            self._thumbs[key] = kept
        return kept[1]


def _same(before: object, after: object) -> bool:
    """By identity where things are large: a layer's pixels are never changed in place."""
    if isinstance(before, tuple) and isinstance(after, tuple) and len(before) == len(after):
        return before[0] is after[0] and before[1:] == after[1:]
    return before is after


def _marks(layer: Layer) -> list[str]:
    icons = ["folder"] if isinstance(layer, GroupLayer) else []
    icons += ["type"] if isinstance(layer, TextLayer) else []
    icons += ["corner-left-down"] if layer.clipped else []
    if isinstance(layer, PaintLayer) and layer.alpha_locked:
        icons.append("grid-2x2")
    icons += ["lock"] if layer.locked else []
    return icons


def _in_middle(painter: QPainter, place: QRect, picture: QPixmap, side: int) -> None:
    spot = QRect(0, 0, side, side)
    spot.moveCenter(place.center())
    painter.drawPixmap(spot, picture)


def _rect(option: QStyleOptionViewItem) -> QRect:
    """PySide's stubs don't know the fields that the option has from its base class."""
    rect = getattr(option, "rect")  # noqa: B009
    assert isinstance(rect, QRect)
    return rect


def _state(option: QStyleOptionViewItem) -> QStyle.StateFlag:
    state = getattr(option, "state")  # noqa: B009
    assert isinstance(state, QStyle.StateFlag)
    return state
