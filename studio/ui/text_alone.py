"""The text alone in the window: canvas and panels step back, and come again as they were. GUI thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QDockWidget

if TYPE_CHECKING:
    from studio.ui.main_window import MainWindow

STATE_VERSION = 2


class TextAlone:
    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._canvas_shown = True
        self.before: QByteArray | None = None
        """How the panels were, while the text is alone."""

    def switch(self, alone: bool) -> None:
        if alone == (self.before is not None):
            return
        window, actions = self._window, self._window.actions_by_name
        if alone:
            self.before = window.saveState(STATE_VERSION)
            self._canvas_shown = actions["show_canvas"].isChecked()
            for dock in window.findChildren(QDockWidget):
                dock.hide()
            actions["show_text"].setChecked(True)
            actions["show_canvas"].setChecked(False)
        elif self.before is not None:
            actions["show_canvas"].setChecked(self._canvas_shown)
            window.restoreState(self.before, STATE_VERSION)
            self.before = None
