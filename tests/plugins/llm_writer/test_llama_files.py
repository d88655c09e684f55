"""GGUF files of many kinds on llama.cpp: too long texts, odd templates, little memory, strangers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psutil
import pytest

from studio.api import Cancelled, Loaded, MemoryShortage, ModelError, ParamsError, TextOutput
from studio.api.testing import InlineContext, InlineLoading, run
from studio.api.weights import GgufHeader
from studio_plugins.llm_writer import folio_generators
from studio_plugins.llm_writer.llama_engine import LlamaModel
from studio_plugins.llm_writer.llama_loading import AVAILABLE, context_that_fits, load_gguf
from studio_plugins.llm_writer.model import MAX_CONTEXT_TOKENS
from studio_plugins.llm_writer.recognise import recognise
from tests.support.tiny_gguf import tiny_gguf
from tests.support.tiny_language import info_of, tiny_model

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="xllamacpp has no wheel for this machine")

CONTINUE, REWRITE = folio_generators()[:2]
VALUES = {"model": "tiny", "max_new_tokens": 12, "temperature": 0}
NO_SYSTEM = (
    "{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('no system role') }}"
    "{% endif %}[{{ m['role'] }}]{{ m['content'] }}{% endfor %}"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny") / "llama", context=256, spread=0.3)


@pytest.fixture
def context(folder: Path, tmp_path: Path) -> Any:
    info = info_of(tiny_gguf(folder, tmp_path / "tiny.gguf", chat_template=NO_SYSTEM), recognise)
    loaded: Loaded[LlamaModel] = load_gguf(InlineLoading(info, tmp_path))
    ctx = InlineContext(tmp_path, models={"tiny": info})
    ctx.loaded[(load_gguf.__qualname__, "tiny", "")] = loaded.value
    yield ctx
    assert loaded.close is not None
    loaded.close()


def test_text_of_100_000_characters_is_cut_from_its_beginning_and_says_so(
    context: InlineContext,
) -> None:
    output = run(CONTINUE, {**VALUES, "text": "a fox " * 17_000}, ctx=context)[-1]
    assert isinstance(output, TextOutput)
    read, cut, made = (
        int(output.extras[name] or 0) for name in ("prompt_tokens", "cut_tokens", "tokens")
    )
    assert cut > 10_000
    assert 180 < read <= 244
    assert made == 12


def test_passage_to_rewrite_that_is_too_long_is_refused(context: InlineContext) -> None:
    with pytest.raises(ParamsError, match=r"\d{5} tokens; the model can read 244") as caught:
        run(REWRITE, {**VALUES, "text": "a fox " * 17_000}, ctx=context)
    assert caught.value.where == "text"


def test_template_without_a_system_role_gets_the_instruction_all_the_same(
    context: InlineContext,
) -> None:
    output = run(REWRITE, {**VALUES, "text": "The lighthouse"}, ctx=context)[-1]
    assert isinstance(output, TextOutput)
    assert int(output.extras["prompt_tokens"] or 0) > 60
    assert output.extras["tokens"] == 12


def test_unknown_architecture_is_named(folder: Path, tmp_path: Path) -> None:
    info = info_of(tiny_gguf(folder, tmp_path / "a.gguf", architecture="lmaoa"), recognise)
    with pytest.raises(ModelError, match="lmaoa"):
        load_gguf(InlineLoading(info, tmp_path))


def test_known_architecture_that_does_not_fit_is_called_damaged(
    folder: Path, tmp_path: Path
) -> None:
    info = info_of(tiny_gguf(folder, tmp_path / "a.gguf", architecture="mamba"), recognise)
    with pytest.raises(ModelError, match="though it knows its architecture 'mamba'"):
        load_gguf(InlineLoading(info, tmp_path))


def test_file_larger_than_the_free_memory_is_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        available = 10_000

    info = info_of(tiny_gguf(folder, tmp_path / "a.gguf"), recognise)
    monkeypatch.setattr(psutil, "virtual_memory", Full)
    with pytest.raises(MemoryShortage, match="memory"):
        load_gguf(InlineLoading(info, tmp_path))


def test_cancel_while_the_file_is_read_is_obeyed(folder: Path, tmp_path: Path) -> None:
    info = info_of(tiny_gguf(folder, tmp_path / "a.gguf"), recognise)
    with pytest.raises(Cancelled):
        load_gguf(InlineLoading(info, tmp_path, cancel_at=1))


def _header(**values: Any) -> GgufHeader:
    """Llama 2 of 7 billion parameters: a token's keys and values take half a megabyte."""
    metadata: dict[str, Any] = {
        "general.architecture": "llama", "llama.context_length": 131_072, "llama.block_count": 32,
        "llama.embedding_length": 4096, "llama.attention.head_count": 32,
    }  # fmt: skip
    metadata |= {f"llama.{key.replace('__', '.')}": value for key, value in values.items()}
    return GgufHeader(3, 291, metadata, {})


def test_context_is_bounded_by_the_cache_then_by_memory_and_never_tiny() -> None:
    token = 2 * 32 * 4096 * 2
    whole = context_that_fits(_header(), 100 << 30)
    assert whole * token == 1536 << 20
    little = context_that_fits(_header(), 1 << 30)
    assert little * token == 512 << 20
    assert context_that_fits(_header(), 0) == 512
    assert context_that_fits(_header(context_length=300), 0) == 300


def test_context_of_a_model_with_shared_heads_is_the_longest_read() -> None:
    assert context_that_fits(_header(attention__head_count_kv=8), 100 << 30) == min(
        MAX_CONTEXT_TOKENS, 12288
    )


def test_context_of_a_header_with_nonsense_is_that_of_a_usual_model() -> None:
    header = _header(context_length="long", block_count=-3)
    assert context_that_fits(header, 100 << 30) == 2048
