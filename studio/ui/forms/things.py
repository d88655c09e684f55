"""The editor for several pictures, or for one or several latents: drop, pick, order, remove. GUI thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from studio.core.fields import SEVERAL_KINDS, Field, Value
from studio.freezing import InputValue
from studio.ui.forms.editor import FieldEditor
from studio.ui.forms.giving import FromCanvas, FromFile, FromResult, Thing, asks_of
from studio.ui.forms.picture import IMAGE_FILTER
from studio.ui.forms.thing_strip import ThingStrip
from studio.ui.forms.well import Well
from studio.ui.labels import icon_button, label, restyle


class ThingsEditor(FieldEditor):
    """Holds what it was given; `value` only says how many there are, the things are in `things`.

    `asked(ask)` wants something read, `picker_asked` wants the history shown to pick from; the
    answers come through `give`.
    """

    asked = Signal(object)
    picker_asked = Signal()

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.takes_latents = field.kind in ("latent", "latents")
        self.most = max(1, field.maximum_count) if field.kind in SEVERAL_KINDS else 1
        self.setAcceptDrops(True)
        self.strip = ThingStrip()
        self.well = Well()
        self._hint = label(self._advice(), "muted", wrap=True)
        self.problem = label("", "problem", wrap=True)
        self.problem.hide()
        self.add_file = icon_button("image-plus", "Add picture files", "Add picture files…")
        self.add_layer = icon_button(
            "layers", "Add the layer chosen on the canvas", "Add the layer chosen on the canvas"
        )
        self.add_result = icon_button("history", "Pick from the history", "Pick from the history…")
        self.remove = icon_button("x", "Remove the chosen one", "Remove the chosen one (Delete)")
        self._count = label("", "muted")
        self._lay_out()
        self.add_file.setVisible(not self.takes_latents)
        self.add_layer.setVisible(not self.takes_latents)
        self.name_for_screen_readers(self.strip, self.well)
        self.strip.changed.connect(self._on_strip_changed)
        self.strip.dropped.connect(self._take_drop)
        self.well.pressed.connect(self._on_well_pressed)
        self.add_file.clicked.connect(self._on_add_file_clicked)
        self.add_layer.clicked.connect(lambda: self.asked.emit(FromCanvas()))
        self.add_result.clicked.connect(self.picker_asked)
        self.remove.clicked.connect(self._on_remove_clicked)
        self._show_state()

    @property
    def things(self) -> tuple[Thing, ...]:
        return self.strip.things

    def inputs(self) -> tuple[InputValue, ...]:
        """What the job gets."""
        if self.takes_latents:
            return tuple(thing.latent_id for thing in self.things)
        return tuple(thing.picture_id or thing.pixels for thing in self.things)

    def value(self) -> Value:
        if self.field.kind in SEVERAL_KINDS:
            return tuple(f"given {number + 1}" for number in range(len(self.things)))
        return "given" if self.things else None

    def set_value(self, value: Value) -> None:
        if not value:
            self.strip.clear()

    def give(self, thing: Thing) -> None:
        """Add it, or say why it can't be taken."""
        if self.takes_latents and not thing.latent_id:
            self.refuse("Only results with the slider badge can be used here.")
            return
        if self.takes_latents and self.field.layout not in ("", thing.layout):
            self.refuse("That one was made by another kind of model and doesn't fit here.")
            return
        if self.most == 1:
            self.strip.clear()
        elif len(self.things) >= self.most:
            self.refuse(f"At most {self.most} fit here: remove one first.")
            return
        self.refuse("")
        self.strip.add(thing)

    def refuse(self, why: str) -> None:
        self.problem.setText(why)
        self.problem.setVisible(bool(why))

    def set_bad(self, bad: bool) -> None:
        self.well.setProperty("bad", "true" if bad else "")
        restyle(self.well)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        asks = asks_of(event.mimeData())
        if any(isinstance(ask, FromResult) or not self.takes_latents for ask in asks):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self._take_drop(event.mimeData())

    def _take_drop(self, data: QMimeData) -> None:
        for ask in asks_of(data):
            if isinstance(ask, FromResult) or not self.takes_latents:
                self.asked.emit(ask)

    def _lay_out(self) -> None:
        inner = QVBoxLayout(self.well)
        inner.setContentsMargins(8, 8, 8, 8)
        inner.addWidget(self._hint)
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        for button in (self.add_file, self.add_layer, self.add_result):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self._count)
        buttons.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.strip)
        column.addWidget(self.well)
        column.addWidget(self.problem)
        column.addLayout(buttons)

    def _advice(self) -> str:
        if self.takes_latents:
            return "Drag one here from the history or a grid, or pick it with the clock below"
        some = "a picture" if self.most == 1 else "pictures"
        return f"Drop {some} here from your files or the history, or press a button below"

    def _on_well_pressed(self) -> None:
        if self.takes_latents:
            self.picker_asked.emit()
        else:
            self._on_add_file_clicked()

    def _on_add_file_clicked(self) -> None:
        dialog = QFileDialog(self.window(), f"Choose: {self.field.label}", "", IMAGE_FILTER)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self._on_dialog_files_selected)
        dialog.open()

    def _on_dialog_files_selected(self, paths: list[str]) -> None:
        for path in paths:
            self.asked.emit(FromFile(Path(path)))

    def _on_remove_clicked(self) -> None:
        row = self.strip.currentIndex().row()
        self.strip.remove(row if row >= 0 else len(self.things) - 1)

    def _on_strip_changed(self) -> None:
        self._show_state()
        self.value_changed.emit()

    def _show_state(self) -> None:
        count = len(self.things)
        self.strip.setVisible(count > 0)
        self.well.setVisible(count == 0)
        self.remove.setVisible(count > 0)
        proxy: QWidget = self.strip if count else self.well
        self.setFocusProxy(proxy)
        least = self.field.minimum_count
        if self.field.kind in SEVERAL_KINDS and 0 < count < least:
            self._count.setText(f"{count} of at least {least}")
        else:
            self._count.setText(f"{count} of {self.most}" if count and self.most > 1 else "")
