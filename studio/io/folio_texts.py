"""What goes along in a folio of the results its text is from: the result itself and its tokens. Pure.

So what a model thought of its words is there after the file is opened, on another machine too. It is
bounded: where there is too much, alternatives go first, then the tokens of the longest results.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from studio.api.tokens import TokenFact, facts_from_json, facts_to_json

TOKENS_BYTES = 8 << 20
"""What the tokens of all results may take, as JSON, before it is packed."""
TEXTS_BYTES = 32 << 20
"""What the results themselves may take; the shortest are kept."""


@dataclass(frozen=True)
class KeptText:
    """A text that a model wrote, as it was written, and its tokens where they are known."""

    text: str
    facts: tuple[TokenFact, ...] = ()


def texts_json(texts: Mapping[str, KeptText], budget_bytes: int = TOKENS_BYTES) -> bytes:
    """By the record's id: the text, or its tokens, which are the text too.

    Args:
        budget_bytes: For all the tokens together.
    """
    left = TEXTS_BYTES
    rows: dict[str, str] = {}
    kept = _within(texts, budget_bytes)
    for name, text in sorted(kept.items(), key=lambda item: len(item[1].text)):
        if text.facts:
            rows[name] = f'{{"tokens":{facts_to_json(text.facts).decode()}}}'
            continue
        row = json.dumps({"text": text.text})
        left -= len(row)
        if left < 0:
            break
        rows[name] = row
    return ("{" + ",".join(f"{json.dumps(n)}:{rows[n]}" for n in sorted(rows)) + "}").encode(
        "utf-8"
    )


def texts_from_json(data: bytes) -> dict[str, KeptText]:
    """What `texts_json` wrote; entries that make no sense are left out. Raises ValueError: none does."""
    rows = json.loads(data)
    if not isinstance(rows, dict):
        raise ValueError("results by their ids are expected")
    texts: dict[str, KeptText] = {}
    for name, row in rows.items():
        if not isinstance(row, dict):
            continue
        if isinstance(row.get("text"), str):
            texts[name] = KeptText(row["text"])
        elif "tokens" in row:
            try:
                facts = facts_from_json(json.dumps(row["tokens"]).encode())
            except (ValueError, OverflowError):
                continue
            texts[name] = KeptText("".join(fact.text for fact in facts), facts)
    return texts


def _within(texts: Mapping[str, KeptText], budget_bytes: int) -> dict[str, KeptText]:
    """With fewer alternatives for each token, until all fits; then without the longest's tokens."""
    kept = dict(texts)
    for most in (20, 5, 3, 0):
        kept = {name: replace(text, facts=_fewer(text.facts, most)) for name, text in kept.items()}
        sizes = {name: _size(text.facts) for name, text in kept.items()}
        if sum(sizes.values()) <= budget_bytes:
            return kept
    left = sum(sizes.values())
    for name in sorted(sizes, key=lambda name: (-sizes[name], name)):
        if left <= budget_bytes:
            break
        kept[name] = KeptText(kept[name].text)
        left -= sizes[name]
    return kept


def _fewer(facts: Sequence[TokenFact], most: int) -> tuple[TokenFact, ...]:
    return tuple(replace(fact, alternatives=fact.alternatives[:most]) for fact in facts)


def _size(facts: Sequence[TokenFact]) -> int:
    return len(facts_to_json(facts)) if facts else 0
