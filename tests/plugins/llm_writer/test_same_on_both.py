"""The same tiny weights on transformers and on llama.cpp: the same settings must mean the same."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.api import TextOutput
from studio.api.testing import InlineContext, InlineLoading, run
from studio_plugins.llm_writer import folio_generators
from studio_plugins.llm_writer.llama_loading import AVAILABLE, load_gguf
from studio_plugins.llm_writer.llama_sampling import llama_sampling
from studio_plugins.llm_writer.params import ContinueParams
from studio_plugins.llm_writer.recognise import recognise
from studio_plugins.llm_writer.samplers import DRY_BREAKERS
from studio_plugins.llm_writer.sampling import GumbelDraw, processors
from studio_plugins.llm_writer.words import WordBiases, tokens_with
from tests.support.sampling_reference import Numbers, probabilities
from tests.support.tiny_gguf import tiny_gguf
from tests.support.tiny_language import info_of, tiny_model

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="xllamacpp has no wheel for this machine")

CONTINUE = folio_generators()[0]
PROMPT = "The lighthouse keeper: he looked at the lighthouse keeper, at the lighthouse"
SHORT = "The lighthouse keeper looked at the lighthouse"
OFF = {"temperature": 1, "top_k": 0, "top_p": 1, "min_p": 0, "repetition_penalty": 1}
SETTINGS = [
    {},
    {"temperature": 0.6},
    {"top_k": 5},
    {"top_p": 0.7},
    {"min_p": 0.4},
    {"typical_p": 0.5},
    {"repetition_penalty": 1.7},
    {"no_repeat_ngram": 2},
    {"no_repeat_ngram": 3, "top_k": 40},
    {"frequency_penalty": 0.8},
    {"presence_penalty": 1.5},
    {"repetition_penalty": 1.4, "frequency_penalty": 0.3, "presence_penalty": 0.5, "penalty_last_tokens": 6},
    {"dry_multiplier": 2.0, "dry_allowed_length": 1},
    {"dry_multiplier": 0.8, "dry_base": 1.3, "dry_allowed_length": 2},
    {"xtc_probability": 1, "xtc_threshold": 0.02},
    {"xtc_probability": 1, "xtc_threshold": 0.5, "temperature": 0.3},
    {"dynamic_temperature": 0.5},
    {"dynamic_temperature": 1.5, "dynamic_exponent": 2, "temperature": 0.8, "top_k": 30},
    {"mirostat_tau": 2.5},
    {"mirostat_tau": 3.5, "temperature": 0.6, "top_k": 2, "repetition_penalty": 2},
    {"banned_words": "I|9|the"},
    {"biased_words": "the=3|doo=1"},
    {"repetition_penalty": 1.3, "top_k": 60, "typical_p": 0.95, "top_p": 0.9, "min_p": 0.05,
     "temperature": 1.3},
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Wide initial weights: an untrained model's words are else all equally likely.
    return tiny_model(tmp_path_factory.mktemp("tiny") / "llama", spread=0.3)


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Any]:
    info = info_of(tiny_gguf(folder, folder / "tiny.gguf"), recognise)
    loaded = load_gguf(InlineLoading(info, folder))
    yield loaded.value
    assert loaded.close is not None
    loaded.close()


@pytest.fixture(scope="module")
def logits(folder: Path) -> tuple[Numbers, list[int]]:
    """What transformers says comes after the prompt, before any sampler; and the prompt's tokens."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    ids = AutoTokenizer.from_pretrained(folder)(PROMPT)["input_ids"]
    with torch.inference_mode():
        model = AutoModelForCausalLM.from_pretrained(folder).eval()
        return model(torch.tensor([ids])).logits[0, -1].double().numpy(), list(ids)


@pytest.mark.parametrize("values", SETTINGS, ids=str)
def test_llama_sampling_gives_the_probabilities_of_the_reference(
    values: dict[str, Any], server: Any, logits: tuple[Numbers, list[int]], tokenizer: Any
) -> None:
    params = ContinueParams(**{**OFF, **values})
    expected = probabilities(
        *logits, params, bias=_biases(tokenizer, params), breakers=_breakers(tokenizer),
        mu=2 * params.mirostat_tau,
    )  # fmt: skip
    found = _probabilities(server, params, len(expected))
    assert math.isclose(found.sum(), 1, abs_tol=1e-3)
    # llama.cpp rounds keys and values to 16 bit: of two tokens at a filter's edge it may keep the other.
    assert 0.5 * np.abs(found - expected).sum() < 0.01


