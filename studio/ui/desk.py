"""What belongs to writing with a model and isn't the text itself: the context panel. GUI thread."""

from __future__ import annotations

from studio.app import Studio
from studio.core.store import DocumentStore
from studio.ui.counting import PromptCounting
from studio.ui.destinations import Destinations
from studio.ui.editor.editor import TextEditor
from studio.ui.main_window import MainWindow
from studio.ui.panels.background import BackgroundPanel
from studio.ui.panels.generate import GeneratePanel
from studio.ui.tasks import Tasks


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
        tasks: Tasks,
    ) -> None:
        self.background = BackgroundPanel(store)
        self.context_dock = window.add_explore_dock("context", "Context")
        self.context_dock.setWidget(self.background)
        self.counting = PromptCounting(
            studio, store, editor, generate, destinations, self.background, tasks
        )

        self.context_dock.visibilityChanged.connect(lambda _: self.counting.wait())

    def let_go(self) -> None:
        self.counting.let_go()
        self.background.let_go()
