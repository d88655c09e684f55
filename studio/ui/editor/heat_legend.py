"""The line below the text that says what the heat map's colours mean. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from studio.core.surprise import LEVELS_BITS
from studio.ui.labels import icon_button, label, push_button
from studio.ui.theme.icons import tokens_in_use
from studio.ui.theme.tokens import SMALL_PX

_STEP = QSize(36, 20)


class HeatLegend(QFrame):
    read_requested = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("clear")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 16, 0)
        row.setSpacing(8)
        row.addWidget(label("Surprise in bits", "muted"))
        self.scale = HeatScale()
        row.addWidget(self.scale)
        self.perplexity = label("", "muted")
        self.perplexity.setObjectName("perplexity")
        row.addWidget(self.perplexity, 1)
        self.read = push_button("", "search", kind="quiet")
        self.read.clicked.connect(self.read_requested)
        row.addWidget(self.read)
        close = icon_button("x", "Hide the heat map")
        close.clicked.connect(self.closed)
        row.addWidget(close)
        self.hide()

    def tell(self, perplexity: float | None, tokens: int, where: str) -> None:
        """Args:
        where: Such as "in the selection".
        """
        if perplexity is None:
            self.perplexity.setText(f"No word {where} was read by a model yet")
        else:
            self.perplexity.setText(f"Perplexity {perplexity:,.1f} {where} · {tokens:,} tokens")

    def offer(self, what: str, done: tuple[int, int] | None) -> None:
        """Args:
        what: What the button would have read, such as "the paragraph".
        done: How much of how much a model has read; None: none is reading.
        """
        if done is None:
            self.read.setText(f"Read {what}")
        else:
            far = f" · {done[0]} of {done[1]}" if done[1] else ""
            self.read.setText(f"Stop reading{far}")


class HeatScale(QWidget):
    """The steps of the map, each with where it begins."""

    def __init__(self) -> None:
        super().__init__()
        steps = ", ".join(f"{step:g}" for step in LEVELS_BITS)
        self.setAccessibleName(f"Darker is more surprising; steps at {steps} bits")
        self.setToolTip(
            "−log2 of the probability: 1 bit is a coin's toss, 10 bits one word in a thousand"
        )
        self.setFixedSize(_STEP.width() * (len(LEVELS_BITS) + 1), _STEP.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), tokens_in_use()
        font = self.font()
        font.setPixelSize(SMALL_PX - 1)
        painter.setFont(font)
        words = (f"< {LEVELS_BITS[0]:g}", *(f"{step:g}+" for step in LEVELS_BITS))
        for number, (word, ground) in enumerate(zip(words, ("", *tokens.heat), strict=True)):
            place = QRectF(number * _STEP.width(), 0, _STEP.width(), _STEP.height())
            if ground:
                painter.fillRect(place, QColor(ground))
            painter.setPen(QColor(tokens.text))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, word)
        painter.setPen(QColor(tokens.edge))
        painter.drawRect(QRectF(0, 0, self.width() - 1, self.height() - 1))
