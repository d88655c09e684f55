"""The writer on llama.cpp with the starter model; and GGUF without llama.cpp."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psutil
import pytest

from studio.api import ModelInfo, ParamsError, TextOutput
from studio.api.testing import InlineContext, InlineLoading, check_generator, run
from studio.library.starters import starter_models
from studio_plugins.llm_writer import folio_generators, gguf_conversion
from studio_plugins.llm_writer.llama_loading import load_gguf
from studio_plugins.llm_writer.recognise import recognise
from tests.support.tiny_gguf import tiny_gguf
from tests.support.tiny_language import info_of, tiny_model

CONTINUE, REWRITE = folio_generators()[:2]


@pytest.fixture(scope="module")
def starter() -> ModelInfo:
    path = next(path for path in starter_models() if path.suffix == ".gguf")
    return info_of(path, recognise)


@pytest.fixture
def context(starter: ModelInfo, loaded: Any, tmp_path: Path) -> InlineContext:
    """A context in which the starter is loaded already."""
    ctx = InlineContext(tmp_path, seed=3, models={"tiny": starter})
    ctx.loaded[(load_gguf.__qualname__, "tiny", "")] = loaded
    return ctx


@pytest.fixture(scope="module")
def loaded(starter: ModelInfo, tmp_path_factory: pytest.TempPathFactory) -> Any:
    entry = load_gguf(InlineLoading(starter, tmp_path_factory.mktemp("cache")))
    yield entry.value
    assert entry.close is not None
    entry.close()


def test_starter_writes_sense_and_opens_no_port(context: InlineContext) -> None:
    values = {
        "text": "The capital of France is",
        "model": "tiny",
        "temperature": 0,
        "max_new_tokens": 8,
    }
    output = run(CONTINUE, values, ctx=context)[-1]
    assert isinstance(output, TextOutput)
    assert "Paris" in output.text
    listening = [
        c for c in psutil.Process().net_connections("inet") if c.status == psutil.CONN_LISTEN
    ]
    assert listening == []


def test_starter_behaves(starter: ModelInfo) -> None:
    values = {"text": "Once upon a time", "model": "tiny", "seed": 2, "max_new_tokens": 6}
    assert check_generator(CONTINUE, values, models={"tiny": starter}) == []


def test_starter_rewrites_through_its_chat_template(context: InlineContext) -> None:
    values = {
        "text": "He goed to school.",
        "instruction": "Fix the grammar",
        "model": "tiny",
        "temperature": 0,
    }
    output = run(REWRITE, values, ctx=context)[-1]
    assert isinstance(output, TextOutput)
    assert "went" in output.text
    assert output.extras["finish"] == "end of text"


def test_multibyte_text_streams_whole(context: InlineContext) -> None:
    values = {"text": "从前有一座山,", "model": "tiny", "max_new_tokens": 24}
    outputs = run(CONTINUE, values, ctx=context)
    assert not any("\ufffd" in getattr(output, "text", "") for output in outputs[:-1])


def test_stop_string_ends_the_call(context: InlineContext) -> None:
    values = {"text": "One, two, three,", "model": "tiny", "temperature": 0, "max_new_tokens": 12}
    whole = run(CONTINUE, values, ctx=context)[-1]
    assert isinstance(whole, TextOutput)
    stop = whole.text[8:11]
    context.outputs.clear()
    output = run(CONTINUE, {**values, "stop": stop}, ctx=context)[-1]
    assert isinstance(output, TextOutput)
    assert output.text == whole.text[: whole.text.index(stop)]
    assert output.extras["finish"] == "stop string"


def test_setting_llama_lacks_is_refused_with_a_way_out(context: InlineContext) -> None:
    with pytest.raises(ParamsError, match="or to 2 and more") as caught:
        run(CONTINUE, {"text": "a", "model": "tiny", "no_repeat_ngram": 1}, ctx=context)
    assert caught.value.where == "no_repeat_ngram"


def test_character_cut_by_the_length_is_not_shown(context: InlineContext) -> None:
    values = {"text": "😀🎉😀🎉😀", "model": "tiny", "temperature": 0}
    for length in range(1, 9):
        context.outputs.clear()
        output = run(CONTINUE, {**values, "max_new_tokens": length}, ctx=context)[-1]
        assert isinstance(output, TextOutput)
        assert not output.text.endswith("\ufffd")
        assert output.extras["tokens"] == length


def test_without_llama_a_quantised_file_is_converted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny_model(tmp_path / "llama", spread=0.3)
    info = info_of(tiny_gguf(folder, tmp_path / "tiny.gguf", quantised="Q4_1"), recognise)
    loading = InlineLoading(info, tmp_path)
    model = gguf_conversion.load_converted(loading).value
    _assert_same_but_for_rounding(folder, loading.cache_dir / "from-gguf")
    ctx = InlineContext(tmp_path, models={"tiny": info})
    monkeypatch.setattr("studio_plugins.llm_writer.llama_loading.AVAILABLE", False)
    ctx.loaded[(gguf_conversion.load_converted.__qualname__, "tiny", "")] = model
    values = {"text": "The lighthouse", "model": "tiny", "temperature": 0, "max_new_tokens": 4}
    output = run(CONTINUE, values, ctx=ctx)[-1]
    assert isinstance(output, TextOutput)
    assert output.extras["engine"] == "transformers"
    assert output.extras["tokens"] == 4
    monkeypatch.setattr(gguf_conversion, "_convert", lambda loading: pytest.fail("converted twice"))
    gguf_conversion.load_converted(loading)


def _assert_same_but_for_rounding(folder: Path, converted: Path) -> None:
    """Q4_1 keeps 16 levels of each 32 weights; all must have come back, each in its own place."""
    from transformers import AutoModelForCausalLM

    original = AutoModelForCausalLM.from_pretrained(folder).state_dict()
    made = AutoModelForCausalLM.from_pretrained(converted).state_dict()
    assert made.keys() == original.keys()
    for name, weights in original.items():
        span = float(weights.max() - weights.min())
        assert float((made[name].float() - weights).abs().max()) <= span / 15, name
