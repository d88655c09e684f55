"""What a model thinks of each token: told with the text, the same on both engines, by whole characters."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.api import StudioError, TextDelta, TextOutput, TokenFact
from studio.api.testing import InlineContext, InlineLoading, check_generator, run
from studio_plugins.llm_writer import folio_generators
from studio_plugins.llm_writer.llama_loading import AVAILABLE, load_gguf
from studio_plugins.llm_writer.llama_tokens import PrivateSocket, TokenService
from studio_plugins.llm_writer.recognise import recognise
from studio_plugins.llm_writer.scores import spans_of_pieces
from studio_plugins.llm_writer.token_facts import FactsInTheMaking
from tests.support.tiny_gguf import tiny_gguf
from tests.support.tiny_language import info_of, tiny_model

SPECS = {spec.id: spec for spec in folio_generators()}
CONTINUE, SCORE = SPECS["writer.continue"], SPECS["writer.score"]
TEXT = "The lighthouse keeper é 从前有一座山 😀 looked."
WITH_LLAMA = pytest.mark.skipif(not AVAILABLE, reason="xllamacpp has no wheel for this machine")
ENGINES = ["transformers", pytest.param("llama", marks=WITH_LLAMA)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny") / "llama", spread=0.3, chat=True)


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Any]:
    info = info_of(tiny_gguf(folder, folder / "tiny.gguf"), recognise)
    loaded = load_gguf(InlineLoading(info, folder))
    yield loaded.value
    assert loaded.close is not None
    loaded.close()


@pytest.fixture
def context(request: pytest.FixtureRequest, folder: Path, tmp_path: Path) -> InlineContext:
    """For the engine that the test is parametrised with, indirectly."""
    if request.param == "transformers":
        return InlineContext(tmp_path, seed=3, models={"tiny": info_of(folder, recognise)})
    server = request.getfixturevalue("server")
    ctx = InlineContext(tmp_path, seed=3, models={"tiny": info_of(folder / "tiny.gguf", recognise)})
    ctx.loaded[(load_gguf.__qualname__, "tiny", "")] = server
    return ctx


@pytest.fixture(scope="module")
def reference(folder: Path) -> Any:
    """(text or ids) -> (ids, (tokens, vocabulary) log-probabilities), by one plain forward pass."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)

    def logprobs(text: str | list[int]) -> tuple[list[int], np.ndarray[Any, Any], Any]:
        ids = list(tokenizer(text)["input_ids"]) if isinstance(text, str) else text
        with torch.inference_mode():
            logits = model(torch.tensor([ids])).logits[0].double()
        return ids, logits.log_softmax(-1).numpy(), tokenizer

    return logprobs


def _output(outputs: list[Any]) -> TextOutput:
    assert isinstance(outputs[-1], TextOutput)
    return outputs[-1]


@pytest.mark.parametrize("context", ENGINES, indirect=True)
def test_score_is_that_of_a_plain_forward_pass(context: InlineContext, reference: Any) -> None:
    output = _output(run(SCORE, {"text": TEXT, "model": "tiny", "alternatives": 3}, ctx=context))
    ids, logprobs, _ = reference(TEXT)
    facts = output.token_facts
    assert "".join(fact.text for fact in facts) == TEXT == output.text
    assert sum(fact.tokens for fact in facts) == len(ids) > len(facts)
    assert facts[0].logprob is None
    at, total = facts[0].tokens, 0.0
    for fact in facts[1:]:
        rows = range(at, at + fact.tokens)
        expected = sum(logprobs[row - 1, ids[row]] for row in rows)
        # llama.cpp rounds keys and values to 16 bit.
        assert fact.logprob == pytest.approx(expected, abs=0.05)
        at, total = at + fact.tokens, total + (fact.logprob or 0)
    expected_perplexity = math.exp(-total / (at - facts[0].tokens))
    assert output.extras["perplexity"] == pytest.approx(expected_perplexity)


@pytest.mark.parametrize("context", ENGINES, indirect=True)
def test_score_of_a_part_reads_what_stands_before(context: InlineContext) -> None:
    whole = _output(run(SCORE, {"text": TEXT, "model": "tiny"}, ctx=context)).token_facts
    cut = len("".join(fact.text for fact in whole[:6]))
    values = {"before": TEXT[:cut], "text": TEXT[cut:], "model": "tiny"}
    part = _output(run(SCORE, values, ctx=context)).token_facts
    assert [fact.text for fact in part] == [fact.text for fact in whole[6:]]
    for fact, same in zip(part, whole[6:], strict=True):
        assert fact.logprob == pytest.approx(same.logprob, abs=0.05)


