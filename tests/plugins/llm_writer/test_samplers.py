"""Samplers over several tokens, words to forbid, presets; the single step is in test_same_on_both."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from studio.api import ParamsError
from studio_plugins.llm_writer.llama_sampling import llama_sampling
from studio_plugins.llm_writer.params import ContinueParams, RewriteParams
from studio_plugins.llm_writer.presets import PRESETS, with_preset
from studio_plugins.llm_writer.samplers import ExcludeTopChoices, Mirostat, repeat_lengths
from studio_plugins.llm_writer.sampling import processors
from studio_plugins.llm_writer.words import (
    WordBiases,
    parse_biases,
    refuse_sequences,
    word_biases,
)


def test_mirostat_follows_what_was_drawn() -> None:
    import torch

    scores = torch.randn(1, 40, generator=torch.Generator().manual_seed(1), dtype=torch.float64) * 3
    mirostat = Mirostat(2.0, 0.5)
    mu, ids = 4.0, [0]
    for step in range(6):
        found = mirostat(torch.tensor([ids]), scores)[0].softmax(-1).numpy()
        probs = scores[0].softmax(-1).numpy()
        allowed = (-np.log2(probs) <= mu) | (probs == probs.max())
        expected = np.where(allowed, probs, 0) / probs[allowed].sum()
        np.testing.assert_allclose(found, expected, atol=1e-9)
        drawn = int(np.flatnonzero(allowed)[step % allowed.sum()])
        ids.append(drawn)
        mu -= 0.5 * (-math.log2(expected[drawn]) - 2.0)


def test_xtc_strikes_as_often_as_it_is_told() -> None:
    import torch

    scores = torch.tensor([[3.0, 2.5, 2.0, -5.0]]).repeat(4000, 1)
    sampler = ExcludeTopChoices(0.3, 0.1, torch.Generator().manual_seed(0))
    struck = torch.isinf(sampler(torch.zeros(4000, 1, dtype=torch.long), scores))
    assert struck.any(0).tolist() == [True, True, False, False]
    assert struck[:, 0].float().mean() == pytest.approx(0.3, abs=5 * math.sqrt(0.21 / 4000))
    assert (struck[:, 0] == struck[:, 1]).all()


@pytest.mark.parametrize(
    ("tokens", "breakers", "expected"),
    [
        ([1, 2, 3, 1, 2], [], {3: 2}),
        ([7, 1, 2, 8, 9, 1, 2, 3, 1, 2], [], {8: 2, 3: 2}),
        ([1, 2, 3, 1, 2], [1], {3: 1}),
        ([1, 2, 3, 1, 2], [2], {}),
        ([5, 5, 5], [], {5: 2}),
        ([1, 2, 3], [], {}),
        ([], [], {}),
    ],
)
def test_repeats_are_measured_back_to_a_breaker(
    tokens: list[int], breakers: list[int], expected: dict[int, int]
) -> None:
    assert repeat_lengths(tokens, frozenset(breakers)) == expected


def test_word_of_several_tokens_is_a_sequence_and_single_forms_win() -> None:
    vocabulary = {
        "cat": [1],
        " cat": [2],
        "dragon": [3, 4],
        " dragon": [5, 4],
        "x": [6, 7],
        " x": [8],
    }
    found = word_biases(["dragon", "x"], {"cat": 2.0}, lambda text: vocabulary[text])
    assert found == WordBiases(
        {1: 2.0, 2: 2.0, 8: -math.inf}, {(3, 4): -math.inf, (5, 4): -math.inf}
    )
    with pytest.raises(ParamsError, match="one token") as caught:
        refuse_sequences(found, "banned_words")
    assert caught.value.where == "banned_words"


@pytest.mark.parametrize("text", ["dragon", "dragon=", "=2", "a=2|b=x", "a=200", "a=nan"])
def test_bias_without_a_number_is_refused_at_its_field(text: str) -> None:
    with pytest.raises(ValidationError, match="number from -100 to 100"):
        ContinueParams(biased_words=text)
    assert parse_biases("a=1 = 2|b=-1") == {"a=1": 2.0, "b": -1.0}


def test_word_of_several_tokens_is_forbidden_where_it_would_end() -> None:
    import torch

    params = ContinueParams(temperature=0, repetition_penalty=1)
    biases = WordBiases({1: 2.0}, {(3, 4): -math.inf})
    chain = processors(params, torch.Generator(), biases)
    after, elsewhere = torch.tensor([[9, 3]]), torch.tensor([[3, 9]])
    assert torch.isinf(chain(after, torch.zeros(1, 10))).nonzero().tolist() == [[0, 4]]
    expected = torch.zeros(1, 10)
    expected[0, 1] = 2
    assert torch.equal(chain(elsewhere, torch.zeros(1, 10)), expected)


def test_llama_refuses_two_uses_of_its_one_sampler() -> None:
    with pytest.raises(ParamsError, match="one sampler for both"):
        llama_sampling(ContinueParams(no_repeat_ngram=3, dry_multiplier=1), 0, 128)


def test_preset_sets_what_was_left_alone() -> None:
    given = ContinueParams(preset="wild", top_p=0.5)
    found = with_preset(given)
    assert found.top_p == 0.5
    assert found.temperature == PRESETS["wild"].values["temperature"] != given.temperature
    assert with_preset(ContinueParams()) == ContinueParams()


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("kind", [ContinueParams, RewriteParams])
def test_presets_are_values_that_fit(name: str, kind: Any) -> None:
    given = kind(preset=name, text="a")
    assert with_preset(given).preset == name
    assert PRESETS[name].description.endswith(".")
    assert llama_sampling(with_preset(given), 0, 128)
