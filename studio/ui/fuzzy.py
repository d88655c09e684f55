"""Fuzzy matching for the command palette: letters in order, with word starts and runs preferred. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


def score(query: str, text: str) -> float | None:
    """How well `text` answers `query`, higher is better; None when it doesn't."""
    wanted, letters = query.lower().replace(" ", ""), text.lower()
    if not wanted:
        return 0.0
    total, position, previous = 0.0, 0, -2
    for letter in wanted:
        found = letters.find(letter, position)
        if found < 0:
            return None
        starts_word = found == 0 or not letters[found - 1].isalnum()
        # A word's start later on beats a letter in the middle of an earlier word.
        if not starts_word and found != previous + 1:
            later = next(
                (
                    at
                    for at in range(found + 1, len(letters))
                    if letters[at] == letter and not letters[at - 1].isalnum()
                ),
                -1,
            )
            rest = wanted[wanted.index(letter) + 1 :]
            if later > 0 and _in_order(rest, letters[later + 1 :]):
                found, starts_word = later, True
        total += 3.0 if found == previous + 1 else 0.0
        total += 2.0 if starts_word else 0.0
        total += 1.0
        previous, position = found, found + 1
    return total - 0.02 * len(text)


def best(query: str, candidates: Iterable[tuple[str, T]], most: int = 50) -> list[T]:
    """The candidates that match, best first; in their own order when nothing is asked."""
    scored = [(score(query, text), at, item) for at, (text, item) in enumerate(candidates)]
    found = [(value, at, item) for value, at, item in scored if value is not None]
    if query.strip():
        found.sort(key=lambda entry: (-entry[0], entry[1]))
    return [item for _, _, item in found[:most]]


def _in_order(wanted: str, letters: str) -> bool:
    remaining = iter(letters)
    return all(letter in remaining for letter in wanted)
