"""Keys that are the window's wherever one types. GUI thread.

Text fields claim some shortcuts for themselves before the window sees them: Ctrl+K deletes to the
end of the line in Qt. Only the widget with the focus is watched: a filter on the whole application
would bring every event into Python.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QWidget


class WindowKeys(QObject):
    """Args:
    actions: Whose shortcuts no text field may claim.
    """

    def __init__(self, window: QWidget, actions: tuple[QAction, ...]) -> None:
        super().__init__(window)
        self._window = window
        self._keys = {key.toString() for action in actions for key in action.shortcuts()}
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_app_focus_changed)
            self._on_app_focus_changed(None, app.focusWidget())

    @Slot(QWidget, QWidget)
    def _on_app_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None:
            old.removeEventFilter(self)
        if new is not None and self._window.isAncestorOf(new):
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and QKeySequence(event.keyCombination()).toString() in self._keys
        ):
            event.ignore()
            return True
        return False
