"""Answers to what waits in the text, as actions: for the palette and the list of shortcuts. GUI thread.

The keys are heard by the text and the card themselves, where they would mean something else without a
suggestion; so they are no shortcuts of the window's.
"""

from __future__ import annotations

from PySide6.QtCore import QKeyCombination
from PySide6.QtGui import QAction

from studio.ui.actions import Entry
from studio.ui.editor import ghost_keys
from studio.ui.editor.ghost import Ghost
from studio.ui.editor.reviewing import Reviewing
from studio.ui.main_window import MainWindow

SUGGESTIONS, CHANGES = "What the model suggests", "Changes of a rewritten passage"
_TO_SUGGESTION: tuple[tuple[Entry, QKeyCombination], ...] = (
    (Entry("suggestion_all", "Accept the suggestion", keys="Tab"), ghost_keys.ACCEPT),
    (
        Entry("suggestion_word", "Accept a word of the suggestion", keys="Ctrl+→"),
        ghost_keys.ACCEPT_WORD,
    ),
    (
        Entry("suggestion_sentence", "Accept a sentence of the suggestion", keys="Ctrl+Shift+→"),
        ghost_keys.ACCEPT_SENTENCE,
    ),
    (
        Entry("suggestion_again", "Another suggestion, with another seed", keys="Alt+Enter"),
        ghost_keys.AGAIN[0],
    ),
    (Entry("suggestion_next", "The next suggestion", keys="Alt+↓"), ghost_keys.PAGE_ON),
    (Entry("suggestion_previous", "The suggestion before", keys="Alt+↑"), ghost_keys.PAGE_BACK),
)
_REJECT = Entry("suggestion_reject", "Reject the suggestion", keys="Esc")
_TO_CHANGES: tuple[tuple[Entry, str], ...] = (
    (Entry("change_accept", "Accept the change", keys="Enter"), "accept"),
    (Entry("change_reject", "Reject the change", keys="Del"), "reject"),
    (Entry("change_next", "Go to the next change", keys="→"), "next"),
    (Entry("change_previous", "Go to the change before", keys="←"), "previous"),
    (Entry("change_accept_all", "Accept all changes", keys="Shift+Enter"), "accept_all"),
    (Entry("change_reject_rest", "Reject the rest of the changes", keys="Esc"), "reject_rest"),
)


class AnswerActions:
    """Enabled while there is something to answer, wherever the caret stands."""

    def __init__(self, window: MainWindow, ghost: Ghost, reviewing: Reviewing) -> None:
        self._ghost = ghost
        self._reviewing = reviewing
        named = window.actions_by_name
        self._suggestion: list[QAction] = []
        self._changes: list[QAction] = []
        for entry, key in _TO_SUGGESTION:
            action = named.add_loose(SUGGESTIONS, entry, window)
            action.triggered.connect(lambda _=False, key=key: ghost_keys.answered(ghost, key))
            self._suggestion.append(action)
        reject = named.add_loose(SUGGESTIONS, _REJECT, window)
        reject.triggered.connect(lambda: ghost.ask_to_cancel())
        self._suggestion.append(reject)
        for change, answer in _TO_CHANGES:
            action = named.add_loose(CHANGES, change, window)
            action.triggered.connect(lambda _=False, answer=answer: reviewing.answer(answer))
            self._changes.append(action)
        ghost.changed.connect(self._enable)
        reviewing.changed.connect(self._enable)
        self._enable()

    def _enable(self) -> None:
        for action in self._suggestion:
            action.setEnabled(self._ghost.suggestion is not None)
        for action in self._changes:
            action.setEnabled(self._reviewing.review is not None)
