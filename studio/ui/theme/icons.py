"""Icons of the Lucide set (ISC), tinted with the theme's colours. GUI thread.

`set_icon` remembers on the widget or action which icon it shows, so that a change of theme can
tint it anew without a registry of objects.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QLabel, QPushButton, QWidget

from studio.io.resources import resource
from studio.ui.theme.tokens import ICON_PX, LIGHT, Tokens

_PROPERTY = "folioIcon"
_UNKNOWN = "box"
_SCALES = (1.0, 2.0)
_GAP_PX = 6


class _Ink:
    """The tokens icons are drawn with; the theme sets them before anything is tinted."""

    tokens: Tokens = LIGHT


def use_tokens(tokens: Tokens) -> None:
    _Ink.tokens = tokens


def tokens_in_use() -> Tokens:
    return _Ink.tokens


@lru_cache(maxsize=256)
def _svg(name: str) -> str:
    path = resource("icons", f"{name}.svg")
    if not path.is_file():
        path = resource("icons", f"{_UNKNOWN}.svg")
    return path.read_text(encoding="utf-8")


@lru_cache(maxsize=512)
def _shape(name: str, size_px: int, scale: float, gap_px: int = 0) -> QPixmap:
    """The icon in black, with a gap at its right: read and drawn once, whatever its colours."""
    renderer = QSvgRenderer(QByteArray(_svg(name).replace("currentColor", "#000").encode()))
    side = round(size_px * scale)
    shape = QPixmap(QSize(side + round(gap_px * scale), side))
    shape.fill(Qt.GlobalColor.transparent)
    painter = QPainter(shape)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    return shape


@lru_cache(maxsize=1024)
def _pixmap(name: str, colour: str, size_px: int, scale: float, gap_px: int = 0) -> QPixmap:
    tinted = QPixmap(_shape(name, size_px, scale, gap_px))
    painter = QPainter(tinted)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(tinted.rect(), QColor(colour))
    painter.end()
    tinted.setDevicePixelRatio(scale)
    return tinted


def forget_pixmaps() -> None:
    """Before the application ends: a pixmap must not outlive it."""
    _pixmap.cache_clear()
    _shape.cache_clear()


def pixmap(name: str, role: str = "muted", size_px: int = ICON_PX, scale: float = 2.0) -> QPixmap:
    """An icon in a token's colour, such as "muted", "accent_text", "danger"."""
    return _pixmap(name, getattr(_Ink.tokens, role), size_px, scale)


def icon(name: str, role: str = "muted", size_px: int = ICON_PX, gap_px: int = 0) -> QIcon:
    tokens = _Ink.tokens
    result = QIcon()
    on_role = "on_accent" if role == "on_accent" else "accent_text"
    for scale in _SCALES:
        for mode, colour in (
            (QIcon.Mode.Normal, getattr(tokens, role)),
            (QIcon.Mode.Active, tokens.text if role == "muted" else getattr(tokens, role)),
            (QIcon.Mode.Selected, tokens.text),
            (QIcon.Mode.Disabled, tokens.faint),
        ):
            result.addPixmap(_pixmap(name, colour, size_px, scale, gap_px), mode)
        checked = _pixmap(name, getattr(tokens, on_role), size_px, scale, gap_px)
        result.addPixmap(checked, QIcon.Mode.Normal, QIcon.State.On)
    return result


def set_icon(
    target: QAction | QAbstractButton | QLabel,
    name: str,
    role: str = "muted",
    size_px: int = ICON_PX,
) -> None:
    """Show an icon and keep it in the theme's colours."""
    target.setProperty(_PROPERTY, f"{name}|{role}|{size_px}")
    if isinstance(target, QLabel):
        target.setPixmap(pixmap(name, role, size_px))
        return
    # Under a stylesheet Qt puts a push button's text right at its icon.
    gap_px = _GAP_PX if isinstance(target, QPushButton) and target.text() else 0
    target.setIcon(icon(name, role, size_px, gap_px))
    if isinstance(target, QAbstractButton):
        target.setIconSize(QSize(size_px + gap_px, size_px))


def tint_again(roots: list[QWidget]) -> None:
    """After a change of theme: draw every remembered icon anew."""
    for root in roots:
        objects: list[QObject] = [root, *root.findChildren(QObject)]
        for target in objects:
            remembered = target.property(_PROPERTY)
            if remembered and isinstance(target, (QAction, QAbstractButton, QLabel)):
                name, role, size = str(remembered).split("|")
                set_icon(target, name, role, int(size))
