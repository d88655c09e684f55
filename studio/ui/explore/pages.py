"""The middle of an explore panel: the grid, or why there is nothing in it. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from studio.api.sliders import ExplorerSpec
from studio.ui.labels import EmptyState, push_button

_LEAST_PX = 140


class GridPages(QStackedWidget):
    """Args:
    grid: Shown as soon as it has something to show.
    advice: What to do while there is nothing.
    """

    def __init__(self, spec: ExplorerSpec, grid: QWidget, advice: str) -> None:
        super().__init__()
        self._grid = grid
        self.no_model = _NoModel(
            "box", "No model for this yet", "Drop its file on the window, or choose it."
        )
        self._nothing = EmptyState(spec.icon, "Nothing here yet", advice)
        self._none_kept = EmptyState(
            "star", "None kept yet", "Choose one and press Space: it gets a star."
        )
        for page in (self._nothing, self._none_kept, grid, self.no_model):
            self.addWidget(page)
        self.setMinimumHeight(_LEAST_PX)

    def turn(self, *, shown: int, tiles: int, only_kept: bool, lacks_model: bool) -> None:
        """To the page that says how it is.

        Args:
            shown: How many the grid shows, of `tiles` that there are.
        """
        if shown:
            self.setCurrentWidget(self._grid)
        elif lacks_model and not tiles:
            self.setCurrentWidget(self.no_model)
        else:
            self.setCurrentWidget(self._none_kept if tiles and only_kept else self._nothing)


class _NoModel(EmptyState):
    def __init__(self, icon: str, title: str, advice: str) -> None:
        super().__init__(icon, title, advice)
        self.add = push_button("Add a model…", "plus")
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertSpacing(layout.count() - 1, 8)
        layout.insertWidget(layout.count() - 1, self.add, 0, Qt.AlignmentFlag.AlignCenter)
