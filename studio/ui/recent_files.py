"""The files that were open last, as a menu. GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QAction, QCursor
from PySide6.QtWidgets import QMenu, QWidget

from studio.api.errors import StorageError
from studio.app import Studio

MOST = 12


class RecentFiles:
    """Fills the menu of an action each time it is shown."""

    def __init__(
        self, window: QWidget, action: QAction, studio: Studio, opened: Callable[[Path], object]
    ) -> None:
        self._studio = studio
        self._opened = opened
        self.menu = QMenu("Open recent", window)
        action.setMenu(self.menu)
        self.menu.aboutToShow.connect(self.fill)
        # From the command palette; in the menu bar it opens by itself.
        action.triggered.connect(lambda: self.menu.popup(QCursor.pos()))

    def add(self, path: Path) -> None:
        """To the top. That it can't be kept for the next start is no reason to interrupt anybody."""
        new = str(path.absolute())
        others = [name for name in self._studio.settings.recent_files if name != new]
        try:
            self._studio.change_settings(recent_files=(new, *others)[:MOST])
        except StorageError:
            return

    def fill(self) -> None:
        self.menu.clear()
        for name in self._studio.settings.recent_files:
            path = Path(name)
            entry = self.menu.addAction(f"{path.name} — {path.parent}".replace("&", "&&"))
            entry.triggered.connect(lambda _=False, path=path: self._opened(path))
        if self.menu.isEmpty():
            self.menu.addAction("Nothing yet").setEnabled(False)
