"""Choosing the next token with transformers' processors, in llama.cpp's order. GPU thread.

The draw itself is the Gumbel-max trick on a CPU generator of the request's seed: the same seed gives
the same text on any device, and nothing global is seeded. Source: Gumbel 1954; Maddison et al.
2014, "A* sampling", section 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .params import SamplingParams

if TYPE_CHECKING:
    import torch


class GumbelDraw:
    """Adds Gumbel noise to the scores, so that the largest is a draw from their softmax."""

    def __init__(self, rng: torch.Generator) -> None:
        self._rng = rng

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        import torch

        uniform = torch.rand(scores.shape, generator=self._rng, dtype=torch.float64)
        noise = -torch.log(-torch.log(uniform.clamp_min(1e-300)))
        return scores.float() + noise.to(scores.device, torch.float32)


def processors(sampling: SamplingParams, rng: torch.Generator) -> Any:
    """A LogitsProcessorList: penalties, top-k, typical, top-p, min-p, temperature, draw."""
    from transformers import (
        LogitsProcessorList,
        MinPLogitsWarper,
        NoRepeatNGramLogitsProcessor,
        RepetitionPenaltyLogitsProcessor,
        TemperatureLogitsWarper,
        TopKLogitsWarper,
        TopPLogitsWarper,
        TypicalLogitsWarper,
    )

    chain = LogitsProcessorList()
    if sampling.repetition_penalty != 1:
        chain.append(RepetitionPenaltyLogitsProcessor(sampling.repetition_penalty))
    if sampling.no_repeat_ngram:
        chain.append(NoRepeatNGramLogitsProcessor(sampling.no_repeat_ngram))
    if sampling.temperature == 0:
        return chain
    if sampling.top_k:
        chain.append(TopKLogitsWarper(sampling.top_k))
    if sampling.typical_p < 1:
        chain.append(TypicalLogitsWarper(sampling.typical_p))
    if sampling.top_p < 1:
        chain.append(TopPLogitsWarper(sampling.top_p))
    if sampling.min_p > 0:
        chain.append(MinPLogitsWarper(sampling.min_p))
    if sampling.temperature != 1:
        chain.append(TemperatureLogitsWarper(sampling.temperature))
    chain.append(GumbelDraw(rng))
    return chain
