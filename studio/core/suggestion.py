"""What a model suggests for one place in the text, with alternatives: taken whole or in pieces. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from studio.core.scripts import UNSPACED

_CLOSING = r"[\"'”’»」』）)\]]"
_WORD = re.compile(rf"\s*(?:[{UNSPACED}][^\w\s]*|[^\s{UNSPACED}]+)")
_SENTENCE = re.compile(
    rf"\s*.*?(?:[.!?…]+{_CLOSING}*(?=\s|$)|[。！？]+{_CLOSING}*|(?=\n)|$)", re.DOTALL
)


def next_word(text: str) -> str:
    """The first word with the space before it; of Chinese and Japanese a character. All, if none."""
    found = _WORD.match(text)
    return found.group() if found is not None else text


def next_sentence(text: str) -> str:
    """Up to the end of the first sentence or paragraph; all of it, if it ends before."""
    found = _SENTENCE.match(text)
    return found.group() if found is not None and found.group() else text


@dataclass(frozen=True)
class Offer:
    """One text, and the result of the history it is."""

    text: str
    record_id: str


@dataclass(frozen=True)
class Suggestion:
    """`offers` in the order they came; never empty."""

    offers: tuple[Offer, ...]
    index: int = 0

    @property
    def current(self) -> Offer:
        return self.offers[self.index]

    def and_offer(self, offer: Offer) -> Suggestion:
        """One more, which becomes the current one."""
        return Suggestion((*self.offers, offer), len(self.offers))

    def paged(self, step: int) -> Suggestion:
        """The next one or the one before; around the ends."""
        return replace(self, index=(self.index + step) % len(self.offers))

    def without(self, piece: str) -> Suggestion:
        """What is left once a piece of the current one was taken: the others don't fit any more."""
        return Suggestion((Offer(self.current.text.removeprefix(piece), self.current.record_id),))
