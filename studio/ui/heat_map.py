"""The surprise heat map: words coloured by how little a model expected them; it reads what isn't known.

GUI thread. What models wrote is coloured at once by what they thought while writing. A person's words are
read by a generator that reads; that is a job like any other, kept nowhere, and known until the document is
closed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QColor

from studio.api.outputs import TextOutput
from studio.app import Studio
from studio.core.catalogue import first_for
from studio.core.passages import moved_through
from studio.core.store import Change, DocumentStore
from studio.core.surprise import perplexity, word_surprises
from studio.core.token_places import TokenPlace
from studio.jobs.events import ResultReady
from studio.jobs.handle import JobHandle
from studio.ui.editor.editor import TextEditor
from studio.ui.editor.heat_legend import HeatLegend
from studio.ui.editor.marking import Mark
from studio.ui.editor.word_facts import WordFacts
from studio.ui.generating import Generating
from studio.ui.main_window import MainWindow
from studio.ui.message_bar import Message
from studio.ui.panels.generate import GeneratePanel
from studio.ui.tasks import Tasks
from studio.ui.theme.icons import tokens_in_use

_SETTLES_MS = 60
_AT_ONCE = 4000
"""Up to so many tokens are coloured anew with every key, more when the hand rests."""


class HeatMap(QObject):
    def __init__(
        self,
        window: MainWindow,
        studio: Studio,
        store: DocumentStore,
        editor: TextEditor,
        facts: WordFacts,
        generating: Generating,
        panel: GeneratePanel,
        tasks: Tasks,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._studio = studio
        self._store = store
        self._editor = editor
        self._facts = facts
        self._panel = panel
        self._tasks = tasks
        self._reading: JobHandle | None = None
        self._passage_read: tuple[int, int] | None = None
        """Where what is being read stands by now."""
        self._places: tuple[TokenPlace, ...] = ()
        self.legend = HeatLegend()
        column = editor.layout()
        assert column is not None
        column.insertWidget(column.count() - 1, self.legend)  # type: ignore[attr-defined]
        self._action = window.actions_by_name["heat_map"]
        self._action.toggled.connect(self._on_action_toggled)
        self.legend.closed.connect(lambda: self._action.setChecked(False))
        self.legend.read_requested.connect(self._on_legend_read_requested)
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(_SETTLES_MS)
        self._settling.timeout.connect(self.show_again)
        facts.changed.connect(self.show_again)
        store.changed.connect(self._on_store_changed)
        editor.selection_changed.connect(self._tell)
        editor.caret_moved.connect(self._tell)
        window.theme.changed.connect(self.show_again)
        generating.reading_requested.connect(self._on_reading_requested)

    @property
    def shown(self) -> bool:
        return self._action.isChecked()

    @Slot()
    def show_again(self) -> None:
        """Colour the words by what is known now."""
        self._settling.stop()
        self._places = self._facts.places() if self.shown else ()
        self._editor.area.show_marks("heat", self._marks())
        self._tell()

    @Slot()
    def read(self) -> None:
        """Have what is selected, else the paragraph at the caret, read by a model."""
        reader = first_for(self._studio.plugins.generators.values(), "score")
        if reader is None:
            self._say("No plugin that reads a text is enabled: see Tools, Plugins.")
        else:
            self._start_reading(reader.spec.id, {})

    def stop(self) -> None:
        """What is being read is not wanted any more."""
        if self._reading is not None:
            self._reading.cancel()

    def _start_reading(self, generator_id: str, values: Mapping[str, Any]) -> None:
        self.stop()
        text, (start, end) = self._store.document.text, self._passage()
        if not text[start:end].strip():
            self._say("There are no words here to read: select some, or click into a paragraph.")
            return
        self._passage_read = start, end
        self._tasks.start(self._read(generator_id, values, text[:start], text[start:end]))

    async def _read(
        self, generator_id: str, values: Mapping[str, Any], before: str, passage: str
    ) -> None:
        chosen = {**self._model(generator_id), **values}
        for field in self._studio.generator(generator_id).fields:
            if field.kind == "text_input":
                leads = field.text_source == "before_selection"
                chosen[field.name] = before if leads else passage
        make = self._studio.make_spec  # models are looked up: not on this thread
        spec = await self._studio.io.run(make, generator_id, chosen, ephemeral=True)
        handle = self._reading = self._studio.queue.submit(spec)
        try:
            async for event in handle:
                if handle is not self._reading:
                    continue  # another passage is read by now
                if isinstance(event, ResultReady) and isinstance(event.output, TextOutput):
                    self._take(event.output, passage)
                self._tell_progress()
        finally:
            if self._reading is handle:
                self._reading = None
            self._tell_progress()

    def _take(self, output: TextOutput, passage: str) -> None:
        """The passage may have moved meanwhile."""
        place = self._passage_read
        if place is None or self._store.document.text[slice(*place)] != passage:
            self._say("The passage was changed while it was read; have it read again.")
        else:
            self._facts.add_reading(*place, output.token_facts)

    def _model(self, generator_id: str) -> dict[str, Any]:
        """The model chosen in the panel, if it is one that can read."""
        form = self._panel.form
        field = self._studio.generator(generator_id).field_of_kind("model")
        shown = self._studio.plugins.generators.get(self._panel.generator_id or "")
        chosen = shown.field_of_kind("model") if shown is not None else None
        if form is None or field is None or chosen is None:
            return {}
        if field.model_family != chosen.model_family:
            return {}
        return {field.name: form.values().get(chosen.name, "")}

    def _passage(self) -> tuple[int, int]:
        """What is selected, else the paragraph at the caret."""
        start, end = self._editor.area.selected_range()
        if start < end:
            return start, end
        text = self._store.document.text
        start = text.rfind("\n", 0, start) + 1
        end = text.find("\n", end)
        return start, end if end >= 0 else len(text)

    def _marks(self) -> Iterator[Mark]:
        grounds = [QColor(colour) for colour in tokens_in_use().heat]
        for word in word_surprises(self._store.document.text, self._places):
            if word.level:
                yield Mark(word.start, word.end, ground=grounds[word.level - 1])

    @Slot()
    def _tell(self) -> None:
        """The perplexity of what is selected, else of all that is known."""
        self.legend.setVisible(self.shown)
        if not self.shown:
            return
        start, end = self._editor.area.selected_range()
        selected = start < end
        places: Sequence[TokenPlace] = self._places
        if selected:
            places = [place for place in places if start < place.end and place.start < end]
        known = sum(p.fact.tokens for p in places if p.fact.logprob is not None)
        where = "in the selection" if selected else "over all that was read"
        self.legend.tell(perplexity(places), known, where)
        self._tell_progress()

    def _tell_progress(self) -> None:
        start, end = self._editor.area.selected_range()
        handle, done = self._reading, None
        if handle is not None:
            told = handle.progress
            done = (told.step, told.total or 0) if told is not None else (0, 0)
        self.legend.offer("the selection" if start < end else "the paragraph", done)

    @Slot()
    def _on_legend_read_requested(self) -> None:
        if self._reading is not None:
            self.stop()
        else:
            self.read()

    @Slot(bool)
    def _on_action_toggled(self, shown: bool) -> None:
        """What is selected is read at once; without a selection, the paragraph if no model wrote here."""
        self.show_again()
        if not shown:
            self.stop()
        start, end = self._editor.area.selected_range()
        known = [place for place in self._places if start < place.end and place.start < end]
        nobody_wrote = not self._places and not self._store.document.spans
        if shown and ((start < end and not known) or nobody_wrote):
            self.read()

    def _on_store_changed(self, change: Change) -> None:
        self._passage_read = moved_through(self._passage_read, change.edit)
        if not self.shown:
            return
        if len(self._places) <= _AT_ONCE:
            self.show_again()
        elif not self._settling.isActive():
            self._settling.start()

    def _on_reading_requested(self, generator_id: str, values: dict[str, Any]) -> None:
        """From the Generate panel's form."""
        start, end = self._passage()
        if self._store.document.text[start:end].strip() and not self.shown:
            self._action.blockSignals(True)
            self._action.setChecked(True)
            self._action.blockSignals(False)
            self.show_again()
        self._start_reading(generator_id, values)

    def _say(self, text: str) -> None:
        self._window.message_bar.show_message(Message(text, "warning", (), "words"))
