"""Results that wait on the canvas, where they belong: accepted, rejected or paged through. GUI thread.

A ghost is no part of the document: nothing is undone by rejecting it, and the history has it in any case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from studio.core.arranging import placed_above
from studio.core.layers import PaintLayer
from studio.ui.canvas.easel import Easel
from studio.ui.labels import icon_button, label, push_button

_BOTTOM_PX = 34


@dataclass(frozen=True)
class Ghost:
    """A layer in waiting, above the layer its input came from ("": on top of everything)."""

    layer: PaintLayer
    above_id: str = ""
    live: bool = False
    """Its picture is replaced by the next run of the live mode."""


class Ghosts(QObject):
    """`accept` places the one that is shown, one undo step; `reject` forgets it, `reject_all` all."""

    changed = Signal()
    live_accepted = Signal()
    """The live mode's picture is wanted: it isn't kept yet, so it must be made once more."""

    def __init__(self, easel: Easel) -> None:
        super().__init__()
        self._easel = easel
        self._waiting: list[Ghost] = []
        self._page = 0

    @property
    def waiting(self) -> tuple[Ghost, ...]:
        return tuple(self._waiting)

    @property
    def shown(self) -> Ghost | None:
        return self._waiting[self._page] if self._waiting else None

    @property
    def page(self) -> int:
        return self._page

    def add(self, ghost: Ghost) -> None:
        """One more result; the person goes on looking at the one that is shown."""
        if ghost.live:
            self._waiting = [other for other in self._waiting if not other.live]
            self._page = len(self._waiting)
        self._waiting.append(ghost)
        self._tell()

    def turn(self, by: int) -> None:
        """The next one (1) or the one before (-1), around."""
        if self._waiting:
            self._page = (self._page + by) % len(self._waiting)
            self._tell()

    def accept(self) -> None:
        ghost = self.shown
        if ghost is None:
            return
        if ghost.live:
            self.live_accepted.emit()
            return
        self._waiting, self._page = [], 0
        self._tell()
        document = self._easel.document
        above = ghost.above_id if document.layer(ghost.above_id) is not None else ""
        edit = placed_above(document, ghost.layer, above, "placing a result")
        if self._easel.commit(edit):
            self._easel.choose(ghost.layer.id)

    def accept_now(self, ghost: Ghost) -> None:
        """What was wanted already, in the live mode's place."""
        self.drop_live()
        self.add(ghost)
        self._page = len(self._waiting) - 1
        self.accept()

    def reject(self) -> None:
        if self._waiting:
            del self._waiting[self._page]
            self._page = max(0, min(self._page, len(self._waiting) - 1))
            self._tell()

    def reject_all(self) -> None:
        if self._waiting:
            self._waiting, self._page = [], 0
            self._tell()

    def drop_live(self) -> None:
        self._waiting = [ghost for ghost in self._waiting if not ghost.live]
        self._page = max(0, min(self._page, len(self._waiting) - 1))
        self._tell()

    def _tell(self) -> None:
        ghost = self.shown
        self._easel.show_ghost(None if ghost is None else (ghost.layer, ghost.above_id))
        self.changed.emit()


class GhostBar(QFrame):
    """Floats over the canvas's lower edge while results wait."""

    def __init__(self, ghosts: Ghosts, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setObjectName("card")
        self.setAccessibleName("A result waits")
        self._ghosts = ghosts
        self._canvas = canvas
        self.before = icon_button("chevron-left", "The result before (Page Up)")
        self.after = icon_button("chevron-right", "The next result (Page Down)")
        self.words = label("", "muted")
        self.accept = push_button("Accept", "check", kind="primary")
        self.accept.setToolTip("Make it a layer (Enter)")
        self.reject = push_button("Reject", "x")
        self.reject.setToolTip("Forget it; the history keeps it (Esc)")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(6)
        for widget in (self.before, self.words, self.after, self.reject, self.accept):
            row.addWidget(widget)
        self.before.clicked.connect(lambda: ghosts.turn(-1))
        self.after.clicked.connect(lambda: ghosts.turn(1))
        self.accept.clicked.connect(ghosts.accept)
        self.reject.clicked.connect(ghosts.reject)
        ghosts.changed.connect(self._show)
        canvas.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _show(self) -> None:
        ghosts = self._ghosts
        number = len(ghosts.waiting)
        for button in (self.before, self.after):
            button.setVisible(number > 1)
        shown = ghosts.shown
        if shown is None:
            self.hide()
            return
        title = shown.layer.name if len(shown.layer.name) < 28 else shown.layer.name[:27] + "…"
        self.words.setText(f"{ghosts.page + 1} of {number}" if number > 1 else title)
        self.show()
        self.raise_()
        self._place()

    def _place(self) -> None:
        self.adjustSize()
        x = max(4, (self._canvas.width() - self.width()) // 2)
        self.move(x, max(4, self._canvas.height() - self.height() - _BOTTOM_PX))


def ghost_key(ghosts: Ghosts, key: int) -> bool:
    """What a key on the canvas does while a result waits; False: nothing."""
    if ghosts.shown is None:
        return False
    actions: dict[Qt.Key, Callable[[], object]] = {
        Qt.Key.Key_Return: ghosts.accept,
        Qt.Key.Key_Enter: ghosts.accept,
        Qt.Key.Key_Escape: ghosts.reject,
        Qt.Key.Key_PageUp: lambda: ghosts.turn(-1),
        Qt.Key.Key_PageDown: lambda: ghosts.turn(1),
    }
    for name, action in actions.items():
        if key == name:
            action()
            return True
    return False
