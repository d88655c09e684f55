"""The starter model on llama.cpp: the same order gives the same numbers, whatever was written before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from studio.api import ModelInfo, TextOutput
from studio.api.testing import InlineContext, InlineLoading, run
from studio.library.starters import starter_models
from studio_plugins.llm_writer import folio_generators, rereading
from studio_plugins.llm_writer.llama_loading import AVAILABLE, load_gguf
from studio_plugins.llm_writer.recognise import recognise
from tests.support.tiny_language import info_of

pytestmark = [
    pytest.mark.skipif(not AVAILABLE, reason="xllamacpp has no wheel for this machine"),
    pytest.mark.timeout(600),
]

CONTINUE, REWRITE = folio_generators()[:2]
VALUES = {"model": "tiny", "max_new_tokens": 12, "temperature": 1.0, "top_k": 0, "seed": 5}
STORY = (
    "The lighthouse keeper climbed the stairs every evening, when the fishermen came home. He lit the "
    "lamp, wound the clock, and wrote into his book what the sea had looked like. Nobody read the book. "
    "One night in November the wind turned to the north, and a ship without lights passed so near that "
    "he heard somebody sing on her deck; he could not understand the words, but he knew the tune. It was "
    "the one his mother had sung, and he had never met another person who knew it. "
)


class _Recorded:
    """The server, and what it was asked and said: with the numbers of the likeliest tokens."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.numbers: list[Any] = []
        self.computed_tokens = 0

    def handle_completions(
        self, body: dict[str, Any], take: Callable[[Mapping[str, Any]], bool]
    ) -> None:
        def on_chunk(chunk: Mapping[str, Any]) -> bool:
            for choice in chunk.get("choices", ()):
                if body["max_tokens"]:
                    self.numbers.append(choice.get("logprobs"))
            progress = chunk.get("prompt_progress")
            if progress and progress["processed"] == progress["total"]:
                self.computed_tokens += progress["total"] - progress["cache"]
            return take(chunk)

        self._server.handle_completions({**body, "n_probs": 10}, on_chunk)

    def handle_chat_completions(self, *arguments: Any) -> None:
        self._server.handle_chat_completions(*arguments)


@pytest.fixture(scope="module")
def starter() -> ModelInfo:
    return info_of(next(p for p in starter_models() if p.suffix == ".gguf"), recognise)


@pytest.fixture
def short_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rereading, "PORTION_CHARACTERS", 150)
    monkeypatch.setattr(rereading, "_SEARCHED_CHARACTERS", 30)


class _Engine:
    """A llama.cpp of its own, as at the start of a process."""

    def __init__(self, starter: ModelInfo, folder: Path) -> None:
        self._entry = load_gguf(InlineLoading(starter, folder))
        self.recorded = _Recorded(self._entry.value._server)
        self._entry.value._server = self.recorded
        self._starter, self._folder = starter, folder

    def run(self, spec: Any, **values: Any) -> tuple[str, list[Any], int]:
        """The text, the numbers of its tokens, and how many tokens were read for it."""
        ctx = InlineContext(self._folder, seed=5, models={"tiny": self._starter})
        ctx.loaded[(load_gguf.__qualname__, "tiny", "")] = self._entry.value
        self.recorded.numbers, self.recorded.computed_tokens = [], 0
        output = run(spec, {**VALUES, **values}, ctx=ctx)[-1]
        assert isinstance(output, TextOutput)
        return output.text, self.recorded.numbers, self.recorded.computed_tokens

    def close(self) -> None:
        assert self._entry.close is not None
        self._entry.close()


def test_long_text_goes_on_as_in_a_new_process_and_is_not_read_all_again(
    starter: ModelInfo, short_portions: None, tmp_path: Path
) -> None:
    engine = _Engine(starter, tmp_path)
    written, _, _ = engine.run(CONTINUE, text=STORY)
    longer = STORY + written + " He went down"
    after_others = engine.run(CONTINUE, text=longer)
    engine.close()
    engine = _Engine(starter, tmp_path)
    fresh = engine.run(CONTINUE, text=longer)
    engine.close()
    assert any(fresh[1])
    assert after_others[:2] == fresh[:2]
    assert after_others[2] < 0.6 * fresh[2]


def test_record_run_again_after_other_things_gives_the_same(
    starter: ModelInfo, short_portions: None, tmp_path: Path
) -> None:
    engine = _Engine(starter, tmp_path)
    first = engine.run(CONTINUE, text=STORY)
    short = engine.run(CONTINUE, text=STORY[:90])
    engine.run(CONTINUE, text=STORY[:400] + "and laughed.")
    engine.run(REWRITE, text="He goed home.", instruction="Fix the grammar")
    assert engine.run(CONTINUE, text=STORY)[:2] == first[:2]
    assert engine.run(CONTINUE, text=STORY[:90])[:2] == short[:2]
    engine.close()