@pytest.mark.parametrize("values", SETTINGS, ids=str)
def test_transformers_sampling_gives_the_probabilities_of_the_reference(
    values: dict[str, Any], logits: tuple[Numbers, list[int]], tokenizer: Any
) -> None:
    import torch

    params = ContinueParams(**{**OFF, **values})
    scores, seen = logits
    bias, breakers = _biases(tokenizer, params), _breakers(tokenizer)
    mu = 2 * params.mirostat_tau
    expected = probabilities(scores, seen, params, bias=bias, breakers=breakers, mu=mu)
    chain = processors(params, torch.Generator(), WordBiases(bias, {}), breakers)
    assert isinstance(chain.pop(), GumbelDraw)
    found = torch.from_numpy(scores)[None]
    for processor in chain:
        found = processor(torch.tensor([seen]), found)
    np.testing.assert_allclose(found[0].softmax(-1).numpy(), expected, atol=1e-6)


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)


def _biases(tokenizer: Any, params: ContinueParams) -> dict[int, float]:
    """The tokens that read a word, alone or after a space, by reading all of the vocabulary."""
    wanted: dict[str, float] = {}
    for word in params.banned_words.split("|") if params.banned_words else ():
        wanted |= {word: -np.inf, f" {word}": -np.inf}
    for part in params.biased_words.split("|") if params.biased_words else ():
        word, number = part.split("=")
        wanted |= {word: float(number), f" {word}": float(number)}
    texts = {token: tokenizer.decode([token]) for token in range(len(tokenizer))}
    return {token: wanted[text] for token, text in texts.items() if text in wanted}


def _breakers(tokenizer: Any) -> frozenset[int]:
    texts = {token: tokenizer.decode([token]) for token in range(len(tokenizer))}
    return frozenset(token for token, text in texts.items() if set(text) & set('\n:"*'))


def test_breakers_are_found_in_the_vocabulary(tokenizer: Any) -> None:
    assert tokens_with(DRY_BREAKERS, tokenizer.get_vocab()) == _breakers(tokenizer)


def _probabilities(server: Any, params: ContinueParams, size: int) -> Numbers:
    """What llama.cpp tells of the first token, once the one it drew is a whole character."""
    found = np.zeros(size)
    for seed in range(50):
        chunks: list[Any] = []
        body = llama_sampling(params, seed, 128, server._biases(params)) | {
            "prompt": PROMPT, "max_tokens": 1, "n_probs": size, "post_sampling_probs": True,
        }  # fmt: skip
        server._server.handle_completions(body, lambda chunk, to=chunks: bool(to.append(chunk)))
        for choice in (choice for chunk in chunks for choice in chunk["choices"]):
            for entry in (choice.get("logprobs") or {"content": []})["content"]:
                for token in entry["top_probs"]:
                    found[token["id"]] = token["prob"]
        if found.any():
            return found
    raise AssertionError("no draw was a whole character")


@pytest.mark.parametrize("values", [*SETTINGS[6:10], *SETTINGS[11:14], SETTINGS[-1]], ids=str)
def test_likeliest_text_is_the_same_on_both_engines(
    values: dict[str, Any], folder: Path, server: Any, tmp_path: Path
) -> None:
    gguf = info_of(folder / "tiny.gguf", recognise)
    ctx = InlineContext(tmp_path, models={"tiny": gguf})
    ctx.loaded[(load_gguf.__qualname__, "tiny", "")] = server
    wanted = {"text": SHORT, "model": "tiny", "max_new_tokens": 60, **OFF, **values}
    wanted["temperature"] = 0
    llama = run(CONTINUE, wanted, ctx=ctx)[-1]
    transformers = run(CONTINUE, wanted, models={"tiny": info_of(folder, recognise)})[-1]
    assert isinstance(llama, TextOutput)
    assert isinstance(transformers, TextOutput)
    assert llama.text == transformers.text
    facts = ("finish", "tokens", "prompt_tokens", "cut_tokens")
    assert [llama.extras[fact] for fact in facts] == [transformers.extras[fact] for fact in facts]
    assert int(llama.extras["tokens"] or 0) > 10
