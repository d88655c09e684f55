"""Where sentences begin and end, in scripts with and without spaces. Pure."""

from __future__ import annotations

import re

_CLOSING = r"[\"'”’»«“‘」』）)\]*_]*"
_END = re.compile(rf"(?:[.!?…]+{_CLOSING}(?=\s)|[。！？]+{_CLOSING})\s*")


def sentence_around(paragraph: str, at: int) -> tuple[int, int]:
    """From and to (outside) of the sentence a place is in, without the space after it.

    Args:
        at: Characters from the paragraph's beginning. Right behind a sentence's space is the next one;
            at the paragraph's end the last one.
    """
    start = 0
    for end in _END.finditer(paragraph):
        if end.end() > at or end.end() == len(paragraph):
            return start, end.start() + len(end.group().rstrip())
        start = end.end()
    return start, len(paragraph)
