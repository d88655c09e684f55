"""The colour panel: wheel, sliders, hex, swatches and the colours used last. GUI thread."""

from __future__ import annotations

import re

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.ui.canvas.colour_wheel import ColourWheel
from studio.ui.canvas.inks import Colour, Inks
from studio.ui.canvas.tool_box import hex_of
from studio.ui.canvas.value_bar import ValueBar
from studio.ui.labels import label
from studio.ui.theme.icons import tokens_in_use

_HEX = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")
SWATCHES: tuple[Colour, ...] = tuple(
    (value >> 16, value >> 8 & 255, value & 255, 255)
    for value in (
        0x000000, 0x3C3C3C, 0x787878, 0xB4B4B4, 0xFFFFFF, 0x5B3A29, 0xA0704C, 0xF2CDB0,
        0xC62A2F, 0xE8743B, 0xF5C242, 0x6FB23C, 0x1F7A4F, 0x2FA6B5, 0x2F5FC4, 0x7A4CC2,
    )
)  # fmt: skip


class ColourPanel(QWidget):
    def __init__(self, inks: Inks) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._inks = inks
        self._telling = False
        self.wheel = ColourWheel()
        self.bars = {
            "h": ValueBar("Hue", 0, 359, suffix="°"),
            "s": ValueBar("Saturation", 0, 1, suffix=" %", shown_as=100),
            "v": ValueBar("Brightness", 0, 1, suffix=" %", shown_as=100),
            "r": ValueBar("Red", 0, 255),
            "g": ValueBar("Green", 0, 255),
            "b": ValueBar("Blue", 0, 255),
            "a": ValueBar("Opacity", 0, 1, suffix=" %", shown_as=100),
        }
        self.hex = QLineEdit()
        self.hex.setAccessibleName("Colour as hex")
        self.hex.setToolTip("Red, green, blue and, if you like, opacity, each as two hex digits")
        self.recent = Swatches("Colours used last")
        self.swatches = Swatches("Swatches")
        self.swatches.show_colours(SWATCHES)
        inner = QWidget()
        inner.setObjectName("panelBody")
        column = QVBoxLayout(inner)
        column.setContentsMargins(12, 6, 12, 10)
        column.setSpacing(4)
        column.addWidget(self.wheel)
        column.addSpacing(2)
        for names in ("h", "sv", "rgb"):
            row = QHBoxLayout()
            row.setSpacing(4)
            for name in names:
                self.bars[name].setMinimumWidth(1)
                row.addWidget(self.bars[name])
            if len(names) == 1:
                self.hex.setFixedWidth(92)
                row.addWidget(self.hex)
            column.addLayout(row)
        column.addWidget(self.bars["a"])
        column.addSpacing(2)
        column.addWidget(self.swatches)
        column.addWidget(label("Used last", "muted"))
        column.addWidget(self.recent)
        column.addStretch(1)
        for name, text in (("s", "Sat"), ("v", "Val"), ("r", "R"), ("g", "G"), ("b", "B")):
            self.bars[name].show_label(text)
        scroll = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        self.wheel.changing.connect(self._on_wheel_changing)
        for name in "hsv":
            self.bars[name].changing.connect(self._on_hsv_changing)
        for name in "rgba":
            self.bars[name].changing.connect(self._on_rgba_changing)
        self.hex.editingFinished.connect(self._on_hex_editing_finished)
        self.recent.picked.connect(inks.take)
        self.swatches.picked.connect(inks.take)
        self.recent.picked_back.connect(inks.take_background)
        self.swatches.picked_back.connect(inks.take_background)
        inks.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        red, green, blue, alpha = self._inks.foreground
        colour = QColor(red, green, blue)
        hue, saturation, value = colour.hsvHueF(), colour.hsvSaturationF(), colour.valueF()
        if not self._telling:
            self.wheel.set_hsv(max(0.0, hue), saturation, value)
        for name, number in (
            ("h", round(self.wheel.hue * 360) % 360), ("s", saturation), ("v", value),
            ("r", red), ("g", green), ("b", blue), ("a", alpha / 255),
        ):  # fmt: skip
            if self.bars[name].number != number:
                self.bars[name].set_number(number)
        if not self.hex.hasFocus():
            self.hex.setText(hex_of(self._inks.foreground))
        self.recent.show_colours(self._inks.recent)

    def _on_wheel_changing(self, hue: float, saturation: float, value: float) -> None:
        colour = QColor.fromHsvF(hue % 1.0, saturation, value)
        self._telling = True
        self._inks.take((colour.red(), colour.green(), colour.blue(), self._inks.foreground[3]))
        self._telling = False
        self._show_hsv()

    def _on_hsv_changing(self) -> None:
        bars = self.bars
        self.wheel.hue = bars["h"].number / 360
        self.wheel.saturation, self.wheel.value = bars["s"].number, bars["v"].number
        self.wheel.update()
        self._on_wheel_changing(self.wheel.hue, self.wheel.saturation, self.wheel.value)

    def _show_hsv(self) -> None:
        """As the wheel has it: a grey has no hue of its own and would forget it."""
        for name, number in (
            ("h", round(self.wheel.hue * 360) % 360),
            ("s", self.wheel.saturation),
            ("v", self.wheel.value),
        ):
            self.bars[name].set_number(number)

    def _on_rgba_changing(self) -> None:
        red, green, blue = (round(self.bars[name].number) for name in "rgb")
        self._inks.take((red, green, blue, round(self.bars["a"].number * 255)))

    def _on_hex_editing_finished(self) -> None:
        match = _HEX.fullmatch(self.hex.text().strip())
        if match is not None:
            self._inks.take(of_hex(match[1]))
        self.hex.setText(hex_of(self._inks.foreground))


