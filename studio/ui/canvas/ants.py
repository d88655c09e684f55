"""The edge of a selection as lines, and how it is drawn: the marching ants. GUI thread."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTransform

from studio.core.geometry import Rect
from studio.core.tiles import TileMap
from studio.paint.regions import Region, read
from studio.ui.canvas.view_transform import ViewTransform

_HALF = 128
_MOST_PX = 2048
"""A selection with longer sides is traced from every second, fourth, … pixel."""


def edges(selection: TileMap, frame: Rect) -> list[QLineF]:
    """Lines in canvas pixels between what is at least half selected and what is not, within the canvas."""
    area = selection.bounds if selection.fill == 0 else frame
    area = area.intersected(frame) if not frame.empty else area
    if area.empty:
        return []
    step = 1
    while max(area.width, area.height) // step > _MOST_PX:
        step *= 2
    inside = np.pad(read(selection, area)[::step, ::step] >= _HALF, 1)
    lines = _runs(inside[1:, :] != inside[:-1, :])
    level = [
        QLineF(area.x + (x0 - 1) * step, area.y + y * step, area.x + (x1 - 1) * step, area.y + y * step)
        for y, x0, x1 in lines
    ]  # fmt: skip
    lines = _runs((inside[:, 1:] != inside[:, :-1]).T)
    upright = [
        QLineF(area.x + x * step, area.y + (y0 - 1) * step, area.x + x * step, area.y + (y1 - 1) * step)
        for x, y0, y1 in lines
    ]  # fmt: skip
    return level + upright


def draw(painter: QPainter, view: ViewTransform, lines: list[QLineF], phase: int) -> None:
    """White and black dashes; `phase` moves them."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setTransform(QTransform(*view.matrix), True)
    for colour, dashes in ((QColor(255, 255, 255), None), (QColor(0, 0, 0), [4.0, 4.0])):
        pen = QPen(colour, 1)
        pen.setCosmetic(True)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if dashes is not None:
            pen.setDashPattern(dashes)
            pen.setDashOffset(phase)
        painter.setPen(pen)
        painter.drawLines(lines)
    painter.restore()


def _runs(marked: Region) -> list[tuple[int, int, int]]:
    """(row, first, last + 1) of every run of True in a row."""
    padded = np.pad(marked.astype(np.int8), ((0, 0), (1, 1)))
    steps = np.diff(padded, axis=1)
    rows, firsts = np.nonzero(steps == 1)
    _, lasts = np.nonzero(steps == -1)
    return list(zip(rows.tolist(), firsts.tolist(), lasts.tolist(), strict=True))
