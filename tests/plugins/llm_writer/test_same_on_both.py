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
from studio_plugins.llm_writer.llama_engine import llama_sampling
from studio_plugins.llm_writer.llama_loading import AVAILABLE, load_gguf
from studio_plugins.llm_writer.params import ContinueParams
from studio_plugins.llm_writer.recognise import recognise
from tests.support.sampling_reference import Numbers, probabilities
from tests.support.tiny_gguf import tiny_gguf
from tests.support.tiny_language import info_of, tiny_model

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="xllamacpp has no wheel for this machine")

CONTINUE = folio_generators()[0]
PROMPT = "The lighthouse keeper looked at the lighthouse"
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
    values: dict[str, Any], server: Any, logits: tuple[Numbers, list[int]]
) -> None:
    params = ContinueParams(**{**OFF, **values})
    expected = probabilities(*logits, params)
    found = _probabilities(server, params, len(expected))
    assert math.isclose(found.sum(), 1, abs_tol=1e-3)
    # llama.cpp rounds keys and values to 16 bit: of two tokens at a filter's edge it may keep the other.
    assert 0.5 * np.abs(found - expected).sum() < 0.01


def _probabilities(server: Any, params: ContinueParams, size: int) -> Numbers:
    """What llama.cpp tells of the first token, once the one it drew is a whole character."""
    found = np.zeros(size)
    for seed in range(50):
        chunks: list[Any] = []
        body = llama_sampling(params, seed, 128) | {
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


@pytest.mark.parametrize("values", SETTINGS[-4:], ids=str)
def test_likeliest_text_is_the_same_on_both_engines(
    values: dict[str, Any], folder: Path, server: Any, tmp_path: Path
) -> None:
    gguf = info_of(folder / "tiny.gguf", recognise)
    ctx = InlineContext(tmp_path, models={"tiny": gguf})
    ctx.loaded[(load_gguf.__qualname__, "tiny", "")] = server
    wanted = {"text": PROMPT, "model": "tiny", "max_new_tokens": 60, **OFF, **values}
    wanted["temperature"] = 0
    llama = run(CONTINUE, wanted, ctx=ctx)[-1]
    transformers = run(CONTINUE, wanted, models={"tiny": info_of(folder, recognise)})[-1]
    assert isinstance(llama, TextOutput)
    assert isinstance(transformers, TextOutput)
    assert llama.text == transformers.text
    facts = ("finish", "tokens", "prompt_tokens", "cut_tokens")
    assert [llama.extras[fact] for fact in facts] == [transformers.extras[fact] for fact in facts]
    assert int(llama.extras["tokens"] or 0) > 10
