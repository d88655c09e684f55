"""The difference of two texts, in words or characters."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.word_difference import Piece, word_difference, words_of


def changes(old: str, new: str) -> list[tuple[str, str]]:
    return [(piece.old, piece.new) for piece in word_difference(old, new) if piece.changed]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("same", "same", []),
        ("", "", []),
        ("", "new", [("", "new")]),
        ("He goed home.", "He went home.", [("goed", "went")]),
        ("a quick brown fox", "a slow red fox", [("quick brown", "slow red")]),
        ("It was.", "It was! Really?", [(".", "! Really?")]),
        ("don't go", "do not go", [("don't", "do not")]),
        ("one\ntwo", "one\n\ntwo", [("", "\n")]),
        ("a\nb", "c\nd", [("a", "c"), ("b", "d")]),
        ("他昨天去了北京。", "他今天去了上海。", [("昨", "今"), ("北京", "上海")]),
        ("日本語を読む", "日本語を書く", [("読む", "書く")]),
        ("用Folio写作", "用Folio画画", [("写作", "画画")]),
        ("Café 😀 ok", "Café 😁 ok", [("😀", "😁")]),
    ],
)
def test_changes_are_what_a_reader_would_call_so(
    old: str, new: str, expected: list[tuple[str, str]]
) -> None:
    assert changes(old, new) == expected


_TEXT = st.text(alphabet="ab c.\n'天地é😀", max_size=80)


@given(_TEXT, _TEXT)
def test_pieces_joined_are_both_texts_and_take_turns(old: str, new: str) -> None:
    pieces = word_difference(old, new)
    assert "".join(piece.old for piece in pieces) == old
    assert "".join(piece.new for piece in pieces) == new
    assert all(piece.old or piece.new for piece in pieces)
    kinds = [piece.changed for piece in pieces]
    assert all(first != second for first, second in pairwise(kinds))
    assert "".join(words_of(old)) == old


@given(
    st.lists(st.sampled_from(["the", "a", "of", "sun", "moon", "sea"]), min_size=150, max_size=300)
)
def test_long_text_with_one_word_changed_has_one_change(words: list[str]) -> None:
    middle = len(words) // 2
    new = [*words[:middle], "unheard-of", *words[middle + 1 :]]
    assert changes(" ".join(words), " ".join(new)) == [(words[middle], "unheard-of")]


def test_moved_landmarks_are_matched_in_one_order() -> None:
    old = " ".join(f"w{n}" for n in range(300))
    new = " ".join(f"w{n}" for n in (*range(100, 200), *range(100), *range(200, 300)))
    pieces = word_difference(old, new)
    assert sum(len(piece.old) for piece in pieces if not piece.changed) > len(old) * 0.6


def test_long_texts_that_share_no_landmark_are_one_change() -> None:
    old, new = "ab " * 2000, "cd " * 2000
    assert word_difference(old, new)[0].changed
    assert word_difference("x " + old + "y", "x " + new + "y")[0] == Piece("x ", "x ")
