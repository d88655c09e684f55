"""Words' surprise in bits, and a passage's perplexity."""

from __future__ import annotations

import math

import pytest

from studio.api.tokens import TokenFact
from studio.core.spans import WrittenSpan
from studio.core.surprise import WordSurprise, bits_of, perplexity, word_surprises
from studio.core.token_places import TokenPlace, token_places


def places(*tokens: tuple[str, float | None]) -> tuple[str, tuple[TokenPlace, ...]]:
    """Of tokens with p."""
    facts = [TokenFact(text, math.log(p) if p is not None else None) for text, p in tokens]
    text = "".join(fact.text for fact in facts)
    return text, token_places(text, (WrittenSpan(0, len(text), "r"),), "r", facts)


def told(text: str, found: tuple[TokenPlace, ...]) -> list[tuple[str, float]]:
    return [(text[w.start : w.end], round(w.bits, 3)) for w in word_surprises(text, found)]


def test_pieces_of_a_word_are_added_up_and_punctuation_stands_alone() -> None:
    text, found = places(
        (" It", 0.5), (" rain", 0.25), ("ed", 0.5), (",", 1.0), (" don", 0.5), ("'t", 0.5)
    )
    assert told(text, found) == [("It", 1), ("rained", 3), (",", 0), ("don't", 2)]


def test_chinese_tokens_stay_apart() -> None:
    assert told(*places(("从前", 0.125), ("有", 0.5), ("。", 0.25))) == [
        ("从前", 3),
        ("有", 1),
        ("。", 2),
    ]


def test_rare_chinese_characters_stay_apart_as_the_common_ones_do() -> None:
    assert told(*places(("𠮷", 0.5), ("𠀀", 0.25))) == [("𠮷", 1), ("𠀀", 2)]


def test_unknown_and_blank_tokens_have_no_colour() -> None:
    assert told(*places(("The", None), (" ", 0.5), ("\n", 0.5), ("cat", 0.5))) == [("cat", 1)]


def test_levels_go_up_with_the_bits() -> None:
    assert [WordSurprise(0, 1, bits).level for bits in (0.9, 1, 3.5, 6, 25)] == [0, 1, 2, 3, 4]


def test_perplexity_is_that_of_the_tokens_and_unknown_of_none() -> None:
    _, found = places((" a", 0.5), ("b", 0.125), ("c", None))
    assert perplexity(found) == pytest.approx(4.0)
    assert perplexity(()) is None
    assert bits_of(math.log(0.25)) == pytest.approx(2.0)
    assert bits_of(0.00001) == 0
