"""The writer on real tiny transformers models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.api import Cancelled, ModelError, TextDelta, TextOutput
from studio.api.testing import InlineContext, check_generator, run
from studio_plugins.llm_writer import folio_generators
from studio_plugins.llm_writer.params import ContinueParams
from studio_plugins.llm_writer.recognise import recognise
from tests.support.tiny_language import info_of, tiny_model

CONTINUE, REWRITE = folio_generators()
VALUES = {"text": "The lighthouse", "model": "tiny", "seed": 5, "max_new_tokens": 12}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tiny_model(tmp_path_factory.mktemp("tiny") / "llama", chat=True)
    return {"tiny": info_of(folder, recognise)}


def _extras(outputs: list[Any]) -> Any:
    assert isinstance(outputs[-1], TextOutput)
    return outputs[-1].extras


def _text(outputs: list[Any]) -> str:
    assert isinstance(outputs[-1], TextOutput)
    return outputs[-1].text


@pytest.mark.parametrize("spec", [CONTINUE, REWRITE], ids=lambda spec: spec.id)
def test_generator_behaves(spec: Any, models: dict[str, Any]) -> None:
    assert check_generator(spec, VALUES, models=models) == []


@pytest.mark.parametrize("kind", ["gpt2", "qwen2"])
def test_other_architectures_write(kind: str, tmp_path: Path) -> None:
    info = info_of(tiny_model(tmp_path / kind, kind), recognise)
    outputs = run(REWRITE, {**VALUES, "instruction": "Shorten"}, models={"tiny": info})
    assert _extras(outputs)["tokens"] == 12


def test_seed_changes_the_text_and_zero_temperature_does_not(models: dict[str, Any]) -> None:
    def write(**values: Any) -> str:
        return _text(run(CONTINUE, {**VALUES, **values}, models=models))

    assert write(seed=1) != write(seed=2)
    assert write(seed=1, temperature=0) == write(seed=2, temperature=0)


def test_zero_temperature_is_generate_itself(models: dict[str, Any]) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    path = models["tiny"].path
    tokenizer = AutoTokenizer.from_pretrained(path)
    model = AutoModelForCausalLM.from_pretrained(path)
    ids = tokenizer("The lighthouse", return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        expected = model.generate(ids, max_new_tokens=12, do_sample=False)[0, ids.shape[1] :]
    outputs = run(CONTINUE, {**VALUES, "temperature": 0, "repetition_penalty": 1}, models=models)
    assert _text(outputs) == tokenizer.decode(expected, skip_special_tokens=True).rstrip("\ufffd")


def test_deltas_never_break_a_character(models: dict[str, Any]) -> None:
    outputs = run(
        CONTINUE, {**VALUES, "max_new_tokens": 100, "temperature": 2, "top_k": 0}, models=models
    )
    for output in outputs:
        if isinstance(output, TextDelta):
            output.text.encode("utf-8")
            assert not output.text.endswith("\ufffd")


def test_stop_string_is_never_shown(models: dict[str, Any]) -> None:
    whole = _text(run(CONTINUE, {**VALUES, "max_new_tokens": 60}, models=models))
    stop = whole[10:13]
    outputs = run(
        CONTINUE, {**VALUES, "max_new_tokens": 60, "stop": stop.replace("|", "")}, models=models
    )
    assert stop not in _text(outputs)
    assert _extras(outputs)["finish"] == "stop string"


def test_stop_and_keep_returns_what_is_there(models: dict[str, Any], tmp_path: Path) -> None:
    ctx = InlineContext(tmp_path, seed=5, models=models, stop_at=12)
    outputs = run(CONTINUE, {**VALUES, "max_new_tokens": 100}, ctx=ctx)
    assert _extras(outputs)["finish"] == "stopped"
    assert 0 < _extras(outputs)["tokens"] < 100


def test_text_of_100_000_characters_is_cut_from_its_beginning_and_says_so(
    models: dict[str, Any],
) -> None:
    outputs = run(CONTINUE, {**VALUES, "text": "a fox " * 17_000}, models=models)
    extras = _extras(outputs)
    assert extras["cut_tokens"] > 10_000
    assert extras["prompt_tokens"] + extras["tokens"] <= 128


def test_empty_text_still_writes(models: dict[str, Any]) -> None:
    assert run(CONTINUE, {**VALUES, "text": ""}, models=models)


def test_cancel_while_loading_is_obeyed(models: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        run(CONTINUE, VALUES, ctx=InlineContext(tmp_path, models=models, cancel_at=2))


def test_damaged_weights_and_missing_tokenizer_are_said(tmp_path: Path) -> None:
    broken = tiny_model(tmp_path / "a")
    info = info_of(broken, recognise)
    weights = broken / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ModelError, match="can't be loaded"):
        run(CONTINUE, VALUES, models={"tiny": info})
    bare = tiny_model(tmp_path / "b")
    for file in bare.glob("*token*"):
        file.unlink()
    with pytest.raises(ModelError, match="tokenizer"):
        run(CONTINUE, VALUES, models={"tiny": info_of(bare, recognise)})


def _reference(logits: np.ndarray, params: ContinueParams, seen: list[int]) -> np.ndarray:
    """The chain again, in float64 numpy, from the papers' definitions; probabilities."""
    scores = logits.astype(np.float64).copy()
    for token in set(seen):
        factor = params.repetition_penalty
        scores[token] = scores[token] / factor if scores[token] > 0 else scores[token] * factor

    def softmax(values: np.ndarray) -> np.ndarray:
        exps: np.ndarray = np.exp(values - values[np.isfinite(values)].max())
        return np.asarray(exps / exps.sum())

    if params.top_k:
        scores[scores < np.sort(scores)[-params.top_k]] = -np.inf
    if params.typical_p < 1:
        probs = softmax(scores)
        kept = np.where(probs > 0)[0]
        entropy = -(probs[kept] * np.log(probs[kept])).sum()
        order = kept[np.argsort(np.abs(-np.log(probs[kept]) - entropy), kind="stable")]
        count = int(np.searchsorted(np.cumsum(probs[order]), params.typical_p) + 1)
        scores[np.setdiff1d(np.arange(len(scores)), order[:count])] = -np.inf
    if params.top_p < 1:
        probs = softmax(scores)
        order = np.argsort(-probs, kind="stable")
        count = int(np.searchsorted(np.cumsum(probs[order]), params.top_p) + 1)
        scores[np.setdiff1d(np.arange(len(scores)), order[:count])] = -np.inf
    if params.min_p > 0:
        probs = softmax(scores)
        scores[probs < params.min_p * probs.max()] = -np.inf
    return softmax(scores / params.temperature)