class Swatches(QWidget):
    """Small squares of colour; a click takes one, a right click takes it as the background."""

    picked = Signal(tuple)
    picked_back = Signal(tuple)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._colours: tuple[Colour, ...] = ()
        self._chosen = 0
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip("Click: foreground. Right click: background.")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_colours(self, colours: tuple[Colour, ...]) -> None:
        self._colours = colours
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, 42)

    def cell(self, number: int) -> QRectF:
        """Where a colour is."""
        side = min(20.0, self.width() / 8)
        return QRectF(number % 8 * self.width() / 8, number // 8 * 21.0, side - 2, 18)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for number, colour in enumerate(self._colours):
            if self.cell(number).adjusted(-2, -2, 2, 2).contains(event.position()):
                self._chosen = number
                back = event.button() == Qt.MouseButton.RightButton
                (self.picked_back if back else self.picked).emit(colour)
                self.update()
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -8, Qt.Key.Key_Down: 8,
        }  # fmt: skip
        key = event.key()
        if key in steps and self._colours:
            wanted = self._chosen + steps[Qt.Key(key)]
            self._chosen = min(len(self._colours) - 1, max(0, wanted))
            self.setAccessibleDescription(hex_of(self._colours[self._chosen]))
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._colours:
            self.picked.emit(self._colours[self._chosen])
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = tokens_in_use()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, colour in enumerate(self._colours):
            chosen = self.hasFocus() and number == self._chosen
            painter.setPen(
                QPen(QColor(tokens.accent if chosen else tokens.edge), 2 if chosen else 1)
            )
            painter.setBrush(QColor(*colour))
            painter.drawRoundedRect(self.cell(number).adjusted(1, 1, 0, 0), 3, 3)
        if not self._colours:
            painter.setPen(QColor(tokens.faint))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, "None yet")
        painter.end()


def of_hex(digits: str) -> Colour:
    """ "f80", "ff8000" or "ff800080" as a colour."""
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    red, green, blue, *alpha = (int(digits[n : n + 2], 16) for n in range(0, len(digits), 2))
    return red, green, blue, alpha[0] if alpha else 255
