"""How surprised a model is by each token of a text: putting engines' numbers onto characters. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from studio.api import Alternative, TokenFact

from .token_facts import FactsInTheMaking


@dataclass(frozen=True)
class Scored:
    """What a model thought of a text that it was given.

    `token_facts` cover the text and nothing before it. `windows` is in how many parts, each with half
    of the one before in front of it, a text was read that is longer than the model's context.
    """

    token_facts: tuple[TokenFact, ...]
    windows: int = 1


@dataclass(frozen=True)
class TokenScore:
    """Of one token. `logprob` is None for the first of all, before which there is nothing."""

    logprob: float | None
    alternatives: tuple[Alternative, ...] = ()


def facts_of_spans(
    text: str, start: int, spans: Sequence[tuple[int, int]], scores: Sequence[TokenScore]
) -> tuple[TokenFact, ...]:
    """Facts of `text[start:]` from tokens that know where they stand.

    Args:
        text: The whole text, with what stands before.
        start: Where the part that is asked about begins, in characters.
        spans: (begin, end) of each token. Tokens that are parts of one character have the same.
        scores: One for each span.
    """
    making = FactsInTheMaking()
    pairs = zip(spans, scores, strict=True)
    shown = [(span, score) for span, score in pairs if span[1] > max(start, span[0])]
    done = start
    for number, (span, score) in enumerate(shown):
        last = number + 1 == len(shown)
        if last or shown[number + 1][0][0] >= span[1]:
            end = len(text) if last else span[1]
            making.add(text[done:end], 1, score.logprob, score.alternatives)
            done = end
        else:
            making.add("", 1, score.logprob, score.alternatives)
    return tuple(making.finished)


def spans_of_pieces(text: str, pieces: Iterable[bytes]) -> list[tuple[int, int]] | None:
    """(begin, end) in characters of tokens given as bytes; those within a character share its span.

    None: the pieces, joined, are not the text. One space more at the beginning is let pass, because
    some tokenizers put it there.
    """
    pieces = list(pieces)
    data, joined = text.encode("utf-8", "surrogatepass"), b"".join(pieces)
    at = 0
    if joined != data:
        if joined != b" " + data:
            return None
        at = -1
    starts = _character_starts(data)
    spans = []
    for piece in pieces:
        begin, end = max(0, at), at + len(piece)
        at = end
        if end <= begin:
            spans.append((starts[begin], starts[begin]))
        else:
            spans.append((starts[begin], starts[end - 1] + 1))
    return spans


def _character_starts(data: bytes) -> list[int]:
    """For each byte of UTF-8 and for the end: which character it belongs to."""
    numbers, character = [], -1
    for byte in data:
        character += byte & 0xC0 != 0x80
        numbers.append(character)
    return [*numbers, character + 1]


def perplexity(facts: Iterable[TokenFact]) -> float | None:
    """exp of the mean surprise of a token; None where nothing is known."""
    known = [(fact.logprob, fact.tokens) for fact in facts if fact.logprob is not None]
    tokens = sum(count for _, count in known)
    return math.exp(-sum(logprob for logprob, _ in known) / tokens) if tokens else None
