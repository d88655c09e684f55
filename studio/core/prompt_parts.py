"""What a prompt is made of, as a generator that shows it tells: read from its result's extras. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class PromptPart:
    """One part: `tokens` of it went in, `cut_tokens` did not. `name` tells parts of a kind apart."""

    kind: str
    tokens: int
    cut_tokens: int = 0
    name: str = ""


@dataclass(frozen=True)
class CountedPrompt:
    """The exact text, and how much of the `budget` its tokens take. All in the model's own tokens."""

    text: str
    tokens: int
    budget: int
    cut_tokens: int
    parts: tuple[PromptPart, ...]


def counted_prompt(
    text: str, extras: Mapping[str, str | int | float | bool | None]
) -> CountedPrompt:
    """Numbers that a generator didn't tell are 0, parts that make no sense are left out."""
    return CountedPrompt(
        text,
        _number(extras.get("prompt_tokens")),
        _number(extras.get("budget")),
        _number(extras.get("cut_tokens")),
        tuple(_parts(str(extras.get("parts") or "[]"))),
    )


def _parts(told: str) -> list[PromptPart]:
    try:
        read = json.loads(told)
    except ValueError:
        return []
    if not isinstance(read, list):
        return []
    return [
        PromptPart(
            str(one.get("kind", "")),
            _number(one.get("tokens")),
            _number(one.get("cut_tokens")),
            str(one.get("name", "")),
        )
        for one in read
        if isinstance(one, dict)
    ]


def _number(found: object) -> int:
    return max(0, int(found)) if isinstance(found, int | float) else 0
