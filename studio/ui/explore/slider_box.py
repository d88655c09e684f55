"""The part of an explore panel that changes the chosen result by sliders. GUI thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from studio.api.models import ModelInfo
from studio.core.fields import Value
from studio.ui.explore.exploration import Tile
from studio.ui.explore.roles import Role
from studio.ui.forms.form import ParamsForm, ReadText
from studio.ui.forms.weights import WeightsEditor
from studio.ui.labels import icon_button, label
from studio.ui.model_shelf import ModelShelf
from studio.ui.pixels import thumbnail
from studio.ui.slider_shelf import SliderShelf

_PICTURE_PX = 56


class SliderBox(QWidget):
    """`moved` while a slider is under the hand, `settled` when it is let go; both for `key`."""

    moved = Signal()
    settled = Signal()
    place_pressed = Signal()

    def __init__(
        self, role: Role | None, models: ModelShelf, read_text: ReadText, sliders: SliderShelf
    ) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.key = ""
        self._model_id = ""
        self._shown_picture = (0, "")
        self.weights: WeightsEditor | None = None
        self.rest: ParamsForm | None = None
        self._role = role
        self.picture = QLabel()
        self.picture.setFixedSize(QSize(_PICTURE_PX, _PICTURE_PX))
        self.title = label("", "heading")
        self.note = label("", "muted", wrap=True)
        self.place = icon_button(
            "arrow-down-to-line", "Put it on the canvas", "Put it on the canvas (Enter)"
        )
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch(1)
        words.addWidget(self.title)
        words.addWidget(self.note)
        words.addStretch(1)
        head = QHBoxLayout()
        head.setContentsMargins(16, 10, 12, 4)
        head.setSpacing(12)
        head.addWidget(self.picture)
        head.addLayout(words, 1)
        head.addWidget(self.place, 0, Qt.AlignmentFlag.AlignTop)
        self._body = QWidget()
        self._body.setObjectName("panelBody")
        body = QVBoxLayout(self._body)
        body.setContentsMargins(16, 4, 10, 12)
        body.setSpacing(12)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._scroll, 1)
        self.place.clicked.connect(self.place_pressed)
        if role is not None and role.weights is not None:
            self._add_editors(role, body, models, read_text, sliders)
        body.addStretch(1)
        self.show_tile(None, None)

    def _add_editors(
        self,
        role: Role,
        body: QVBoxLayout,
        models: ModelShelf,
        read_text: ReadText,
        sliders: SliderShelf,
    ) -> None:
        assert role.weights is not None
        self.weights = WeightsEditor(role.weights, sliders)
        body.addWidget(self.weights)
        rest = [field for field in role.asked if field.name != role.weights.name]
        self.weights.value_changed.connect(self.moved)
        self.weights.settled.connect(self.settled)
        if rest:
            self.rest = ParamsForm(rest, models, read_text, sliders)
            self.rest.setObjectName("clear")
            body.addWidget(self.rest)
            self.rest.value_changed.connect(self._on_rest_changed)

    def values(self) -> dict[str, Any]:
        """Plain values of the edit's fields, the weights among them."""
        values: dict[str, Value] = dict(self.rest.values()) if self.rest is not None else {}
        if self._role is not None and self._role.weights is not None:
            values[self._role.weights.name] = self.weight_values()
            if self._role.model is not None and self._model_id:
                values[self._role.model.name] = self._model_id
        return values

    def weight_values(self) -> dict[str, float]:
        value = self.weights.value() if self.weights is not None else {}
        return dict(value) if isinstance(value, dict) else {}

    def show_tile(self, tile: Tile | None, model: ModelInfo | None) -> None:
        """Whose sliders these are now. While its own sliders move, they are left alone."""
        self._body.setEnabled(tile is not None)
        self._scroll.setVisible(tile is not None)
        self.place.setVisible(tile is not None)
        self.picture.setVisible(tile is not None)
        if tile is None:
            self.key = ""
            self._shown_picture = (0, "")
            self.title.setText("Sliders")
            self.note.setText("Choose one above to change it here while you watch.")
            return
        seed = "" if tile.seed is None else f"Seed {tile.seed}"
        self.title.setText(seed or "The chosen one")
        self.note.setText("Changed by sliders" if tile.edited else "As it was made")
        if (tile.picture_number, tile.key) != self._shown_picture and tile.picture is not None:
            self._shown_picture = (tile.picture_number, tile.key)
            self.picture.setPixmap(thumbnail(tile.picture, _PICTURE_PX))
        if self.weights is None:
            return
        fresh = tile.key != self.key
        self.key = tile.key
        if fresh:
            self.show_weights(dict(tile.weights))
        if model is not None and (fresh or model.id != self._model_id):
            self._model_id = model.id
            self.weights.set_model(model)

    def show_weights(self, weights: dict[str, float]) -> None:
        """Set the sliders without asking for anything."""
        if self.weights is not None:
            self.weights.blockSignals(True)
            self.weights.set_value(weights)
            self.weights.blockSignals(False)

    def _on_rest_changed(self) -> None:
        if self.weight_values():
            self.moved.emit()
            self.settled.emit()
