"""The chain of samplers once more, in float64 numpy, from the papers' definitions.

Sources: Keskar et al. 2019 (repetition penalty), Paulus et al. 2017 (no repeated n-grams), Fan et al. 2018
(top-k), Meister et al. 2022 (typical), Holtzman et al. 2019 (top-p), Nguyen et al. 2024 (min-p).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from studio_plugins.llm_writer.params import SamplingParams

Numbers = npt.NDArray[np.float64]


def probabilities(
    logits: npt.NDArray[np.floating], seen: list[int], params: SamplingParams
) -> Numbers:
    """(vocabulary,) probabilities of the next token after the tokens `seen`."""
    scores = logits.astype(np.float64).copy()
    for token in set(seen):
        factor = params.repetition_penalty
        scores[token] = scores[token] / factor if scores[token] > 0 else scores[token] * factor
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
    return softmax(scores / params.temperature)


def softmax(scores: Numbers) -> Numbers:
    exps: Numbers = np.exp(scores - scores[np.isfinite(scores)].max())
    return np.asarray(exps / exps.sum())


def _keep(scores: Numbers, order: npt.NDArray[np.intp], probs: Numbers, share: float) -> None:
    """Forbid all but the first tokens of `order` that together reach `share`."""
    count = int(np.searchsorted(np.cumsum(probs[order]), share) + 1)
    scores[np.setdiff1d(np.arange(len(scores)), order[:count])] = -np.inf
