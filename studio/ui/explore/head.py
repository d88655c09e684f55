"""The top of an explore panel: what makes new results and how, and how the grid shows them. GUI thread."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.api.sliders import ExplorerSpec
from studio.core.fields import Value
from studio.core.values import problems
from studio.ui.explore.roles import Role
from studio.ui.explore.tile_grid import SIDES_PX
from studio.ui.forms.form import ParamsForm, ReadText
from studio.ui.labels import icon_button, label, push_button
from studio.ui.model_shelf import ModelShelf
from studio.ui.slider_shelf import SliderShelf
from studio.ui.theme.icons import set_icon

_MOST_AT_ONCE = 64
_AT_FIRST = 12
_LEAST_OPTIONS_PX = 140


class PanelHead(QWidget):
    """Its buttons and its form; what they do is the panel's. `building` once."""

    def __init__(self, spec: ExplorerSpec, roles: dict[str, Role]) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._spec, self._roles = spec, roles
        self.sample = roles.get("sample")

    def building(
        self, models: ModelShelf, read_text: ReadText, sliders: SliderShelf
    ) -> Iterator[None]:
        """What it is made of, in steps, so that the window can answer between them."""
        self._make_first_row()
        asked = self.sample.asked if self.sample is not None else ()
        self.form = ParamsForm(asked, models, read_text, sliders, at_once=False)
        self.form.hide()
        self._make_second_row()
        yield from self.form.building()
        yield
        self._lay_out()

    def _make_first_row(self) -> None:
        sample, spec = self.sample, self._spec
        begin = sample or self._roles.get("project")
        title = sample.entry.spec.title if sample is not None else "Add pictures…"
        self.make = push_button(title, spec.icon, kind="primary")
        self.make.setToolTip(f"{begin.entry.spec.description} (Ctrl+Enter)" if begin else "")
        self.count = QSpinBox()
        self.count.setAccessibleName("How many")
        self.count.setToolTip("How many at once")
        self.count.lineEdit().setTextMargins(6, 0, 0, 0)
        count = sample.count if sample else None
        self.count.setRange(
            int(count.minimum or 1) if count else 1,
            int(count.maximum or _MOST_AT_ONCE) if count else _MOST_AT_ONCE,
        )
        self.count.setValue(min(_AT_FIRST, self.count.maximum()))
        self.count.setVisible(count is not None)
        self.count.setFixedWidth(64)
        self.count.setFixedHeight(36)
        self.project = icon_button("image-plus", "From a picture", "From a picture…")
        self.project.setVisible(sample is not None and "project" in self._roles)
        self.options = _toggle("settings", "How they are made", "Model, seed and other choices")
        self.options.setVisible(sample is not None)

    def _make_second_row(self) -> None:
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

    def _lay_out(self) -> None:
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
        self.form.setObjectName("panelBody")
        self._form_scroll.setWidget(self.form)
        self._form_scroll.hide()
        second = QHBoxLayout()
        second.setSpacing(4)
        second.addWidget(self._told, 1)
        second.addWidget(self.tile_size)
        second.addWidget(self.only_kept)
        second.addWidget(self.clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 4)
        column.setSpacing(8)
        column.addLayout(first)
        column.addWidget(self._form_scroll)
        column.addLayout(second)

    def wishes(self) -> tuple[dict[str, Value], dict[str, object]] | None:
        """Values and inputs of a run that makes new ones; None: some are bad, and marked."""
        if self.sample is None:
            return None
        values = self.form.values()
        wrong = problems(self.sample.entry.spec.params, values)
        self.form.show_problems({name: f"{text}." for name, text in wrong.items()})
        if wrong:
            self.options.setChecked(True)
            return None
        if self.sample.count is not None:
            values[self.sample.count.name] = self.count.value()
        return values, dict(self.form.inputs())

    def show_form(self, shown: bool, height_px: int) -> None:
        """Args:
        height_px: The panel's: the form takes no more than half of it, or the whole window would grow
            beyond its screen.
        """
        self.form.setVisible(shown)
        self._form_scroll.setVisible(shown)
        wanted = self.form.sizeHint().height() + 8
        self._form_scroll.setMinimumHeight(min(wanted, _LEAST_OPTIONS_PX))
        self._form_scroll.setMaximumHeight(min(wanted, max(_LEAST_OPTIONS_PX, height_px // 2)))

    def tell_chosen(self, chosen: int) -> None:
        if chosen == 0:
            self._told.setText("Click one to choose it")
        else:
            self._told.setText("1 chosen" if chosen == 1 else f"{chosen} chosen")


def _toggle(icon: str, name: str, tip: str) -> QToolButton:
    button = icon_button(icon, name, tip)
    button.setCheckable(True)
    button.setIconSize(QSize(16, 16))
    set_icon(button, icon)
    return button
