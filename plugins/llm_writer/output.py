"""Passes an engine's text on to the studio, piece by piece, and keeps the whole. GPU thread."""

from __future__ import annotations

from studio.api import Context

from .model import Request
from .streaming import BROKEN, StopStrings

PROGRESS_EVERY_TOKENS = 4
"""Telling it at every token would cost as much as a small model's token."""


class Streamed:
    """Counts tokens, holds back stop strings and broken characters, streams the rest."""

    def __init__(self, ctx: Context, request: Request, max_tokens: int) -> None:
        self._ctx = ctx
        self._stops = StopStrings(request.stops)
        self._after_space = request.after_space
        self._max_tokens = max_tokens
        self._parts: list[str] = []
        self._broken = ""
        self._unsaid = 0
        self._next_progress_at = 1
        self.tokens = 0

    def push(self, text: str, tokens: int = 1) -> bool:
        """Take in text; True when writing should end here. Raises Cancelled."""
        self.tokens += tokens
        self._unsaid += tokens
        if text and self._after_space:
            self._after_space, text = False, text.removeprefix(" ")
        if not self._say(self._stops.push(text)):
            self._ctx.check()
        if self.tokens >= self._next_progress_at:
            self._next_progress_at = self.tokens + PROGRESS_EVERY_TOKENS
            self._ctx.progress(min(self.tokens, self._max_tokens), self._max_tokens)
        return self._stops.found or self._ctx.stopping

    def finish(self, last: str = "") -> str:
        """The whole text, after what was held back."""
        self._say(self._stops.push(last) + self._stops.rest())
        return "".join(self._parts)

    @property
    def finish_reason(self) -> str | None:
        if self._stops.found:
            return "stop string"
        return "stopped" if self._ctx.stopping else None

    def _say(self, text: str) -> bool:
        text = self._broken + text
        whole = text.rstrip(BROKEN)
        self._broken = text[len(whole) :]  # shown only if more follows
        if not whole:
            return False
        self._parts.append(whole)
        self._ctx.stream(whole, self._unsaid)
        self._unsaid = 0
        return True
