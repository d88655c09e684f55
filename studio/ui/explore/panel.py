"""One explore panel: grid, sliders, and the steps from one result to the next. GUI thread.

It only asks, by signals; `Exploring` runs things and changes the exploration, which the panel shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QScrollArea,
    QSlider,
    QSpinBox,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.api.models import ModelInfo
from studio.api.sliders import ExplorerSpec
from studio.core.fields import Value
from studio.core.values import problems
from studio.jobs.handle import JobHandle
from studio.ui.explore.exploration import Exploration, Tile
from studio.ui.explore.roles import Role
from studio.ui.explore.slider_box import SliderBox
from studio.ui.explore.step_card import StepCard
from studio.ui.explore.tile_grid import SIDES_PX, TileGrid
from studio.ui.forms.form import ParamsForm, ReadText
from studio.ui.forms.giving import FromFile, asks_of
from studio.ui.forms.picture import IMAGE_FILTER
from studio.ui.labels import EmptyState, icon_button, label, push_button
from studio.ui.model_shelf import ModelShelf
from studio.ui.panels.generate import progress_text, show_progress
from studio.ui.slider_shelf import SliderShelf
from studio.ui.theme.icons import set_icon

_WIDE_PX = 640
_LEAST_OPTIONS_PX = 140
_PROJECT_ICON = "image-plus"
_STEPS = {
    "vary": ("More like this", "sparkles", "L"),
    "mix": ("Mix these two", "blend", "M"),
    "walk": ("Walk through them", "waypoints", "W"),
    "between": ("Steps between", "spline", ""),
}
_CARDS = ("mix", "walk", "between", "project")
"""Steps that open a card first: they have something to say."""


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
        yield
        edit = self.roles.get("edit")
        self.slider_box = SliderBox(edit, self._models, self._read_text, self._sliders)
        yield
        self._make_head()
        yield from self.sample_form.building()
        yield
        self._make_steps()
        self._make_progress()
        yield from self._laying_out()
        self._wire()
        self.setAcceptDrops(True)
        self.setFocusProxy(self.make)
        self._disconnect = self._exploration.changed.connect(self.refresh)
        self.refresh()

    def let_go(self) -> None:
        """Stop following the exploration: the window is closing."""
        self._disconnect()
        self.grid.let_go()

    # What it is made of.

    def _make_head(self) -> None:
        sample = self.roles.get("sample")
        begin = sample or self.roles.get("project")
        title = sample.entry.spec.title if sample is not None else "Add pictures…"
        self.make = push_button(title, self.spec.icon, kind="primary")
        self.make.setToolTip(f"{begin.entry.spec.description} (Ctrl+Enter)" if begin else "")
        self.count = QSpinBox()
        self.count.setAccessibleName("How many")
        self.count.setToolTip("How many at once")
        self.count.lineEdit().setTextMargins(6, 0, 0, 0)
        count = sample.count if sample else None
        self.count.setRange(
            int(count.minimum or 1) if count else 1, int(count.maximum or 64) if count else 64
        )
        self.count.setValue(min(12, self.count.maximum()))
        self.count.setVisible(count is not None)
        self.count.setFixedWidth(64)
        self.count.setFixedHeight(36)
        self.project = icon_button("image-plus", "From a picture", "From a picture…")
        self.project.setVisible(sample is not None and "project" in self.roles)
        self.options = _toggle("settings", "How they are made", "Model, seed and other choices")
        self.sample_form = ParamsForm(
            sample.asked if sample is not None else (),
            self._models, self._read_text, self._sliders, at_once=False,
        )  # fmt: skip
        self.sample_form.hide()
        self.options.setVisible(sample is not None)
        self.tile_size = QSlider(Qt.Orientation.Horizontal)
        self.tile_size.setRange(0, len(SIDES_PX) - 1)
        self.tile_size.setValue(1)
        self.tile_size.setPageStep(1)
        self.tile_size.setFixedWidth(72)
        self.tile_size.setAccessibleName("Size of the pictures")
        self.tile_size.setToolTip("Size of the pictures")
        self.only_kept = _toggle("star", "Only those kept", "Show only those with a star")
        self.clear = icon_button(
            "trash-2", "Clear the grid", "Clear what isn't kept; the history has it all"
        )
        self._told = label("", "muted")

    def _make_steps(self) -> None:
        self.steps = {
            role: push_button(text, icon)
            for role, (text, icon, _) in _STEPS.items()
            if role in self.roles
        }
        self._step_grid = QGridLayout()
        self._step_grid.setSpacing(8)
        for place, (role, button) in enumerate(self.steps.items()):
            text, _, key = _STEPS[role]
            button.setToolTip(
                f"{self.roles[role].entry.spec.description}{f' ({key})' if key else ''}"
            )
            button.setAccessibleName(text)
            self._step_grid.addWidget(button, place // 2, place % 2)
        self._card_place = QVBoxLayout()

    def _make_progress(self) -> None:
        self.progress = QWidget()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress")
        self.progress_text = label("", "muted")
        self.cancel = icon_button("x", "Cancel", "Cancel (Esc)")
        self.cancel.setFixedSize(22, 22)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.progress_text, 1)
        row.addWidget(self.cancel)
        column = QVBoxLayout(self.progress)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._bar)
        self.progress.hide()

    def _laying_out(self) -> Iterator[None]:
        first = QHBoxLayout()
        first.setSpacing(6)
        first.addWidget(self.make, 1)
        first.addWidget(self.count)
        first.addWidget(self.project)
        first.addWidget(self.options)
        self._form_scroll = QScrollArea()
        self._form_scroll.setWidgetResizable(True)
        self._form_scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._form_scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._form_scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.sample_form.setObjectName("panelBody")
        self._form_scroll.setWidget(self.sample_form)
        self._form_scroll.hide()
        yield
        second = QHBoxLayout()
        second.setSpacing(4)
        second.addWidget(self._told, 1)
        second.addWidget(self.tile_size)
        second.addWidget(self.only_kept)
        second.addWidget(self.clear)
        head = QVBoxLayout()
        head.setContentsMargins(16, 12, 16, 4)
        head.setSpacing(8)
        head.addLayout(first)
        head.addWidget(self._form_scroll)
        head.addLayout(second)
        make = self.make.text()
        self.pages = QStackedWidget()
        self.pages.addWidget(
            EmptyState(self.spec.icon, "Nothing here yet", self._first_advice(make))
        )
        self.pages.addWidget(
            EmptyState("star", "None kept yet", "Choose one and press Space: it gets a star.")
        )
        self.pages.addWidget(self.grid)
        self.no_model = _no_model(self.spec)
        self.pages.addWidget(self.no_model)
        yield
        foot = QVBoxLayout()
        foot.setContentsMargins(16, 8, 16, 12)
        foot.setSpacing(8)
        foot.addWidget(self.progress)
        foot.addLayout(self._step_grid)
        foot.addLayout(self._card_place)
        upper = QWidget()
        upper.setObjectName("panel")
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.pages, 1)
        column.addLayout(foot)
        self.pages.setMinimumHeight(140)
        self.grid.setViewportMargins(10, 0, 0, 0)
        yield
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

    def _first_advice(self, make: str) -> str:
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
        sample = self.roles.get("sample")
        if not self.make.isEnabled():
            return
        if sample is None:
            self._ask_for_pictures()
            return
        values = self.sample_form.values()
        wrong = problems(sample.entry.spec.params, values)
        self.sample_form.show_problems({name: f"{text}." for name, text in wrong.items()})
        if wrong:
            self.options.setChecked(True)
            return
        if sample.count is not None:
            values[sample.count.name] = self.count.value()
        self.step_requested.emit("sample", values, self.sample_form.inputs())

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
        if role not in _CARDS:
            values = self.shared_values(role)
            count = self.roles[role].count
            if count is not None:
                values[count.name] = max(1, min(6, self.count.value()))
            self.step_requested.emit(role, values, {})
            return
        card = self.cards.get(role) or self._add_card(role)
        self.options.setChecked(False)
        for other in self.cards.values():
            other.setVisible(other is card)
        self.refresh()
        card.go.setFocus()

    def can(self, role: str) -> bool:
        """Whether a step could be taken now, with what is chosen."""
        lacks_model = self._models.loaded and not self._models.of_family(self.spec.family)
        found = self.roles.get(role)
        return found is not None and found.suits(len(self._exploration.chosen)) and not lacks_model

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
        self.progress.setVisible(handle is not None)
        if handle is not None:
            self.progress_text.setText(progress_text(handle))
            self.cancel.setEnabled(not handle.cancelling)
            show_progress(self._bar, handle)

    def model_of(self, tile: Tile) -> ModelInfo | None:
        models = self._models.of_family(self.spec.family)
        wanted = tile.latent.model_id if tile.latent is not None else ""
        return next((info for info in models if info.id == wanted), None)

    def refresh(self) -> None:
        """Show the exploration as it is."""
        chosen, tiles = self._exploration.chosen, self._exploration.tiles
        lacks_model = self._models.loaded and not self._models.of_family(self.spec.family)
        if self.grid.tiles.rowCount():
            self.pages.setCurrentWidget(self.grid)
        elif lacks_model and not tiles:
            self.pages.setCurrentWidget(self.no_model)
        else:
            self.pages.setCurrentIndex(1 if tiles and self.only_kept.isChecked() else 0)
        self.make.setEnabled(self.can("sample") or self.can("project"))
        self.project.setEnabled(self.can("project"))
        for name, button in self.steps.items():
            button.setEnabled(self.can(name))
        if "mix" in self.steps and len(chosen) >= 2 and self.can("mix"):
            number = "two" if len(chosen) == 2 else str(len(chosen))
            self.steps["mix"].setText(f"Mix these {number}")
        self.clear.setEnabled(bool(tiles))
        self._told.setText(_told(len(chosen)))
        current = self._exploration.current
        # Grid, options, card and sliders share the height: the grid must stay large enough to choose in.
        has_card = self.options.isChecked() or any(not c.isHidden() for c in self.cards.values())
        begun = any(tile.latent is not None for tile in tiles)
        self.slider_box.setVisible("edit" in self.roles and begun and not has_card)
        self.slider_box.show_tile(current, self.model_of(current) if current else None)

    # Within.

    def _add_card(self, role: str) -> StepCard:
        icon = _STEPS[role][1] if role in _STEPS else _PROJECT_ICON
        card = StepCard(
            self.roles[role], self._models, self._read_text, self._sliders, icon=icon,
            go=_GO.get(role, self.roles[role].entry.spec.title),
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
        self.sample_form.setVisible(shown)
        self._form_scroll.setVisible(shown)
        wanted = self.sample_form.sizeHint().height() + 8
        # No more than there is room for, or the whole window would grow beyond its screen.
        self._form_scroll.setMinimumHeight(min(wanted, _LEAST_OPTIONS_PX))
        self._form_scroll.setMaximumHeight(min(wanted, max(_LEAST_OPTIONS_PX, self.height() // 2)))
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


_GO = {"mix": "Mix", "walk": "Make the film", "between": "Make the steps"}


class _NoModel(EmptyState):
    def __init__(self, icon: str, title: str, advice: str) -> None:
        super().__init__(icon, title, advice)
        self.add = push_button("Add a model…", "plus")
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertSpacing(layout.count() - 1, 8)
        layout.insertWidget(layout.count() - 1, self.add, 0, Qt.AlignmentFlag.AlignCenter)


def _no_model(spec: ExplorerSpec) -> _NoModel:
    return _NoModel("box", "No model for this yet", "Drop its file on the window, or choose it.")


def _toggle(icon: str, name: str, tip: str) -> QToolButton:
    button = icon_button(icon, name, tip)
    button.setCheckable(True)
    button.setIconSize(QSize(16, 16))
    set_icon(button, icon)
    return button


def _told(chosen: int) -> str:
    if chosen == 0:
        return "Click one to choose it"
    return "1 chosen" if chosen == 1 else f"{chosen} chosen"
