"""Guides: lines across the canvas to align things with; part of a folio, never of its picture. Pure."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Axis: TypeAlias = Literal["x", "y"]


class Guide(NamedTuple):
    """("x", 120): an upright line 120 pixels from the canvas's left edge; ("y", …): a level one."""

    axis: Axis
    at_px: int


Guides: TypeAlias = tuple[Guide, ...]


def moved_guides(guides: Guides, dx: int, dy: int) -> Guides:
    """Moved along with everything that is on the canvas."""
    return tuple(Guide(axis, at + (dx if axis == "x" else dy)) for axis, at in guides)


def with_guide(guides: Guides, guide: Guide, number: int | None = None) -> Guides:
    """One more, or in another one's place; where there is such a line already, only that one."""
    others = guides if number is None else guides[:number] + guides[number + 1 :]
    return others if guide in others else (*others, guide)


def without_guide(guides: Guides, number: int) -> Guides:
    return guides[:number] + guides[number + 1 :]


def guide_near(guides: Guides, x: float, y: float, reach_px: float) -> int | None:
    """The number of the guide nearest to a place of the canvas, within a reach; None: none is."""
    best: tuple[float, int] | None = None
    for number, (axis, at) in enumerate(guides):
        far = abs((x if axis == "x" else y) - at)
        if far <= reach_px and (best is None or far < best[0]):
            best = far, number
    return best[1] if best is not None else None
