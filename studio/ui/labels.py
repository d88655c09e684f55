"""Small ready-made widgets that only differ by their style: labels, icon buttons, cards. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.ui.theme.icons import set_icon
from studio.ui.theme.tokens import ICON_PX


def label(text: str, kind: str = "", *, wrap: bool = False) -> QLabel:
    """kind: "title", "heading", "label", "muted", "problem" or "key"."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if kind:
        made.setProperty("kind", kind)
    made.setWordWrap(wrap)
    return made


def icon_button(icon: str, name: str, tip: str = "", *, role: str = "muted") -> QToolButton:
    """A square button that shows only an icon; `name` is its accessible name."""
    button = QToolButton()
    set_icon(button, icon, role)
    button.setAccessibleName(name)
    button.setToolTip(tip or name)
    button.setFixedSize(QSize(28, 28))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def push_button(text: str, icon: str = "", *, kind: str = "", role: str = "muted") -> QPushButton:
    """kind: "" (plain), "primary" or "quiet"."""
    button = QPushButton(text)
    if kind:
        button.setProperty("kind", kind)
    if icon:
        set_icon(button, icon, {"primary": "on_accent", "quiet": "accent_text"}.get(kind, role))
    button.setAutoDefault(False)
    return button


def shortened(text: str, most: int, lines: int = 1000) -> str:
    """At most so many characters and lines, ended at a word with an ellipsis; blank lines don't count."""
    rows = [" ".join(row.split()) for row in text.splitlines() if row.strip()]
    short = "\n".join(rows[:lines])
    if len(short) <= most:
        return short if len(rows) <= lines else f"{short} …"
    cut = short[:most]
    at = max(cut.rfind(" "), cut.rfind("\n"))
    return f"{cut[:at] if at > most // 2 else cut} …"


def restyle(widget: QWidget) -> None:
    """After a style property changed: let the stylesheet look again."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


class ElidedLabel(QLabel):
    """One line that ends in an ellipsis where its place ends; the whole text is in its tooltip."""

    def __init__(self, text: str, kind: str = "") -> None:
        super().__init__()
        self._whole = text
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setToolTip(text)
        self.setAccessibleName(text)
        if kind:
            self.setProperty("kind", kind)
        self.setMinimumWidth(32)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._whole), metrics.height() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = self.fontMetrics().elidedText(
            self._whole, Qt.TextElideMode.ElideRight, self.width()
        )
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), align, shown)


class EmptyState(QWidget):
    """An icon and two lines in the middle of a panel that has nothing yet: says what to do next."""

    def __init__(self, icon: str, title: str, advice: str) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(4)
        column.addStretch(1)
        picture = QLabel()
        set_icon(picture, icon, "faint", ICON_PX + 8)
        picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        heading = label(title, "heading")
        heading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        words = label(advice, "muted", wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(picture)
        column.addSpacing(4)
        column.addWidget(heading)
        column.addWidget(words)
        column.addStretch(1)
        self.setAccessibleName(f"{title}. {advice}")
