"""The generate panel: which generator, its form, and the button. GUI thread.

It only asks: `job_requested` carries the values; who listens freezes the job and queues it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QScrollArea,
    QStackedWidget,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from studio.core.catalogue import RegisteredGenerator
from studio.core.fields import INPUT_KINDS, Value
from studio.core.values import problems
from studio.jobs.handle import JobHandle
from studio.ui.forms.form import ParamsForm, ReadText
from studio.ui.forms.giving import Thing
from studio.ui.labels import EmptyState, label, push_button
from studio.ui.model_shelf import ModelShelf
from studio.ui.slider_shelf import SliderShelf
from studio.ui.theme.icons import icon


class GeneratePanel(QWidget):
    """Args:
    models: What the model choosers list.
    read_text: Where `text_input` fields take their text from.
    """

    job_requested = Signal(str, dict, dict)
    """Generator's id, values by field, pictures by field."""
    cancel_requested = Signal()
    add_model_requested = Signal(str)
    input_asked = Signal(str, str, object)
    """Generator's id, field's name, an `Ask`: read it and call `give`."""
    picker_asked = Signal(str, str)
    """Generator's id, field's name: let the person pick from the history."""
    values_changed = Signal(str)
    """The generator whose form was changed."""
    live_requested = Signal(str, dict, dict, bool)
    """As `job_requested`, while something that redraws is under the hand; True once it is let go."""

    def __init__(
        self, models: ModelShelf, read_text: ReadText, sliders: SliderShelf | None = None
    ) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._models = models
        self._sliders = sliders
        self._read_text = read_text
        self._generators: dict[str, RegisteredGenerator] = {}
        self._forms: dict[str, ParamsForm] = {}
        self._scrolls: dict[str, QScrollArea] = {}
        self.chooser = QComboBox()
        self.chooser.setObjectName("chooser")
        self.chooser.setAccessibleName("Generator")
        self.chooser.setIconSize(QSize(18, 18))
        self.chooser.setItemDelegate(QStyledItemDelegate(self.chooser))
        self._description = label("", "muted", wrap=True)
        self._pages = QStackedWidget()
        self._pages.addWidget(
            EmptyState("puzzle", "No generators", "Enable a plugin under Tools, Plugins.")
        )
        self._pages.addWidget(QWidget())  # while the first form is made
        self.button = push_button("Generate", "sparkles", kind="primary")
        self.button.setToolTip("Generate (Ctrl+Enter)")
        self.button.setEnabled(False)
        self.cancel = push_button("Cancel", "x")
        self.cancel.setToolTip("Cancel the running job (Esc)")
        self.cancel.setFixedHeight(36)
        self.cancel.hide()
        self._lay_out()
        self.chooser.currentIndexChanged.connect(self._on_chooser_index_changed)
        self.button.clicked.connect(self.submit)
        self.cancel.clicked.connect(self.cancel_requested)

    def _lay_out(self) -> None:
        head = QVBoxLayout()
        head.setContentsMargins(16, 12, 16, 12)
        head.setSpacing(8)
        head.addWidget(self.chooser)
        head.addWidget(self._description)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName("Progress of the running job")
        self._progress_text = label("", "muted")
        self._running = QWidget()
        running = QVBoxLayout(self._running)
        running.setContentsMargins(0, 0, 0, 4)
        running.setSpacing(6)
        running.addWidget(self._progress_text)
        running.addWidget(self._progress)
        self._running.hide()
        footer = QFrame()
        footer.setObjectName("footer")
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.button, 1)
        buttons.addWidget(self.cancel)
        foot = QVBoxLayout(footer)
        foot.setContentsMargins(16, 12, 16, 12)
        foot.setSpacing(4)
        foot.addWidget(self._running)
        foot.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._pages, 1)
        column.addWidget(footer)

    @property
    def generator_id(self) -> str:
        return str(self.chooser.currentData() or "")

    @property
    def form(self) -> ParamsForm | None:
        return self._forms.get(self.generator_id)

    def values_of(self, generator_id: str) -> dict[str, Value]:
        """What a generator's form is set to, but for its inputs; nothing where it was never shown."""
        form = self._forms.get(generator_id)
        if form is None:
            return {}
        inputs = {f.name for f in self._generators[generator_id].fields if f.kind in INPUT_KINDS}
        return {name: value for name, value in form.values().items() if name not in inputs}

    def show_generators(self, generators: Iterable[RegisteredGenerator]) -> None:
        for _ in self.showing_generators(generators):
            pass

    def showing_generators(self, generators: Iterable[RegisteredGenerator]) -> Iterator[None]:
        """`show_generators` in steps, so that the window can answer between them."""
        chosen = self.generator_id
        self._generators = {entry.spec.id: entry for entry in generators}
        self.chooser.blockSignals(True)
        self.chooser.clear()
        for entry in self._generators.values():
            self.chooser.addItem(
                icon(entry.spec.icon, "accent_text"), entry.spec.title, entry.spec.id
            )
        self.chooser.setCurrentIndex(max(0, self.chooser.findData(chosen)))
        self.chooser.blockSignals(False)
        self.button.setEnabled(bool(self._generators))
        if self._generators and self._pages.currentIndex() == 0:
            self._pages.setCurrentIndex(1)
        yield
        yield from self.preparing(self.generator_id)
        self._on_chooser_index_changed()

    def tint_again(self) -> None:
        """After a change of theme: item icons aren't widgets that remember theirs."""
        for index, entry in enumerate(self._generators.values()):
            self.chooser.setItemIcon(index, icon(entry.spec.icon, "accent_text"))

    def choose(self, generator_id: str) -> bool:
        """Show a generator's form; False when there is none of that id."""
        index = self.chooser.findData(generator_id)
        if index >= 0:
            self.chooser.setCurrentIndex(index)
        return index >= 0

    def fill(self, generator_id: str, values: Mapping[str, Value]) -> bool:
        """Show a form with these values, as "make again" does."""
        if not self.choose(generator_id) or self.form is None:
            return False
        self.form.clear_inputs()
        inputs = {f.name for f in self._generators[generator_id].fields if f.kind in INPUT_KINDS}
        self.form.set_values({n: value for n, value in values.items() if n not in inputs})
        return True

    def submit(self) -> None:
        """Ask for a job with the form's values, or mark what is wrong with them."""
        form = self.form
        if form is None:
            return
        form.refresh_text()
        entry = self._generators[self.generator_id]
        values = form.values()
        wrong = problems(entry.spec.params, values)
        if wrong:
            ranges = {field.name: field.range_text for field in entry.fields}
            form.show_problems(
                {name: _sentence(text, ranges.get(name, "")) for name, text in wrong.items()}
            )
            if not form.problem.isHidden():
                self._scrolls[self.generator_id].ensureWidgetVisible(form.problem)
            return
        form.show_problems({})
        inputs = form.inputs()
        plain = {name: value for name, value in values.items() if name not in inputs}
        self.job_requested.emit(self.generator_id, plain, inputs)

    def _ask_live(self, generator_id: str, *, stored: bool) -> None:
        """Redraw, if the form has all it needs: what is missing is said when Generate is pressed."""
        form, entry = self._forms[generator_id], self._generators[generator_id]
        values, inputs = form.values(), form.inputs()
        if problems(entry.spec.params, values):
            return
        plain = {name: value for name, value in values.items() if name not in inputs}
        self.live_requested.emit(generator_id, plain, inputs, stored)

    def show_problem(self, field: str, text: str) -> bool:
        """Mark one field after the fact; False when the form has no such field."""
        form = self.form
        if form is None or field not in form.rows:
            return False
        form.show_problems({field: text})
        return True

    def give(self, generator_id: str, field: str, thing: Thing) -> None:
        """The answer to `input_asked` or `picker_asked`."""
        form = self._forms.get(generator_id)
        if form is not None:
            form.give(field, thing)

    def follow(self, handle: JobHandle | None) -> None:
        """Show the running job below the form; None when nothing runs."""
        self._running.setVisible(handle is not None)
        self.cancel.setVisible(handle is not None)
        self.button.setText("Generate" if handle is None else "Queue another")
        if handle is None:
            return
        self.cancel.setEnabled(not handle.cancelling)
        self._progress_text.setText(progress_text(handle))
        show_progress(self._progress, handle)

    def refresh_text(self) -> None:
        if self.form is not None:
            self.form.refresh_text()

    def _on_chooser_index_changed(self) -> None:
        entry = self._generators.get(self.generator_id)
        self._description.setText(entry.spec.description if entry else "")
        self._description.setVisible(entry is not None)
        if entry is None:
            self._pages.setCurrentIndex(0)
            return
        for _ in self.preparing(entry.spec.id):
            pass
        self._forms[entry.spec.id].refresh_text()
        self._pages.setCurrentWidget(self._scrolls[entry.spec.id])

    def preparing(self, generator_id: str) -> Iterator[None]:
        """Make a generator's form in steps, so that choosing it afterwards takes no time.

        Forms are made when first shown and kept, so their values last as long as the window.
        """
        entry = self._generators.get(generator_id)
        if entry is None or generator_id in self._forms:
            return
        fields = entry.asked_fields
        yield
        form = ParamsForm(fields, self._models, self._read_text, self._sliders, at_once=False)
        form.setObjectName("panelBody")
        yield from form.building()
        yield
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(form)
        bar = scroll.verticalScrollBar()
        bar.rangeChanged.connect(lambda _, most: _set_margins(form, beside_bar=most > 0))
        _set_margins(form, beside_bar=False)
        yield
        if generator_id in self._forms:  # asked for between two steps
            scroll.deleteLater()
            return
        self._pages.addWidget(scroll)
        self._forms[generator_id], self._scrolls[generator_id] = form, scroll
        form.add_model_requested.connect(self.add_model_requested)
        form.value_changed.connect(lambda: self.values_changed.emit(generator_id))
        form.input_asked.connect(lambda name, ask: self.input_asked.emit(generator_id, name, ask))
        form.picker_asked.connect(lambda name: self.picker_asked.emit(generator_id, name))
        if form.wanders:
            form.moved.connect(lambda: self._ask_live(generator_id, stored=False))
            form.settled.connect(lambda: self._ask_live(generator_id, stored=True))


