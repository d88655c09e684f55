"""Typographic quotation marks for the straight ones on the keyboard. Pure."""

from __future__ import annotations

import re
from typing import Literal

from studio.core.scripts import is_wide

QuoteStyle = Literal["off", "english", "german", "french"]
_MARKS = {
    "english": ("“", "”", "‘", "’"),
    "german": ("„", "“", "‚", "‘"),
    "french": ("«\u202f", "\u202f»", "‹\u202f", "\u202f›"),
}
_APOSTROPHE = "’"
_BEFORE_OPENING = re.compile(r"(?:^|[\s(\[{<*_~/\-–—“„‘‚«‹\u202f])$")


def typographic(before: str, typed: str, style: QuoteStyle) -> str:
    """What stands for a straight quotation mark.

    Args:
        before: The paragraph up to it.
        typed: `"` or `'`.
    """
    if style == "off":
        return typed
    double_open, double_close, single_open, single_close = _MARKS[style]
    opening, closing = (double_open, double_close) if typed == '"' else (single_open, single_close)
    is_open = _count(before, opening) > _count(before, closing)
    if _BEFORE_OPENING.search(before) or (before and is_wide(before[-1]) and not is_open):
        # After an opening mark comes what it opens, unless nothing came: then it is closed at once.
        return opening
    if typed == "'" and not is_open:
        return _APOSTROPHE
    return closing


def _count(text: str, mark: str) -> int:
    """How many, those within words left out: they are apostrophes."""
    return len(
        re.findall(rf"{re.escape(mark)}(?!\w)" if mark == _APOSTROPHE else re.escape(mark), text)
    )
