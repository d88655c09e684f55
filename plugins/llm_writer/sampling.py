"""Choosing the next token with transformers' processors, in llama.cpp's order. GPU thread.

The draw itself is the Gumbel-max trick on a CPU generator of the request's seed: the same seed gives
the same text on any device, and nothing global is seeded. Source: Gumbel 1954; Maddison et al.
2014, "A* sampling", section 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .params import SamplingParams
from .samplers import (
    Bias,
    DryPenalty,
    DynamicTemperature,
    ExcludeTopChoices,
    Mirostat,
    OccurrencePenalties,
)
from .words import WordBiases

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


def processors(
    sampling: SamplingParams,
    rng: torch.Generator,
    biases: WordBiases | None = None,
    breakers: frozenset[int] = frozenset(),
) -> Any:
    """A LogitsProcessorList, in the order of the README.

    Args:
        biases: Of words, in this model's tokens.
        breakers: Tokens that end a repeat for the DRY penalty.
    """
    from transformers import LogitsProcessorList

    chain = LogitsProcessorList(_biases(biases))
    if sampling.mirostat_tau and sampling.temperature:
        return LogitsProcessorList(
            [
                *chain,
                *_temperature(sampling.temperature),
                Mirostat(sampling.mirostat_tau, sampling.mirostat_eta),
                GumbelDraw(rng),
            ]
        )
    chain.extend(_penalties(sampling, breakers))
    if sampling.temperature == 0:
        return chain
    chain.extend(_filters(sampling))
    if sampling.xtc_probability:
        chain.append(ExcludeTopChoices(sampling.xtc_probability, sampling.xtc_threshold, rng))
    if sampling.dynamic_temperature:
        spread, exponent = sampling.dynamic_temperature, sampling.dynamic_exponent
        chain.append(DynamicTemperature(sampling.temperature, spread, exponent))
    else:
        chain.extend(_temperature(sampling.temperature))
    chain.append(GumbelDraw(rng))
    return chain


def _biases(biases: WordBiases | None) -> list[Any]:
    from transformers import SequenceBiasLogitsProcessor

    found: list[Any] = []
    if biases is not None and biases.tokens:
        found.append(Bias(biases.tokens))
    if biases is not None and biases.sequences:
        found.append(
            SequenceBiasLogitsProcessor([[list(k), v] for k, v in biases.sequences.items()])
        )
    return found


def _penalties(sampling: SamplingParams, breakers: frozenset[int]) -> list[Any]:
    from transformers import NoRepeatNGramLogitsProcessor

    found: list[Any] = []
    occurrence = (
        sampling.repetition_penalty, sampling.frequency_penalty, sampling.presence_penalty,
    )  # fmt: skip
    if occurrence != (1, 0, 0):
        found.append(OccurrencePenalties(*occurrence, sampling.penalty_last_tokens))
    if sampling.no_repeat_ngram:
        found.append(NoRepeatNGramLogitsProcessor(sampling.no_repeat_ngram))
    if sampling.dry_multiplier:
        dry = sampling.dry_multiplier, sampling.dry_base, sampling.dry_allowed_length
        found.append(DryPenalty(*dry, breakers))
    return found


def _filters(sampling: SamplingParams) -> list[Any]:
    from transformers import (
        MinPLogitsWarper,
        TopKLogitsWarper,
        TopPLogitsWarper,
        TypicalLogitsWarper,
    )

    found: list[Any] = []
    if sampling.top_k:
        found.append(TopKLogitsWarper(sampling.top_k))
    if sampling.typical_p < 1:
        found.append(TypicalLogitsWarper(sampling.typical_p))
    if sampling.top_p < 1:
        found.append(TopPLogitsWarper(sampling.top_p))
    if sampling.min_p > 0:
        found.append(MinPLogitsWarper(sampling.min_p))
    return found


def _temperature(temperature: float) -> list[Any]:
    from transformers import TemperatureLogitsWarper

    return [] if temperature == 1 else [TemperatureLogitsWarper(temperature)]
