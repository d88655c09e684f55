"""From a question to an answer beside the text: the side conversation's jobs. GUI thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject

from studio.api.outputs import TextOutput
from studio.app import Studio
from studio.core.catalogue import RegisteredGenerator, first_for, for_purpose
from studio.core.conversation import Task, earlier, task_title, tasks_of
from studio.core.store import Change, DocumentStore
from studio.jobs.events import ResultReady, TextStreamed
from studio.jobs.handle import JobHandle
from studio.jobs.spec import JobState
from studio.ui.editor.editor import TextEditor
from studio.ui.editor.positions import plain
from studio.ui.editor.words import count_words
from studio.ui.message_bar import Message, MessageBar
from studio.ui.panels.conversation import ABOUT, ConversationPanel
from studio.ui.panels.turn_view import TurnView, about_text
from studio.ui.tasks import Tasks

AskFor = Callable[[str, dict[str, Any]], object]


class Asking(QObject):
    """Destinations bring it every job whose text stays beside the document's; some it asks for itself.

    Args:
        ask_for: Queues a run of a generator with these values.
    """

    def __init__(
        self,
        studio: Studio,
        store: DocumentStore,
        editor: TextEditor,
        panel: ConversationPanel,
        bar: MessageBar,
        ask_for: AskFor,
        tasks: Tasks,
    ) -> None:
        super().__init__(panel)
        self._studio = studio
        self._store = store
        self._editor = editor
        self._panel = panel
        self._bar = bar
        self._ask_for = ask_for
        self._start = tasks.start
        self._handles: set[JobHandle] = set()
        self.tasks = tasks_of(for_purpose(studio.plugins.generators.values(), "about"))
        panel.offer(self.tasks)
        panel.asked.connect(self.ask)
        panel.task_chosen.connect(self.run)
        panel.insert_requested.connect(self.insert)
        panel.cleared.connect(self._on_panel_cleared)
        self._disconnect = store.changed.connect(self._on_store_changed)

    def let_go(self) -> None:
        self._disconnect()

    def ask(self, question: str) -> None:
        """A question about the text, after those that were asked before."""
        entry = first_for(self._studio.plugins.generators.values(), "ask")
        prompt = entry.field_of_kind("prompt") if entry is not None else None
        if entry is None or prompt is None:
            self._say("No plugin that answers questions is enabled: see Tools, Plugins.")
            return
        values: dict[str, Any] = {prompt.name: question}
        if any(field.name == "earlier" for field in entry.fields):
            values["earlier"] = earlier(self._panel.earlier())
        self._run(entry, values, self.text())

    def run(self, task: Task) -> None:
        """Something made from the text by one click."""
        entry, text = self._studio.generator(task.generator_id), self.text()
        source = entry.field_of_kind("text_input")
        if source is not None and source.required and not text.strip():
            self._say("There is no text yet to make something of.")
            return
        self._run(entry, dict(task.values), text)

    def text(self) -> str:
        """What a question is about now, as the panel says."""
        about = self._panel.about.currentText()
        if about == ABOUT[2]:
            return ""
        selected = self._editor.selection() if about == ABOUT[0] else ""
        return selected if selected.strip() else self._store.document.text

    def insert(self, text: str, record_id: str) -> None:
        """Put an answer, or a part of it, into the text at the caret: one undo step, with its record."""
        self._editor.insert(text, record_id, "inserting an answer")

    def follow(self, handle: JobHandle) -> object:
        """Show what a job says as a turn of the conversation."""
        return self._start(self._follow(handle))

    def _run(self, entry: RegisteredGenerator, values: dict[str, Any], text: str) -> None:
        source = entry.field_of_kind("text_input")
        if source is not None:
            values[source.name] = text
        self._ask_for(entry.spec.id, values)

    async def _follow(self, handle: JobHandle) -> None:
        view = self._turn(handle)
        self._handles.add(handle)
        view.cancel_requested.connect(handle.cancel)
        self._panel.add(view)
        try:
            async for event in handle:
                if handle not in self._handles:
                    continue
                if isinstance(event, TextStreamed) and not view.turn.answer:
                    view.stream(event.text)
                elif isinstance(event, ResultReady) and isinstance(event.output, TextOutput):
                    view.finish(plain(event.output.text), event.result_id)
        except asyncio.CancelledError:
            handle.cancel()
            raise
        still_shown = handle in self._handles
        self._handles.discard(handle)
        if still_shown and handle.state is JobState.CANCELLED:
            view.fail("Cancelled.")
        elif still_shown and handle.state is JobState.FAILED:
            view.fail(str(handle.error or "It failed."))

    def _turn(self, handle: JobHandle) -> TurnView:
        spec = handle.spec
        entry = self._studio.generator(spec.generator_id)
        prompt, source = entry.field_of_kind("prompt"), entry.field_of_kind("text_input")
        text = str(spec.params.get(source.name, "")) if source is not None else ""
        asks = entry.purpose == "ask"
        question = task_title(entry, spec.params)
        if asks and prompt is not None:
            question = str(spec.params.get(prompt.name, ""))
        selection = text != self._store.document.text
        return TurnView(question, about_text(count_words(text), selection=selection), asks=asks)

    def _on_panel_cleared(self) -> None:
        handles, self._handles = self._handles, set()
        for handle in handles:
            handle.cancel()

    def _on_store_changed(self, change: Change) -> None:
        if change.loaded:
            self._panel.forget()

    def _say(self, text: str) -> None:
        self._bar.show_message(Message(text, "warning", (), "ask"))
