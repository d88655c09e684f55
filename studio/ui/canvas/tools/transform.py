"""The transform tool: a frame with handles around the layer; scale, turn, stretch, perspective. GUI thread.

What waits is shown at once and committed with Enter, with another tool, or by its button; Esc forgets it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from studio.core.edits import ChangeLayer, Edit
from studio.core.geometry import Rect
from studio.core.layers import Layer
from studio.paint.transforming import Matrix, moving, perspective, scaling, transformed, turning
from studio.ui.canvas.easel import Easel
from studio.ui.canvas.pointer import Pointer
from studio.ui.canvas.tools.tool import Choice, Slide, Tool
from studio.ui.canvas.view_transform import ViewTransform
from studio.ui.labels import icon_button

_HANDLE_PX = 9
_TURN_REACH_PX = 28
_STEP_DEG = 15.0
Corner = tuple[float, float]


@dataclass(frozen=True)
class TransformSettings:
    mode: str = "free"
    scale: float = 1.0
    turn_deg: float = 0.0


class TransformTool(Tool[TransformSettings]):
    id = "transform"
    title = "Transform"
    icon = "scaling"
    key = "T"
    tip = (
        "Drag corners to scale, outside to turn, inside to move. Shift keeps proportions or steps "
        "of 15°; Enter accepts, Esc forgets."
    )
    options = (
        Choice("mode", "What the corners do", (("free", "Scale and turn"), ("perspective", "Perspective"))),
        Slide("scale", "Scale", 0.05, 4, " %", 100),
        Slide("turn_deg", "Turn", -180, 180, "°"),
    )  # fmt: skip

    def __init__(self, easel: Easel) -> None:
        super().__init__(easel, TransformSettings())
        self._layer: Layer | None = None
        self._box = Rect()
        self._corners: list[Corner] = []
        self._held: str = ""
        self._from: Pointer | None = None
        self._before: list[Corner] = []
        self._hand: Pointer | None = None
        self._edit: Edit | None = None
        easel.layer_chosen.connect(self._on_layer_chosen)
        easel.store.changed.connect(lambda _: self._on_document_changed())

    @property
    def busy(self) -> bool:
        return self._edit is not None

    def extra_widgets(self) -> tuple[QWidget, ...]:
        made = []
        for icon, name, slot in (
            ("flip-horizontal-2", "Mirror left and right", lambda: self.flip(across=True)),
            ("flip-vertical-2", "Mirror top and bottom", lambda: self.flip(across=False)),
            ("rotate-cw", "Turn by 90°", lambda: self.turn_by(90)),
            ("check", "Accept (Enter)", self.accept),
            ("x", "Forget (Esc)", self.cancel),
        ):
            button = icon_button(icon, name)
            button.clicked.connect(lambda _=False, slot=slot: slot())
            made.append(button)
        return tuple(made)

    def set_option(self, name: str, value: object) -> None:
        """The numbers act upon the frame as it was chosen, about its middle."""
        super().set_option(name, value)
        if name in ("scale", "turn_deg") and self._ready():
            scale, turn = self.settings.scale, self.settings.turn_deg
            x, y = _middle(self._box)
            self._corners = _mapped(
                turning(turn, x, y) @ scaling(scale, scale, x, y), _of(self._box)
            )
            self._show()

    def flip(self, *, across: bool) -> None:
        if self._ready():
            x, y = _centre(self._corners)
            matrix = scaling(-1 if across else 1, 1 if across else -1, x, y)
            self._corners = _mapped(matrix, self._corners)
            self._show()

    def turn_by(self, degrees: float) -> None:
        if self._ready():
            self._corners = _mapped(turning(degrees, *_centre(self._corners)), self._corners)
            self._show()

    def press(self, at: Pointer) -> None:
        if not self._ready():
            return
        self._held = self._part_at(at)
        self._from, self._before = at, list(self._corners)

    def move(self, at: Pointer) -> None:
        if self._from is None or not self._held:
            return
        dx, dy = at.x - self._from.x, at.y - self._from.y
        if self._held == "inside":
            dx, dy = round(dx), round(dy)
            self._corners = _mapped(moving(dx, dy), self._before)
        elif self._held == "outside":
            self._turn(at)
        elif self.settings.mode == "perspective" and self._held.isdigit():
            self._corners = list(self._before)
            x, y = self._before[int(self._held)]
            self._corners[int(self._held)] = (x + dx, y + dy)
        else:
            self._scale(at)
        self._show()

    def release(self, at: Pointer) -> None:
        self._from, self._held = None, ""

    def hover(self, at: Pointer) -> None:
        self._hand = at

    def accept(self) -> None:
        edit = self._edit
        self._forget()
        if edit is not None:
            self.easel.commit(edit)
        self.overlay_changed.emit()

    def cancel(self) -> None:
        self._forget()
        super().cancel()
        self.overlay_changed.emit()

    def leave(self) -> None:
        super().leave()
        self._forget()

    def key_press(self, event: QKeyEvent) -> bool:
        steps = {
            Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
        }  # fmt: skip
        if event.key() not in steps or not self._ready():
            return False
        far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        dx, dy = steps[Qt.Key(event.key())]
        self._corners = _mapped(moving(dx * far, dy * far), self._corners)
        self._show()
        return True

    def cursor_at(self, at: Pointer, view: ViewTransform) -> Qt.CursorShape:
        if self._layer is None and not self._ready():
            return Qt.CursorShape.ForbiddenCursor
        part = self._part_at(at)
        if part == "inside":
            return Qt.CursorShape.SizeAllCursor
        return (
            Qt.CursorShape.PointingHandCursor if part != "outside" else Qt.CursorShape.CrossCursor
        )

    def paint(self, painter: QPainter, view: ViewTransform) -> None:
        if not self._ready():
            return
        corners = [QPointF(*view.to_widget(*corner)) for corner in self._corners]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((QColor(0, 0, 0, 120), 3.0), (QColor(255, 255, 255), 1.2)):
            painter.setPen(QPen(colour, width))
            painter.drawPolygon(QPolygonF(corners))
        painter.setPen(QPen(QColor(40, 40, 60), 1.2))
        painter.setBrush(QColor(255, 255, 255))
        for place in self._handles().values():
            point = QPointF(*view.to_widget(*place))
            painter.drawRect(
                int(point.x() - _HANDLE_PX / 2),
                int(point.y() - _HANDLE_PX / 2),
                _HANDLE_PX,
                _HANDLE_PX,
            )
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _ready(self) -> bool:
        """Whether there is something to transform; takes the current layer if nothing is held yet."""
        if self._layer is not None:
            return True
        layer = self.easel.current
        if layer is None or layer.locked or layer.bounds.empty:
            return False
        self._layer, self._box = layer, layer.bounds
        self._corners = _of(self._box)
        return True

    def _forget(self) -> None:
        self._layer, self._edit, self._from, self._held = None, None, None, ""
        super().set_option("scale", 1.0)
        super().set_option("turn_deg", 0.0)

    def _on_layer_chosen(self, _: str) -> None:
        if self.busy:
            self.accept()
        self._layer = None
        self.overlay_changed.emit()

    def _on_document_changed(self) -> None:
        """Undone, or changed elsewhere: begin anew from what is there."""
        layer = self._layer
        if layer is not None and self.easel.document.layer(layer.id) is not layer:
            self._layer, self._edit = None, None
            self.easel.try_on(None)

    def _show(self) -> None:
        assert self._layer is not None
        try:
            matrix = perspective(self._box, self._corners)
            after = transformed(self._layer, matrix)
        except ValueError:
            return  # folded upon itself: what was last shown stays
        self._edit = ChangeLayer(self._layer, after, "transforming")
        if after == self._layer:
            self._edit = None
        self.easel.try_on(self._edit)
        self.overlay_changed.emit()

    def _handles(self) -> dict[str, Corner]:
        """Corners "0".."3" clockwise from the top left, and the edges' middles "01", "12", …"""
        places = {str(n): corner for n, corner in enumerate(self._corners)}
        if self.settings.mode == "free":
            for n in range(4):
                one, two = self._corners[n], self._corners[(n + 1) % 4]
                places[f"{n}{(n + 1) % 4}"] = ((one[0] + two[0]) / 2, (one[1] + two[1]) / 2)
        return places

    def _part_at(self, at: Pointer) -> str:
        reach = (_HANDLE_PX / 2 + 5) / self.easel.scale
        for name, (x, y) in self._handles().items():
            if abs(at.x - x) <= reach and abs(at.y - y) <= reach:
                return name
        shape = QPolygonF([QPointF(*corner) for corner in self._corners])
        inside = shape.containsPoint(QPointF(at.x, at.y), Qt.FillRule.WindingFill)
        return "inside" if inside else "outside"

    def _turn(self, at: Pointer) -> None:
        assert self._from is not None
        x, y = _centre(self._before)
        before = math.atan2(self._from.y - y, self._from.x - x)
        turn = math.degrees(math.atan2(at.y - y, at.x - x) - before)
        if at.shift:
            turn = round(turn / _STEP_DEG) * _STEP_DEG
        self._corners = _mapped(turning(turn, x, y), self._before)

    def _scale(self, at: Pointer) -> None:
        """Along the frame's own sides, from the opposite corner or edge; with Alt from the middle."""
        corners, held = self._before, self._held
        if len(held) == 1:
            grip, fixed = corners[int(held)], corners[(int(held) + 2) % 4]
        else:
            one, two = int(held[0]), int(held[1])
            grip = _half(corners[one], corners[two])
            fixed = _half(corners[(one + 2) % 4], corners[(two + 2) % 4])
        if at.alt:
            fixed = _centre(corners)
        ux, uy = _unit(corners[0], corners[1])
        vx, vy = _unit(corners[0], corners[3])
        turn = ux * vy - uy * vx
        if abs(turn) < 1e-6:
            return

        def along(x: float, y: float) -> Corner:
            """Coordinates in the frame's own directions."""
            return (x * vy - y * vx) / turn, (y * ux - x * uy) / turn

        grip_u, grip_v = along(grip[0] - fixed[0], grip[1] - fixed[1])
        hand_u, hand_v = along(round(at.x) - fixed[0], round(at.y) - fixed[1])
        scale_u = hand_u / grip_u if abs(grip_u) > 1e-6 else 1.0
        scale_v = hand_v / grip_v if abs(grip_v) > 1e-6 else 1.0
        if at.shift and len(held) == 1:
            scale_u = scale_v = max(scale_u, scale_v, key=abs)
        if abs(scale_u) < 1e-3 or abs(scale_v) < 1e-3:
            return
        self._corners = []
        for x, y in corners:
            u, v = along(x - fixed[0], y - fixed[1])
            u, v = u * scale_u, v * scale_v
            self._corners.append((fixed[0] + u * ux + v * vx, fixed[1] + u * uy + v * vy))


def _of(rect: Rect) -> list[Corner]:
    return [
        (rect.x, rect.y), (rect.right, rect.y), (rect.right, rect.bottom), (rect.x, rect.bottom),
    ]  # fmt: skip


def _mapped(matrix: Matrix, corners: list[Corner]) -> list[Corner]:
    points = []
    for x, y in corners:
        u, v, w = (float(a) for a in matrix @ (x, y, 1.0))
        points.append((u / w, v / w))
    return points


def _middle(rect: Rect) -> Corner:
    return rect.x + rect.width / 2, rect.y + rect.height / 2


def _centre(corners: list[Corner]) -> Corner:
    return sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4


def _half(one: Corner, two: Corner) -> Corner:
    return (one[0] + two[0]) / 2, (one[1] + two[1]) / 2


def _unit(start: Corner, end: Corner) -> Corner:
    length = math.hypot(end[0] - start[0], end[1] - start[1]) or 1.0
    return (end[0] - start[0]) / length, (end[1] - start[1]) / length
