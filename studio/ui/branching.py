"""Goes on from another word: the text is continued from an alternative in the place of what stood there.

GUI thread. The run is the one that wrote the passage, with its model and settings, on the text as it is now.
Until it has ended the words that are about to go stay, tinted; then both are one undo step.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from studio.api.errors import StorageError
from studio.app import Studio
from studio.core.catalogue import RegisteredGenerator, first_for
from studio.core.passages import moved_through
from studio.core.records import Record
from studio.core.store import Change, DocumentStore
from studio.ui.editor.editor import TextEditor
from studio.ui.editor.marking import Mark
from studio.ui.editor.word_facts import READING
from studio.ui.generating import Generating
from studio.ui.main_window import MainWindow
from studio.ui.message_bar import Message
from studio.ui.tasks import Tasks
from studio.ui.theme.icons import tokens_in_use

_ONCE = ("prefix", "variants")
"""What was meant for that one run: how it should begin, and how often."""


class Branching(QObject):
    def __init__(
        self,
        window: MainWindow,
        studio: Studio,
        store: DocumentStore,
        editor: TextEditor,
        generating: Generating,
        tasks: Tasks,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._studio = studio
        self._store = store
        self._editor = editor
        self._generating = generating
        self._tasks = tasks
        self._chosen: tuple[int, int] | None = None
        self._leaving: dict[str, tuple[int, int]] = {}
        store.changed.connect(self._on_store_changed)
        editor.area.ghost.changed.connect(self._on_ghost_changed)

    def branch(self, start: int, end: int, lead: str, record_id: str) -> None:
        """Continue with `lead` what stands before `start`, in the place of what stands from there to `end`.

        Args:
            record_id: Of the passage, whose model and settings go on; without one, the first writer does.
        """
        self._chosen = start, end
        self._editor.accept_suggestion()  # who asks for more has accepted what was there
        if self._chosen is not None:
            text = self._store.document.text
            self._tasks.start(self._branch(text, *self._chosen, lead, record_id))
        self._chosen = None

    async def _branch(self, text: str, start: int, end: int, lead: str, record_id: str) -> None:
        record = await self._record(record_id)
        writer = self._writer(record)
        if writer is None:
            self._say("No plugin that goes on with a text is enabled: see Tools, Plugins.")
            return
        values = self._values(writer, record, text[:start] + lead)
        values = self._generating.keeping_token_facts(writer.spec.id, values)
        make = self._studio.make_spec  # models are looked up: not on this thread
        spec = await self._studio.io.run(make, writer.spec.id, values, target={"lead": lead})
        self._editor.accept_suggestion()  # one may have come meanwhile
        if self._store.document.text[:end] != text[:end]:
            self._say("The text before the word was changed meanwhile; choose the word again.")
            return
        self._editor.area.ghost.begin_over(spec.job_id, start, end)
        self._editor.append_ghost(spec.job_id, lead)
        self._leaving[spec.job_id] = start, end
        self._tint()
        self._generating.submit(spec)

    async def _record(self, record_id: str) -> Record | None:
        if not record_id or record_id.startswith(READING):
            return None
        try:
            return (await self._studio.io.run(self._studio.history.get, record_id)).record
        except StorageError:
            return None  # made on another machine, or removed

    def _writer(self, record: Record | None) -> RegisteredGenerator | None:
        """What wrote the passage, if it can go on with a text; else the first that can."""
        generators = self._studio.plugins.generators
        own = generators.get(record.generator_id) if record is not None else None
        if own is not None and own.purpose == "continue":
            return own
        return first_for(generators.values(), "continue")

    def _values(
        self, writer: RegisteredGenerator, record: Record | None, text: str
    ) -> dict[str, Any]:
        """The passage's own settings, a new seed, models that are here."""
        same = record is not None and record.generator_id == writer.spec.id
        values = dict(record.params) if same and record is not None else {}
        for name in _ONCE:
            values.pop(name, None)
        for field in writer.fields:
            if field.kind == "text_input":
                values[field.name] = text
            elif field.kind == "seed":
                values[field.name] = -1
            elif field.kind == "model" and values.get(field.name):
                here = {info.id for info in self._studio.models.all(field.model_family)}
                if values[field.name] not in here:
                    del values[field.name]
        return values

    def _on_store_changed(self, change: Change) -> None:
        self._chosen = moved_through(self._chosen, change.edit)
        if not self._leaving:
            return
        moved = ((key, moved_through(place, change.edit)) for key, place in self._leaving.items())
        self._leaving = {key: place for key, place in moved if place is not None}
        self._tint()

    def _on_ghost_changed(self) -> None:
        holds = self._editor.area.ghost.holds
        self._leaving = {key: found for key, found in self._leaving.items() if holds(key)}
        self._tint()

    def _tint(self) -> None:
        self._editor.area.show_marks("leaving", self._marks())

    def _marks(self) -> Iterator[Mark]:
        ground = QColor(tokens_in_use().danger_soft)
        for start, end in sorted(self._leaving.values()):
            yield Mark(start, end, ground=ground)

    def _say(self, text: str) -> None:
        self._window.message_bar.show_message(Message(text, "warning"))