@pytest.mark.parametrize(
    "values",
    [
        {"top_k": 5, "top_p": 1, "min_p": 0, "repetition_penalty": 1},
        {"top_k": 0, "top_p": 0.7, "min_p": 0, "repetition_penalty": 1},
        {"top_k": 0, "top_p": 1, "min_p": 0.2, "repetition_penalty": 1},
        {"top_k": 0, "top_p": 1, "min_p": 0, "typical_p": 0.6, "repetition_penalty": 1},
        {"top_k": 0, "top_p": 1, "min_p": 0, "repetition_penalty": 1.7},
        {"top_k": 20, "top_p": 0.9, "min_p": 0.05, "typical_p": 0.95, "temperature": 1.3},
    ],
)
def test_sampling_draws_as_the_reference_says(values: dict[str, Any]) -> None:
    import torch

    from studio_plugins.llm_writer.sampling import processors

    params = ContinueParams(**values)
    logits = np.random.default_rng(3).normal(0, 2, 50).astype(np.float32)
    seen = [1, 4, 7]
    expected = _reference(logits, params, seen)
    chain = processors(params, torch.Generator().manual_seed(0))
    ids, draws = torch.tensor([seen]).repeat(4000, 1), torch.from_numpy(logits).repeat(4000, 1)
    counts = np.bincount(chain(ids, draws).argmax(-1).numpy(), minlength=50) / 4000
    assert set(np.nonzero(counts)[0]) <= set(np.nonzero(expected)[0])
    np.testing.assert_allclose(counts, expected, atol=5 * np.sqrt(0.25 / 4000))


def test_no_repeat_ngram_forbids_the_token_that_would_repeat() -> None:
    import torch

    from studio_plugins.llm_writer.sampling import processors

    chain = processors(
        ContinueParams(no_repeat_ngram=2, temperature=0, repetition_penalty=1), torch.Generator()
    )
    scores = chain(torch.tensor([[5, 6, 7, 5]]), torch.zeros(1, 10))
    assert torch.isinf(scores).nonzero().tolist() == [[0, 6]]
