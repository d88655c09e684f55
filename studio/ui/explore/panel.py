"""One explore panel: grid, sliders, and the steps from one result to the next. GUI thread.

It only asks, by signals; `Exploring` runs things and changes the exploration, which the panel shows. Its
parts are `head`, `pages` and `step_buttons`; here they are laid out and joined.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QSplitter, QVBoxLayout, QWidget

from studio.api.models import ModelInfo
from studio.api.sliders import ExplorerSpec
from studio.core.fields import Value
from studio.jobs.handle import JobHandle
from studio.ui.explore.exploration import Exploration, Tile
from studio.ui.explore.head import PanelHead
from studio.ui.explore.pages import GridPages
from studio.ui.explore.roles import Role
from studio.ui.explore.slider_box import SliderBox
from studio.ui.explore.step_buttons import (
    StepButtons,
    StepProgress,
    go_text,
    icon_of,
    opens_a_card,
)
from studio.ui.explore.step_card import StepCard
from studio.ui.explore.tile_grid import SIDES_PX, TileGrid
from studio.ui.forms.form import ParamsForm, ReadText
from studio.ui.forms.giving import FromFile, asks_of
from studio.ui.forms.picture import IMAGE_FILTER
from studio.ui.model_shelf import ModelShelf
from studio.ui.slider_shelf import SliderShelf

_WIDE_PX = 640
_MOST_LIKE_THIS = 6


class ExplorePanel(QWidget):
    step_requested = Signal(str, dict, dict)
    """Role ("sample", "vary", "mix", …), values, inputs by field; the chosen tiles not yet among them."""
    place_requested = Signal(list)
    """Tiles, in the order they were chosen."""
    keep_requested = Signal(Tile, int)
    cancel_requested = Signal()
    add_model_requested = Signal(str)
    input_asked = Signal(str, str, object)
    """Role, field's name, an `Ask`."""
    picker_asked = Signal(str, str)
    dropped = Signal(list)
    """What was dropped on the panel, as `Ask`s."""

    def __init__(
        self,
        spec: ExplorerSpec,
        roles: dict[str, Role],
        exploration: Exploration,
        models: ModelShelf,
        read_text: ReadText,
        sliders: SliderShelf,
        *,
        at_once: bool = True,
    ) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.spec, self.roles = spec, roles
        self._exploration = exploration
        self._models, self._read_text, self._sliders = models, read_text, sliders
        self.cards: dict[str, StepCard] = {}
        if at_once:
            for _ in self.building():
                pass

    def building(self) -> Iterator[None]:
        """What it is made of, in steps, so that the window can answer between them; once."""
        self.grid = TileGrid(self._exploration)
        self.grid.setAccessibleName(f"{self.spec.title}: results")
        self.grid.setViewportMargins(10, 0, 0, 0)
        yield
        edit = self.roles.get("edit")
        self.slider_box = SliderBox(edit, self._models, self._read_text, self._sliders)
        yield
        self._head = head = PanelHead(self.spec, self.roles)
        yield from head.building(self._models, self._read_text, self._sliders)
        self.make, self.count, self.project = head.make, head.count, head.project
        self.options, self.sample_form = head.options, head.form
        self.tile_size, self.only_kept, self.clear = head.tile_size, head.only_kept, head.clear
        yield
        self._step_buttons = StepButtons(self.roles)
        self.steps = self._step_buttons.buttons
        self._card_place = QVBoxLayout()
        self.progress = StepProgress()
        self.progress_text, self.cancel = self.progress.words, self.progress.cancel
        self.pages = GridPages(self.spec, self.grid, self._first_advice())
        self.no_model = self.pages.no_model
        yield
        self._lay_out()
        self._wire()
        self.setAcceptDrops(True)
        self.setFocusProxy(self.make)
        self._disconnect = self._exploration.changed.connect(self.refresh)
        self.refresh()

    def let_go(self) -> None:
        """Stop following the exploration: the window is closing."""
        self._disconnect()
        self.grid.let_go()

    def _lay_out(self) -> None:
        foot = QVBoxLayout()
        foot.setContentsMargins(16, 8, 16, 12)
        foot.setSpacing(8)
        foot.addWidget(self.progress)
        foot.addLayout(self._step_buttons)
        foot.addLayout(self._card_place)
        upper = QWidget()
        upper.setObjectName("panel")
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self.pages, 1)
        column.addLayout(foot)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(upper)
        self.splitter.addWidget(self.slider_box)
        self.splitter.setSizes([420, 300])
        self.splitter.setStretchFactor(0, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.splitter)

    def _first_advice(self) -> str:
        make = self.make.text()
        if "project" not in self.roles:
            return f"{self.spec.description} Press “{make}” to begin."
        some = "a picture" if "sample" in self.roles else "pictures"
        return f"{self.spec.description} Press “{make}” to begin, or drop {some} here."

    def _wire(self) -> None:
        grid = self.grid
        self.make.clicked.connect(self.submit)
        self.project.clicked.connect(lambda: self.start("project"))
        self.options.toggled.connect(self._on_options_toggled)
        self.tile_size.valueChanged.connect(lambda at: grid.set_side(SIDES_PX[at]))
        self.only_kept.toggled.connect(self._on_only_kept_toggled)
        self.clear.clicked.connect(self._exploration.clear)
        self.cancel.clicked.connect(self.cancel_requested)
        grid.doubleClicked.connect(lambda _: self._place())
        grid.place_pressed.connect(self._place)
        grid.keep_pressed.connect(self._on_grid_keep_pressed)
        grid.number_pressed.connect(self._rate)
        grid.more_pressed.connect(lambda: self.start("vary"))
        grid.mix_pressed.connect(lambda: self.start("mix"))
        grid.walk_pressed.connect(lambda: self.start("walk"))
        self.slider_box.place_pressed.connect(self._place)
        for role, button in self.steps.items():
            button.clicked.connect(lambda _=False, role=role: self.start(role))
        self.sample_form.add_model_requested.connect(self.add_model_requested)
        self.no_model.add.clicked.connect(lambda: self.add_model_requested.emit(self.spec.family))
        self._models.changed.connect(self.refresh)
        self._tie("sample", self.sample_form)

    def _tie(self, role: str, form: ParamsForm) -> None:
        form.input_asked.connect(lambda name, ask: self.input_asked.emit(role, name, ask))
        form.picker_asked.connect(lambda name: self.picker_asked.emit(role, name))

    # What can be asked of it.

    def form_of(self, role: str) -> ParamsForm | None:
        if role == "sample":
            return self.sample_form
        return self.cards[role].form if role in self.cards else None

    def submit(self) -> None:
        """Make new ones with the head's values, or mark what is wrong with them."""
        if not self.make.isEnabled():
            return
        if "sample" not in self.roles:
            self._ask_for_pictures()
        elif (wishes := self._head.wishes()) is not None:
            self.step_requested.emit("sample", *wishes)

    def _ask_for_pictures(self) -> None:
        """Where nothing can be made out of nothing, it begins with pictures."""
        dialog = QFileDialog(self.window(), self.make.text(), "", IMAGE_FILTER)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(
            lambda paths: self.dropped.emit([FromFile(Path(path)) for path in paths])
        )
        dialog.open()

    def start(self, role: str) -> None:
        """A step with the chosen tiles: at once, or with its card first."""
        if not self.can(role):
            return
        if not opens_a_card(role):
            values = self.shared_values(role)
            count = self.roles[role].count
            if count is not None:
                values[count.name] = max(1, min(_MOST_LIKE_THIS, self.count.value()))
            self.step_requested.emit(role, values, {})
            return
        card = self.cards.get(role) or self._add_card(role)
        self.options.setChecked(False)
        for other in self.cards.values():
            other.setVisible(other is card)
        self.refresh()
        card.go.setFocus()

    @property
    def _lacks_model(self) -> bool:
        return self._models.loaded and not self._models.of_family(self.spec.family)

    def can(self, role: str) -> bool:
        """Whether a step could be taken now, with what is chosen."""
        found, chosen = self.roles.get(role), len(self._exploration.chosen)
        return found is not None and found.suits(chosen) and not self._lacks_model

    def shared_values(self, role: str) -> dict[str, Value]:
        """What the head says that this step has a field for too."""
        head = self.sample_form.values()
        return {name: head[name] for name in self.roles[role].shared if name in head}

    def close_card(self) -> None:
        for card in self.cards.values():
            card.hide()
        self.refresh()
        self.grid.setFocus()

    def follow(self, handle: JobHandle | None) -> None:
        """Show how far the running step is; None when nothing runs."""
        self.progress.follow(handle)

    def model_of(self, tile: Tile) -> ModelInfo | None:
        models = self._models.of_family(self.spec.family)
        wanted = tile.latent.model_id if tile.latent is not None else ""
        return next((info for info in models if info.id == wanted), None)

    def refresh(self) -> None:
        """Show the exploration as it is."""
        chosen, tiles = len(self._exploration.chosen), self._exploration.tiles
        self.pages.turn(
            shown=self.grid.tiles.rowCount(),
            tiles=len(tiles),
            only_kept=self.only_kept.isChecked(),
            lacks_model=self._lacks_model,
        )
        self.make.setEnabled(self.can("sample") or self.can("project"))
        self.project.setEnabled(self.can("project"))
        self._step_buttons.enable(self.can, chosen)
        self.clear.setEnabled(bool(tiles))
        self._head.tell_chosen(chosen)
        current = self._exploration.current
        # Grid, options, card and sliders share the height: the grid must stay large enough to choose in.
        has_card = self.options.isChecked() or any(not c.isHidden() for c in self.cards.values())
        begun = any(tile.latent is not None for tile in tiles)
        self.slider_box.setVisible("edit" in self.roles and begun and not has_card)
        self.slider_box.show_tile(current, self.model_of(current) if current else None)

    # Within.

    def _add_card(self, role: str) -> StepCard:
        card = StepCard(
            self.roles[role], self._models, self._read_text, self._sliders,
            icon=icon_of(role), go=go_text(self.roles[role]),
        )  # fmt: skip
        self.cards[role] = card
        self._card_place.addWidget(card)
        card.go_pressed.connect(
            lambda values, inputs: self._on_card_go_pressed(role, values, inputs)
        )
        card.closed.connect(self.close_card)
        self._tie(role, card.form)
        return card

    def _on_card_go_pressed(
        self, role: str, values: dict[str, object], inputs: dict[str, object]
    ) -> None:
        if self.can(role):
            self.step_requested.emit(role, {**self.shared_values(role), **values}, inputs)

    def _place(self) -> None:
        if self._exploration.chosen:
            self.place_requested.emit(list(self._exploration.chosen))

    def _on_grid_keep_pressed(self) -> None:
        chosen = self._exploration.chosen
        all_kept = all(tile.kept for tile in chosen)
        self._rate(0 if all_kept else 5)

    def _rate(self, stars: int) -> None:
        for tile in self._exploration.chosen:
            self.keep_requested.emit(tile, stars)

    def _on_options_toggled(self, shown: bool) -> None:
        if shown:
            for card in self.cards.values():
                card.hide()
        self._head.show_form(shown, self.height())
        self.refresh()

    def _on_only_kept_toggled(self, only: bool) -> None:
        self.grid.tiles.show_only_kept(only)
        self.refresh()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        # A tile of its own grid is only passing through, on its way to the canvas.
        if event.source() is not self.grid and asks_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.dropped.emit(asks_of(event.mimeData()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = event.size().width() >= _WIDE_PX
        self.splitter.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)
