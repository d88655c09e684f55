"""The models on this machine: what each is, and adding, checking and removing them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from studio.api.errors import StudioError
from studio.api.models import ModelInfo
from studio.ui.dialogs.frame import Dialog
from studio.ui.labels import label, push_button
from studio.ui.model_shelf import ModelShelf
from studio.ui.status_line import gigabytes
from studio.ui.theme.icons import icon

_ICONS = {"language": "pen-line", "diffusion": "image", "gan": "scan-face", "vae": "blend"}
Start = Callable[[Coroutine[Any, Any, Any]], object]


class Models(Dialog):
    """Args:
    start: Starts a coroutine on the window's loop.
    """

    def __init__(self, parent: QWidget | None, shelf: ModelShelf, start: Start) -> None:
        super().__init__(parent, "Models", width_px=620)
        self._shelf = shelf
        self._start = start
        self.list = QListWidget()
        self.list.setProperty("kind", "framed")
        self.list.setAccessibleName("Models")
        self.list.setMinimumHeight(200)
        self.facts = label("", "muted", wrap=True)
        self.facts.setMinimumHeight(72)
        self.facts.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.answer = label("", wrap=True)
        self.answer.hide()
        self.copy_files = QCheckBox("Copy the files into Folio's own folder")
        self.add_file = push_button("Add a file…", "file-plus")
        self.add_folder = push_button("Add a folder…", "folder-open")
        self.check = push_button("Check", "circle-check")
        self.remove = push_button("Remove", "trash-2")
        self.column.addWidget(
            label(
                "Safetensors and GGUF files, Hugging Face and diffusers folders. They stay where "
                "they are unless you copy them.",
                "muted",
                wrap=True,
            )
        )
        self.column.addWidget(self.list, 1)
        self.column.addWidget(self.facts)
        self.column.addWidget(self.answer)
        self.column.addWidget(self.copy_files)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.add_file, self.add_folder):
            row.addWidget(button)
        row.addStretch(1)
        for button in (self.check, self.remove):
            row.addWidget(button)
        self.column.addLayout(row)
        close = push_button("Close")
        self.add_buttons(close)
        close.clicked.connect(self.accept)
        self.list.currentItemChanged.connect(self._on_list_item_changed)
        self.add_file.clicked.connect(self._on_add_file_clicked)
        self.add_folder.clicked.connect(self._on_add_folder_clicked)
        self.check.clicked.connect(self._on_check_clicked)
        self.remove.clicked.connect(self._on_remove_clicked)
        shelf.changed.connect(self._fill)
        self._fill()

    def chosen(self) -> ModelInfo | None:
        item = self.list.currentItem()
        found = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        return found if isinstance(found, ModelInfo) else None

    async def add_path(self, path: Path) -> None:
        """Add and say how it went, here rather than in the window behind."""
        self._say("Reading the model…")
        try:
            info = await self._shelf.add(path, copy=self.copy_files.isChecked())
        except StudioError as error:
            self._say(str(error), bad=True)
        else:
            self._say(f"{info.facts.title or info.id} is ready.")

    def _fill(self) -> None:
        chosen = self.chosen()
        self.list.clear()
        for info in self._shelf.models:
            name = info.facts.title or info.id
            item = QListWidgetItem(icon(_ICONS.get(info.facts.family, "box"), "accent_text"), name)
            item.setData(Qt.ItemDataRole.UserRole, info)
            self.list.addItem(item)
            if chosen is not None and info.id == chosen.id:
                self.list.setCurrentItem(item)
        if self.list.currentItem() is None and self.list.count():
            self.list.setCurrentRow(0)
        self._on_list_item_changed()

    def _on_list_item_changed(self) -> None:
        info = self.chosen()
        self.check.setEnabled(info is not None)
        self.remove.setEnabled(info is not None and not info.starter)
        self.facts.setText(_facts(info) if info else "No models yet. Add a file or a folder.")

    def _on_add_file_clicked(self) -> None:
        self._ask(QFileDialog.FileMode.ExistingFile, "Models (*.safetensors *.gguf);;All files (*)")

    def _on_add_folder_clicked(self) -> None:
        self._ask(QFileDialog.FileMode.Directory, "")

    def _ask(self, mode: QFileDialog.FileMode, names: str) -> None:
        dialog = QFileDialog(self, "Add a model", "", names)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        dialog.fileSelected.connect(self._on_dialog_file_selected)
        dialog.open()

    def _on_dialog_file_selected(self, path: str) -> None:
        self._start(self.add_path(Path(path)))

    def _on_check_clicked(self) -> None:
        info = self.chosen()
        if info is not None:
            self._start(self._verify(info))

    def _on_remove_clicked(self) -> None:
        info = self.chosen()
        if info is not None:
            self._start(self._remove(info))

    async def _verify(self, info: ModelInfo) -> None:
        self._say("Reading the whole model…")
        try:
            wrong = await self._shelf.verify(info.id)
        except StudioError as error:
            wrong = [str(error)]
        self._say(" ".join(wrong) or "It is whole and unchanged.", bad=bool(wrong))

    async def _remove(self, info: ModelInfo) -> None:
        try:
            await self._shelf.remove(info.id)
        except StudioError as error:
            self._say(str(error), bad=True)
        else:
            self._say(f"{info.facts.title or info.id} was taken off the list.")

    def _say(self, text: str, *, bad: bool = False) -> None:
        self.answer.setProperty("kind", "problem" if bad else "muted")
        self.answer.style().polish(self.answer)
        self.answer.setText(text)
        self.answer.show()


def _facts(info: ModelInfo) -> str:
    facts = info.facts
    first = ", ".join(
        part
        for part in (
            f"{facts.family} model",
            facts.architecture,
            gigabytes(info.size_bytes),
            facts.licence,
            "comes with Folio" if info.starter else "",
        )
        if part
    )
    return "\n".join([first[:1].upper() + first[1:] + ".", *facts.notes, str(info.path)])
