"""How surprising a text is to a model, word by word: for the heat map. Pure; any thread."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from studio.core.scripts import UNSPACED
from studio.core.token_places import TokenPlace

LEVELS_BITS = (1.0, 3.0, 6.0, 10.0)
"""Where the steps of the map begin: below the first a word is what the model expects."""
_ALONE = re.compile(rf"[{UNSPACED}]|[^\w'’]")
"""A character that no word goes on with or begins in the middle of: Chinese, Japanese, punctuation."""


@dataclass(frozen=True)
class WordSurprise:
    """A word, or what a token holds of several, from `start` to `end` (outside), in characters."""

    start: int
    end: int
    bits: float
    """The sum of −log2 p of its tokens."""

    @property
    def level(self) -> int:
        """0 for what was expected, to `len(LEVELS_BITS)`."""
        return sum(self.bits >= step for step in LEVELS_BITS)


def bits_of(logprob: float) -> float:
    """Surprise: −log2 p of a natural logarithm."""
    return max(0.0, -logprob / math.log(2))


def word_surprises(text: str, places: Sequence[TokenPlace]) -> tuple[WordSurprise, ...]:
    """Tokens that are one word are added up; those of which nothing is known are left out.

    Args:
        text: The document's.
        places: In the text's order.
    """
    words: list[WordSurprise] = []
    for place in places:
        shown = text[place.start : place.end]
        start = place.start + len(shown) - len(shown.lstrip())
        end = place.end - (len(shown) - len(shown.rstrip()))
        if place.fact.logprob is None or start >= end:
            continue
        bits = bits_of(place.fact.logprob)
        last = words[-1] if words else None
        inside = last is not None and last.end == start
        if last is not None and inside and not _parted(text[start - 1], text[start]):
            words[-1] = WordSurprise(last.start, end, last.bits + bits)
        else:
            words.append(WordSurprise(start, end, bits))
    return tuple(words)


def perplexity(places: Iterable[TokenPlace]) -> float | None:
    """exp of the mean surprise of a token; None where nothing is known."""
    known = [(p.fact.logprob, p.fact.tokens) for p in places if p.fact.logprob is not None]
    tokens = sum(count for _, count in known)
    return math.exp(-sum(logprob for logprob, _ in known) / tokens) if tokens else None


def _parted(before: str, after: str) -> bool:
    """Whether a word ends between two characters."""
    return bool(_ALONE.match(before) or _ALONE.match(after))
