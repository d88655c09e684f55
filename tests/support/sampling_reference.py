"""The chain of samplers once more, in float64 numpy, from the papers' definitions.

Sources: Keskar et al. 2019 (repetition penalty), Paulus et al. 2017 (no repeated n-grams), Fan et al. 2018
(top-k), Meister et al. 2022 (typical), Holtzman et al. 2019 (top-p), Nguyen et al. 2024 (min-p).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt

from studio_plugins.llm_writer.params import SamplingParams

Numbers = npt.NDArray[np.float64]


def probabilities(
    logits: npt.NDArray[np.floating],
    seen: list[int],
    params: SamplingParams,
    *,
    bias: Mapping[int, float] | None = None,
    breakers: Collection[int] = (),
    mu: float = np.inf,
) -> Numbers:
    """(vocabulary,) probabilities of the next token after the tokens `seen`.

    Args:
        bias: Added to these tokens.
        breakers: Tokens that end a repeat for DRY.
        mu: Of Mirostat, where it is on.
    """
    scores = logits.astype(np.float64).copy()
    for token, value in (bias or {}).items():
        scores[token] += value
    if params.mirostat_tau:
        probs = softmax(scores / params.temperature)
        allowed = -np.log2(np.maximum(probs, 1e-300)) <= mu
        allowed[np.argmax(probs)] = True
        return np.asarray(np.where(allowed, probs, 0) / probs[allowed].sum())
    last = seen[-params.penalty_last_tokens :] if params.penalty_last_tokens else seen
    for token, count in Counter(last).items():
        factor = params.repetition_penalty
        scores[token] = scores[token] / factor if scores[token] > 0 else scores[token] * factor
        scores[token] -= count * params.frequency_penalty + params.presence_penalty
    if params.dry_multiplier:
        for token in range(len(scores)):
            length = _repeat(seen, token, breakers)
            if length >= params.dry_allowed_length:
                power = params.dry_base ** (length - params.dry_allowed_length)
                scores[token] -= params.dry_multiplier * power
    length = params.no_repeat_ngram
    if length:
        end = tuple(seen[len(seen) - length + 1 :])
        for at in range(len(seen) - length + 1):
            if tuple(seen[at : at + length - 1]) == end:
                scores[seen[at + length - 1]] = -np.inf
    if params.top_k:
        scores[scores < np.sort(scores)[-params.top_k]] = -np.inf
    if params.typical_p < 1:
        probs = softmax(scores)
        there = np.where(probs > 0)[0]
        entropy = -(probs[there] * np.log(probs[there])).sum()
        order = there[np.argsort(np.abs(-np.log(probs[there]) - entropy), kind="stable")]
        _keep(scores, order, probs, params.typical_p)
    if params.top_p < 1:
        probs = softmax(scores)
        _keep(scores, np.argsort(-probs, kind="stable"), probs, params.top_p)
    if params.min_p > 0:
        probs = softmax(scores)
        scores[probs < params.min_p * probs.max()] = -np.inf
    if params.xtc_probability == 1:
        probs = softmax(scores)
        above = [token for token in np.argsort(-probs) if probs[token] >= params.xtc_threshold]
        scores[above[:-1]] = -np.inf
    if params.dynamic_temperature:
        probs = softmax(scores)
        probs = probs[np.isfinite(scores)]
        entropy = -(probs * np.log(np.maximum(probs, 1e-300))).sum() / np.log(max(2, len(probs)))
        low = max(0, params.temperature - params.dynamic_temperature)
        high = params.temperature + params.dynamic_temperature
        return softmax(scores / (low + (high - low) * entropy**params.dynamic_exponent))
    return softmax(scores / params.temperature)


def _repeat(seen: list[int], token: int, breakers: Collection[int]) -> int:
    """By definition: the longest end of `seen`, without a breaker, that stood before `token` already."""
    for length in range(len(seen) - 1, 0, -1):
        end = seen[-length:]
        if any(part in breakers for part in end):
            continue
        wanted = [*end, token]
        if any(seen[at : at + length + 1] == wanted for at in range(len(seen) - length)):
            return length
    return 0


def softmax(scores: Numbers) -> Numbers:
    exps: Numbers = np.exp(scores - scores[np.isfinite(scores)].max())
    return np.asarray(exps / exps.sum())


def _keep(scores: Numbers, order: npt.NDArray[np.intp], probs: Numbers, share: float) -> None:
    """Forbid all but the first tokens of `order` that together reach `share`."""
    count = int(np.searchsorted(np.cumsum(probs[order]), share) + 1)
    scores[np.setdiff1d(np.arange(len(scores)), order[:count])] = -np.inf
