"""Two branches side by side; what differs, word by word, is marked in both. GUI thread."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QGridLayout, QTextEdit, QWidget

from studio.core.word_difference import word_difference
from studio.ui.dialogs.frame import Dialog
from studio.ui.labels import label, push_button
from studio.ui.theme.icons import tokens_in_use


class Comparison(Dialog):
    go_requested = Signal(int)

    def __init__(
        self,
        parent: QWidget | None,
        left: tuple[int, str, str],
        right: tuple[int, str, str],
    ) -> None:
        """Args:
        left, right: A branch's id (0: it stands in the text), what it is called, its words.
        """
        super().__init__(parent, "Compare", width_px=760)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        pieces = word_difference(left[2], right[2])
        self.sides: list[QTextEdit] = []
        sides = (
            (left, [(piece.old, piece.changed) for piece in pieces]),
            (right, [(piece.new, piece.changed) for piece in pieces]),
        )
        for column, ((branch_id, title, _), stretches) in enumerate(sides):
            grid.addWidget(label(title, "heading", wrap=True), 0, column)
            side = _Side(title, stretches)
            self.sides.append(side)
            grid.addWidget(side, 1, column)
            go = push_button("Go there", "log-in")
            go.setEnabled(branch_id > 0)
            go.clicked.connect(lambda _=False, branch_id=branch_id: self._go(branch_id))
            grid.addWidget(go, 2, column, Qt.AlignmentFlag.AlignLeft)
        self.column.addLayout(grid, 1)
        changed = sum(piece.changed for piece in pieces)
        self.words = label(_told(changed), "muted")
        self.column.addWidget(self.words)
        close = push_button("Close")
        close.clicked.connect(self.accept)
        self.add_buttons(close)
        self.resize(860, 520)
        one, other = (side.verticalScrollBar() for side in self.sides)
        one.valueChanged.connect(other.setValue)
        other.valueChanged.connect(one.setValue)

    def marked(self) -> tuple[list[str], list[str]]:
        """What is marked as different on either side."""
        left, right = (list(side.marked()) for side in self.sides if isinstance(side, _Side))
        return left, right

    def _go(self, branch_id: int) -> None:
        self.accept()
        self.go_requested.emit(branch_id)


class _Side(QTextEdit):
    def __init__(self, title: str, stretches: list[tuple[str, bool]]) -> None:
        super().__init__()
        self._stretches = stretches
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setAccessibleName(title)
        changed = QTextCharFormat()
        changed.setBackground(QColor(tokens_in_use().accent_soft))
        changed.setFontUnderline(True)
        cursor = QTextCursor(self.document())
        for text, different in stretches:
            cursor.insertText(text, changed if different else QTextCharFormat())

    def marked(self) -> Iterator[str]:
        return (text for text, different in self._stretches if different)


def _told(changed: int) -> str:
    if not changed:
        return "Both say the same."
    return "They differ in one place." if changed == 1 else f"They differ in {changed} places."
