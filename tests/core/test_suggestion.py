"""A suggestion in pieces: words, sentences, alternatives."""

from __future__ import annotations

import pytest

from studio.core.suggestion import Offer, Suggestion, next_sentence, next_word


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (" upon a time", " upon"),
        ("\n\nNext day", "\n\nNext"),
        ("“No,” she said", "“No,”"),
        ("夜里，下雨", "夜"),
        ("里，下雨", "里，"),
        ("ok夜", "ok"),
        ("  ", "  "),
    ],
)
def test_next_word_takes_the_space_before_it(text: str, word: str) -> None:
    assert next_word(text) == word


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (" It rained. She left.", " It rained."),
        ("He said “Stop!” and fell. So", "He said “Stop!”"),
        ("It cost 3.50 in all. Yes", "It cost 3.50 in all."),
        ("下雨了。她走了。", "下雨了。"),
        ("No end\nNext", "No end"),
        ("\nNext. Last", "\nNext."),
        ("and so on", "and so on"),
        ("\n\n", "\n\n"),
    ],
)
def test_next_sentence_ends_at_its_mark_or_paragraph(text: str, sentence: str) -> None:
    assert next_sentence(text) == sentence


@pytest.mark.parametrize("piece_of", [next_word, next_sentence])
def test_pieces_one_after_the_other_are_the_whole_text(piece_of: object) -> None:
    assert callable(piece_of)
    whole = left = " It was 3.50. “What?”\n\n夜里下雨。Then  it\tended \n"
    taken = ""
    while left:
        piece = piece_of(left)
        assert piece
        taken, left = taken + piece, left[len(piece) :]
    assert taken == whole


def test_paging_goes_around_and_a_taken_piece_ends_it() -> None:
    suggestion = Suggestion((Offer("one two", "a"),)).and_offer(Offer("three", "b"))
    assert suggestion.current.record_id == "b"
    assert suggestion.paged(1).current.record_id == "a"
    assert suggestion.paged(1).without("one") == Suggestion((Offer(" two", "a"),))
