"""The status line: how the engine is, on what device, its memory, and the speed of writing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QStatusBar, QWidget

from studio.ui.labels import label, push_button, shortened
from studio.ui.theme.icons import tokens_in_use

if TYPE_CHECKING:  # the status line is there before the engine's modules are
    from studio.jobs.events import EngineStatus

_STATES = {
    "off": ("Engine off", "faint"),
    "starting": ("Engine starting…", "warning"),
    "idle": ("Engine ready", "success"),
    "busy": ("Engine working", "accent"),
    "restarting": ("Engine restarting…", "warning"),
    "broken": ("Engine stopped", "danger"),
}
_MOST_CHARACTERS = 90


class Dot(QWidget):
    """A small filled circle in a token's colour."""

    def __init__(self) -> None:
        super().__init__()
        self.role = "faint"

    def sizeHint(self) -> QSize:
        return QSize(8, 8)

    def show_role(self, role: str) -> None:
        self.role = role
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(tokens_in_use(), self.role)))
        painter.drawEllipse(self.rect().center().x() - 3, self.rect().center().y() - 3, 8, 8)


class StatusLine(QStatusBar):
    restart_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self.setContentsMargins(12, 0, 12, 0)
        self.dot = Dot()
        self.dot.setFixedSize(12, 12)
        self.state = label("Engine off")
        self.restart = push_button("Restart engine", kind="quiet")
        self.restart.hide()
        self.speed = label("")
        self.device = label("")
        self.memory = label("")
        for widget in (self.dot, self.state, self.restart):
            self.addWidget(widget)
        for widget in (self.speed, self.device, self.memory):
            self.addPermanentWidget(widget)
            widget.setContentsMargins(12, 0, 0, 0)
            widget.hide()
        self.restart.clicked.connect(self.restart_requested)

    def show_engine(self, status: EngineStatus) -> None:
        text, role = _STATES.get(status.state, (status.state, "faint"))
        self.dot.show_role(role)
        told = status.message if status.state == "broken" and status.message else text
        self.state.setText(shortened(told, _MOST_CHARACTERS, 1))
        self.state.setToolTip(told if told != text else "")
        self.restart.setVisible(status.state == "broken")
        self._show(self.device, status.device_name or status.device)
        memory = ""
        if status.memory_used:
            memory = f"{gigabytes(status.memory_used)}"
            if status.memory_total:
                memory += f" of {gigabytes(status.memory_total)}"
        self._show(self.memory, memory)
        self.memory.setToolTip("Memory the engine uses")

    def show_speed(self, tokens_per_second: float) -> None:
        self._show(self.speed, f"{tokens_per_second:.1f} tokens/s" if tokens_per_second else "")

    @staticmethod
    def _show(widget: QWidget, text: str) -> None:
        widget.setProperty("text", text)
        widget.setVisible(bool(text))


def gigabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 1e9 else f"{size_bytes / 1e6:.0f} MB"
