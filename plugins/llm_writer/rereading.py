"""Which part of a text need not be read again, though every digit stays that of a first reading. Pure.

A model's numbers depend in their last digits on how the text was cut into batches. llama.cpp keeps what it
read, but goes on from wherever the new text differs: so the same seed would write one thing as a process's
first job and another later. Here a long text is always read in the same portions, whose ends depend on the
text alone; what is used again are whole portions, and what was written meanwhile is read like any text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

PORTION_CHARACTERS = 1024
_SEARCHED_CHARACTERS = 64
MARK = "\x1e"
"""Ends a portion while it is read. No text goes on with it: so what is kept ends where the portion does."""

Step = Callable[[str, bool], int]
"""Reads a text, using what is there if the flag is set; says how many tokens of it were there already."""


@dataclass(frozen=True)
class _Portion:
    end: int
    """In characters of the text."""
    clean: int = 0
    """So many tokens stand in the model's memory as a first reading leaves them; 0: not known yet."""


class Rereading:
    """What one model has read. `read` a text, then tell with `found` what the writing itself found."""

    def __init__(self) -> None:
        self._text = ""
        self._portions: list[_Portion] = []
        self._limit: int | None = None

    def forget(self) -> None:
        """Something else was read."""
        self._portions.clear()
        self._limit = None

    def read(self, text: str, step: Step) -> bool:
        """Read all whole portions; False: the text is to be read in one piece, using nothing."""
        ends = portion_ends(text)
        self._keep_what_is_shared(text, ends)
        try:
            if self._portions:
                last = self._portions[-1]
                self._limit = min(step(text[: last.end] + MARK, True), last.clean)
            for end in ends[len(self._portions) :]:
                going_on = bool(self._portions)
                tokens = step(text[:end] + MARK, going_on)
                if not self.found(tokens):
                    self.forget()
                    return self.read(text, step)
                if going_on and not tokens:
                    self.forget()  # a model that can't go on in the middle: portions only cost time
                    return False
                self._portions.append(_Portion(end))
        except BaseException:  # a cancel too: the last portion may be half overwritten
            del self._portions[-1:]
            raise
        return bool(self._portions)

    def found(self, tokens: int) -> bool:
        """How much the reading after a portion found; False: more than is clean, so begin anew."""
        if self._limit is not None and tokens > self._limit:
            self.forget()
            return False
        self._limit = None
        if self._portions:
            last = self._portions[-1]
            clean = min(last.clean, tokens) if last.clean else tokens
            self._portions[-1] = replace(last, clean=clean)
        return True

    def _keep_what_is_shared(self, text: str, ends: list[int]) -> None:
        shared = _shared_characters(self._text, text)
        del self._portions[len(ends) :]
        while self._portions and (self._portions[-1].end >= shared or not self._portions[-1].clean):
            self._portions.pop()
        self._text, self._limit = text, None


def portion_ends(text: str) -> list[int]:
    """Ends in characters, before white space where some is near. Of a text that grows they stay."""
    ends = []
    for at in range(PORTION_CHARACTERS, len(text) - _SEARCHED_CHARACTERS, PORTION_CHARACTERS):
        searched = range(at, at + _SEARCHED_CHARACTERS)
        ends.append(next((i for i in searched if text[i].isspace()), searched.stop))
    return ends


def _shared_characters(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
