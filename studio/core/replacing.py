"""Many exchanges in the text as one edit, quick for a text of any size. Pure.

One edit for each would copy the whole text each time. This is one from the first exchange to the last that
knows what becomes of the passages a model wrote in between, and of the branches.
"""

from __future__ import annotations

from collections.abc import Sequence

from studio.core.branches import Around, forks_after_all
from studio.core.document import Document
from studio.core.edits import ReplaceText
from studio.core.finding import Exchange
from studio.core.spans import spans_after_all, spans_around


def replaced(document: Document, exchanges: Sequence[Exchange], label: str) -> ReplaceText | None:
    """The edit; None if nothing would be other than it is.

    Args:
        exchanges: In the text's order, none overlapping.
    """
    text = document.text
    changing = [e for e in exchanges if text[e.start : e.end] != e.text]
    if not changing:
        return None
    start, end = changing[0].start, changing[-1].end
    pieces, at = [], start
    for exchange in changing:
        pieces += [text[at : exchange.start], exchange.text]
        at = exchange.end
    inserted = "".join(pieces)
    changes = [(e.start, e.end - e.start, len(e.text)) for e in changing]
    after = spans_after_all(document.spans, changes)
    before = Around(text, document.spans, document.forks)
    return ReplaceText(
        start,
        text[start:end],
        inserted,
        label=label,
        restored_spans=spans_around(after, start, len(inserted)),
        restored_forks=forks_after_all(before, changes),
    )


def moved_to(position: int, exchanges: Sequence[Exchange]) -> int:
    """Where a place of the text is after the exchanges; within one, at its end."""
    moved = 0
    for exchange in exchanges:
        if exchange.start >= position:
            break
        moved += len(exchange.text) - (min(exchange.end, position) - exchange.start)
    return position + moved
