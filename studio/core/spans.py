"""Which stretches of the text a model wrote: kept through every edit, split where a hand comes between. Pure.

A span is the model's own words only: what a person types within one is the person's, and the two
parts around it count as edited from then on.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TypeAlias


@dataclass(frozen=True)
class WrittenSpan:
    """Characters `start` to `end` (outside) of the text came from a result of the history."""

    start: int
    end: int
    record_id: str
    edited: bool = False
    """Whether a hand took something out of the passage, or put something in between."""


_STAND_IN = "\0"
"""No result has this id."""

Spans: TypeAlias = tuple[WrittenSpan, ...]
"""In the text's order; none is empty, none overlap."""


def spans_after(
    spans: Spans, position: int, removed: int, inserted: int, record_id: str = ""
) -> Spans:
    """The spans once `removed` characters at `position` gave way to `inserted` ones.

    Args:
        record_id: Whose words the new ones are; "" for a person's, which make what they touch edited.
    """
    end, moved = position + removed, inserted - removed
    by_hand = not record_id
    before: list[WrittenSpan] = []
    after: list[WrittenSpan] = []
    for span in spans:
        if span.end <= position:
            before.append(span)
        elif span.start >= end:
            after.append(replace(span, start=span.start + moved, end=span.end + moved))
        else:
            edited = span.edited or by_hand
            if span.start < position:
                before.append(replace(span, end=position, edited=edited))
            if span.end > end:
                rest = replace(span, start=position + inserted, end=span.end + moved, edited=edited)
                after.append(rest)
    middle = (
        [WrittenSpan(position, position + inserted, record_id)] if record_id and inserted else []
    )
    return _joined(_joined(before, middle), after)


def spans_after_all(spans: Spans, changes: Sequence[tuple[int, int, int]]) -> Spans:
    """As `spans_after` by a person's hand, for many changes at once.

    Args:
        changes: Position, characters removed and inserted there; in the text's order, none overlapping,
            all in the characters of the text before.
    """
    starts = [position for position, _, _ in changes]
    ends = [position + removed for position, removed, _ in changes]
    moved = [0, *accumulate(inserted - removed for _, removed, inserted in changes)]
    kept: list[WrittenSpan] = []
    for span in spans:
        first, last = bisect_right(ends, span.start), bisect_left(starts, span.end)
        edited = span.edited or first < last
        at = span.start
        for number in range(first, last + 1):
            end = starts[number] if number < last else span.end
            if at < end:
                shift = moved[number]
                part = replace(span, start=at + shift, end=end + shift, edited=edited)
                kept[-1:] = _joined(kept[-1:], [part])
            at = ends[number] if number < last else end
    return tuple(kept)


def spans_exchanged(
    spans: Spans, position: int, removed: int, inserted: int, placed: Spans
) -> Spans:
    """The spans once `removed` characters at `position` gave way to text whose own spans are known.

    Nobody changed anything by hand: what is left of a passage isn't edited for it.

    Args:
        placed: Those of the new text, from its beginning.
    """
    moved = spans_after(spans, position, removed, inserted, _STAND_IN)
    others = [span for span in moved if span.record_id != _STAND_IN]
    before = [span for span in others if span.end <= position]
    there = [replace(s, start=s.start + position, end=s.end + position) for s in placed]
    return _joined(_joined(before, there), others[len(before) :])


def spans_around(spans: Spans, position: int, removed: int) -> Spans:
    """Those an edit there may change: they overlap or touch what it replaces."""
    return tuple(s for s in spans if s.end >= position and s.start <= position + removed)


def spans_restored(
    spans: Spans, position: int, removed: int, inserted: int, restored: Spans
) -> Spans:
    """The spans when an edit is taken back: those around it are again what they were before it."""
    end, moved = position + removed, inserted - removed
    before = (span for span in spans if span.end < position)
    after = (
        replace(span, start=span.start + moved, end=span.end + moved)
        for span in spans
        if span.start > end
    )
    return (*before, *restored, *after)


def checked_spans(spans: Iterable[WrittenSpan], length: int) -> Spans:
    """What of these makes sense in a text of so many characters; for spans from files."""
    kept: list[WrittenSpan] = []
    for span in sorted(spans, key=lambda span: span.start):
        start = max(span.start, kept[-1].end if kept else 0)
        end = min(span.end, length)
        if start < end and span.record_id:
            kept.append(replace(span, start=start, end=end))
    return tuple(kept)


def _joined(first: Iterable[WrittenSpan], second: Iterable[WrittenSpan]) -> Spans:
    """One after the other; where they meet, two parts of one passage become one again."""
    left, right = list(first), list(second)
    if left and right:
        a, b = left[-1], right[0]
        if a.end == b.start and (a.record_id, a.edited) == (b.record_id, b.edited):
            left[-1:] = [replace(a, end=b.end)]
            right.pop(0)
    return (*left, *right)
