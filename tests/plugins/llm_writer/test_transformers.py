"""The writer on real tiny transformers models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.api import Cancelled, ModelError, ParamsError, TextDelta, TextOutput
from studio.api.testing import InlineContext, InlineLoading, check_generator, run
from studio_plugins.llm_writer import folio_generators, prompt_cache
from studio_plugins.llm_writer.params import ContinueParams
from studio_plugins.llm_writer.prompt_cache import PORTION_TOKENS
from studio_plugins.llm_writer.recognise import recognise
from studio_plugins.llm_writer.transformers_loading import load_folder
from tests.support.sampling_reference import probabilities
from tests.support.tiny_language import info_of, tiny_model

CONTINUE, REWRITE = folio_generators()[:2]
VALUES = {"text": "The lighthouse", "model": "tiny", "seed": 5, "max_new_tokens": 12}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tiny_model(tmp_path_factory.mktemp("tiny") / "llama", chat=True, context=256)
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
    ctx = InlineContext(tmp_path, seed=5, models=models)
    run(CONTINUE, VALUES, ctx=ctx)  # loads the model
    ctx.stop_at = ctx.checks + 12
    outputs = run(CONTINUE, {**VALUES, "max_new_tokens": 100}, ctx=ctx)
    assert _extras(outputs)["finish"] == "stopped"
    assert 0 < _extras(outputs)["tokens"] < 100


def test_text_of_100_000_characters_is_cut_from_its_beginning_and_says_so(
    models: dict[str, Any],
) -> None:
    outputs = run(CONTINUE, {**VALUES, "text": "a fox " * 17_000}, models=models)
    extras = _extras(outputs)
    assert extras["cut_tokens"] > 10_000
    assert extras["prompt_tokens"] + extras["tokens"] <= 256


def test_passage_to_rewrite_that_is_too_long_is_refused(models: dict[str, Any]) -> None:
    with pytest.raises(ParamsError, match=r"\d{5} tokens; the model can read 244") as caught:
        run(REWRITE, {**VALUES, "text": "a fox " * 17_000}, models=models)
    assert caught.value.where == "text"


@pytest.fixture(scope="module")
def long_reader(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tiny_model(tmp_path_factory.mktemp("long") / "llama", context=2048, spread=0.3)
    return {"tiny": info_of(folder, recognise)}


def test_long_prompt_read_in_pieces_gives_the_text_of_one_piece(
    long_reader: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {**VALUES, "text": "a fox ran over the hill; " * 60, "temperature": 0}
    in_pieces = run(CONTINUE, values, models=long_reader)
    assert _extras(in_pieces)["prompt_tokens"] > 3 * PORTION_TOKENS
    monkeypatch.setattr(prompt_cache, "PORTION_TOKENS", 10_000)
    assert _text(in_pieces) == _text(run(CONTINUE, values, models=long_reader))


def test_cancel_while_a_long_prompt_is_read_is_obeyed_at_the_next_piece(
    long_reader: dict[str, Any], tmp_path: Path
) -> None:
    ctx = InlineContext(tmp_path, seed=5, models=long_reader)
    run(CONTINUE, VALUES, ctx=ctx)
    ctx.steps.clear()
    ctx.cancel_at = ctx.checks + 2
    with pytest.raises(Cancelled):
        run(CONTINUE, {**VALUES, "text": "a fox ran over the hill; " * 60}, ctx=ctx)
    done = [step for step, _, message in ctx.steps if message == "Reading the text"]
    assert done == [0, PORTION_TOKENS]


def test_space_before_the_caret_stands_once(models: dict[str, Any]) -> None:
    def write(text: str) -> list[Any]:
        return run(CONTINUE, {**VALUES, "text": text, "max_new_tokens": 30}, models=models)

    plain, spaced = write("The lighthouse"), write("The lighthouse ")
    assert _extras(spaced)["prompt_tokens"] == _extras(plain)["prompt_tokens"]
    assert _text(spaced) == _text(plain).removeprefix(" ")


def test_template_without_a_system_role_gets_the_instruction_all_the_same(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path / "a", chat=True, context=256)
    template = (
        "{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('no system role') }}"
        "{% endif %}[{{ m['role'] }}]{{ m['content'] }}{% endfor %}"
    )
    (folder / "chat_template.jinja").write_text(template)
    outputs = run(REWRITE, VALUES, models={"tiny": info_of(folder, recognise)})
    assert _extras(outputs)["prompt_tokens"] > 60
    assert _extras(outputs)["tokens"] == 12


def test_empty_text_still_writes(models: dict[str, Any]) -> None:
    assert run(CONTINUE, {**VALUES, "text": ""}, models=models)


def test_cancel_while_loading_is_obeyed(models: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        run(CONTINUE, VALUES, ctx=InlineContext(tmp_path, models=models, cancel_at=2))


def test_cancel_between_two_weights_is_obeyed(models: dict[str, Any], tmp_path: Path) -> None:
    loading = InlineLoading(models["tiny"], tmp_path)
    load_folder(loading)
    tensors = loading.checks - 3
    assert tensors > 10
    halfway = InlineLoading(models["tiny"], tmp_path, cancel_at=2 + tensors // 2)
    with pytest.raises(Cancelled):
        load_folder(halfway)
    assert halfway.checks == halfway.cancel_at


def test_weights_that_are_missing_are_said_not_made_up(tmp_path: Path) -> None:
    import safetensors.numpy

    folder = tiny_model(tmp_path / "a")
    file = folder / "model.safetensors"
    weights = safetensors.numpy.load_file(file)
    del weights["model.layers.1.mlp.up_proj.weight"]
    safetensors.numpy.save_file(weights, file, {"format": "pt"})
    with pytest.raises(ModelError, match=r"lacks 1 .*layers\.1\.mlp\.up_proj"):
        run(CONTINUE, VALUES, models={"tiny": info_of(folder, recognise)})


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
    expected = probabilities(logits, seen, params)
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
