"""A number as a bar with its name and value in it: drag, type, wheel or arrow keys. GUI thread.

Takes a third of the room of a slider with a box, which is what a tool's options and a narrow panel have.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSlider, QLineEdit, QSizePolicy

from studio.ui.theme.icons import tokens_in_use

_STEPS = 1000


class ValueBar(QAbstractSlider):
    """`changing(value)` follows the hand, `settled(value)` comes once when it lets go or a key was pressed.

    Args:
        shown_as: What the value is multiplied with to be read: 100 for per cent.
        curved: Small values get more of the bar, as sizes need.
    """

    changing = Signal(float)
    settled = Signal(float)

    def __init__(
        self,
        label: str,
        low: float,
        high: float,
        *,
        suffix: str = "",
        shown_as: float = 1.0,
        decimals: int = 0,
        curved: bool = False,
    ) -> None:
        super().__init__()
        self._label = label
        self._low, self._high = low, high
        self._suffix, self._shown_as, self._decimals = suffix, shown_as, decimals
        self._curved = curved
        self._number = low
        self._editor: QLineEdit | None = None
        self._as_words: Callable[[float], str] | None = None
        self._pressed_at: float | None = None
        self.setRange(0, _STEPS)
        self.setAccessibleName(label)
        self.setToolTip(f"{label}: drag, or double-click to type")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def number(self) -> float:
        return self._number

    def set_number(self, number: float) -> None:
        """Show a value; nobody is told."""
        self._number = self._within(number)
        self.blockSignals(True)
        self.setValue(round(self._fraction(self._number) * _STEPS))
        self.blockSignals(False)
        self.setAccessibleDescription(self._text())
        self.update()

    def show_label(self, label: str) -> None:
        """A shorter word in the bar; its accessible name stays."""
        self._label = label
        self.update()

    def show_number_as(self, words: Callable[[float], str]) -> None:
        self._as_words = words
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.minimumSizeHint().width() + 24, 28)

    def minimumSizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        widest = max(len(self._words(self._low)), len(self._words(self._high)))
        return QSize(
            metrics.horizontalAdvance(self._label) + metrics.horizontalAdvance("0") * widest + 28,
            28,
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.position().x()
            self._drag_to(self._pressed_at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed_at is not None:
            self._drag_to(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed_at is not None and event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = None
            self.settled.emit(self._number)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = None
        self.type_in()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():
            event.ignore()
            return
        self._step(1 if event.angleDelta().y() > 0 else -1)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, far = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key in (Qt.Key.Key_Right, Qt.Key.Key_Up):
            self._step(10 if far else 1)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Down):
            self._step(-10 if far else -1)
        elif key == Qt.Key.Key_Home:
            self._settle(self._low)
        elif key == Qt.Key.Key_End:
            self._settle(self._high)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.type_in()
        elif event.text().isdigit():
            self.type_in(event.text())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._editor is not None:
            self._editor.setGeometry(self.rect())

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = tokens_in_use()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        path = QPainterPath()
        path.addRoundedRect(box, 6, 6)
        painter.fillPath(path, QColor(tokens.surface if self.isEnabled() else tokens.base))
        if self.isEnabled():
            painter.save()
            painter.setClipPath(path)
            filled = QRectF(box)
            filled.setWidth(box.width() * self._fraction(self._number))
            painter.fillRect(filled, QColor(tokens.accent_soft))
            # A line below rather than an edge beside: it never crosses the number.
            line = QRectF(filled.x(), box.bottom() - 2, filled.width(), 2)
            painter.fillRect(line, QColor(tokens.accent))
            painter.restore()
        edge = tokens.accent if self.hasFocus() else tokens.edge
        painter.setPen(QPen(QColor(edge), 1))
        painter.drawPath(path)
        inner = self.rect().adjusted(8, 0, -8, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(tokens.muted if self.isEnabled() else tokens.faint))
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignLeft, self._label)
        painter.setPen(QColor(tokens.text if self.isEnabled() else tokens.faint))
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignRight, self._text())
        painter.end()

    def type_in(self, begun: str = "") -> None:
        """Let the number be typed."""
        if self._editor is not None:
            return
        editor = QLineEdit(begun or self._words(self._number), self)
        editor.setAccessibleName(self._label)
        editor.setGeometry(self.rect())
        editor.editingFinished.connect(self._on_editor_editing_finished)
        self._editor = editor
        editor.show()
        editor.setFocus()
        if not begun:
            editor.selectAll()

    def _on_editor_editing_finished(self) -> None:
        editor, self._editor = self._editor, None
        if editor is None:
            return
        text = editor.text().strip().removesuffix(self._suffix.strip()).replace(",", ".")
        editor.hide()
        editor.deleteLater()
        self.setFocus()
        try:
            number = float(text) / self._shown_as
        except ValueError:
            return
        if math.isfinite(number):
            self._settle(number)

    def _drag_to(self, x: float) -> None:
        number = self._of_fraction(min(1.0, max(0.0, x / max(1, self.width() - 1))))
        if number != self._number:
            self.set_number(number)
            self.changing.emit(self._number)

    def _step(self, steps: int) -> None:
        unit = 10.0**-self._decimals / self._shown_as
        self._settle(self._number + steps * unit)

    def _settle(self, number: float) -> None:
        number = self._within(number)
        if number != self._number:
            self.set_number(number)
            self.changing.emit(self._number)
            self.settled.emit(self._number)

    def _within(self, number: float) -> float:
        scale = 10.0**self._decimals * self._shown_as
        return min(self._high, max(self._low, round(number * scale) / scale))

    def _fraction(self, number: float) -> float:
        fraction = (number - self._low) / (self._high - self._low)
        return float(fraction ** (1 / 3)) if self._curved else fraction

    def _of_fraction(self, fraction: float) -> float:
        return self._within(
            self._low + (self._high - self._low) * (fraction**3 if self._curved else fraction)
        )

    def _words(self, number: float) -> str:
        return f"{number * self._shown_as:.{self._decimals}f}"

    def _text(self) -> str:
        if self._as_words is not None:
            return self._as_words(self._number)
        return self._words(self._number) + self._suffix