def _set_margins(form: ParamsForm, *, beside_bar: bool) -> None:
    """The form's right edge stays in line with what is above and below it."""
    layout = form.layout()
    if layout is not None:
        layout.setContentsMargins(16, 4, 6 if beside_bar else 16, 16)


def progress_text(handle: JobHandle) -> str:
    """One line on what a job does now."""
    if handle.cancelling:
        return "Cancelling…"
    if handle.finishing:
        return "Finishing…"
    progress = handle.progress
    message = progress.message if progress else ""
    if handle.state == "queued":
        return "Waiting for the engine…"
    if handle.state == "loading":
        return message or "Loading the model…"
    parts = [message] if message else []
    # A plugin's own words may say the same: "Frame 2 of 90".
    if progress and progress.total and f" of {progress.total}" not in message:
        parts.append(f"{progress.step} of {progress.total}")
    if handle.tokens_per_second:
        parts.append(f"{handle.tokens_per_second:.1f} tokens/s")
    return " · ".join(parts) or "Working…"


def show_progress(bar: QProgressBar, handle: JobHandle) -> None:
    """The bar as the job stands; busy while the end isn't known."""
    progress = handle.progress
    if progress is None or not progress.total:
        bar.setRange(0, 0)
        return
    bar.setRange(0, progress.total)
    bar.setValue(min(progress.step, progress.total))


def _sentence(problem: str, range_text: str) -> str:
    text = problem.removeprefix("Value error, ").rstrip(".") + "."
    return f"{text} It takes {range_text}." if range_text else text
