"""Unsaved work of another time, with a preview and when it was last changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from studio.api.outputs import Pixels
from studio.paint.qimages import to_qimage
from studio.ui.dialogs.frame import Dialog
from studio.ui.labels import label, push_button

_PREVIEW_PX = 96


@dataclass(frozen=True)
class Offer:
    """One document. `at`: seconds since 1970; `words`: what is in it."""

    name: str
    at: float
    words: str
    preview: Pixels | None


class Recovery(Dialog):
    """Asks what to do with each; closing it leaves everything for the next start."""

    chosen = Signal(int)
    """Bring this offer back, counted as they were given."""
    thrown_away = Signal(int)

    def __init__(self, parent: QWidget | None, offers: list[Offer]) -> None:
        super().__init__(parent, "Unsaved work was found", width_px=560)
        text = "Folio didn't end as it should. This was not saved:"
        self.column.addWidget(label(text, "muted", wrap=True))
        self.list = QListWidget()
        self.list.setAccessibleName("Unsaved documents")
        self.list.setIconSize(QSize(_PREVIEW_PX, _PREVIEW_PX))
        self.list.setMinimumHeight(min(3, len(offers)) * (_PREVIEW_PX + 12) + 8)
        for number, offer in enumerate(offers):
            item = QListWidgetItem(f"{offer.name}\n{when(offer.at)}\n{offer.words}")
            item.setData(Qt.ItemDataRole.UserRole, number)
            item.setIcon(QIcon(_preview(offer.preview)))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.column.addWidget(self.list)
        self.later = push_button("Not now")
        self.throw_away = push_button("Throw away")
        self.bring_back = push_button("Bring back", kind="primary")
        self.add_buttons(self.later, self.throw_away, self.bring_back)
        self.later.clicked.connect(self.reject)
        self.throw_away.clicked.connect(self._on_throw_away_clicked)
        self.bring_back.clicked.connect(self._on_bring_back_clicked)
        self.list.itemActivated.connect(lambda _: self._on_bring_back_clicked())

    def _on_bring_back_clicked(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))
        self.accept()

    def _on_throw_away_clicked(self) -> None:
        row = self.list.currentRow()
        if row < 0:
            return
        self.thrown_away.emit(self.list.item(row).data(Qt.ItemDataRole.UserRole))
        self.list.takeItem(row)
        if self.list.count() == 0:
            self.accept()


def when(at: float, now: float | None = None) -> str:
    """A time in words, such as "Tuesday, 24 November, 14:03 (3 minutes ago)"."""
    then = datetime.fromtimestamp(at)
    minutes = round(((datetime.now().timestamp() if now is None else now) - at) / 60)
    text = f"{then:%A}, {then.day} {then:%B}, {then:%H:%M}"
    for size, unit in ((60 * 24, "day"), (60, "hour"), (1, "minute")):
        count = minutes // size
        if count >= 1:
            return f"{text} ({count} {unit}{'s' if count > 1 else ''} ago)"
    return f"{text} (just now)"


def _preview(pixels: Pixels | None) -> QPixmap:
    """On a square, so that all rows are alike."""
    square = QPixmap(_PREVIEW_PX, _PREVIEW_PX)
    square.fill(Qt.GlobalColor.transparent)
    if pixels is None:
        return square
    image = to_qimage(pixels).scaled(
        square.size(),
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    painter = QPainter(square)
    painter.drawImage(
        (_PREVIEW_PX - image.width()) // 2, (_PREVIEW_PX - image.height()) // 2, image
    )
    painter.end()
    return square
