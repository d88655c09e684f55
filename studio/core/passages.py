"""Where a passage of the text is after edits of it; found again where nobody followed it. Pure."""

from __future__ import annotations

from studio.core.edits import Edit, ReplaceText, parts


def moved_range(start: int, end: int, edit: ReplaceText) -> tuple[int, int] | None:
    """Where a passage is after an edit, of whatever size it is then; None: nothing of it is left.

    What is typed right at its ends is outside it.
    """
    at, gone = edit.position, edit.position + len(edit.removed)
    moved = len(edit.inserted) - len(edit.removed)
    if gone <= start:
        return start + moved, end + moved
    if at >= end:
        return start, end
    if at <= start and gone >= end:
        return None
    if at < start:
        return at + len(edit.inserted), end + moved
    if gone > end:
        return start, at
    return start, end + moved


def moved_through(place: tuple[int, int] | None, edit: Edit) -> tuple[int, int] | None:
    """As `moved_range`, after all that an edit does to the text; None stays None."""
    for part in parts(edit):
        if place is not None and isinstance(part, ReplaceText):
            place = moved_range(*place, part)
    return place


def nearest(text: str, passage: str, near: int) -> int:
    """Where a passage stands nearest to a place; -1: nowhere."""
    before = text.rfind(passage, 0, near + len(passage))
    after = text.find(passage, near)
    found = [at for at in (before, after) if at >= 0]
    return min(found, key=lambda at: abs(at - near), default=-1)
