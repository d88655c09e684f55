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
from studio.core.fields import fields_of
from studio_plugins.llm_writer.params import ContinueParams
from studio_plugins.llm_writer.prompts import keep_end, rewrite_messages, without_system
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


def test_keep_end_of_a_growing_text_keeps_its_beginning_for_a_while() -> None:
    """So that a model finds in its cache what it read before."""
    words = [f"word{n:04}" for n in range(1000)]
    begins = {
        keep_end(" ".join(words[:count]), count, 100).split()[0] for count in range(900, 1000)
    }
    assert len(begins) < 40


def test_without_system_joins_the_instruction_to_the_passage() -> None:
    messages = rewrite_messages("Make it shorter", "A long text.")
    [joined] = without_system(messages)
    assert joined["role"] == "user"
    assert "Make it shorter." in joined["content"]
    assert joined["content"].endswith("A long text.")
    assert without_system([joined]) == [joined]


def _gguf(path: Path, **values: object) -> Path:
    import gguf

    writer = gguf.GGUFWriter(path, str(values.pop("architecture", "llama")))
    for name, value in values.items():
        key = name.replace("__", ".")
        if isinstance(value, int):
            writer.add_uint32(key, value)
        else:
            writer.add_string(key, str(value))
    writer.add_tensor("token_embd.weight", np.zeros((4, 4), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_recognise_leaves_ggufs_of_other_things_alone(tmp_path: Path) -> None:
    assert recognise(_gguf(tmp_path / "llama.gguf")) is not None
    assert recognise(_gguf(tmp_path / "bert.gguf", architecture="bert")) is None
    assert recognise(_gguf(tmp_path / "lora.gguf", general__type="adapter")) is None


def test_recognise_gguf_in_parts_wants_the_first_and_all(tmp_path: Path) -> None:
    first = _gguf(tmp_path / "m-00001-of-00002.gguf", split__count=2)
    with pytest.raises(ModelError, match=r"missing: m-00002-of-00002\.gguf"):
        recognise(first)
    second = _gguf(tmp_path / "m-00002-of-00002.gguf", split__count=2)
    assert recognise(first) is not None
    with pytest.raises(ModelError, match="not the first") as caught:
        recognise(second)
    assert "-00001-of-00002.gguf" in caught.value.remedy


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


def test_numbers_whose_least_value_switches_off_say_so() -> None:
    said = {field.name: field.least_means for field in fields_of(ContinueParams)}
    assert said["top_k"] == said["dry_multiplier"] == said["repetition_penalty"] == "off"
    assert said["penalty_last_tokens"] == "all of them"
    assert said["temperature"] == said["dry_base"] == ""
