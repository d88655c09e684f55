"""Guides: lines that move with the canvas, each there once."""

from __future__ import annotations

from studio.core.document import Document
from studio.core.guides import Guide, guide_near, moved_guides, with_guide, without_guide

X, Y = Guide("x", 10), Guide("y", 20)


def test_guides_move_along_their_own_axis() -> None:
    assert moved_guides((X, Y), 5, -7) == (Guide("x", 15), Guide("y", 13))


def test_guide_is_added_exchanged_and_never_there_twice() -> None:
    assert with_guide((X,), Y) == (X, Y)
    assert with_guide((X, Y), X) == (X, Y)
    assert with_guide((X, Y), Guide("x", 11), 0) == (Y, Guide("x", 11))
    assert with_guide((X, Guide("x", 30)), Guide("x", 30), 0) == (Guide("x", 30),)
    assert without_guide((X, Y), 0) == (Y,)


def test_nearest_guide_within_reach_is_found() -> None:
    guides = (X, Y, Guide("x", 13))
    assert guide_near(guides, 12.2, 500, 4) == 2
    assert guide_near(guides, 11.0, 500, 4) == 0
    assert guide_near(guides, 500, 17, 4) == 1
    assert guide_near(guides, 500, 500, 4) is None


def test_guides_need_a_folio() -> None:
    assert Document("text").only_text
    assert not Document("text", guides=(Guide("x", 5),)).only_text
