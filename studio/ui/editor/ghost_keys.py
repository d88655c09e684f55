"""The keys by which a ghost is answered. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QKeyCombination, Qt

from studio.core.suggestion import next_sentence, next_word
from studio.ui.editor.ghost import Ghost

_KEYPAD = Qt.KeyboardModifier.KeypadModifier
ACCEPT = QKeyCombination(Qt.Key.Key_Tab)
ACCEPT_WORD = QKeyCombination(Qt.KeyboardModifier.ControlModifier, Qt.Key.Key_Right)
ACCEPT_SENTENCE = QKeyCombination(
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier, Qt.Key.Key_Right
)
PAGE_ON = QKeyCombination(Qt.KeyboardModifier.AltModifier, Qt.Key.Key_Down)
PAGE_BACK = QKeyCombination(Qt.KeyboardModifier.AltModifier, Qt.Key.Key_Up)
AGAIN = (
    QKeyCombination(Qt.KeyboardModifier.AltModifier, Qt.Key.Key_Return),
    QKeyCombination(Qt.KeyboardModifier.AltModifier | _KEYPAD, Qt.Key.Key_Enter),
)
_ALL = (ACCEPT, ACCEPT_WORD, ACCEPT_SENTENCE, PAGE_ON, PAGE_BACK, *AGAIN)


def answered(ghost: Ghost, key: QKeyCombination) -> bool:
    """Whether the key, pressed at the ghost, was an answer to it."""
    suggestion = ghost.suggestion
    if suggestion is None:
        if key == ACCEPT:
            ghost.accept_once_written()
        return key == ACCEPT
    if not ghost.complete:
        return key in _ALL
    text = suggestion.current.text
    if key == ACCEPT:
        ghost.accept_all()
    elif key == ACCEPT_WORD:
        ghost.accept(next_word(text))
    elif key == ACCEPT_SENTENCE:
        ghost.accept(next_sentence(text))
    elif key in (PAGE_ON, PAGE_BACK):
        ghost.page(1 if key == PAGE_ON else -1)
    elif key in AGAIN:
        ghost.ask_again()
    else:
        return False
    return True
