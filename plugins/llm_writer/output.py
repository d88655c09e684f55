"""Passes an engine's text on to the studio, piece by piece, and keeps the whole. GPU thread."""

from __future__ import annotations

import time
from collections.abc import Sequence

from studio.api import Alternative, Context, TokenFact, cut_facts

from .model import Request
from .streaming import BROKEN, StopStrings
from .token_facts import FactsInTheMaking

SAY_EVERY_S = 1 / 30
"""More often nobody can read, and waking who listens would cost as much as a small model's token."""


class Streamed:
    """Counts tokens, holds back stop strings and broken characters, streams the rest.

    Each piece has the same number of cancel points, whether its text is passed on or joined to the next.
    """

    def __init__(self, ctx: Context, request: Request, max_tokens: int) -> None:
        self._ctx = ctx
        self._stops = StopStrings(request.stops)
        self._after_space = request.after_space
        self._max_tokens = max_tokens
        self._facts = FactsInTheMaking() if request.sampling.alternatives else None
        self._parts: list[str] = []
        self._held = request.prefix
        self._said_characters = 0
        self._unsaid = 0
        self._say_again_at = 0.0
        self.tokens = 0
        if self._facts is not None and request.prefix:
            self._facts.add(request.prefix, 0, None, ())

    def push(
        self,
        text: str,
        tokens: int = 1,
        logprob: float | None = None,
        alternatives: Sequence[Alternative] = (),
    ) -> bool:
        """Take in text; True when writing should end here. Raises Cancelled.

        Args:
            logprob: Of these tokens together, None where the engine doesn't say.
            alternatives: Of the first of these tokens.
        """
        self.tokens += tokens
        self._unsaid += tokens
        if text and self._after_space:
            self._after_space, text = False, text.removeprefix(" ")
            alternatives = [Alternative(a.text.removeprefix(" "), a.logprob) for a in alternatives]
        if self._facts is not None:
            self._facts.add(text, tokens, logprob, alternatives)
        if text:
            self._held += self._stops.push(text)
        now = time.monotonic()
        if now >= self._say_again_at:
            self._say_again_at = now + SAY_EVERY_S
            self._say()
        else:
            self._ctx.check()
            self._ctx.check()
        return self._stops.found or self._ctx.stopping

    def finish(self, last: str = "") -> str:
        """The whole text, after what was held back."""
        if self._facts is not None and last:
            self._facts.add(last, 0, 0.0, ())
        self._held += self._stops.push(last) + self._stops.rest()
        self._say()
        return "".join(self._parts)

    @property
    def token_facts(self) -> tuple[TokenFact, ...]:
        """Those of the text that was said; all of it, after `finish`."""
        if self._facts is None:
            return ()
        return cut_facts(self._facts.finished, "".join(self._parts))

    @property
    def finish_reason(self) -> str | None:
        if self._stops.found:
            return "stop string"
        return "stopped" if self._ctx.stopping else None

    def _say(self) -> None:
        whole = self._held.rstrip(BROKEN)
        if whole:
            self._held = self._held[len(whole) :]  # shown only if more follows
            self._parts.append(whole)
            self._said_characters += len(whole)
            facts = () if self._facts is None else self._facts.take(self._said_characters)
            self._ctx.stream(whole, self._unsaid, facts)
            self._unsaid = 0
        else:
            self._ctx.check()
        self._ctx.progress(min(self.tokens, self._max_tokens), self._max_tokens)
