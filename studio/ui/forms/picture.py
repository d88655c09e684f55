"""The editor for a picture or mask that a generator takes: drop it, choose it, see it, remove it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPixmap,
)
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.api.outputs import Pixels
from studio.core.fields import Field, Value
from studio.ui.forms.editor import FieldEditor
from studio.ui.labels import icon_button, label
from studio.ui.theme.icons import set_icon

ReadImage = Callable[[Path], Awaitable[Pixels]]
IMAGE_FILTER = "Pictures (*.png *.jpg *.jpeg *.webp *.tif *.tiff *.bmp)"
_THUMB_PX = 56


class _Well(QFrame):
    """The framed place to drop on; a click or Space asks for a file."""

    pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("well")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.pressed.emit()
        else:
            super().keyPressEvent(event)


class PictureEditor(FieldEditor):
    """Holds pixels; `value` only says whether there are any. `file_chosen(path)` asks for loading."""

    file_chosen = Signal(Path)

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.pixels: Pixels | None = None
        self.setAcceptDrops(True)
        self.box = _Well()
        self._thumb = QLabel()
        self._thumb.setFixedSize(QSize(_THUMB_PX, _THUMB_PX))
        self._thumb.setAlignment(Qt.AlignmentFlag.AlignCenter)
        noun = "mask" if field.kind == "mask" else "picture"
        self._empty = f"Drop a {noun} here, or choose a file"
        self._title = label(self._empty, "muted", wrap=True)
        self.clear = icon_button("x", f"Remove the {noun}")
        row = QHBoxLayout(self.box)
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(12)
        row.addWidget(self._thumb)
        row.addWidget(self._title, 1)
        row.addWidget(self.clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.box)
        self.name_for_screen_readers(self.box)
        self.box.pressed.connect(self._on_box_pressed)
        self.clear.clicked.connect(self._on_clear_clicked)
        self.set_pixels(None)

    def value(self) -> Value:
        return "chosen" if self.pixels is not None else None

    def set_value(self, value: Value) -> None:
        if not value:
            self.set_pixels(None)

    def set_pixels(self, pixels: Pixels | None, name: str = "") -> None:
        """(H, W, 4) RGBA; of a mask field the brightness is kept."""
        self.pixels = pixels
        self.clear.setVisible(pixels is not None)
        if pixels is None:
            set_icon(self._thumb, "image-plus", "faint", 24)
            self._title.setText(self._empty)
        else:
            self._thumb.setProperty("folioIcon", None)
            self._thumb.setPixmap(_thumbnail(pixels))
            size = f"{pixels.shape[1]} × {pixels.shape[0]} pixels"
            self._title.setText(f"{name}\n{size}" if name else size)
        self.value_changed.emit()

    def array(self) -> Pixels | None:
        """What the generator gets: (H, W, 4), or (H, W) for a mask."""
        if self.pixels is None or self.field.kind != "mask":
            return self.pixels
        weights = np.array([0.2126, 0.7152, 0.0722], np.float32)
        mask: Pixels = (self.pixels[..., :3] @ weights).round().astype(np.uint8)
        return mask

    def marked(self) -> tuple[QWidget, ...]:
        return (self.box,)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped_file(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _dropped_file(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.file_chosen.emit(path)

    def _on_box_pressed(self) -> None:
        dialog = QFileDialog(self.window(), f"Choose: {self.field.label}", "", IMAGE_FILTER)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._on_dialog_file_selected)
        dialog.open()

    def _on_dialog_file_selected(self, path: str) -> None:
        self.file_chosen.emit(Path(path))

    def _on_clear_clicked(self) -> None:
        self.set_pixels(None)


def _dropped_file(data: QMimeData) -> Path | None:
    for url in data.urls():
        if url.isLocalFile():
            return Path(url.toLocalFile())
    return None


def _thumbnail(pixels: Pixels) -> QPixmap:
    stride = max(1, min(pixels.shape[:2]) // (2 * _THUMB_PX))
    small = np.ascontiguousarray(pixels[::stride, ::stride])
    height, width = small.shape[:2]
    image = QImage(small.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
    scaled = image.scaled(
        2 * _THUMB_PX,
        2 * _THUMB_PX,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    result = QPixmap.fromImage(scaled)
    result.setDevicePixelRatio(2)
    return result
