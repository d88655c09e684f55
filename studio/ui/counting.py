"""Keeps the context panel's meter at what the model would read now. GUI thread; the engine counts.

Counted only while the panel is seen, after a pause, one count at a time, and never twice the same.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer

from studio.api.errors import StudioError
from studio.api.outputs import TextOutput
from studio.app import Studio
from studio.core.catalogue import first_for
from studio.core.prompt_parts import counted_prompt
from studio.core.store import DocumentStore
from studio.jobs.events import ErrorText, ResultReady
from studio.jobs.handle import JobHandle
from studio.jobs.spec import JobSpec, Priority
from studio.ui.destinations import Destinations
from studio.ui.dialogs.prompt import ExactPrompt
from studio.ui.editor.editor import TextEditor
from studio.ui.live_runs import LiveRuns, Wish
from studio.ui.panels.background import BackgroundPanel
from studio.ui.panels.generate import GeneratePanel
from studio.ui.tasks import Tasks

PAUSE_MS = 500
MOST_CHARACTERS = 100_000
"""Of the text's end, which are counted: more than any model here reads."""


class PromptCounting(QObject):
    def __init__(
        self,
        studio: Studio,
        store: DocumentStore,
        editor: TextEditor,
        generate: GeneratePanel,
        destinations: Destinations,
        panel: BackgroundPanel,
        tasks: Tasks,
    ) -> None:
        super().__init__(panel)
        self._studio = studio
        self._editor = editor
        self._generate = generate
        self._destinations = destinations
        self._panel = panel
        self._wished: dict[str, Any] = {}
        self._unread = 0
        self.runs = LiveRuns(tasks.start, self._submit, self._on_shown, self._on_failed)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.count)
        self._disconnect = store.changed.connect(lambda _: self.wait())
        editor.caret_moved.connect(self.wait)
        generate.values_changed.connect(lambda _: self.wait())
        panel.show_prompt.clicked.connect(self._on_show_prompt_clicked)
        panel.show_prompt.setEnabled(False)

    def let_go(self) -> None:
        self._disconnect()
        self._pause.stop()
        self.runs.drop()

    def wait(self) -> None:
        """Count after a pause, if the panel is seen then."""
        self._pause.start()

    def count(self) -> None:
        """Now, if the panel is seen and anything is another than it was."""
        generators = self._studio.plugins.generators.values()
        shows, writes = first_for(generators, "prompt"), first_for(generators, "continue")
        if not self._panel.seen or shows is None:
            return
        source = shows.field_of_kind("text_input")
        names = {field.name for field in shows.fields}
        own = self._generate.values_of(writes.spec.id) if writes is not None else {}
        values: dict[str, Any] = {name: value for name, value in own.items() if name in names}
        text = self._editor.text_before_caret()
        self._unread = max(0, len(text) - MOST_CHARACTERS)
        if source is not None:
            values[source.name] = text[self._unread :]
        values = self._destinations.told(shows, values)
        if values != self._wished:
            self._wished = values
            self.runs.want(Wish(shows.spec.id, values))

    async def _submit(self, wish: Wish) -> JobHandle | None:
        def freeze() -> JobSpec:
            return self._studio.make_spec(
                wish.generator_id, wish.values, priority=Priority.LIVE, live_key="prompt",
                ephemeral=True, target={"quiet": True},
            )  # fmt: skip

        try:
            spec = await self._studio.io.run(freeze)
        except StudioError as error:
            self._tell(f"{error.what} {error.remedy}".strip())
            return None
        return self._studio.queue.submit(spec)

    def _on_shown(self, wish: Wish, event: ResultReady) -> None:
        if isinstance(event.output, TextOutput):
            prompt = counted_prompt(event.output.text, event.output.extras)
            self._panel.meter.show_prompt(prompt, unread=self._unread)
            self._panel.show_prompt.setEnabled(True)

    def _on_failed(self, wish: Wish, error: ErrorText) -> None:
        self._tell(str(error))

    def _tell(self, why: str) -> None:
        """Said in the panel: nobody asked for a count, so no message stands in the way."""
        self._wished = {}
        self._panel.meter.show_words(why)

    def _on_show_prompt_clicked(self) -> None:
        prompt = self._panel.meter.prompt
        if prompt is not None:
            ExactPrompt(self._panel.window(), prompt).open()
