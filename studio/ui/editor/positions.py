"""Positions in Qt's text (UTF-16 units) and in ours (characters). Pure."""

from __future__ import annotations

_PARAGRAPH_ENDS = str.maketrans(dict.fromkeys("\r\u2028\u2029\ufdd0\ufdd1", "\n"))
"""What Qt makes a new paragraph of, besides "\\n"."""


def units(text: str) -> int:
    """How many UTF-16 units a text takes in Qt."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def units_before(text: str, characters: int) -> int:
    """The Qt position of a character position."""
    return characters if text.isascii() else units(text[:characters])


def characters_before(text: str, position: int) -> int:
    """The character position of a Qt position; within a surrogate pair, that of its character."""
    if text.isascii():
        return min(position, len(text))
    head = text[:position]
    if units(head) == position:
        return len(head)
    data = text.encode("utf-16-le", "surrogatepass")[: position * 2]
    return len(data.decode("utf-16-le", "ignore"))


def plain(text: str) -> str:
    """The text as Qt will keep it: every kind of line end is one "\\n"."""
    return text.replace("\r\n", "\n").translate(_PARAGRAPH_ENDS)


def difference(old: str, new: str, unchanged_end: int) -> tuple[int, str, str]:
    """Where two texts begin to differ, and what gave way to what there.

    Args:
        unchanged_end: How many of the last characters may count as unchanged; it decides which of
            two equal characters was typed.
    """
    tail, most = 0, min(len(old), len(new), unchanged_end)
    while tail < most and old[len(old) - 1 - tail] == new[len(new) - 1 - tail]:
        tail += 1
    lead, most = 0, min(len(old), len(new)) - tail
    while lead < most and old[lead] == new[lead]:
        lead += 1
    return lead, old[lead : len(old) - tail], new[lead : len(new) - tail]
