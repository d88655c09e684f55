"""The writer's settings in llama.cpp's words. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from studio.api import ParamsError

from .params import SamplingParams
from .samplers import DRY_BREAKERS

SAMPLERS = ("penalties", "dry", "top_k", "typ_p", "top_p", "min_p", "xtc", "temperature")
_ENDLESS = 1e9
_NO_BREAKER = "\x00\x01\x02"
_SEEDS = 2**32 - 1
"""llama.cpp takes 32 bits, and the largest of them means "draw one"."""


def llama_sampling(
    sampling: SamplingParams,
    seed: int,
    context_tokens: int,
    biases: Mapping[int, float] | None = None,
) -> dict[str, Any]:
    """The request's body: llama.cpp's own chain, in the order of the README.

    No-repeat n-gram is its DRY sampler with a flat, endless penalty: that lowers every token which
    would prolong a repetition of `dry_allowed_length` tokens. Source: llama.cpp, src/llama-sampler.cpp.

    Raises:
        ParamsError: a setting that llama.cpp doesn't have.
    """
    _refuse_what_it_lacks(sampling)
    body: dict[str, Any] = {
        "max_tokens": sampling.max_new_tokens,
        "stream": True,
        "return_progress": True,
        "timings_per_token": True,
        "seed": seed % _SEEDS,
        "samplers": list(SAMPLERS),
        "temperature": sampling.temperature,
        "top_k": sampling.top_k,
        "typical_p": sampling.typical_p,
        "top_p": sampling.top_p,
        "min_p": sampling.min_p,
        "repeat_penalty": sampling.repetition_penalty,
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
        "repeat_last_n": sampling.penalty_last_tokens or context_tokens,
        "n_probs": sampling.alternatives,
        **_dry(sampling, context_tokens),
    }
    if sampling.temperature:  # else the likeliest is taken, and these would only disturb it
        body |= {
            "xtc_probability": sampling.xtc_probability,
            "xtc_threshold": sampling.xtc_threshold,
            "dynatemp_range": sampling.dynamic_temperature,
            "dynatemp_exponent": sampling.dynamic_exponent,
        }
        if sampling.mirostat_tau:
            tau, eta = sampling.mirostat_tau, sampling.mirostat_eta
            body |= {"mirostat": 2, "mirostat_tau": tau, "mirostat_eta": eta}
    if biases:
        body["logit_bias"] = [
            [token, False if value == -math.inf else value] for token, value in biases.items()
        ]
    return body


def _refuse_what_it_lacks(sampling: SamplingParams) -> None:
    if sampling.no_repeat_ngram == 1:
        raise ParamsError(
            "llama.cpp can't forbid every single token that stands already.",
            where="no_repeat_ngram",
            remedy="Set it to 0, or to 2 and more.",
        )
    if sampling.no_repeat_ngram and sampling.dry_multiplier:
        raise ParamsError(
            "llama.cpp has one sampler for both DRY and repeated n-grams.",
            where="no_repeat_ngram",
            remedy="Set this or the DRY multiplier to 0, or use a Hugging Face model.",
        )


def _dry(sampling: SamplingParams, context_tokens: int) -> dict[str, Any]:
    if sampling.no_repeat_ngram:
        return {
            "dry_multiplier": _ENDLESS,
            "dry_base": 1.0,
            "dry_allowed_length": sampling.no_repeat_ngram - 1,
            "dry_penalty_last_n": context_tokens,
            "dry_sequence_breakers": [_NO_BREAKER],
        }
    if not sampling.dry_multiplier:
        return {}
    return {
        "dry_multiplier": sampling.dry_multiplier,
        "dry_base": sampling.dry_base,
        "dry_allowed_length": sampling.dry_allowed_length,
        "dry_penalty_last_n": context_tokens,
        "dry_sequence_breakers": list(DRY_BREAKERS),
    }
