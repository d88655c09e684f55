"""Rulers: lines and numbers where the canvas's pixels are seen."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.ui.canvas.ruler_marks import along, marks
from studio.ui.canvas.view_transform import MAX_SCALE, MIN_SCALE, ViewTransform


@given(
    st.floats(MIN_SCALE, MAX_SCALE), st.floats(-3000, 3000), st.booleans(), st.integers(50, 2000)
)
def test_marks_fill_the_edge_and_their_numbers_never_touch(
    scale: float, offset: float, mirrored: bool, length: int
) -> None:
    view = ViewTransform(scale, offset, 0, mirrored=mirrored)
    line = along(view, across=True)
    assert line is not None
    found = marks(line, length)
    numbered = sorted(mark.edge for mark in found if mark.value is not None)
    assert min(mark.edge for mark in found) <= 1e-6
    assert max(mark.edge for mark in found) >= length - 1e-6
    assert all(b - a >= 55.9 for a, b in pairwise(numbered))
    for mark in found:
        if mark.value is not None:
            assert view.to_widget(mark.value, 0)[0] == pytest.approx(mark.edge, abs=1e-6)


def test_numbers_are_round_and_lines_between_are_whole_pixels() -> None:
    line = along(ViewTransform(1.0), across=True)
    assert line is not None
    found = marks(line, 250)
    assert [m.value for m in found if m.value is not None] == [0, 100, 200]
    assert [m.edge for m in found[:3]] == [0, 10, 20]
    near = along(ViewTransform(64.0), across=False)
    assert near is not None
    assert [m.value for m in marks(near, 128)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("turned", "axes"),
    [(0.0, ("x", "y")), (90.0, ("y", "x")), (180.0, ("x", "y")), (270.0, ("y", "x"))],
)
def test_axes_follow_a_view_turned_by_right_angles(turned: float, axes: tuple[str, str]) -> None:
    view = ViewTransform(2.0, 30, 40).turned(turned, 100, 100)
    for across, axis in zip((True, False), axes, strict=True):
        line = along(view, across=across)
        assert line is not None
        assert line.axis == axis
        x, y = view.to_canvas(70, 90)
        edge = 70 if across else 90
        assert line.value(edge) == pytest.approx(x if axis == "x" else y)
        assert line.edge(line.value(edge)) == pytest.approx(edge)


def test_askew_view_has_no_axis_along_its_edges() -> None:
    assert along(ViewTransform(1.0, turned_deg=30.0), across=True) is None
