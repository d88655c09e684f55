"""Where a passage is after edits of the text."""

from __future__ import annotations

from studio.core.edits import NameBranch, ReplaceText, Several
from studio.core.passages import moved_range, moved_through, nearest


def test_passage_moves_with_edits_around_it() -> None:
    def moved(position: int, removed: int, inserted: str) -> tuple[int, int] | None:
        return moved_range(10, 20, ReplaceText(position, "x" * removed, inserted))

    assert moved(0, 2, "abc") == (11, 21)
    assert moved(10, 0, "abc") == (13, 23)
    assert moved(20, 0, "abc") == (10, 20)
    assert moved(12, 3, "") == (10, 17)
    assert moved(12, 0, "ab") == (10, 22)
    assert moved(5, 8, "q") == (6, 13)
    assert moved(18, 5, "q") == (10, 18)
    assert moved(10, 10, "") is None
    assert moved(9, 12, "zz") is None


def test_a_passage_is_followed_through_the_edits_of_one_step() -> None:
    step = Several((ReplaceText(0, "", "So "), ReplaceText(12, "ab", "")), "rewriting")
    assert moved_through((5, 20), step) == (8, 21)
    assert moved_through((5, 20), NameBranch(1, "", "calm")) == (5, 20)
    gone = Several((ReplaceText(0, "x" * 30, ""), ReplaceText(0, "", "new")), "opening a text")
    assert moved_through((5, 20), gone) is None
    assert moved_through(None, step) is None


def test_nearest_of_several_equal_passages_is_found() -> None:
    assert nearest("ab ab ab", "ab", 3) == 3
    assert nearest("ab ab ab", "ab", 7) == 6
    assert nearest("x ab", "ab", 0) == 2
    assert nearest("ab", "no", 0) == -1
