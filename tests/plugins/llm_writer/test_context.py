"""The prompt that is built from memory, notes and text: what goes in, what is cut, in real tokens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from studio.api import TextOutput
from studio.api.testing import run
from studio_plugins.llm_writer import folio_generators
from studio_plugins.llm_writer.context import (
    Sources,
    WorldNote,
    build_prompt,
    parse_world_notes,
    triggered,
)
from studio_plugins.llm_writer.params import ContinueParams
from studio_plugins.llm_writer.recognise import recognise
from tests.support.tiny_language import info_of, tiny_model

SPECS = {spec.id: spec for spec in folio_generators()}
MARA = WorldNote(("Mara", "keeper"), "Mara is old.")
DRAGON = WorldNote(("dragon",), "The dragon sleeps.")


def _words(text: str) -> int:
    return len(text.split())


def test_parts_stand_in_their_places() -> None:
    sources = Sources(
        "One.\nTwo.\nThe KEEPER went.\nFour", "Memory.", "Be brief.", 2, (MARA, DRAGON)
    )
    prompt = build_prompt(sources, 100, _words)
    assert prompt.text == (
        "Memory.\nMara is old.\n\nOne.\nTwo.\n[Author's note: Be brief.]\nThe KEEPER went.\nFour"
    )
    assert prompt.tokens == _words(prompt.text)
    assert prompt.cut_tokens == 0
    assert [(part.kind, part.tokens) for part in prompt.parts] == [
        ("memory", 1),
        ("author's note", 4),
        ("world note", 3),
        ("text", 6),
    ]


def test_text_alone_is_the_prompt() -> None:
    assert build_prompt(Sources("Once upon"), 10, _words).text == "Once upon"


@pytest.mark.parametrize(("depth", "place"), [(0, 3), (1, 2), (2, 1), (9, 0)])
def test_note_stands_so_many_lines_before_the_end(depth: int, place: int) -> None:
    sources = Sources("a\nb\nc", author_note="N", note_depth=depth)
    lines = build_prompt(sources, 100, _words).text.splitlines()
    assert lines.index("[Author's note: N]") == place


def test_text_loses_its_beginning_and_says_how_many_tokens() -> None:
    text = " ".join(str(number) for number in range(200))
    prompt = build_prompt(Sources(text, "remember this"), 50, _words)
    assert prompt.tokens == _words(prompt.text) <= 50
    assert prompt.text.startswith("remember this\n\n")
    assert prompt.text.endswith(" 199")
    part = prompt.parts[-1]
    assert part.tokens + part.cut_tokens == 200
    assert part.tokens == _words(part.text) > 30
    assert prompt.cut_tokens == part.cut_tokens


def test_memory_keeps_its_beginning_and_leaves_room_for_text() -> None:
    memory = " ".join(f"m{number}" for number in range(200))
    prompt = build_prompt(Sources("a b c", memory, "note"), 40, _words)
    assert prompt.text.startswith("m0 m1")
    assert prompt.text.endswith("a b c")
    kinds = {part.kind: part for part in prompt.parts}
    assert kinds["memory"].tokens <= 30
    assert kinds["memory"].tokens + kinds["memory"].cut_tokens == 200
    assert kinds["text"].cut_tokens == 0


def test_world_note_that_does_not_fit_is_left_out_and_told() -> None:
    long = WorldNote(("keeper",), "word " * 60)
    prompt = build_prompt(Sources("the keeper", world_notes=(long, MARA)), 40, _words)
    assert "word" not in prompt.text
    assert "Mara is old." in prompt.text
    assert [(part.name, part.tokens, part.cut_tokens) for part in prompt.parts[:2]] == [
        ("keeper", 0, 60),
        ("Mara", 3, 0),
    ]


def test_key_far_back_triggers_nothing() -> None:
    assert triggered([DRAGON], "dragon" + "x" * 5000) == []
    assert triggered([DRAGON], "x" * 5000 + "Dragon") == [DRAGON]


def test_world_notes_are_read_line_by_line_in_both_scripts() -> None:
    text = "Mara, keeper: She is old: very.\n\n 小玉\uff0c玉\uff1a她是守塔人。"
    assert parse_world_notes(text) == (
        WorldNote(("Mara", "keeper"), "She is old: very."),
        WorldNote(("小玉", "玉"), "她是守塔人。"),
    )
    with pytest.raises(ValidationError, match="line 2"):
        ContinueParams(world_notes="a: b\nnothing here")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tiny_model(tmp_path_factory.mktemp("m") / "a", context=256, spread=0.3)
    return {"tiny": info_of(folder, recognise)}


def test_context_shows_what_continue_reads(models: dict[str, Any], tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    values = {
        "text": "The fox ran over the hill; " * 40, "memory": "The fox is red.", "model": "tiny",
        "world_notes": "fox, vixen: It has a den.", "author_note": "Calm.", "max_new_tokens": 8,
    }  # fmt: skip
    shown = run(SPECS["writer.context"], values, models=models)[-1]
    written = run(SPECS["writer.continue"], values, models=models)[-1]
    assert isinstance(shown, TextOutput)
    assert isinstance(written, TextOutput)
    tokens = len(AutoTokenizer.from_pretrained(models["tiny"].path)(shown.text)["input_ids"])
    assert shown.extras["prompt_tokens"] == written.extras["prompt_tokens"] == tokens
    assert shown.extras["budget"] == 248
    assert tokens <= 248
    assert shown.extras["cut_tokens"] == written.extras["cut_tokens"]
    assert int(shown.extras["cut_tokens"] or 0) > 200
    kinds = [part["kind"] for part in json.loads(str(shown.extras["parts"]))]
    assert kinds == ["memory", "author's note", "world note", "text"]
