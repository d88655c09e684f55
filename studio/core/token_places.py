"""Where a result's tokens stand in the text, after whatever was done to it since. Pure; any thread.

Nothing of it is stored: what is left of a passage is compared with the result it came from. So it holds
however the words came into the text: whole, word by word, or as parts of a rewriting.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate

from studio.api.tokens import TokenFact
from studio.core.scripts import UNSPACED
from studio.core.spans import Spans

_UNIT = re.compile(rf"[^\S\n]*(?:[{UNSPACED}]|[a-zA-Z0-9_\u00c0-\u02ff\u0370-\u1fff]+|\S)|\s")
"""What is compared as one: a word or any other character with the space before it, a line end."""
_MOST_UNITS = 2000
"""Of a part that differs at both its ends; a longer one is not searched for what is left of the result."""


@dataclass(frozen=True)
class TokenPlace:
    """One token in the document's text, from `start` to `end` (outside), in characters."""

    start: int
    end: int
    record_id: str
    index: int
    """Which of the result's facts it is."""
    fact: TokenFact


def token_places(
    text: str, spans: Spans, record_id: str, facts: Sequence[TokenFact]
) -> tuple[TokenPlace, ...]:
    """Of one result: those of its tokens that still stand whole in the text, in the text's order.

    Args:
        spans: The document's; those of other results are passed over.
        facts: The result's. Their texts, joined, are the result.
    """
    parts = [
        (span.start, text[span.start : span.end]) for span in spans if span.record_id == record_id
    ]
    pieces = [fact.text.replace("\r\n", "\n").replace("\r", "\n") for fact in facts]
    ends = list(accumulate(len(piece) for piece in pieces))
    result = "".join(pieces)
    found: list[TokenPlace] = []
    for begin, start, length in _matches(result, parts):
        first = bisect_left(ends, begin + 1)
        last = bisect_right(ends, begin + length)
        for index in range(first, last):
            token_start = ends[index] - len(pieces[index])
            if pieces[index] and token_start >= begin:
                at = start + token_start - begin
                place = TokenPlace(at, at + len(pieces[index]), record_id, index, facts[index])
                found.append(place)
    return tuple(found)


def token_at(places: Sequence[TokenPlace], position: int) -> TokenPlace | None:
    """The token that the character at `position` is of."""
    at = bisect_right(places, position, key=lambda place: place.start) - 1
    return places[at] if at >= 0 and position < places[at].end else None


def _matches(result: str, parts: Sequence[tuple[int, str]]) -> Iterator[tuple[int, int, int]]:
    """(where in the result, where in the text, how long) of what is the same, none across two parts."""
    if len(parts) == 1:
        start, piece = parts[0]
        at = 0 if result.startswith(piece) else result.find(piece)
        if at >= 0:
            yield at, start, len(piece)
            return
    whole = "".join(piece for _, piece in parts)
    begins = list(accumulate((len(piece) for _, piece in parts), initial=0))
    for at, joined, length in _blocks(result, whole):
        for (start, piece), begin in zip(parts, begins, strict=False):
            low, high = max(joined, begin), min(joined + length, begin + len(piece))
            if low < high:
                yield at + low - joined, start + low - begin, high - low


def _blocks(one: str, other: str) -> Iterator[tuple[int, int, int]]:
    """Stretches that two texts share, in order: (where in one, where in the other, how long)."""
    first, second = _UNIT.findall(one), _UNIT.findall(other)
    at = list(accumulate(map(len, first), initial=0))
    there = list(accumulate(map(len, second), initial=0))
    most = min(len(first), len(second))
    lead = next((n for n in range(most) if first[n] != second[n]), most)
    most -= lead
    tail = next((n for n in range(most) if first[-1 - n] != second[-1 - n]), most)
    blocks = [(0, 0, lead)]
    middle = first[lead : len(first) - tail], second[lead : len(second) - tail]
    if max(map(len, middle)) <= _MOST_UNITS:
        matcher = SequenceMatcher(None, *middle, autojunk=False)
        blocks += [(lead + a, lead + b, size) for a, b, size in matcher.get_matching_blocks()]
    blocks.append((len(first) - tail, len(second) - tail, tail))
    for a, b, size in blocks:
        if size:
            yield at[a], there[b], at[a + size] - at[a]
