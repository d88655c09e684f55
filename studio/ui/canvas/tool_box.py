"""The strip of tools beside the canvas, with the two colours below. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.ui.canvas.inks import Inks
from studio.ui.canvas.tools.tool import Tool
from studio.ui.labels import icon_button
from studio.ui.theme.icons import tokens_in_use

_WIDE_PX = 40
_BUTTON_PX = 30


class ToolBox(QFrame):
    """One button a tool; `rules` are drawn after the tools named."""

    chosen = Signal(str)
    colour_asked = Signal()

    def __init__(self, tools: list[Tool[object]], inks: Inks, rules: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAccessibleName("Tools")
        self.setFixedWidth(_WIDE_PX)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self.buttons: dict[str, QToolButton] = {}
        inner = QWidget()
        inner.setObjectName("panelBody")
        column = QVBoxLayout(inner)
        column.setContentsMargins(5, 8, 5, 8)
        column.setSpacing(1)
        for tool in tools:
            key = f" ({tool.key})" if tool.key else ""
            button = icon_button(tool.icon, tool.title, f"{tool.title}{key}\n{tool.tip}".strip())
            button.setFixedSize(QSize(_BUTTON_PX, _BUTTON_PX))
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, name=tool.id: self.chosen.emit(name))
            self._group.addButton(button)
            self.buttons[tool.id] = button
            column.addWidget(button)
            if tool.id in rules:
                column.addSpacing(7)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.ink_button = InkButton(inks)
        self.ink_button.clicked.connect(self.colour_asked)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 6)
        outer.setSpacing(4)
        outer.addWidget(scroll, 1)
        outer.addWidget(self.ink_button, 0, Qt.AlignmentFlag.AlignHCenter)

    def show_chosen(self, tool_id: str) -> None:
        self.buttons[tool_id].setChecked(True)


class InkButton(QAbstractButton):
    """Foreground over background; a click on the upper right corner exchanges them."""

    def __init__(self, inks: Inks) -> None:
        super().__init__()
        self._inks = inks
        self.setFixedSize(QSize(32, 34))
        self.setAccessibleName("Colours")
        self.setToolTip(
            "Foreground and background colour\nX exchanges them, D makes them black and white"
        )
        inks.changed.connect(self._on_inks_changed)
        self._on_inks_changed()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if at.x() > 20 and at.y() < 12:
            self._inks.swap()
        else:
            super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = tokens_in_use()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, colour in (
            (QRectF(11.5, 11.5, 19, 19), self._inks.background),
            (QRectF(1.5, 2.5, 20, 20), self._inks.foreground),
        ):
            painter.setPen(QPen(QColor(tokens.base), 3))
            painter.drawRoundedRect(place, 4, 4)
            painter.setPen(QPen(QColor(tokens.accent if self.hasFocus() else tokens.faint), 1))
            painter.setBrush(QColor(*colour[:3]))
            painter.drawRoundedRect(place, 4, 4)
        painter.setPen(QPen(QColor(tokens.muted), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawArc(QRectF(20, 4, 8, 8), 0, 90 * 16)
        painter.end()

    def _on_inks_changed(self) -> None:
        front, back = (hex_of(c) for c in (self._inks.foreground, self._inks.background))
        self.setAccessibleDescription(f"Foreground {front}, background {back}")
        self.update()


def hex_of(colour: tuple[int, int, int, int]) -> str:
    """ "#ff8000", with alpha where there is any: "#ff800080"."""
    red, green, blue, alpha = colour
    return f"#{red:02x}{green:02x}{blue:02x}" + (f"{alpha:02x}" if alpha < 255 else "")
