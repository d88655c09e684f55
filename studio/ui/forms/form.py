"""A form made of a generator's fields: values out, problems shown at their field. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from studio.api.outputs import Pixels
from studio.api.sliders import SliderSpec
from studio.core.fields import INPUT_KINDS, Field, Value
from studio.core.recommended import Advice
from studio.freezing import InputValue
from studio.ui.forms.choices import ChoiceEditor, SwitchEditor
from studio.ui.forms.editor import FieldEditor
from studio.ui.forms.frames import FramesEditor
from studio.ui.forms.giving import Ask, Thing
from studio.ui.forms.model import ModelEditor
from studio.ui.forms.numbers import NumberEditor, SeedEditor, editor_for_number
from studio.ui.forms.pad_fields import PadFields
from studio.ui.forms.picture import PictureEditor
from studio.ui.forms.text import DocumentTextEditor, LineEditor, PromptEditor
from studio.ui.forms.things import ThingsEditor
from studio.ui.forms.weights import WeightsEditor
from studio.ui.forms.words import WordsEditor
from studio.ui.labels import label
from studio.ui.model_shelf import ModelShelf
from studio.ui.slider_shelf import SliderShelf
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
    sliders: What the models' sliders are.
    at_once: Or its rows come by `building`.
    """

    value_changed = Signal()
    add_model_requested = Signal(str)
    input_asked = Signal(str, object)
    """Field's name and an `Ask`: read it and call `give`."""
    picker_asked = Signal(str)
    """Field's name: let the person pick from the history."""
    moved = Signal()
    """A pad or a model's slider is under the hand."""
    settled = Signal()
    """It was let go."""

    def __init__(
        self,
        fields: Iterable[Field],
        models: ModelShelf,
        read_text: ReadText,
        sliders: SliderShelf | None = None,
        *,
        at_once: bool = True,
    ) -> None:
        super().__init__()
        self.rows: dict[str, FieldRow] = {}
        self.pads: dict[str, PadFields] = {}
        self._models, self._read_text, self._sliders = models, read_text, sliders
        self._fields = tuple(fields)
        if at_once:
            for _ in self.building():
                pass

    def building(self) -> Iterator[None]:
        """Its rows, in steps, so that the window can answer between them; once."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        self.problem = label("", "problem", wrap=True)
        self.problem.hide()
        column.addWidget(self.problem)
        self._more = QWidget()
        more_column = QVBoxLayout(self._more)
        more_column.setContentsMargins(0, 0, 0, 0)
        more_column.setSpacing(16)
        listed = _pads_early(self._fields)
        for field in listed:
            yield
            into = more_column if field.advanced else column
            if not field.pad:
                into.addWidget(self._add_row(field, self._editor(field)))
            elif field.axis == "x":
                partner = next(f for f in listed if f.pad == field.pad and f.axis == "y")
                self._add_pad(into, field, partner)
        self._tie_sliders()
        self._tie_frames()
        self._advice = Advice(listed)
        self._take_advice()
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

    @property
    def wanders(self) -> bool:
        """Whether it has something that redraws while it is moved."""
        return bool(self.pads)

    def _add_row(self, field: Field, editor: FieldEditor) -> FieldRow:
        row = FieldRow(field, editor)
        self.rows[field.name] = row
        editor.value_changed.connect(self._on_editor_value_changed)
        return row

    def _add_pad(self, into: QVBoxLayout, x: Field, y: Field) -> None:
        pad = PadFields(x, y)
        self.pads[x.pad] = pad
        boxes = QHBoxLayout()
        boxes.setSpacing(12)
        for field, editor in ((x, pad.across), (y, pad.up)):
            boxes.addWidget(self._add_row(field, editor), 1)
        into.addWidget(pad)
        into.addLayout(boxes)
        pad.moved.connect(self.moved)
        pad.settled.connect(self.settled)

    def _editor(self, field: Field) -> FieldEditor:
        match field.kind:
            case "prompt" | "negative_prompt":
                return PromptEditor(field)
            case "text":
                return WordsEditor(field) if field.words else LineEditor(field)
            case "text_input":
                return DocumentTextEditor(field, self._read_text)
            case "integer" if field.rate_field:
                return FramesEditor(field)
            case "integer" | "number":
                return editor_for_number(field)
            case "boolean":
                return SwitchEditor(field)
            case "choice":
                return ChoiceEditor(field)
            case "seed":
                return SeedEditor(field)
            case "model":
                chooser = ModelEditor(field, self._models)
                chooser.add_requested.connect(self.add_model_requested)
                return chooser
            case "image" | "mask":
                return self._asking(PictureEditor(field))
            case "images" | "latent" | "latents":
                return self._asking(ThingsEditor(field))
            case "weights":
                weights = WeightsEditor(field, self._sliders)
                weights.value_changed.connect(self.moved)
                weights.settled.connect(self.settled)
                return weights

    def _asking(self, editor: PictureEditor | ThingsEditor) -> FieldEditor:
        name = editor.field.name
        editor.asked.connect(lambda ask: self.input_asked.emit(name, ask))
        editor.picker_asked.connect(lambda: self.picker_asked.emit(name))
        return editor

    def _tie_sliders(self) -> None:
        """Weights are about a model that is chosen here, or about the things of another field."""
        for row in self.rows.values():
            weights = row.editor
            if not isinstance(weights, WeightsEditor):
                continue
            model = self.rows.get(weights.field.model_field)
            things = self.rows.get(weights.field.slider_source)
            if things is not None and isinstance(things.editor, ThingsEditor):
                weights.say_what_is_missing("Each picture gets a slider here.")
                things.editor.value_changed.connect(
                    lambda weights=weights, things=things.editor: weights.show_sliders(
                        numbered_sliders(weights.field, things)
                    )
                )
            elif model is not None and isinstance(model.editor, ModelEditor):
                follow = _Follow(weights, model.editor)
                model.editor.chosen_changed.connect(follow)
                follow()

    def _tie_frames(self) -> None:
        """Frames are shown as seconds at the rate that another row says."""
        for row in self.rows.values():
            rate = self.rows.get(row.editor.field.rate_field)
            if isinstance(row.editor, FramesEditor) and rate is not None:
                follow = partial(_follow_rate, row.editor, rate.editor)
                rate.editor.value_changed.connect(follow)

    def _take_advice(self) -> None:
        """Follow what the chosen models recommend, where the person has set nothing else."""
        for row in self.rows.values():
            if isinstance(row.editor, ModelEditor):
                row.editor.chosen_changed.connect(self._on_model_chosen)
        self._on_model_chosen()

    def _on_model_chosen(self) -> None:
        models = [row.editor for row in self.rows.values() if isinstance(row.editor, ModelEditor)]
        infos = [info for editor in models if (info := editor.chosen()) is not None]
        if not infos:
            return
        recommended: dict[str, str | int | float | bool] = {}
        for info in infos:
            recommended |= info.facts.recommended
        for name, value in self._advice.changes(recommended, self.values()).items():
            self.rows[name].editor.set_value(value)
        own = {name: value for info in infos for name, value in info.facts.own.items()}
        for name, row in self.rows.items():
            if isinstance(row.editor, NumberEditor):
                row.editor.set_own(own.get(name, 0))

    def values(self) -> dict[str, Value]:
        """Plain values by field name; pictures are in `inputs`."""
        return {name: row.editor.value() for name, row in self.rows.items()}

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Unknown names are ignored: they may come from another version's record."""
        known = {name: value for name, value in values.items() if name in self.rows}
        # Models first: what they recommend gives way to the values that come with them.
        # Frames last: a rate that comes after them would change them.
        for name in sorted(known, key=self._turn):
            self.rows[name].editor.set_value(known[name])

    def _turn(self, name: str) -> int:
        editor = self.rows[name].editor
        return (
            0 if isinstance(editor, ModelEditor) else 2 if isinstance(editor, FramesEditor) else 1
        )

    def inputs(self) -> dict[str, InputValue | Sequence[InputValue]]:
        """What was given to each field: pixels, or blob ids of what the history has."""
        found: dict[str, InputValue | Sequence[InputValue]] = {}
        for name, row in self.rows.items():
            if isinstance(row.editor, PictureEditor):
                array = row.editor.array()
                if array is not None:
                    found[name] = array
            elif isinstance(row.editor, ThingsEditor) and row.editor.things:
                found[name] = row.editor.inputs()
        return found

    def give(self, name: str, thing: Thing) -> None:
        """The answer to `input_asked` or `picker_asked`."""
        editor = self.rows[name].editor if name in self.rows else None
        if isinstance(editor, PictureEditor | ThingsEditor):
            editor.give(thing)

    def sources(self) -> dict[str, Ask]:
        """The fields whose pictures come from the canvas as it is when the job is asked for."""
        return {
            name: row.editor.source
            for name, row in self.rows.items()
            if isinstance(row.editor, PictureEditor) and row.editor.source is not None
        }

    def clear_inputs(self) -> None:
        """Nothing is given any more; the other values stay."""
        for row in self.rows.values():
            if isinstance(row.editor, PictureEditor | ThingsEditor):
                row.editor.set_value(None)

    def set_picture(self, name: str, pixels: Pixels | None, title: str = "") -> None:
        editor = self.rows[name].editor
        if isinstance(editor, PictureEditor):
            editor.set_pixels(pixels, title)

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Mark the bad fields, unmark the others, and go to the first bad one.

        What is no field's own, such as a rule between two, is said above all of them.
        """
        first: FieldRow | None = None
        whole = [text for name, text in problems.items() if name not in self.rows]
        self.problem.setText("\n".join(whole))
        self.problem.setVisible(bool(whole))
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
        self.problem.hide()
        self.value_changed.emit()

    def _on_fold_toggled(self, open_: bool) -> None:
        set_icon(self.fold, "chevron-down" if open_ else "chevron-right")
        self.fold.setText("Less" if open_ else "More")
        self._more.setVisible(open_)


def _pads_early(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """A pad is what one plays with: right behind what it is about, not below all the choices."""
    about = {"prompt", "negative_prompt", "text_input", *INPUT_KINDS}
    return tuple(
        sorted(fields, key=lambda field: 0 if field.kind in about else 1 if field.pad else 2)
    )


def _follow_rate(frames: FramesEditor, rate: FieldEditor) -> None:
    frames.set_rate(rate.value())


class _Follow:
    """Gives a model's sliders to the weights that are about it."""

    def __init__(self, weights: WeightsEditor, model: ModelEditor) -> None:
        self._weights, self._model = weights, model

    def __call__(self) -> None:
        self._weights.set_model(self._model.chosen())


def numbered_sliders(field: Field, things: ThingsEditor) -> tuple[SliderSpec, ...]:
    """One slider for each of another field's things, called by their numbers."""
    low = -1.0 if field.minimum is None else field.minimum
    high = 1.0 if field.maximum is None else field.maximum
    return tuple(
        SliderSpec(str(n + 1), f"{n + 1}  {thing.title}", low, high, field.step or 0.05)
        for n, thing in enumerate(things.things)
    )
