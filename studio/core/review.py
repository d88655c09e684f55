"""A rewritten passage under review: which of its changes are taken, and the edits that makes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from studio.core.edits import ReplaceText
from studio.core.word_difference import Piece, word_difference


class Verdict(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Review:
    """`pieces` are the passage and its rewritten form; each that changed has a verdict, in order.

    Make one with `review_of`. Never changed: every answer gives a new one.
    """

    pieces: tuple[Piece, ...]
    verdicts: tuple[Verdict, ...]
    current: int = 0
    """The change that the next answer is about."""

    @property
    def old(self) -> str:
        return "".join(piece.old for piece in self.pieces)

    @property
    def new(self) -> str:
        """As the model wrote it."""
        return "".join(piece.new for piece in self.pieces)

    @property
    def settled(self) -> bool:
        """Whether every change has its answer."""
        return Verdict.OPEN not in self.verdicts

    @property
    def taken(self) -> int:
        return self.verdicts.count(Verdict.ACCEPTED)

    def with_verdicts(self) -> Iterator[tuple[Piece, int]]:
        """The pieces, each with its change's number, or -1 where nothing changed."""
        number = -1
        for piece in self.pieces:
            if piece.changed:
                number += 1
            yield piece, number if piece.changed else -1

    def answered(self, verdict: Verdict) -> Review:
        """The current change has its answer; the next open one is the current one then."""
        if not self.verdicts:
            return self
        verdicts = list(self.verdicts)
        verdicts[self.current] = verdict
        count = len(verdicts)
        following = [(self.current + step) % count for step in range(1, count + 1)]
        current = next((n for n in following if verdicts[n] is Verdict.OPEN), self.current)
        return replace(self, verdicts=tuple(verdicts), current=current)

    def all_open(self, verdict: Verdict) -> Review:
        """Every change without an answer gets this one."""
        kept = (verdict if one is Verdict.OPEN else one for one in self.verdicts)
        return replace(self, verdicts=tuple(kept))

    def moved(self, step: int) -> Review:
        """The next change, or the one before, is the current one; around the ends."""
        count = len(self.verdicts)
        return replace(self, current=(self.current + step) % count) if count else self

    def at(self, number: int) -> Review:
        """Another change is the current one."""
        return replace(self, current=number) if 0 <= number < len(self.verdicts) else self

    def upon(self, passage: str) -> Review:
        """The same answer to a passage that was changed by hand meanwhile; answers are kept where the
        same change is still there."""
        fresh = review_of(passage, self.new)
        kept = [
            (piece, self.verdicts[n])
            for piece, n in self.with_verdicts()
            if n >= 0 and self.verdicts[n] is not Verdict.OPEN
        ]
        verdicts = []
        for piece, number in fresh.with_verdicts():
            if number < 0:
                continue
            found = next((i for i, (known, _) in enumerate(kept) if known == piece), None)
            verdicts.append(Verdict.OPEN if found is None else kept[found][1])
            kept = kept[found + 1 :] if found is not None else kept
        return replace(fresh, verdicts=tuple(verdicts)).at(self.current)

    def edits(self, start: int, record_id: str) -> tuple[ReplaceText, ...]:
        """What brings the accepted changes into a document where the passage begins at `start`; each
        fits the document after those before it."""
        found: list[ReplaceText] = []
        position = start
        for piece, number in self.with_verdicts():
            accepted = number >= 0 and self.verdicts[number] is Verdict.ACCEPTED
            if accepted:
                found.append(ReplaceText(position, piece.old, piece.new, record_id, "rewriting"))
            position += len(piece.new if accepted else piece.old)
        return tuple(found)


def review_of(passage: str, answer: str) -> Review:
    """All changes open. The space around the passage stays; a model's answer comes without it."""
    core, answer = passage.strip(), answer.strip()
    lead = len(passage) - len(passage.lstrip()) if core else len(passage)
    pieces = _outside(passage[:lead], passage[lead + len(core) :], word_difference(core, answer))
    changes = sum(piece.changed for piece in pieces)
    return Review(pieces, (Verdict.OPEN,) * changes)


def _outside(lead: str, tail: str, inner: Sequence[Piece]) -> tuple[Piece, ...]:
    pieces = list(inner)
    for at, space in ((0, lead), (len(pieces), tail)):
        if space:
            pieces.insert(at and len(pieces), Piece(space, space))
    return tuple(pieces)
