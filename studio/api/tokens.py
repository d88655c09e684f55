"""What a language model thought of a text, token by token. Frozen; any thread."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Alternative:
    """A token that could have stood there. `logprob` is natural, before any sampler."""

    text: str
    logprob: float


@dataclass(frozen=True)
class TokenFact:
    """One token of a text; or several, where only together they are whole characters.

    The texts of a sequence of facts, joined, are the text they are about: so each has its span, and
    none ends within a character.

    Args:
        text: What it stands for in the text.
        logprob: Natural logarithm of the model's own probability, before any sampler; of several
            tokens the sum. None where the model says nothing, as of a text's very first token.
        alternatives: The likeliest tokens in the place of the first one, likeliest first. The token
            itself may be among them; one that is no whole character is left out.
        tokens: How many tokens it is.
    """

    text: str
    logprob: float | None = None
    alternatives: tuple[Alternative, ...] = ()
    tokens: int = 1


def facts_to_json(facts: Iterable[TokenFact]) -> bytes:
    """Compact JSON: [text, logprob, tokens, [[text, logprob], …]] for each."""
    rows = [
        [
            fact.text,
            _rounded(fact.logprob),
            fact.tokens,
            [[other.text, _rounded(other.logprob)] for other in fact.alternatives],
        ]
        for fact in facts
    ]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def facts_from_json(data: bytes) -> tuple[TokenFact, ...]:
    """What `facts_to_json` wrote. Raises ValueError for anything else."""
    rows: Any = json.loads(data)
    if not isinstance(rows, list):
        raise ValueError("a list of tokens is expected")
    try:
        return tuple(_fact(row) for row in rows)
    except (TypeError, KeyError) as error:
        raise ValueError(f"these are no tokens: {error}") from None


def cut_facts(facts: Sequence[TokenFact], text: str) -> tuple[TokenFact, ...]:
    """The facts of a text that is the beginning of theirs; the last one may lose its end."""
    kept, left = [], len(text)
    for fact in facts:
        if left <= 0 and fact.text:
            break
        if len(fact.text) > left:
            fact = TokenFact(fact.text[:left], fact.logprob, fact.alternatives, fact.tokens)
        left -= len(fact.text)
        kept.append(fact)
    return tuple(kept)


def _rounded(logprob: float | None) -> float | None:
    return None if logprob is None else round(logprob, 4)


def _fact(row: Any) -> TokenFact:
    text, logprob, tokens, others = row
    alternatives = tuple(Alternative(str(word), float(value)) for word, value in others)
    number = None if logprob is None else float(logprob)
    return TokenFact(str(text), number, alternatives, int(tokens))
