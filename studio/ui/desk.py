"""What belongs to writing with a model beside the text itself: context, side conversation. GUI thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from studio.app import Studio
from studio.core.conversation import Task
from studio.core.rewriting import task_name, tasks_of
from studio.core.store import DocumentStore
from studio.ui.actions import Entry
from studio.ui.asking import Asking
from studio.ui.counting import PromptCounting
from studio.ui.destinations import Destinations
from studio.ui.editor.answer_actions import AnswerActions
from studio.ui.editor.editor import TextEditor
from studio.ui.editor.reviewing import Reviewing
from studio.ui.editor.rewriting import Rewriting
from studio.ui.generating import Generating
from studio.ui.main_window import MainWindow
from studio.ui.panels.background import BackgroundPanel
from studio.ui.panels.conversation import ConversationPanel
from studio.ui.panels.generate import GeneratePanel
from studio.ui.tasks import Tasks

_TITLE = "With the model"


class Desk:
    """Builds the panels and joins them with editor and queue."""

    def __init__(
        self,
        window: MainWindow,
        studio: Studio,
        store: DocumentStore,
        editor: TextEditor,
        generate: GeneratePanel,
        destinations: Destinations,
        generating: Generating,
        reviewing: Reviewing,
        rewriting: Rewriting,
        tasks: Tasks,
    ) -> None:
        self.answers = AnswerActions(window, editor.area.ghost, reviewing)
        self._generate = generate
        self._generating = generating
        self.conversation = ConversationPanel()
        self.ask_dock = window.add_dock("ask", "Ask")
        self.ask_dock.setWidget(self.conversation)
        self.asking = Asking(
            studio,
            store,
            editor,
            self.conversation,
            window.message_bar,
            self._ask_for,
            tasks,
        )
        self.background = BackgroundPanel(store)
        self.context_dock = window.add_dock("context", "Context")
        self.context_dock.setWidget(self.background)
        self.counting = PromptCounting(
            studio, store, editor, generate, destinations, self.background, tasks
        )

        self._in_menu: list[QAction] = [window.actions_by_name["rewrite_selection"]]
        self._add_actions(window, rewriting)
        editor.area.menu_opening.connect(self._on_area_menu_opening)
        self.context_dock.visibilityChanged.connect(lambda _: self.counting.wait())

    def _add_actions(self, window: MainWindow, rewriting: Rewriting) -> None:
        """One command each for what a model makes of the text or the selection."""
        add, show = window.actions_by_name.add_loose, window.show_dock
        ask = add(_TITLE, Entry("ask", "Ask about the text", "Ctrl+Shift+A", "info"), window)
        ask.triggered.connect(lambda: show(self.ask_dock))
        self._in_menu.append(ask)
        context = add(_TITLE, Entry("context", "Memory, notes and the exact prompt"), window)
        context.triggered.connect(lambda: show(self.context_dock))
        for task in self.asking.tasks:
            name = f"{task.generator_id} {' '.join(str(v) for v in task.values.values())}".strip()
            action = add(_TITLE, Entry(name, task.title, icon=task.icon), window)
            action.triggered.connect(lambda _=False, task=task: self._run(task))
        rewriter = rewriting.rewriter
        for task_id in tasks_of(rewriter) if rewriter is not None else ():
            entry = Entry(f"rewrite {task_id}", f"Rewrite: {task_name(task_id).lower()}")
            action = add(_TITLE, entry, window)
            action.triggered.connect(lambda _=False, task_id=task_id: rewriting.rewrite_as(task_id))
            self._in_menu.append(action)

    def _on_area_menu_opening(self, menu: QMenu, character: int) -> None:
        """What a model does with the selection is in the text's menu too."""
        menu.addSeparator()
        menu.addActions(self._in_menu)

    def _run(self, task: Task) -> None:
        self.ask_dock.show()
        self.ask_dock.raise_()
        self.asking.run(task)

    def _ask_for(self, generator_id: str, values: dict[str, Any]) -> None:
        """With the settings of the generator's form where nothing else is said."""
        self._generating.ask_for(generator_id, {**self._generate.values_of(generator_id), **values})

    def let_go(self) -> None:
        self.asking.let_go()
        self.counting.let_go()
        self.background.let_go()
