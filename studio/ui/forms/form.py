"""A form made of a generator's fields: values out, problems shown at their field. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from studio.api.outputs import Pixels
from studio.core.fields import Field, Value
from studio.ui.forms.choices import ChoiceEditor, SwitchEditor
from studio.ui.forms.editor import ElsewhereEditor, FieldEditor
from studio.ui.forms.model import ModelEditor
from studio.ui.forms.numbers import SeedEditor, editor_for_number
from studio.ui.forms.picture import PictureEditor
from studio.ui.forms.text import DocumentTextEditor, LineEditor, PromptEditor
from studio.ui.labels import label
from studio.ui.model_shelf import ModelShelf
from studio.ui.theme.icons import set_icon

ReadText = Callable[[str], str]
"""Text of the document: "before_caret" or "selection"."""


class FieldRow(QWidget):
    """A field's label, its editor, and the problem with it when there is one."""

    def __init__(self, field: Field, editor: FieldEditor) -> None:
        super().__init__()
        self.editor = editor
        self.problem = label("", "problem", wrap=True)
        self.problem.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        if field.kind != "boolean":
            caption = label(field.label, "label")
            caption.setBuddy(editor)
            column.addWidget(caption)
        column.addWidget(editor)
        column.addWidget(self.problem)
        self.setToolTip(field.description)

    def show_problem(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self.editor.set_bad(bool(text))
        self.editor.setAccessibleDescription(text or self.editor.field.description)


class ParamsForm(QWidget):
    """Args:
    fields: In the order they are shown; advanced ones come under "More".
    models: What the model choosers list.
    read_text: Where `text_input` fields take their text from.
    """

    value_changed = Signal()
    add_model_requested = Signal(str)
    picture_chosen = Signal(str, Path)
    """Field's name and file: load it and call `set_picture`."""

    def __init__(self, fields: Iterable[Field], models: ModelShelf, read_text: ReadText) -> None:
        super().__init__()
        self.rows: dict[str, FieldRow] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        self._more = QWidget()
        more_column = QVBoxLayout(self._more)
        more_column.setContentsMargins(0, 0, 0, 0)
        more_column.setSpacing(16)
        for field in fields:
            editor = self._editor(field, models, read_text)
            row = FieldRow(field, editor)
            self.rows[field.name] = row
            (more_column if field.advanced else column).addWidget(row)
            editor.value_changed.connect(self._on_editor_value_changed)
        self.fold = QToolButton()
        self.fold.setProperty("kind", "fold")
        self.fold.setText("More")
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setCheckable(True)
        self.fold.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        set_icon(self.fold, "chevron-right")
        self.fold.toggled.connect(self._on_fold_toggled)
        self._more.hide()
        self.fold.setVisible(more_column.count() > 0)
        column.addWidget(self.fold)
        column.addWidget(self._more)
        column.addStretch(1)

    def _editor(self, field: Field, models: ModelShelf, read_text: ReadText) -> FieldEditor:
        match field.kind:
            case "prompt" | "negative_prompt":
                return PromptEditor(field)
            case "text":
                return LineEditor(field)
            case "text_input":
                return DocumentTextEditor(field, read_text)
            case "integer" | "number":
                return editor_for_number(field)
            case "boolean":
                return SwitchEditor(field)
            case "choice":
                return ChoiceEditor(field)
            case "seed":
                return SeedEditor(field)
            case "model":
                chooser = ModelEditor(field, models)
                chooser.add_requested.connect(self.add_model_requested)
                return chooser
            case "image" | "mask":
                picture = PictureEditor(field)
                picture.file_chosen.connect(
                    lambda path, name=field.name: self.picture_chosen.emit(name, path)
                )
                return picture
            case _:
                return ElsewhereEditor(field)

    def values(self) -> dict[str, Value]:
        """Plain values by field name; pictures are in `inputs`."""
        return {name: row.editor.value() for name, row in self.rows.items()}

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Unknown names are ignored: they may come from another version's record."""
        for name, value in values.items():
            if name in self.rows:
                self.rows[name].editor.set_value(value)

    def inputs(self) -> dict[str, Pixels]:
        arrays = {
            name: row.editor.array()
            for name, row in self.rows.items()
            if isinstance(row.editor, PictureEditor)
        }
        return {name: array for name, array in arrays.items() if array is not None}

    def set_picture(self, name: str, pixels: Pixels | None, title: str = "") -> None:
        editor = self.rows[name].editor
        if isinstance(editor, PictureEditor):
            editor.set_pixels(pixels, title)

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Mark the bad fields, unmark the others, and go to the first bad one."""
        first: FieldRow | None = None
        for name, row in self.rows.items():
            row.show_problem(problems.get(name, ""))
            if name in problems and first is None:
                first = row
        if first is not None:
            if self._more.isAncestorOf(first):
                self.fold.setChecked(True)
            first.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh_text(self) -> None:
        for row in self.rows.values():
            if isinstance(row.editor, DocumentTextEditor):
                row.editor.refresh()

    def show_drawn_seed(self, seed: int) -> None:
        for row in self.rows.values():
            if isinstance(row.editor, SeedEditor):
                row.editor.show_drawn(seed)

    def focus_first(self) -> None:
        for row in self.rows.values():
            if isinstance(row.editor, PromptEditor):
                row.editor.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    def _on_editor_value_changed(self) -> None:
        editor = self.sender()
        if isinstance(editor, FieldEditor) and editor.field.name in self.rows:
            self.rows[editor.field.name].show_problem("")
        self.value_changed.emit()

    def _on_fold_toggled(self, open_: bool) -> None:
        set_icon(self.fold, "chevron-down" if open_ else "chevron-right")
        self.fold.setText("Less" if open_ else "More")
        self._more.setVisible(open_)
