"""From tokens and pieces to text that can be shown: whole characters, no part of a stop string. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

BROKEN = "\ufffd"
"""What decoding puts for bytes that are no character (yet)."""
_WINDOW_TOKENS = 12


class TokenText:
    """Decodes a growing list of tokens piecewise, through a sliding window.

    A token may be part of a character or change the spacing of the one before: so the last few are
    decoded together, and text that ends in U+FFFD waits for the next token.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str]) -> None:
        self._decode = decode
        self._tokens: list[int] = []
        self._start = 0
        self._read = 0
        self._before = ""

    def push(self, token: int) -> str:
        """The text that became certain with this token, maybe empty."""
        self._tokens.append(token)
        before, now = self._before, self._decode(self._tokens[self._start :])
        if len(now) <= len(before) or now.endswith(BROKEN):
            return ""
        last, self._read, self._before = self._read, len(self._tokens), now
        if self._read - self._start > _WINDOW_TOKENS:
            # Slides rarely: each time costs a second decoding.
            self._start = last
            self._before = self._decode(self._tokens[last:])
        return now[len(before) :]

    def rest(self) -> str:
        """What waited when the tokens ended; broken characters are dropped."""
        now = self._decode(self._tokens[self._start :])
        return now[len(self._before) :].rstrip(BROKEN)


class StopStrings:
    """Passes text on, but never a stop string nor the beginning of one that may follow."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stops)
        self._held = ""
        self.found = False

    def push(self, text: str) -> str:
        """The text that may be shown. After `found` everything is dropped."""
        if self.found:
            return ""
        text, self._held = self._held + text, ""
        positions = [at for at in (text.find(stop) for stop in self._stops) if at >= 0]
        if positions:
            self.found = True
            return text[: min(positions)]
        keep = max((_overlap(text, stop) for stop in self._stops), default=0)
        if keep:
            text, self._held = text[:-keep], text[-keep:]
        return text

    def rest(self) -> str:
        """What was held back when nothing more comes."""
        held, self._held = self._held, ""
        return "" if self.found else held


def _overlap(text: str, stop: str) -> int:
    """How many last characters of `text` are the first of `stop`."""
    for length in range(min(len(text), len(stop) - 1), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0
