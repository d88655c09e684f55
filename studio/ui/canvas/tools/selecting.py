"""Selecting: rectangle, ellipse and magic wand; what is drawn freely is in `outlining`. GUI thread.

Shift adds, Alt takes away, both together keep what is in both; without them the bar's choice counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from studio.core.edits import ChangeCanvas
from studio.core.geometry import Rect
from studio.core.tiles import TileMap
from studio.paint.composing import compose
from studio.paint.flooding import flooded
from studio.paint.regions import read_layer, tiled
from studio.paint.selection import Combining, combined, ellipse, feathered, rectangle
from studio.ui.canvas.easel import Easel
from studio.ui.canvas.pointer import Pointer
from studio.ui.canvas.snapping import on_guides
from studio.ui.canvas.tools.fills import area_of
from studio.ui.canvas.tools.shapes import corners
from studio.ui.canvas.tools.tool import Choice, Option, Slide, Switch, Tool
from studio.ui.canvas.view_transform import ViewTransform

_HOW = Choice(
    "how",
    "What a new shape does",
    (
        ("replace", "New selection"),
        ("add", "Add"),
        ("subtract", "Subtract"),
        ("intersect", "Intersect"),
    ),
)
_TREMBLE_PX = 3


@dataclass(frozen=True)
class SelectSettings:
    how: str = "replace"
    feather_px: float = 0.0
    tolerance: int = 24
    contiguous: bool = True
    all_layers: bool = True


class SelectTool(Tool[SelectSettings]):
    """What the selecting tools share: how a shape joins what is selected, and the line while it is drawn."""

    options: tuple[Option, ...] = (_HOW, Slide("feather_px", "Feather", 0, 100, " px"))

    def __init__(self, easel: Easel) -> None:
        super().__init__(easel, SelectSettings())
        self._how = Combining.REPLACE

    def begin(self, at: Pointer) -> None:
        """What the keys say when the gesture begins counts for all of it."""
        self._how = Combining(self.settings.how)
        if at.shift and at.alt:
            self._how = Combining.INTERSECT
        elif at.shift:
            self._how = Combining.ADD
        elif at.alt:
            self._how = Combining.SUBTRACT

    def take(self, shape: TileMap) -> None:
        """Commit a shape as the selection says, one step."""
        before = self.easel.document
        shape = feathered(shape, self.settings.feather_px)
        after = combined(before.selection, shape, self._how)
        none = not after.tiles and after.fill == 0
        self.easel.commit(
            ChangeCanvas(before, replace(before, selection=None if none else after), "selecting")
        )

    def nothing(self) -> None:
        """A click without a drag: a new selection of nothing."""
        before = self.easel.document
        if self._how is Combining.REPLACE and before.selection is not None:
            self.easel.commit(ChangeCanvas(before, replace(before, selection=None), "deselecting"))

    def accept(self) -> None:
        """Nothing waits for an answer: a shape is taken when the hand goes up."""
        self.cancel()

    def cancel(self) -> None:
        self.forget()
        super().cancel()
        self.overlay_changed.emit()

    def forget(self) -> None:
        """Drop the shape that is being drawn."""

    def outline(
        self, painter: QPainter, view: ViewTransform, points: Sequence[tuple[float, float]]
    ) -> None:
        polygon_ = QPolygonF([QPointF(*view.to_widget(*point)) for point in points])
        for colour, dashes in ((QColor(0, 0, 0), None), (QColor(255, 255, 255), [4, 4])):
            pen = QPen(colour, 1)
            if dashes:
                pen.setDashPattern(dashes)
            painter.setPen(pen)
            painter.drawPolyline(polygon_)


class _BoxTool(SelectTool):
    """Drawn from corner to corner."""

    def __init__(self, easel: Easel) -> None:
        super().__init__(easel)
        self._start: Pointer | None = None
        self._at: Pointer | None = None

    @property
    def busy(self) -> bool:
        return self._start is not None

    def press(self, at: Pointer) -> None:
        self.begin(at)
        self._start = self._at = on_guides(self.easel, at)

    def move(self, at: Pointer) -> None:
        self._at = on_guides(self.easel, at)
        self.overlay_changed.emit()

    def release(self, at: Pointer) -> None:
        if self._start is None:
            return
        start, self._start = self._start, None
        one, two = self._corners(start, on_guides(self.easel, at))
        if (at.widget - start.widget).manhattanLength() < _TREMBLE_PX or 0 in (
            two[0] - one[0],
            two[1] - one[1],
        ):
            self.nothing()
        else:
            left, right = sorted((one[0], two[0]))
            top, bottom = sorted((one[1], two[1]))
            self.take(self.shape(Rect.of_edges(int(left), int(top), int(right), int(bottom))))
        self.overlay_changed.emit()

    def forget(self) -> None:
        self._start = None

    def shape(self, rect: Rect) -> TileMap:
        raise NotImplementedError

    def points(self, rect: Rect) -> list[tuple[float, float]]:
        """The line that is shown while dragging."""
        left, top, right, bottom = rect.x, rect.y, rect.right, rect.bottom
        return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        if self._start is not None and self._at is not None:
            one, two = self._corners(self._start, self._at)
            left, right = sorted((int(one[0]), int(two[0])))
            top, bottom = sorted((int(one[1]), int(two[1])))
            self.outline(painter, view, self.points(Rect(left, top, right - left, bottom - top)))

    def _corners(
        self, start: Pointer, at: Pointer
    ) -> tuple[tuple[float, float], tuple[float, float]]:
        """Keys held from the start say what the shape does; pressed later they say what form it has."""
        held = start.modifiers
        return corners(start, replace(at, modifiers=at.modifiers & ~held))


class RectangleSelectTool(_BoxTool):
    id = "select_rectangle"
    title = "Select a rectangle"
    icon = "square-dashed"
    key = "R"
    tip = "Shift adds, Alt takes away. A click selects nothing."

    def shape(self, rect: Rect) -> TileMap:
        return rectangle(rect)


class EllipseSelectTool(_BoxTool):
    id = "select_ellipse"
    title = "Select an ellipse"
    icon = "circle-dashed"
    key = "J"
    tip = "Shift adds, Alt takes away. Shift pressed while dragging makes a circle."

    def shape(self, rect: Rect) -> TileMap:
        return ellipse(rect.x, rect.y, rect.width, rect.height)

    def points(self, rect: Rect) -> list[tuple[float, float]]:
        x, y = rect.x + rect.width / 2, rect.y + rect.height / 2
        turns = [math.tau * n / 72 for n in range(73)]
        return [
            (x + math.cos(t) * rect.width / 2, y + math.sin(t) * rect.height / 2) for t in turns
        ]


class WandTool(SelectTool):
    id = "wand"
    title = "Magic wand"
    icon = "wand"
    key = "W"
    tip = "Select what is alike. Shift adds, Alt takes away."
    options = (
        _HOW,
        Slide("tolerance", "Tolerance", 0, 255, whole=True),
        Slide("feather_px", "Feather", 0, 100, " px"),
        Switch("contiguous", "Only what hangs together"),
        Switch("all_layers", "Look at all layers"),
    )

    def press(self, at: Pointer) -> None:
        self.begin(at)
        easel, area = self.easel, area_of(self.easel)
        x, y = int(at.x // 1), int(at.y // 1)
        current = easel.paintable() if not self.settings.all_layers else None
        if not area.contains(x, y) or not easel.document.layers:
            self.nothing()
            return
        seen = compose(easel.document.layers, area)
        if current is not None:
            seen = read_layer(current, area)
        found = flooded(
            seen, x - area.x, y - area.y, self.settings.tolerance,
            contiguous=self.settings.contiguous,
        )  # fmt: skip
        self.take(tiled(found, area.x, area.y))
