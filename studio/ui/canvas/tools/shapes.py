"""Rectangles, ellipses and lines, filled or outlined, as pixels on the layer. GUI thread."""

from __future__ import annotations

from dataclasses import dataclass

from studio.core.edits import Edit
from studio.core.layers import PaintLayer
from studio.paint.filling import Shape, ShapeKind, drawn
from studio.ui.canvas.easel import Easel
from studio.ui.canvas.pointer import Pointer
from studio.ui.canvas.snapping import on_guides
from studio.ui.canvas.tools.fills import layer_to_paint, painted_edit
from studio.ui.canvas.tools.tool import Choice, Slide, Tool


@dataclass(frozen=True)
class ShapeSettings:
    kind: str = "rectangle"
    style: str = "fill"
    outline_px: float = 4.0
    corner_px: float = 0.0


class ShapeTool(Tool[ShapeSettings]):
    id = "shape"
    title = "Shape"
    icon = "shapes"
    key = "U"
    tip = "Drag from corner to corner. Shift makes it even, Alt draws it from its middle."
    paints = True
    options = (
        Choice(
            "kind", "Form", (("rectangle", "Rectangle"), ("ellipse", "Ellipse"), ("line", "Line"))
        ),
        Choice(
            "style", "Style",
            (("fill", "Filled"), ("outline", "Outline"), ("both", "Filled, with outline")),
        ),
        Slide("outline_px", "Outline", 1, 100, " px"),
        Slide("corner_px", "Corners", 0, 200, " px"),
    )  # fmt: skip

    def __init__(self, easel: Easel) -> None:
        super().__init__(easel, ShapeSettings())
        self._start: Pointer | None = None
        self._layer: tuple[PaintLayer, bool] | None = None
        self._edit: Edit | None = None

    @property
    def busy(self) -> bool:
        return self._start is not None

    def press(self, at: Pointer) -> None:
        self._layer = layer_to_paint(self.easel)
        self._edit = None
        if self._layer is not None:
            self._start = on_guides(self.easel, at)

    def move(self, at: Pointer) -> None:
        if self._start is None or self._layer is None:
            return
        layer, new = self._layer
        after = drawn(
            layer,
            self._shape(self._start, on_guides(self.easel, at)),
            selection=self.easel.selection,
        )
        self._edit = painted_edit(self.easel, layer, after, new, "drawing a shape")
        self.easel.try_on(self._edit)

    def release(self, at: Pointer) -> None:
        edit, layer = self._edit, self._layer
        self._start = self._layer = self._edit = None
        if edit is not None and layer is not None:
            if self.easel.commit(edit) and layer[1]:
                self.easel.choose(layer[0].id)
            self.easel.inks.used()

    def accept(self) -> None:
        self.cancel()

    def cancel(self) -> None:
        self._start = self._layer = self._edit = None
        super().cancel()

    def _shape(self, start: Pointer, at: Pointer) -> Shape:
        inks, settings = self.easel.inks, self.settings
        kind = ShapeKind(settings.kind)
        one, two = corners(start, at)
        if kind is ShapeKind.LINE:
            one, two = (start.x, start.y), (at.x, at.y)
            if at.shift:
                level = abs(at.x - start.x) >= abs(at.y - start.y)
                two = (at.x, start.y) if level else (start.x, at.y)
            return Shape(kind, (one, two), outline=inks.foreground, outline_px=settings.outline_px)
        fill = inks.foreground if settings.style != "outline" else None
        outline = {"outline": inks.foreground, "both": inks.background}.get(settings.style)
        return Shape(
            kind, (one, two), fill=fill, outline=outline,
            outline_px=settings.outline_px, corner_px=settings.corner_px,
        )  # fmt: skip


def corners(start: Pointer, at: Pointer) -> tuple[tuple[float, float], tuple[float, float]]:
    """Opposite corners in whole pixels: even with Shift, around the start with Alt."""
    x, y = round(start.x), round(start.y)
    dx, dy = round(at.x) - x, round(at.y) - y
    if at.shift:
        side = max(abs(dx), abs(dy))
        dx, dy = side if dx >= 0 else -side, side if dy >= 0 else -side
    if at.alt:
        return (x - dx, y - dy), (x + dx, y + dy)
    return (x, y), (x + dx, y + dy)
