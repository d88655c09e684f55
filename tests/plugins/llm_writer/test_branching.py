"""Going on from another word, several variants, and what was read used again: on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.api import TextDelta, TextOutput
from studio.api.testing import InlineContext, InlineLoading, run
from studio_plugins.llm_writer import folio_generators
from studio_plugins.llm_writer.llama_loading import AVAILABLE, load_gguf
from studio_plugins.llm_writer.prompt_cache import PORTION_TOKENS
from studio_plugins.llm_writer.recognise import recognise
from studio_plugins.llm_writer.transformers_loading import load_folder
from tests.support.tiny_gguf import tiny_gguf
from tests.support.tiny_language import CHAT_TEMPLATE, info_of, tiny_model

SPECS = {spec.id: spec for spec in folio_generators()}
CONTINUE, REWRITE = SPECS["writer.continue"], SPECS["writer.rewrite"]
WITH_LLAMA = pytest.mark.skipif(not AVAILABLE, reason="xllamacpp has no wheel for this machine")
ENGINES = ["transformers", pytest.param("llama", marks=WITH_LLAMA)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tiny") / "llama"
    return tiny_model(place, spread=0.3, chat=True, context=1024)


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Any]:
    path = tiny_gguf(folder, folder / "tiny.gguf", chat_template=CHAT_TEMPLATE)
    loaded = load_gguf(InlineLoading(info_of(path, recognise), folder))
    yield loaded.value
    assert loaded.close is not None
    loaded.close()


@pytest.fixture
def context(request: pytest.FixtureRequest, folder: Path, tmp_path: Path) -> InlineContext:
    if request.param == "transformers":
        return InlineContext(tmp_path, seed=3, models={"tiny": info_of(folder, recognise)})
    server = request.getfixturevalue("server")
    models = {"tiny": info_of(folder / "tiny.gguf", recognise)}
    ctx = InlineContext(tmp_path, seed=3, models=models)
    ctx.loaded[(load_gguf.__qualname__, "tiny", "")] = server
    return ctx


def _outputs(spec: Any, values: dict[str, Any], ctx: InlineContext) -> list[TextOutput]:
    ctx.outputs.clear()
    given = {"model": "tiny", "max_new_tokens": 12, **values}
    outputs = run(spec, given, ctx=ctx)
    return [output for output in outputs if isinstance(output, TextOutput)]


@pytest.mark.parametrize("context", ENGINES, indirect=True)
@pytest.mark.parametrize("spec", [CONTINUE, REWRITE], ids=lambda spec: spec.id)
def test_prefix_begins_the_result_and_is_read_by_the_model(
    spec: Any, context: InlineContext
) -> None:
    values = {"text": "The keeper", "temperature": 0, "alternatives": 2}
    (plain,) = _outputs(spec, values, context)
    (branch,) = _outputs(spec, {**values, "prefix": " looked at the"}, context)
    assert branch.text.startswith(" looked at the")
    deltas = [output for output in context.outputs if isinstance(output, TextDelta)]
    assert "".join(delta.text for delta in deltas) == branch.text
    tokens = [int(output.extras["prompt_tokens"] or 0) for output in (plain, branch)]
    assert tokens[1] > tokens[0]
    assert branch.token_facts[0].text == " looked at the"
    assert branch.token_facts[0].tokens == 0
    if spec is CONTINUE:
        (same,) = _outputs(spec, {**values, "text": "The keeper looked at the"}, context)
        assert branch.text == " looked at the" + same.text


@pytest.mark.parametrize("context", ENGINES, indirect=True)
def test_variants_are_what_their_seeds_give_alone(context: InlineContext) -> None:
    values = {"text": "a fox ran over the hill; " * 30, "alternatives": 1}
    together = _outputs(CONTINUE, {**values, "variants": 3}, context)
    assert [output.seed for output in together] == [3, 4, 5]
    assert len({output.text for output in together}) == 3
    context.seed, context._rng = 5, None
    (alone,) = _outputs(CONTINUE, values, context)
    assert (alone.text, alone.seed) == (together[2].text, 5)
    assert alone.token_facts == together[2].token_facts


def test_prompt_that_was_read_is_used_again_to_the_last_bit(folder: Path, tmp_path: Path) -> None:
    info = info_of(folder, recognise)
    text = "a fox ran over the hill; " * 30
    edited = text[:-40] + "and slept. " * 3

    def facts(ctx: InlineContext, prompt: str) -> Any:
        values = {"text": prompt, "alternatives": 3, "temperature": 0}
        return _outputs(CONTINUE, values, ctx)[0].token_facts

    warm = InlineContext(tmp_path / "a", models={"tiny": info})
    cold = InlineContext(tmp_path / "b", models={"tiny": info})
    facts(warm, text)
    warm.steps.clear()
    assert facts(warm, edited) == facts(cold, edited)
    read = [step for step, _, message in warm.steps if message == "Reading the text"]
    anew = [step for step, _, message in cold.steps if message == "Reading the text"]
    assert len(anew) > 2
    assert read == anew[len(anew) - len(read) :]
    assert len(read) <= 1


def test_cancel_in_the_middle_of_writing_keeps_what_was_read_whole(
    folder: Path, tmp_path: Path
) -> None:
    from studio.api import Cancelled

    info = info_of(folder, recognise)
    values = {"text": "a fox ran over the hill; " * 30, "temperature": 0}
    ctx = InlineContext(tmp_path, models={"tiny": info})
    (expected,) = _outputs(CONTINUE, values, ctx)
    ctx.cancel_at = ctx.checks + 8
    with pytest.raises(Cancelled):
        _outputs(CONTINUE, values, ctx)
    ctx.cancel_at = None
    ctx.steps.clear()
    (again,) = _outputs(CONTINUE, values, ctx)
    assert again.text == expected.text
    assert [step for step, _, message in ctx.steps if message == "Reading the text"] == []
    model: Any = ctx.loaded[(load_folder.__qualname__, "tiny", "")]
    assert model._read._cache.get_seq_length() % PORTION_TOKENS == 0
