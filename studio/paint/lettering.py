"""Text as pixels. Any thread, but fonts need a QGuiApplication; the offscreen platform will do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QImage, QPainter, QTextDocument, QTextOption

from studio.core.layers import TextLayer, TextStyle
from studio.core.tiles import EMPTY
from studio.paint.qimages import alpha_of
from studio.paint.regions import tiled

_MARGIN_PX = 8
"""Around the lines, for what letters let hang over."""
_ALIGNMENTS = {
    "left": Qt.AlignmentFlag.AlignLeft,
    "center": Qt.AlignmentFlag.AlignHCenter,
    "right": Qt.AlignmentFlag.AlignRight,
}


def lettered(layer: TextLayer, text: str, style: TextStyle) -> TextLayer:
    """A text layer with another text or style, drawn anew; (x, y) stays the corner of its first line."""
    lines = QTextDocument()
    lines.setDocumentMargin(0)
    lines.setDefaultFont(_font(style))
    option = QTextOption(_ALIGNMENTS.get(style.align, Qt.AlignmentFlag.AlignLeft))
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    lines.setDefaultTextOption(option)
    lines.setPlainText(text)
    lines.setTextWidth(style.width_px if style.width_px > 0 else -1)
    if style.width_px <= 0:
        lines.setTextWidth(lines.idealWidth())
    size = lines.size()
    width, height = (int(side) + 1 + 2 * _MARGIN_PX for side in (size.width(), size.height()))
    pixels = EMPTY
    if text.strip():
        image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.translate(_MARGIN_PX, _MARGIN_PX)
        lines.drawContents(painter)
        painter.end()
        coloured = np.empty((height, width, 4), np.uint8)
        coloured[...] = style.colour
        # The letters' shape is their alpha, whatever colour the system would write in.
        alpha = alpha_of(image).astype(np.uint16) * style.colour[3]
        coloured[..., 3] = (alpha + 127) // 255
        coloured[coloured[..., 3] == 0] = 0
        pixels = tiled(coloured, -_MARGIN_PX, -_MARGIN_PX)
    return replace(layer, text=text, style=style, pixels=pixels)


def _font(style: TextStyle) -> QFont:
    font = QFont(style.family) if style.family else QFont()
    font.setPixelSize(max(1, round(style.size_px)))
    font.setBold(style.bold)
    font.setItalic(style.italic)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font
