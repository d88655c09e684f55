"""A row that goes on in a second one where its place is too narrow. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Widgets side by side, each as wide as it likes, wrapped like words."""

    def __init__(self, parent: QWidget, margins: tuple[int, int, int, int], spacing: int) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(*margins)
        self.setSpacing(spacing)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._placed(QRect(0, 0, width, 0), apply=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._placed(rect, apply=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        widest = QSize(0, 0)
        for item in self._items:
            widest = widest.expandedTo(item.minimumSize())
        edge = self.contentsMargins()
        return widest + QSize(edge.left() + edge.right(), edge.top() + edge.bottom())

    def _placed(self, rect: QRect, *, apply: bool) -> int:
        """Place all items in rows; returns the height they take."""
        edge = self.contentsMargins()
        inner = rect.marginsRemoved(edge)
        rows: list[tuple[list[tuple[QLayoutItem, QSize]], int]] = [([], 0)]
        x = 0
        for item in self._items:
            size = item.sizeHint()
            if x + size.width() > inner.width() and rows[-1][0]:
                rows.append(([], 0))
                x = 0
            row, height = rows[-1]
            row.append((item, size))
            rows[-1] = (row, max(height, size.height()))
            x += size.width() + self.spacing()
        y = inner.y()
        for row, height in rows:
            x = inner.x()
            for item, size in row:
                if apply:
                    at = QPoint(x, y + (height - size.height()) // 2)
                    item.setGeometry(QRect(at, size))
                x += size.width() + self.spacing()
            y += height + self.spacing()
        return y - self.spacing() - rect.y() + edge.bottom()
