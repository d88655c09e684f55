"""The line below the text that says what the heat map's colours mean. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from studio.core.surprise import LEVELS_BITS
from studio.ui.labels import icon_button, label, push_button
from studio.ui.theme.icons import tokens_in_use
from studio.ui.theme.tokens import SMALL_PX

_STEP = QSize(32, 20)


class HeatLegend(QFrame):
    read_requested = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("clear")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 4, 16, 0)
        column.setSpacing(0)
        above, below = QHBoxLayout(), QHBoxLayout()
        self.scale = HeatScale()
        above.addWidget(self.scale)
        above.addWidget(label("bits", "muted"))
        above.addStretch(1)
        close = icon_button("x", "Hide the heat map")
        close.clicked.connect(self.closed)
        above.addWidget(close)
        self._found = ""
        self.words = label("", "muted", wrap=True)
        self.words.setObjectName("perplexity")
        below.addWidget(self.words, 1)
        self.read = push_button("Read", "search", kind="quiet")
        self.read.clicked.connect(self.read_requested)
        below.addWidget(self.read)
        column.addLayout(above)
        column.addLayout(below)
        self.hide()

    def tell(self, perplexity: float | None, tokens: int, where: str) -> None:
        """Args:
        where: Such as "in the selection".
        """
        if perplexity is None:
            self._found = f"No word {where} was read by a model yet"
        else:
            several = "token" if tokens == 1 else "tokens"
            self._found = f"Perplexity {perplexity:,.1f} {where} · {tokens:,} {several}"
        self.words.setText(self._found)

    def offer(self, what: str, done: tuple[int, int] | None) -> None:
        """Args:
        what: What the button would have read, such as "the paragraph".
        done: How much of how much a model has read; None: none is reading.
        """
        if done is None:
            self.words.setText(self._found)
        else:
            self.words.setText(f"Reading · {done[0]} of {done[1]}" if done[1] else "Reading…")
        self.read.setText("Read" if done is None else "Stop")
        tip = f"Have {what} read by a model" if done is None else "Stop reading"
        self.read.setToolTip(tip)
        self.read.setAccessibleName(tip)


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
