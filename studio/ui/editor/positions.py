"""Positions in Qt's text (UTF-16 units) and in ours (characters). Pure."""

from __future__ import annotations

_BMP_END = 0xFFFF


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
