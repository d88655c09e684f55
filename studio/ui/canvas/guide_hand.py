"""A guide in the hand: pulled out of a ruler, moved on the canvas, or thrown out of it. GUI thread.

What is seen meanwhile is the edit tried on the easel; letting go is one step of undo.
"""

from __future__ import annotations

from dataclasses import replace

from studio.core.edits import ChangeCanvas
from studio.core.guides import Axis, Guide, Guides, guide_near, with_guide, without_guide
from studio.ui.canvas.easel import Easel
from studio.ui.canvas.snapping import Snapper

_REACH_PX = 4


class GuideHand:
    def __init__(self, easel: Easel) -> None:
        self._easel = easel
        self._snapper = Snapper(easel)
        self._axis: Axis | None = None
        self._number: int | None = None

    @property
    def busy(self) -> bool:
        return self._axis is not None

    @property
    def axis(self) -> Axis | None:
        """Of the guide in the hand."""
        return self._axis

    def under(self, x: float, y: float) -> Guide | None:
        """The guide a hand at this place of the canvas would take."""
        guides = self._easel.document.guides
        number = self._near(x, y)
        return guides[number] if number is not None else None

    def take(self, x: float, y: float) -> bool:
        """Take the guide under the hand, if there is one."""
        number = self._near(x, y)
        if number is None:
            return False
        self._axis, self._number = self._easel.document.guides[number].axis, number
        return True

    def pull_out(self, axis: Axis) -> None:
        """A new one."""
        self._axis, self._number = axis, None

    def move(self, x: float, y: float, *, snap: bool = True) -> None:
        if self._axis is not None:
            after = with_guide(self._guides, self._at(x, y, snap), self._number)
            self._easel.try_on(self._edit(after, "guide"))

    def drop(self, x: float, y: float, *, snap: bool = True) -> None:
        """It stays where it is now."""
        if self._axis is None:
            return
        after = with_guide(self._guides, self._at(x, y, snap), self._number)
        self._finish(after, "placing a guide" if self._number is None else "moving a guide")

    def throw_out(self) -> None:
        """Let go outside the canvas: there is no such guide any more."""
        if self._axis is None:
            return
        if self._number is None:
            self.cancel()
        else:
            self._finish(without_guide(self._guides, self._number), "removing a guide")

    def cancel(self) -> None:
        self._axis = self._number = None
        self._easel.try_on(None)

    @property
    def _guides(self) -> Guides:
        return self._easel.document.guides

    def _near(self, x: float, y: float) -> int | None:
        if self._easel.guides_locked:
            return None
        return guide_near(self._guides, x, y, _REACH_PX / self._easel.scale)

    def _at(self, x: float, y: float, snap: bool) -> Guide:
        assert self._axis is not None
        at = x if self._axis == "x" else y
        return Guide(self._axis, self._snapper.line(self._axis, at) if snap else round(at))

    def _edit(self, guides: Guides, label: str) -> ChangeCanvas:
        before = self._easel.document
        return ChangeCanvas(before, replace(before, guides=guides), label)

    def _finish(self, guides: Guides, label: str) -> None:
        before = self._guides
        self._axis = self._number = None
        if guides == before:
            self._easel.try_on(None)
        else:
            self._easel.commit(self._edit(guides, label))
