"""A rewritten passage under review."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.core.document import Document
from studio.core.review import Review, Verdict, review_of
from studio.core.spans import WrittenSpan

YES, NO, OPEN = Verdict.ACCEPTED, Verdict.REJECTED, Verdict.OPEN


def applied(review: Review, before: str = "", after: str = "") -> Document:
    document = Document(before + review.old + after)
    for edit in review.edits(len(before), "r1"):
        document = edit.apply(document)
    return document


def test_changes_are_answered_one_after_the_other_and_only_accepted_ones_are_made() -> None:
    review = review_of("He goed to the old house.", "He went to the new home.")
    assert review.verdicts == (OPEN, OPEN)
    review = review.answered(YES)
    assert (review.current, review.settled) == (1, False)
    review = review.answered(NO)
    assert (review.settled, review.taken) == (True, 1)
    document = applied(review, "So. ", " End.")
    assert document.text == "So. He went to the old house. End."
    assert document.spans == (WrittenSpan(7, 11, "r1"),)


def test_answer_to_the_last_goes_on_with_the_first_open_one() -> None:
    review = review_of("a b c", "x b y").moved(-1)
    assert review.current == 1
    assert review.answered(YES).current == 0
    assert review.at(7).current == 1


def test_rest_is_answered_at_once() -> None:
    review = review_of("a b c d e", "x b y d z").answered(NO)
    assert review.all_open(YES).verdicts == (NO, YES, YES)
    assert applied(review.all_open(YES)).text == "a b y d z"
    assert applied(review.all_open(NO)).text == "a b c d e"


def test_space_around_the_passage_stays() -> None:
    review = review_of("  old words \n", "new words")
    assert applied(review.all_open(YES)).text == "  new words \n"
    assert review_of("same\n", "same").verdicts == ()
    assert review_of("same\n", "same").settled


def test_answers_stay_where_the_passage_was_changed_elsewhere() -> None:
    review = review_of("He goed to the old house.", "He went to the new home.").answered(YES)
    again = review.upon("He goed to a old house.")
    assert [again.verdicts[n] for p, n in again.with_verdicts() if p.old == "goed"] == [YES]
    assert applied(again.all_open(YES)).text == "He went to the new home."
    assert OPEN in again.verdicts


_WORDS = st.lists(st.sampled_from(["sun", "moon", " ", "\n", "，", "天", "."]), max_size=12)


@given(_WORDS, _WORDS, st.lists(st.booleans(), min_size=30, max_size=30))
def test_any_answers_make_exactly_the_text_they_say(
    old: list[str], new: list[str], answers: list[bool]
) -> None:
    review = review_of("".join(old), "".join(new))
    for yes in answers[: len(review.verdicts)]:
        review = review.answered(YES if yes else NO)
    assert review.settled
    expected = "".join(
        piece.new if n >= 0 and review.verdicts[n] is YES else piece.old
        for piece, n in review.with_verdicts()
    )
    assert applied(review, "<", ">").text == f"<{expected}>"
