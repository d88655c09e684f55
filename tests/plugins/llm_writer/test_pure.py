"""The writer's pure parts: whole characters, stop strings, the cut, recognition."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st

from studio.api import ModelError
from studio_plugins.llm_writer.prompts import keep_end
from studio_plugins.llm_writer.recognise import recognise
from studio_plugins.llm_writer.streaming import StopStrings, TokenText


def _decode_bytes(tokens: Sequence[int]) -> str:
    return bytes(tokens).decode("utf-8", "replace")


@given(st.text(max_size=60))
def test_token_text_every_byte_a_token_joins_to_the_text_and_breaks_no_character(text: str) -> None:
    text = text.replace("\ufffd", "")
    stream = TokenText(_decode_bytes)
    pieces = [stream.push(byte) for byte in text.encode()]
    assert all("\ufffd" not in piece for piece in pieces)
    assert "".join(pieces) + stream.rest() == text


def test_token_text_broken_end_is_dropped() -> None:
    stream = TokenText(_decode_bytes)
    shown = [stream.push(byte) for byte in "ab😀".encode()[:-1]]
    assert "".join(shown) + stream.rest() == "ab"


@given(
    st.text("abc", max_size=40),
    st.lists(st.text("abc", min_size=1, max_size=4), max_size=3),
    st.data(),
)
def test_stop_strings_show_exactly_what_stands_before_the_first(
    text: str, stops: list[str], data: st.DataObject
) -> None:
    filter_ = StopStrings(stops)
    shown, rest = "", text
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        shown += filter_.push(rest[:size])
        assert not any(stop in shown for stop in stops)
        rest = rest[size:]
    shown += filter_.rest()
    # The first stop to be complete wins, wherever it began.
    ends = [(text.find(stop) + len(stop), text.find(stop)) for stop in stops if stop in text]
    if not ends:
        assert shown == text
    else:
        assert filter_.found
        assert text.startswith(shown)
        assert len(shown) <= max(begin for _, begin in ends)


def test_keep_end_keeps_less_than_asked_and_begins_at_a_word() -> None:
    text = " ".join(f"word{n}" for n in range(1000))
    end = keep_end(text, 1000, 100)
    assert text.endswith(end)
    assert end.startswith("word")
    assert 60 <= len(end.split()) <= 100


def test_recognise_folder_of_a_causal_model(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"architectures": ["LlamaForCausalLM"]}))
    safetensors.numpy.save_file(
        {"w": np.zeros((10, 10), np.float32)}, tmp_path / "model.safetensors"
    )
    facts = recognise(tmp_path)
    assert facts is not None
    assert (facts.family, facts.format, facts.parameters) == ("language", "huggingface", 100)
    assert "rewrites poorly" in facts.notes[0]


def test_recognise_refuses_pickled_weights(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"architectures": ["GPT2LMHeadModel"]}))
    (tmp_path / "pytorch_model.bin").write_bytes(b"PK\x03\x04....")
    with pytest.raises(ModelError, match="pickles"):
        recognise(tmp_path)


def test_recognise_says_which_shards_are_missing(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"architectures": ["GPT2LMHeadModel"]}))
    safetensors.numpy.save_file({"w": np.zeros(1, np.float32)}, tmp_path / "a.safetensors")
    index = {"weight_map": {"w": "a.safetensors", "v": "b.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(ModelError, match=r"b\.safetensors"):
        recognise(tmp_path)


def test_recognise_leaves_other_things_alone(tmp_path: Path) -> None:
    assert recognise(tmp_path) is None
    (tmp_path / "config.json").write_text(json.dumps({"architectures": ["ViTModel"]}))
    assert recognise(tmp_path) is None