@pytest.mark.parametrize("context", ENGINES, indirect=True)
def test_text_longer_than_the_context_is_scored_in_windows(context: InlineContext) -> None:
    text = "a fox ran over the hill; " * 20
    output = _output(run(SCORE, {"text": text, "model": "tiny", "alternatives": 0}, ctx=context))
    assert "".join(fact.text for fact in output.token_facts) == text
    assert output.extras["windows"] not in (None, 1)
    assert all(fact.logprob is not None for fact in output.token_facts[1:])


@pytest.mark.parametrize("context", ENGINES, indirect=True)
def test_written_tokens_carry_the_probabilities_of_a_plain_forward_pass(
    context: InlineContext, reference: Any
) -> None:
    prompt, compared = "The lighthouse keeper looked", 0
    _, _, tokenizer = reference(prompt)
    ids_of = {tokenizer.decode([token]): token for token in range(len(tokenizer))}
    for seed in range(6):
        context.seed, context._rng = seed, None
        context.outputs.clear()
        values = {"text": prompt, "model": "tiny", "alternatives": 4, "max_new_tokens": 12}
        output = _output(run(CONTINUE, values, ctx=context))
        assert "".join(fact.text for fact in output.token_facts) == output.text
        ids = list(tokenizer(prompt)["input_ids"])
        for fact in output.token_facts:
            if fact.tokens != 1 or "\ufffd" in fact.text:
                break  # which tokens these are is not told
            row = reference(ids)[1][-1]
            ids.append(ids_of[fact.text])
            compared += 1
            assert fact.logprob == pytest.approx(row[ids[-1]], abs=0.05)
            best = [tokenizer.decode([int(token)]) for token in np.argsort(-row)[:4]]
            found = {other.text: other.logprob for other in fact.alternatives}
            assert set(found) == {text for text in best if "\ufffd" not in text and text}
            for text, logprob in found.items():
                assert logprob == pytest.approx(row[ids_of[text]], abs=0.05)
    assert compared > 5


@pytest.mark.parametrize("context", ENGINES, indirect=True)
def test_streamed_facts_are_those_of_the_result(context: InlineContext) -> None:
    values = {"text": "从前", "model": "tiny", "alternatives": 2, "max_new_tokens": 60, "stop": "e"}
    outputs = run(CONTINUE, values, ctx=context)
    deltas = [output for output in outputs if isinstance(output, TextDelta)]
    told = tuple(fact for delta in deltas for fact in delta.token_facts)
    facts = _output(outputs).token_facts
    assert told == facts[: len(told)]
    assert "".join(delta.text for delta in deltas).startswith("".join(f.text for f in told))
    assert len(facts) - len(told) <= 1


@pytest.mark.parametrize("context", ENGINES, indirect=True)
def test_nothing_is_kept_where_nobody_asked(context: InlineContext) -> None:
    output = _output(
        run(CONTINUE, {"text": "The", "model": "tiny", "max_new_tokens": 5}, ctx=context)
    )
    assert output.token_facts == ()


def test_score_behaves(folder: Path) -> None:
    models = {"tiny": info_of(folder, recognise)}
    assert check_generator(SCORE, {"text": TEXT, "model": "tiny"}, models=models) == []


@WITH_LLAMA
def test_socket_answers_only_who_knows_the_key(server: Any) -> None:
    stranger = TokenService(PrivateSocket(server._where.folder, key="guessed"))
    with pytest.raises(StudioError, match="refused"):
        stranger.tokens("secret")
    assert server._where.folder.stat().st_mode & 0o077 == 0


@WITH_LLAMA
def test_socket_is_gone_with_the_model(folder: Path, server: Any) -> None:
    loaded = load_gguf(InlineLoading(info_of(folder / "tiny.gguf", recognise), folder))
    place = loaded.value._where.folder
    assert place.exists()
    assert loaded.close is not None
    loaded.close()
    assert not place.exists()


def test_pieces_within_a_character_share_its_span() -> None:
    data = "a前b".encode()
    pieces = [data[:2], data[2:3], data[3:4], data[4:]]
    assert spans_of_pieces("a前b", pieces) == [(0, 2), (1, 2), (1, 2), (2, 3)]


def test_space_put_in_front_by_a_tokenizer_is_no_part_of_the_text() -> None:
    assert spans_of_pieces("a b", [b" a", b" b"]) == [(0, 1), (1, 3)]
    assert spans_of_pieces("a b", [b"x", b" b"]) is None


def test_parts_of_a_character_become_one_fact() -> None:
    making = FactsInTheMaking()
    making.add("", 1, -1.0, ())
    making.add("前", 1, -0.5, ())
    making.add("x", 1, None, ())
    making.add("y", 1, -2.0, ())
    expected = [TokenFact("前", -1.5, (), 2), TokenFact("x", None), TokenFact("y", -2.0)]
    assert making.finished == expected
