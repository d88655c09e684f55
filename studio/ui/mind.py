"""What shows the model's mind in the window: a word's alternatives, surprise. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from studio.app import Studio
from studio.core.store import DocumentStore
from studio.core.token_places import TokenPlace
from studio.ui.branching import Branching
from studio.ui.editor.editor import TextEditor
from studio.ui.editor.kept_texts import KeptTexts
from studio.ui.editor.token_view import TokenView
from studio.ui.editor.word_facts import WordFacts
from studio.ui.filing import Filing
from studio.ui.generating import Generating
from studio.ui.heat_map import HeatMap
from studio.ui.main_window import MainWindow
from studio.ui.message_bar import Message
from studio.ui.panels.generate import GeneratePanel
from studio.ui.tasks import Tasks

_NOTHING = (
    "Nothing is known of this word. What a model writes into the text has alternatives, unless "
    "Settings say that none are kept; View, Surprise heat map has any other text read."
)


class Mind(QObject):
    """Puts the parts together and joins them with the window's actions."""

    def __init__(
        self,
        window: MainWindow,
        studio: Studio,
        store: DocumentStore,
        editor: TextEditor,
        filing: Filing,
        generating: Generating,
        panel: GeneratePanel,
        tasks: Tasks,
    ) -> None:
        super().__init__(window)
        self._window = window
        self.texts = KeptTexts(studio.history, studio.io, tasks.start, lambda: filing.texts)
        self.facts = WordFacts(store, self.texts)
        self.token_view = TokenView(editor.area, editor, store, self.facts)
        self.branching = Branching(window, studio, store, editor, generating, tasks)
        self.heat_map = HeatMap(window, studio, store, editor, self.facts, generating, panel, tasks)
        self.token_view.branch_requested.connect(self._on_branch_requested)
        self.token_view.nothing_known.connect(self._on_nothing_known)
        named = window.actions_by_name
        named["token_view"].setChecked(True)
        named["token_view"].toggled.connect(self._on_token_view_toggled)
        named["alternatives"].triggered.connect(lambda: self.token_view.show_at_caret())

    @Slot(object, str)
    def _on_branch_requested(self, place: TokenPlace, text: str) -> None:
        end = self.facts.passage_end(place)
        self.branching.branch(place.start, end, text, place.record_id)

    @Slot(bool)
    def _on_token_view_toggled(self, shown: bool) -> None:
        self.token_view.shown = shown
        self.token_view.hide()

    @Slot()
    def _on_nothing_known(self) -> None:
        self._window.message_bar.show_message(Message(_NOTHING, "info", (), "words"))
