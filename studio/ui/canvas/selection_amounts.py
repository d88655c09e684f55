"""Grow, Shrink and Feather in the Select menu: they ask by how much, and remember it. GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtWidgets import QWidget

from studio.core.document import Document
from studio.core.tiles import TileMap
from studio.paint.selection import feathered, grown
from studio.ui.canvas.easel import Easel
from studio.ui.canvas.slow_changes import SlowChanges
from studio.ui.dialogs.amount import Amount

MOST_PX = 500.0
_NOTHING = "Nothing is selected. Select something first."


@dataclass(frozen=True)
class _Question:
    """Args:
    setting: The setting that holds the last amount.
    change: The selection after it.
    """

    setting: str
    title: str
    verb: str
    words: str
    label: str
    change: Callable[[TileMap, float], TileMap]
    decimals: int = 0


_GROW = _Question(
    "grow_px", "Grow the selection", "Grow", "Wider on all sides, with round corners.",
    "growing the selection", lambda selection, px: grown(selection, round(px)),
)  # fmt: skip
_SHRINK = _Question(
    "shrink_px", "Shrink the selection", "Shrink", "Narrower on all sides.",
    "shrinking the selection", lambda selection, px: grown(selection, -round(px)),
)  # fmt: skip
_FEATHER = _Question(
    "feather_px", "Feather the selection", "Feather",
    "Soft edges, blurred this far on both sides.",
    "feathering the selection", lambda selection, px: feathered(selection, px), 1,
)  # fmt: skip


class SelectionAmounts:
    """Args:
    last: The amount in a setting.
    remember: Keeps it for the next time: setting, amount.
    """

    def __init__(
        self,
        window: QWidget,
        easel: Easel,
        slow: SlowChanges,
        last: Callable[[str], float],
        remember: Callable[[str, float], object],
    ) -> None:
        self._window = window
        self._easel = easel
        self._slow = slow
        self._last = last
        self._remember = remember

    def ask_grow(self) -> None:
        self._ask(_GROW)

    def ask_shrink(self) -> None:
        self._ask(_SHRINK)

    def ask_feather(self) -> None:
        self._ask(_FEATHER)

    def _ask(self, question: _Question) -> None:
        if self._easel.selection is None:
            self._easel.refused.emit(_NOTHING)
            return
        dialog = Amount(
            self._window, question.title, question.verb, question.words,
            self._last(question.setting), MOST_PX, decimals=question.decimals,
        )  # fmt: skip
        dialog.chosen.connect(lambda px: self._take(question, px))
        dialog.open()

    def _take(self, question: _Question, amount_px: float) -> None:
        self._remember(question.setting, amount_px)

        def changed(document: Document) -> Document:
            if document.selection is None:
                return document
            selection = question.change(document.selection, amount_px)
            none = not selection.tiles and selection.fill == 0
            return replace(document, selection=None if none else selection)

        self._slow.start(changed, question.label)
