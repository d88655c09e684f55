"""Whole-pixel rectangles: y grows downwards, right and bottom edges are outside. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Rect:
    x: int = 0
    y: int = 0
    width: int = 0
    height: int = 0

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def empty(self) -> bool:
        return self.width <= 0 or self.height <= 0

    @property
    def area(self) -> int:
        """In pixels."""
        return self.width * self.height

    @staticmethod
    def of_edges(left: int, top: int, right: int, bottom: int) -> Rect:
        """Edges the wrong way round give the empty rectangle."""
        if right <= left or bottom <= top:
            return Rect()
        return Rect(left, top, right - left, bottom - top)

    def translated(self, dx: int, dy: int) -> Rect:
        return Rect(self.x + dx, self.y + dy, self.width, self.height)

    def grown(self, by: int) -> Rect:
        """`by` pixels more on each side; fewer if negative."""
        return Rect.of_edges(self.x - by, self.y - by, self.right + by, self.bottom + by)

    def intersected(self, other: Rect) -> Rect:
        return Rect.of_edges(
            max(self.x, other.x),
            max(self.y, other.y),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def united(self, other: Rect) -> Rect:
        """The smallest rectangle around both; an empty one adds nothing."""
        if self.empty or other.empty:
            return other if self.empty else self
        return Rect.of_edges(
            min(self.x, other.x),
            min(self.y, other.y),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def contains(self, x: float, y: float) -> bool:
        return self.x <= x < self.right and self.y <= y < self.bottom

    def cells(self, side: int) -> Iterator[tuple[int, int]]:
        """Column and row of every cell of a grid of squares that this touches."""
        if self.empty:
            return
        for row in range(self.y // side, (self.bottom - 1) // side + 1):
            for column in range(self.x // side, (self.right - 1) // side + 1):
                yield column, row

    def cell_count(self, side: int) -> int:
        """How many `cells` there are."""
        if self.empty:
            return 0
        rows = (self.bottom - 1) // side - self.y // side + 1
        return rows * ((self.right - 1) // side - self.x // side + 1)


def around(rects: Iterable[Rect]) -> Rect:
    """The smallest rectangle around all of them."""
    filled = [rect for rect in rects if rect.width > 0 and rect.height > 0]
    if not filled:
        return Rect()
    left, top = min(rect.x for rect in filled), min(rect.y for rect in filled)
    right = max(rect.x + rect.width for rect in filled)
    bottom = max(rect.y + rect.height for rect in filled)
    return Rect(left, top, right - left, bottom - top)
