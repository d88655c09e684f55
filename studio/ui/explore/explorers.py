"""All explore panels of the window: each in its dock, with what the window shares with them. GUI thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDockWidget

from studio.api.sliders import ExplorerSpec
from studio.app import Studio
from studio.library.history import HistoryItem
from studio.ui.explore.exploration import Exploration
from studio.ui.explore.exploring import Exploring
from studio.ui.explore.panel import ExplorePanel
from studio.ui.explore.roles import roles_of
from studio.ui.film.player import FilmPlayer
from studio.ui.forms.form import ReadText
from studio.ui.forms.giving import Ask, FromResult
from studio.ui.live_layers import LiveLayers
from studio.ui.main_window import MainWindow
from studio.ui.message_bar import Message
from studio.ui.model_shelf import ModelShelf
from studio.ui.outgoing import Outgoing
from studio.ui.placing import Placing
from studio.ui.results import Results
from studio.ui.seen import is_seen
from studio.ui.slider_shelf import SliderShelf
from studio.ui.supplying import Supplying
from studio.ui.tasks import Tasks


@dataclass(frozen=True)
class Shared:
    """What the window's other parts do for the explorers."""

    models: ModelShelf
    sliders: SliderShelf
    read_text: ReadText
    supplying: Supplying
    placing: Placing
    layers: LiveLayers
    results: Results
    outgoing: Outgoing
    tasks: Tasks


class Explorers(QObject):
    add_model_requested = Signal(str)

    def __init__(self, window: MainWindow, studio: Studio, shared: Shared) -> None:
        super().__init__(window)
        self._window = window
        self._studio = studio
        self._shared = shared
        self.all: dict[str, Exploring] = {}
        self._docks: dict[str, QDockWidget] = {}
        self.player: FilmPlayer | None = None
        shared.results.rated.connect(self._on_item_rated)
        shared.results.deleted.connect(self._on_item_deleted)

    def adding(self, spec: ExplorerSpec) -> Iterator[None]:
        """Build one explorer's panel and dock, in steps; nothing when none of its generators is there."""
        shared = self._shared
        exploration = Exploration()
        roles = roles_of(spec, self._studio.plugins.generators)
        if not roles:
            return
        dock = self._window.add_dock(spec.id, spec.title)
        yield
        panel = ExplorePanel(
            spec,
            roles,
            exploration,
            shared.models,
            shared.read_text,
            shared.sliders,
            at_once=False,
        )
        yield from panel.building()
        panel.grid.tiles.outgoing = shared.outgoing
        yield
        exploring = Exploring(
            self._studio,
            exploration,
            panel,
            shared.tasks,
            shared.layers,
            say=self._window.message_bar.show_message,
            place=shared.placing.place_all,
            play=self.play,
            rated=shared.results.show_changed,
        )
        panel.add_model_requested.connect(self.add_model_requested)
        panel.input_asked.connect(
            lambda role, field, ask: self._on_input_asked(panel, role, field, ask)
        )
        panel.picker_asked.connect(lambda role, field: self._on_picker_asked(panel, role, field))
        panel.dropped.connect(lambda asks: self._on_dropped(exploring, asks))
        dock.setWidget(panel)
        self.all[spec.id], self._docks[spec.id] = exploring, dock
        shared.tasks.start(exploring.recall())

    def take_up(self, item: HistoryItem) -> None:
        """Edit a latent of the history again, in the explorer for its kind."""
        self._shared.tasks.start(self._take_up(item))

    def play(self, item: HistoryItem) -> None:
        """Show a film of the history."""
        if self.player is not None:
            self.player.accept()
        player = FilmPlayer(self._window, self._studio.io, self._shared.tasks.start, item)
        player.export_requested.connect(lambda: self._shared.results.export(item))
        player.load(self._studio.history.path_of(item))
        player.finished.connect(self._on_player_finished)
        self.player = player
        player.show()

    def submit_shown(self) -> bool:
        """Ctrl+Enter while an explore panel is in front: make new ones. False when none is."""
        for exploring in self.all.values():
            if is_seen(exploring.panel):
                exploring.panel.submit()
                return True
        return False

    def let_go(self) -> None:
        if self.player is not None:
            self.player.accept()
        for exploring in self.all.values():
            exploring.let_go()

    async def _take_up(self, item: HistoryItem) -> None:
        layout, _ = await self._studio.io.run(self._studio.history.latent_facts, item.blob_id)
        for name, exploring in self.all.items():
            if exploring.panel.spec.layout == layout:
                self._window.show_dock(self._docks[name])
                await exploring.take_up(item)
                return
        self._window.message_bar.show_message(
            Message(
                "No panel edits this kind of result by sliders. It can still be placed, and given "
                "to a generator that takes latents.",
                "info",
                (),
                "done",
            )
        )

    def _on_input_asked(self, panel: ExplorePanel, role: str, field: str, ask: Ask) -> None:
        form = panel.form_of(role)
        if form is not None:
            self._shared.supplying.answer(ask, lambda thing: form.give(field, thing))

    def _on_picker_asked(self, panel: ExplorePanel, role: str, field: str) -> None:
        form = panel.form_of(role)
        if form is not None:
            editor = form.rows[field].editor
            self._shared.supplying.pick(
                editor, editor.field.kind, lambda thing: form.give(field, thing)
            )

    def _on_player_finished(self) -> None:
        if self.sender() is self.player:
            self.player = None

    def _on_dropped(self, exploring: Exploring, asks: list[Ask]) -> None:
        for ask in asks:
            self._shared.tasks.start(self._take_drop(exploring, ask))

    async def _take_drop(self, exploring: Exploring, ask: Ask) -> None:
        """A latent of the explorer's kind is taken up again; of anything else its picture counts."""
        thing = await self._shared.supplying.read(ask)
        if isinstance(ask, FromResult) and thing.layout == exploring.panel.spec.layout:
            history = self._studio.history
            await exploring.take_up(await self._studio.io.run(history.get, ask.item_id))
        else:
            exploring.begin_with(thing)

    def _on_item_rated(self, item: HistoryItem) -> None:
        for exploring in self.all.values():
            exploring.exploration.keep(item.id, item.rating)

    def _on_item_deleted(self, item_id: str) -> None:
        for exploring in self.all.values():
            exploring.exploration.forget(item_id)
