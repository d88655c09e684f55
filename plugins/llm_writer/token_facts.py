"""Facts of tokens while they come: parts of characters are joined. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from studio.api import Alternative, TokenFact


class FactsInTheMaking:
    """Joins tokens that come without text, being parts of a character, to those that complete it."""

    def __init__(self) -> None:
        self.finished: list[TokenFact] = []
        self._tokens = 0
        self._logprob: float | None = 0.0
        self._alternatives: tuple[Alternative, ...] = ()
        self._taken = 0
        self._taken_characters = 0

    def add(
        self, text: str, tokens: int, logprob: float | None, alternatives: Sequence[Alternative]
    ) -> None:
        if not self._tokens:
            self._alternatives = tuple(alternatives)
        self._tokens += tokens
        known = self._logprob is not None and logprob is not None
        self._logprob = (self._logprob or 0.0) + (logprob or 0.0) if known else None
        if text:
            fact = TokenFact(text, self._logprob, self._alternatives, self._tokens)
            self.finished.append(fact)
            self._tokens, self._logprob = 0, 0.0

    def take(self, characters: int) -> tuple[TokenFact, ...]:
        """The facts not taken before that end within so many characters of the text."""
        taken = []
        for fact in self.finished[self._taken :]:
            if self._taken_characters + len(fact.text) > characters:
                break
            self._taken_characters += len(fact.text)
            taken.append(fact)
        self._taken += len(taken)
        return tuple(taken)
