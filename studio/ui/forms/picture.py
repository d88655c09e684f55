"""The editor for a picture or mask that a generator takes: drop it, choose it, see it, remove it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QImage,
    QPixmap,
)
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.api.outputs import Pixels
from studio.core.fields import Field, Value
from studio.ui.forms.editor import FieldEditor
from studio.ui.forms.giving import (
    Ask,
    FromCanvas,
    FromFile,
    FromSelection,
    FromVisible,
    Thing,
    asks_of,
)
from studio.ui.forms.well import Well
from studio.ui.labels import icon_button, label
from studio.ui.theme.icons import set_icon

ReadImage = Callable[[Path], Awaitable[Pixels]]
IMAGE_FILTER = "Pictures (*.png *.jpg *.jpeg *.webp *.tif *.tiff *.bmp)"
_THUMB_PX = 56


class PictureEditor(FieldEditor):
    """Holds pixels; `value` only says whether there are any.

    `asked(ask)` wants a file, a result or the canvas read, `picker_asked` the history shown.
    """

    asked = Signal(object)
    picker_asked = Signal()

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.pixels: Pixels | None = None
        self.source: Ask | None = None
        """Where on the canvas it comes from: read anew when the job is asked for."""
        self._asked: Ask | None = None
        self.setAcceptDrops(True)
        self.box = Well()
        self._thumb = QLabel()
        self._thumb.setFixedSize(QSize(_THUMB_PX, _THUMB_PX))
        self._thumb.setAlignment(Qt.AlignmentFlag.AlignCenter)
        noun = "mask" if field.kind == "mask" else "picture"
        self._empty = f"Drop a {noun} here, or choose a file"
        self._title = label(self._empty, "muted", wrap=True)
        self.add_layer = icon_button("layers", "Take the layer chosen on the canvas")
        self.add_visible = icon_button("image", "Take all that is seen on the canvas")
        self.add_selection = icon_button("square-dashed", "Take the canvas's selection")
        self.add_result = icon_button("history", "Pick from the history", "Pick from the history…")
        self.clear = icon_button("x", f"Remove the {noun}")
        row = QHBoxLayout(self.box)
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(4)
        row.addWidget(self._thumb)
        row.addSpacing(4)
        row.addWidget(self._title, 1)
        row.addWidget(self.add_selection)
        row.addWidget(self.add_visible)
        row.addWidget(self.add_layer)
        row.addWidget(self.add_result)
        row.addWidget(self.clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.box)
        self.name_for_screen_readers(self.box)
        self.box.pressed.connect(self._on_box_pressed)
        for button, ask in (
            (self.add_layer, FromCanvas()),
            (self.add_visible, FromVisible()),
            (self.add_selection, FromSelection()),
        ):
            button.clicked.connect(lambda _=False, ask=ask: self._ask(ask))
        self.add_result.clicked.connect(self.picker_asked)
        self.clear.clicked.connect(self._on_clear_clicked)
        self.set_pixels(None)

    def value(self) -> Value:
        return "chosen" if self.pixels is not None else None

    def set_value(self, value: Value) -> None:
        if not value:
            self.set_pixels(None)

    def give(self, thing: Thing) -> None:
        """The answer to what was asked."""
        asked, self._asked = self._asked, None
        self.set_pixels(thing.pixels, thing.title)
        self.source = asked if thing.place is not None else None

    def set_pixels(self, pixels: Pixels | None, name: str = "") -> None:
        """(H, W, 4) RGBA; of a mask field the brightness is kept."""
        self.pixels = pixels
        self.source = None
        self.clear.setVisible(pixels is not None)
        for button in (self.add_layer, self.add_visible, self.add_selection):
            button.setVisible(pixels is None)
        if self.field.kind == "mask":
            self.add_visible.hide()  # a mask is a selection or a layer, never the whole picture
        self.add_result.setVisible(pixels is None)
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
        return None if self.pixels is None else as_given(self.field, self.pixels)

    def marked(self) -> tuple[QWidget, ...]:
        return (self.box,)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if asks_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        for ask in asks_of(event.mimeData())[:1]:
            self._ask(ask)

    def _on_box_pressed(self) -> None:
        dialog = QFileDialog(self.window(), f"Choose: {self.field.label}", "", IMAGE_FILTER)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._on_dialog_file_selected)
        dialog.open()

    def _on_dialog_file_selected(self, path: str) -> None:
        self.asked.emit(FromFile(Path(path)))

    def _ask(self, ask: Ask) -> None:
        self._asked = ask
        self.asked.emit(ask)

    def _on_clear_clicked(self) -> None:
        self.set_pixels(None)


def as_given(field: Field, pixels: Pixels) -> Pixels:
    """A picture as a generator's field takes it: (H, W, 4), or of a mask (H, W) the brightness."""
    if field.kind != "mask":
        return pixels
    weights = np.array([0.2126, 0.7152, 0.0722], np.float32)
    mask: Pixels = (pixels[..., :3] @ weights).round().astype(np.uint8)
    return mask


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
