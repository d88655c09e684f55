"""The foot of an explore panel: a button for each step with what is chosen, and how far a step is.

GUI thread. It shows; the panel decides what a press does.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.jobs.handle import JobHandle
from studio.ui.explore.roles import Role
from studio.ui.labels import icon_button, label, push_button
from studio.ui.panels.generate import progress_text, show_progress

_STEPS = {
    "vary": ("More like this", "sparkles", "L"),
    "mix": ("Mix these two", "blend", "M"),
    "walk": ("Walk through them", "waypoints", "W"),
    "between": ("Steps between", "spline", ""),
}
_GO = {"mix": "Mix", "walk": "Make the film", "between": "Make the steps"}
_PROJECT_ICON = "image-plus"
_CARDS = ("mix", "walk", "between", "project")


def opens_a_card(role: str) -> bool:
    """Whether a step has something to say before it is taken."""
    return role in _CARDS


def icon_of(role: str) -> str:
    return _STEPS[role][1] if role in _STEPS else _PROJECT_ICON


def go_text(role: Role) -> str:
    """What the button of its card says."""
    return _GO.get(role.name, role.entry.spec.title)


class StepButtons(QGridLayout):
    """Two in a row. `buttons` has those of the roles that are there."""

    def __init__(self, roles: dict[str, Role]) -> None:
        super().__init__()
        self.setSpacing(8)
        self.buttons: dict[str, QPushButton] = {}
        for role, (text, icon, key) in _STEPS.items():
            if role not in roles:
                continue
            button = push_button(text, icon)
            description = roles[role].entry.spec.description
            button.setToolTip(f"{description}{f' ({key})' if key else ''}")
            button.setAccessibleName(text)
            place = len(self.buttons)
            self.addWidget(button, place // 2, place % 2)
            self.buttons[role] = button

    def enable(self, can: Callable[[str], bool], chosen: int) -> None:
        """Those of the steps that can be taken with so many chosen."""
        for role, button in self.buttons.items():
            button.setEnabled(can(role))
        if "mix" in self.buttons and chosen >= 2 and can("mix"):
            number = "two" if chosen == 2 else str(chosen)
            self.buttons["mix"].setText(f"Mix these {number}")


class StepProgress(QWidget):
    """How far the running step is; hidden while nothing runs."""

    def __init__(self) -> None:
        super().__init__()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress")
        self.words = label("", "muted")
        self.cancel = icon_button("x", "Cancel", "Cancel (Esc)")
        self.cancel.setFixedSize(22, 22)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.words, 1)
        row.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._bar)
        self.hide()

    def follow(self, handle: JobHandle | None) -> None:
        """None when nothing runs."""
        self.setVisible(handle is not None)
        if handle is not None:
            self.words.setText(progress_text(handle))
            self.cancel.setEnabled(not handle.cancelling)
            show_progress(self._bar, handle)
