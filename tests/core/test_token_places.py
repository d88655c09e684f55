"""A result's tokens are found again in the text, whatever was done to it."""

from __future__ import annotations

import random

from studio.api.tokens import TokenFact
from studio.core.edits import ReplaceText
from studio.core.spans import Spans, WrittenSpan
from studio.core.store import DocumentStore
from studio.core.token_places import TokenPlace, token_at, token_places


def facts(*texts: str) -> tuple[TokenFact, ...]:
    return tuple(TokenFact(text, -float(number)) for number, text in enumerate(texts))


RAIN = facts(" It", " rain", "ed", " all", " day", ".", " The", " rain", "ed", " fell", ".")


def written(before: str, tokens: tuple[TokenFact, ...], after: str = "") -> DocumentStore:
    store = DocumentStore()
    store.apply(ReplaceText(0, "", before + after))
    store.apply(ReplaceText(len(before), "", "".join(t.text for t in tokens), "r1"))
    return store


def found(store: DocumentStore, tokens: tuple[TokenFact, ...]) -> list[tuple[int, str]]:
    """Which tokens, and what stands in the text where they are said to be."""
    document = store.document
    places = token_places(document.text, document.spans, "r1", tokens)
    return [(place.index, document.text[place.start : place.end]) for place in places]


def numbered(tokens: tuple[TokenFact, ...], *indexes: int) -> list[tuple[int, str]]:
    return [(index, tokens[index].text) for index in indexes]


def test_tokens_of_an_untouched_passage_stand_one_behind_the_other() -> None:
    store = written("Once. ", RAIN, " So.")
    assert found(store, RAIN) == numbered(RAIN, *range(11))


def test_tokens_of_a_part_that_was_accepted_are_only_those() -> None:
    store = written("", RAIN[:5])
    assert found(store, RAIN) == numbered(RAIN, 0, 1, 2, 3, 4)


def test_word_cut_in_the_middle_is_left_out() -> None:
    store = written("", RAIN)
    store.apply(ReplaceText(10, " all d", ""))
    assert found(store, RAIN) == numbered(RAIN, 0, 5, 6, 7, 8, 9, 10)


def test_tokens_around_what_a_hand_put_in_keep_their_own_facts() -> None:
    store = written("", RAIN)
    store.apply(ReplaceText(10, "", " quietly"))
    assert found(store, RAIN) == numbered(RAIN, *range(11))
    at = store.document.text.index(" rained", store.document.text.index(" The"))
    store.apply(ReplaceText(at, " rained", " snow"))
    assert found(store, RAIN) == numbered(RAIN, 0, 1, 2, 3, 4, 5, 6, 9, 10)


def test_two_holes_leave_the_second_rain_the_second() -> None:
    store = written("", RAIN)
    text = store.document.text
    store.apply(ReplaceText(text.index(" fell"), " fell", ""))
    store.apply(ReplaceText(0, " It rained all day.", ""))
    assert found(store, RAIN) == numbered(RAIN, 6, 7, 8, 10)


def test_chinese_tokens_are_found_by_character() -> None:
    tokens = facts("从前", "有", "一座", "山", "，", "山里", "有", "一座", "庙", "。")
    store = written("", tokens)
    store.apply(ReplaceText(3, "一座山", "三个湖"))
    assert found(store, tokens) == numbered(tokens, 0, 1, 4, 5, 6, 7, 8, 9)


def test_line_ends_of_other_systems_and_parts_of_characters_are_no_trouble() -> None:
    tokens = facts("a\r\n", "b", "", "😀", "\rc")
    spans: Spans = (WrittenSpan(1, 7, "r1"),)
    places = token_places("xa\nb😀\ncy", spans, "r1", tokens)
    assert [(p.start, p.end, p.index) for p in places] == [
        (1, 3, 0),
        (3, 4, 1),
        (4, 5, 3),
        (5, 7, 4),
    ]


def test_random_edits_never_give_a_token_a_place_where_it_does_not_stand() -> None:
    draw = random.Random(3)
    for _ in range(60):
        store = written("by hand ", RAIN, " by hand")
        for _ in range(draw.randint(1, 8)):
            text = store.document.text
            start = draw.randint(0, len(text))
            end = draw.randint(start, min(len(text), start + 4))
            store.apply(ReplaceText(start, text[start:end], "x " * draw.randint(0, 2)))
        document = store.document
        places = token_places(document.text, document.spans, "r1", RAIN)
        assert all(document.text[p.start : p.end] == p.fact.text for p in places)
        assert [p.index for p in places] == sorted({p.index for p in places})
        covered = [
            any(s.start <= p.start and p.end <= s.end for s in document.spans) for p in places
        ]
        assert all(covered)


def test_token_at_a_character_is_found_and_none_beside() -> None:
    places = (TokenPlace(2, 4, "r", 0, RAIN[0]), TokenPlace(6, 7, "r", 1, RAIN[1]))
    at = [token_at(places, position) for position in range(8)]
    assert [None if place is None else place.index for place in at] == [
        None,
        None,
        0,
        0,
        None,
        None,
        1,
        None,
    ]
