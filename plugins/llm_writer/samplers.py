"""Samplers that transformers lacks, as llama.cpp defines them. GPU thread; scores are (rows, vocabulary)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

DRY_BREAKERS = ("\n", ":", '"', "*")
"""A repeat is counted only back to the last of these."""


class Bias:
    """Adds to the scores of single tokens; minus infinity forbids one."""

    def __init__(self, biases: Mapping[int, float]) -> None:
        self._tokens, self._values = list(biases), list(biases.values())

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        scores = scores.clone()
        scores[:, self._tokens] += scores.new_tensor(self._values)
        return scores


class OccurrencePenalties:
    """Repetition, frequency and presence, over the last tokens of what stands there.

    Source: Keskar et al. 2019, section 4.1 (repetition); OpenAI's API reference (the other two).

    Args:
        last_tokens: How far back to look; 0 is everything.
    """

    def __init__(
        self, repetition: float, frequency: float, presence: float, last_tokens: int
    ) -> None:
        self._repetition = repetition
        self._frequency = frequency
        self._presence = presence
        self._last_tokens = last_tokens

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        import torch

        seen = input_ids[:, -self._last_tokens :] if self._last_tokens else input_ids
        counts = torch.zeros_like(scores)
        counts.scatter_add_(1, seen, torch.ones_like(seen, dtype=scores.dtype))
        repeated = torch.where(scores > 0, scores / self._repetition, scores * self._repetition)
        scores = torch.where(counts > 0, repeated, scores)
        return scores - counts * self._frequency - (counts > 0) * self._presence


class DryPenalty:
    """Makes a token less likely the longer the repeat it would go on with.

    Source: the proposal of "Don't Repeat Yourself" sampling, text-generation-webui pull request 5677.
    """

    def __init__(
        self, multiplier: float, base: float, allowed_length: int, breakers: frozenset[int]
    ) -> None:
        self._multiplier = multiplier
        self._base = base
        self._allowed_length = allowed_length
        self._breakers = breakers

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        scores = scores.clone()
        for row, tokens in enumerate(input_ids.tolist()):
            lengths = repeat_lengths(tokens, self._breakers)
            for token, length in lengths.items():
                if length >= self._allowed_length:
                    power = min(length - self._allowed_length, 200)
                    scores[row, token] -= self._multiplier * self._base**power
        return scores


def repeat_lengths(tokens: Sequence[int], breakers: frozenset[int]) -> dict[int, int]:
    """Of each token that followed the text's end once before: how many last tokens stood there too."""
    limit = next((n for n, t in enumerate(reversed(tokens)) if t in breakers), len(tokens))
    longest: dict[int, int] = {}
    if not limit:
        return longest
    last = len(tokens) - 1
    for at in range(last):
        length = 0
        while length <= at and length < limit and tokens[at - length] == tokens[last - length]:
            length += 1
        if length:
            following = tokens[at + 1]
            longest[following] = max(longest.get(following, 0), length)
    return longest


class ExcludeTopChoices:
    """Now and then forbids all but the least likely of the tokens above a threshold.

    Source: the proposal of XTC, text-generation-webui pull request 6335.
    """

    def __init__(self, probability: float, threshold: float, rng: torch.Generator) -> None:
        self._probability = probability
        self._threshold = threshold
        self._rng = rng

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        import torch

        chance = torch.rand(len(scores), 1, generator=self._rng).to(scores.device)
        ordered, order = scores.softmax(-1).sort(descending=True, stable=True)
        above = ordered >= self._threshold
        # Of several above the threshold all but the last; of one none.
        forbidden = above & above.roll(-1, 1) & (chance <= self._probability)
        forbidden[:, -1] = False
        return scores.masked_fill(forbidden.gather(1, order.argsort(1)), -torch.inf)


class DynamicTemperature:
    """The temperature goes up where the model is unsure and down where it is sure.

    Source: llama.cpp, pull request 4972. Entropy is taken relative to that of the tokens left.
    """

    def __init__(self, temperature: float, spread: float, exponent: float) -> None:
        self._low, self._high = max(0.0, temperature - spread), temperature + spread
        self._exponent = exponent

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        import torch

        left = torch.isfinite(scores).sum(-1, keepdim=True)
        logprobs = scores.log_softmax(-1)
        probabilities = logprobs.exp()
        entropy = -(probabilities * logprobs).nan_to_num(0, 0, 0).sum(-1, keepdim=True)
        share = (entropy / left.clamp_min(2).log()).clamp(0, 1)
        temperature = self._low + (self._high - self._low) * share**self._exponent
        return torch.where(left > 1, scores / temperature.clamp_min(1e-6), scores)


class Mirostat:
    """Keeps the surprise of what is drawn near a target. After this only the draw may follow.

    Source: Basu et al. 2021, algorithm 2 ("Mirostat 2.0"), as llama.cpp starts it: mu = 2 tau.
    """

    def __init__(self, tau: float, eta: float) -> None:
        self._tau = tau
        self._eta = eta
        self._mu: torch.Tensor | None = None
        self._surprise: torch.Tensor | None = None

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        import torch

        if self._mu is None or self._surprise is None:
            self._mu = scores.new_full((len(scores), 1), 2 * self._tau)
        else:
            observed = self._surprise.gather(1, input_ids[:, -1:])
            self._mu = self._mu - self._eta * (observed - self._tau)
        surprise = -scores.log_softmax(-1) / torch.log(scores.new_tensor(2.0))
        forbidden = surprise > torch.maximum(self._mu, surprise.min(-1, keepdim=True).values)
        scores = scores.masked_fill(forbidden, -torch.inf)
        self._surprise = -scores.log_softmax(-1) / torch.log(scores.new_tensor(2.0))
        return scores
