"""The card that opens below the grid for a step with choices: mix, walk, from a picture. GUI thread."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout

from studio.core.values import problems
from studio.ui.explore.roles import Role
from studio.ui.forms.form import ParamsForm, ReadText
from studio.ui.labels import icon_button, label, push_button
from studio.ui.model_shelf import ModelShelf
from studio.ui.slider_shelf import SliderShelf

_LEAST_FORM_PX, _MOST_FORM_PX = 96, 260


class StepCard(QFrame):
    """What is left to ask for before a step, when the grid has given what it can.

    `go_pressed(values, inputs)` carries values that are good; bad ones are marked. Esc closes.
    """

    go_pressed = Signal(dict, dict)
    closed = Signal()

    def __init__(
        self,
        role: Role,
        models: ModelShelf,
        read_text: ReadText,
        sliders: SliderShelf | None,
        *,
        icon: str,
        go: str,
    ) -> None:
        super().__init__()
        self.setObjectName("card")
        entry = role.entry
        self.entry = entry
        self.form = ParamsForm(role.asked, models, read_text, sliders)
        self.form.setObjectName("clear")
        title = label(entry.spec.title, "heading")
        close = icon_button("x", f"Close {entry.spec.title}", "Close (Esc)")
        self.go = push_button(go, icon, kind="primary")
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self.form)
        self._scroll = scroll
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(label(entry.spec.description, "muted", wrap=True))
        column.addWidget(scroll)
        column.addWidget(self.go)
        self.go.clicked.connect(self.submit)
        close.clicked.connect(self.closed)
        self.form.value_changed.connect(self._fit)
        self.form.fold.toggled.connect(self._fit)
        self._fit()

    def submit(self) -> None:
        """Ask for the run, or mark what is wrong."""
        values, inputs = self.form.values(), self.form.inputs()
        wrong = problems(self.entry.spec.params, values)
        wrong = {name: text for name, text in wrong.items() if name in self.form.rows}
        self.form.show_problems({name: f"{text}." for name, text in wrong.items()})
        if not wrong:
            plain = {name: value for name, value in values.items() if name not in inputs}
            self.go_pressed.emit(plain, inputs)

    def show_problems(self, wrong: Mapping[str, str]) -> None:
        self.form.show_problems(wrong)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _fit(self) -> None:
        """As high as the form, up to a limit and as far as there is room; beyond it the form scrolls."""
        wanted = max(24, self.form.sizeHint().height())
        self._scroll.setMinimumHeight(min(_LEAST_FORM_PX, wanted))
        self._scroll.setMaximumHeight(min(_MOST_FORM_PX, wanted))
