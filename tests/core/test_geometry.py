"""Rectangles of whole pixels."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.core.geometry import Rect

RECTS = st.builds(
    Rect, st.integers(-50, 50), st.integers(-50, 50), st.integers(0, 60), st.integers(0, 60)
)


@given(RECTS, st.integers(1, 40))
def test_cells_are_counted_without_going_through_them(rect: Rect, side: int) -> None:
    assert rect.cell_count(side) == len(list(rect.cells(side)))
