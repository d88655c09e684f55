"""Weights files are known by content, and damaged ones are named as what they are."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import random
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.api import ModelError
from studio.api._weights_gguf import _BLOCKS
from studio.api.weights import (
    WeightsKind,
    is_pickle,
    kind_of,
    read_gguf_header,
    read_safetensors_header,
    refuse,
)
from tests.support.weights_files import (
    gguf_pair,
    gguf_tensor,
    gguf_text,
    write_gguf,
    write_safetensors,
    write_safetensors_raw,
    write_torch_archive,
)

Reader = Callable[[Path], Any]
ONE = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


def test_safetensors_header_tells_names_types_and_shapes(tmp_path: Path) -> None:
    header = read_safetensors_header(write_safetensors(tmp_path / "x.safetensors"))
    assert header.tensors["a"].shape == (3, 4)
    assert header.tensors["b"].dtype == "F16"
    assert header.parameters == 17
    assert header.metadata == {"format": "pt"}


def test_gguf_header_tells_scalars_and_skips_lists(tmp_path: Path) -> None:
    header = read_gguf_header(write_gguf(tmp_path / "x.gguf"))
    assert header.architecture == "llama"
    assert header.metadata["llama.context_length"] == 2048
    assert header.metadata["llama.rope.freq_base"] == 10000.0
    assert header.metadata["general.file"] is True
    assert header.array_lengths == {
        "tokenizer.ggml.tokens": 2,
        "tokenizer.ggml.scores": 2,
        "nested": 1,
    }
    assert (header.tensor_count, header.parameters) == (2, 72)


def test_gguf_written_by_its_own_library_is_read(tmp_path: Path) -> None:
    writer = gguf.GGUFWriter(tmp_path / "x.gguf", "llama")
    writer.add_context_length(77)
    writer.add_token_list(["a", "狐"] * 100_000)  # more than one buffer of it
    writer.add_tensor("t", torch.zeros(3, 5).numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    header = read_gguf_header(tmp_path / "x.gguf")
    assert (header.architecture, header.parameters) == ("llama", 15)
    assert header.metadata["llama.context_length"] == 77
    assert header.array_lengths["tokenizer.ggml.tokens"] == 200_000


def test_gguf_tensor_sizes_are_those_of_its_own_library() -> None:
    theirs = {int(kind): size for kind, size in gguf.GGML_QUANT_SIZES.items()}
    for kind in _BLOCKS.keys() & theirs.keys():
        assert _BLOCKS[kind] == theirs[kind], kind


def _dressed_torch_archive(path: Path) -> bytes:
    return write_torch_archive(path).read_bytes()


def _zip(path: Path) -> bytes:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.gguf", b"GGUF")
    return path.read_bytes()


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (pickle.dumps({"a": 1}, 2), "pickle", "a Python pickle dressed as safetensors"),
        (pickle.dumps({"a": 1}), "pickle", "can run any program"),
        (_dressed_torch_archive, "zip-pickle", "a PyTorch archive dressed as safetensors"),
        (_zip, "zip", "a zip archive"),
        (b"PK\x03\x04 cut short", "zip-pickle", "a PyTorch archive"),
        (b"", "empty", "empty"),
        (b"<!DOCTYPE html><html>404", "html", "a web page"),
        (b"\xef\xbb\xbf \n<HTML><body>", "html", "a web page"),
        (b'<?xml version="1.0"?><Error>AccessDenied', "html", "a web page"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00",
            "git-lfs-pointer",
            "pointer",
        ),
        (b"GGUF" + bytes(100), "gguf", "a GGUF file"),
        (b"Access to model x is restricted. \xc3", "unknown", "begins “Access to model x"),
        (bytes(4096), "unknown", "nothing but zeros"),
        (b"\x00\x01\x02\x03\xff not at all", "unknown", "This is not a safetensors file"),
        (b"\x80", "unknown", "This is not a safetensors file"),
    ],
)
def test_something_else_dressed_as_safetensors_is_named(
    content: bytes | Callable[[Path], bytes], kind: WeightsKind, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content if isinstance(content, bytes) else content(tmp_path / "made"))
    assert kind_of(path) == kind
    assert is_pickle(path) == ("pickle" in kind)
    with pytest.raises(ModelError, match=said) as caught:
        read_safetensors_header(path)
    assert caught.value.remedy
    assert caught.value.where == str(path)


def test_torch_archive_is_a_pickle_by_the_names_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "x.bin"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/.format_version", b"1" * 2000)
        archive.writestr("archive/data.pkl", pickle.dumps({}))
        archive.writestr("archive/data/0", bytes(2 << 20))
    assert kind_of(path) == "zip-pickle"


def test_real_torch_file_is_a_pickle(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(3)}, tmp_path / "new.pt")
    torch.save({"a": torch.zeros(3)}, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    assert kind_of(tmp_path / "new.pt") == "zip-pickle"
    assert kind_of(tmp_path / "old.pt") == "pickle"


@pytest.mark.parametrize("length", [0x0280, 0x0380, 0x0480, 0x0580])
def test_safetensors_with_a_header_as_long_as_a_pickle_begins_is_no_pickle(
    length: int, tmp_path: Path
) -> None:
    path = write_safetensors_raw(tmp_path / "x", {"a": ONE}, bytes(8), length)
    assert path.read_bytes()[0] == 0x80
    assert kind_of(path) == "safetensors"
    assert read_safetensors_header(path).parameters == 2


def test_renamed_files_are_known_by_content(tmp_path: Path) -> None:
    assert read_safetensors_header(write_safetensors(tmp_path / "x.gguf")).parameters == 17
    assert read_gguf_header(write_gguf(tmp_path / "x.safetensors")).parameters == 72
    with pytest.raises(ModelError, match="safetensors file, not a GGUF") as caught:
        read_gguf_header(tmp_path / "x.gguf")
    assert "Rename" in caught.value.remedy


@pytest.mark.parametrize(
    ("make", "read"),
    [(write_safetensors, read_safetensors_header), (write_gguf, read_gguf_header)],
)
def test_cut_at_any_byte_is_refused_in_words(
    make: Callable[[Path], Path], read: Reader, tmp_path: Path
) -> None:
    path = make(tmp_path / "x")
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(ModelError) as caught:
            read(path)
        if size >= 16:
            assert "cut short" in caught.value.what, size
            assert "download" in caught.value.remedy


@pytest.mark.parametrize(
    ("header", "data", "said"),
    [
        ({"a": {**ONE, "shape": [1000]}}, bytes(8), "doesn't fit its shape"),
        ({"a": {**ONE, "data_offsets": [8, 0]}}, bytes(8), "doesn't fit its shape"),
        ({"a": {**ONE, "data_offsets": [8, 16]}}, bytes(16), "a gap before 'a'"),
        ({"a": ONE, "b": {**ONE, "data_offsets": [4, 12]}}, bytes(12), "other bytes within 'b'"),
        ({"a": ONE}, bytes(9), "1 bytes at its end"),
        ({"a": {**ONE, "dtype": "F3"}}, bytes(8), "'F3', which is not known"),
        ({"a": {**ONE, "dtype": ["F32"]}}, bytes(8), "which is not known"),
        ({"a": {**ONE, "shape": [-2]}}, bytes(8), "makes no sense"),
        ({"a": {**ONE, "shape": [2.0]}}, bytes(8), "makes no sense"),
        ({"a": {**ONE, "shape": [True, 2]}}, bytes(8), "makes no sense"),
        ({"a": {**ONE, "shape": "22"}}, bytes(8), "makes no sense"),
        ({"a": {**ONE, "shape": [1] * 100}}, bytes(8), "makes no sense"),
        ({"a": {**ONE, "shape": [10**200, 0]}}, bytes(8), "makes no sense"),
        ({"a": {"dtype": "F32"}}, bytes(8), "makes no sense"),
        ({"a": 3}, bytes(8), "makes no sense"),
        ({"__metadata__": 3}, b"", "metadata is no table"),
        (b'{"a": 1, "a": 2}', b"", "stands twice"),
        (b"{nonsense}", b"", "no JSON"),
        (b'{"a":' + b"[" * 50_000, b"", "no JSON"),
        (b'{"\xff": 1}', b"", "no JSON"),
        (b'{"a":[' + b"{}," * 600_000 + b"{}]}", b"", "more than any model has"),
        (b'{"a":[' + b"0," * 6_000_000 + b"0]}", b"", "more than any model has"),
    ],
)
def test_safetensors_header_that_lies_is_refused_with_the_reason(
    header: object, data: bytes, said: str, tmp_path: Path
) -> None:
    path = write_safetensors_raw(tmp_path / "x.safetensors", header, data)
    with pytest.raises(ModelError, match=said):
        read_safetensors_header(path)


def test_safetensors_header_that_claims_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(struct.pack("<Q", 200 << 20) + b'{"a": 1}')
    with pytest.raises(ModelError, match="claims 209,715,200 bytes"):
        read_safetensors_header(path)


_ARCHITECTURE = gguf_pair("general.architecture", 8, gguf_text("llama"))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"version": 1}, "has version 1"),
        ({"version": 0x03000000}, "other byte order"),
        ({"pairs": [_ARCHITECTURE] * 2}, "stands twice"),
        ({"pairs": [gguf_pair("a", 13, b"")]}, "unknown type 13"),
        ({"pairs": [gguf_pair("a", 9, struct.pack("<IQ", 13, 1))]}, "unknown type 13"),
        ({"pairs": [gguf_pair("a", 8, struct.pack("<Q", 1 << 60))]}, "a text claims"),
        ({"pairs": [struct.pack("<Q", 1 << 20)]}, "a text claims"),
        ({"pairs": [gguf_pair("a", 9, struct.pack("<IQ", 0, 1 << 60))]}, "a list claims"),
        ({"pairs": [gguf_pair("a", 9, struct.pack("<IQ", 9, 1) * 9)]}, "a list claims"),
        ({"pairs": [gguf_pair("general.alignment", 4, bytes(4))]}, "alignment is 0"),
        ({"pairs": [gguf_pair("general.alignment", 8, gguf_text("x"))]}, "alignment is x"),
        ({"tensors": [gguf_tensor("t", (1,) * 9, 0, 0)]}, "9 dimensions"),
        ({"tensors": [gguf_tensor("t", (1 << 40, 1 << 40), 0, 0)]}, "cut short"),
        ({"tensors": [gguf_tensor("t", (1,), 0, 1 << 63)]}, "cut short"),
        ({"tensors": [gguf_tensor("t", (8,), 999, 4096)]}, "cut short"),
    ],
)
def test_gguf_header_that_lies_is_refused_with_the_reason(
    raw: dict[str, Any], said: str, tmp_path: Path
) -> None:
    path = write_gguf(tmp_path / "x.gguf", **raw)
    with pytest.raises(ModelError, match=said):
        read_gguf_header(path)


def test_gguf_tensor_of_a_type_from_the_future_is_let_pass(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "x.gguf", tensors=[gguf_tensor("t", (8,), 999, 0)])
    assert read_gguf_header(path).parameters == 8


def test_gguf_counts_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 1 << 40, 1 << 40))
    with pytest.raises(ModelError, match="claims 1,099,511,627,776 tensors"):
        read_gguf_header(path)


@pytest.mark.parametrize("look", [kind_of, is_pickle, read_gguf_header, read_safetensors_header])
def test_what_is_no_file_is_said(look: Reader, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such file"):
        look(tmp_path / "nowhere")
    with pytest.raises(ModelError, match="a folder"):
        look(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_named_pipe_is_refused_without_waiting_for_its_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ModelError, match="not a regular file"):
        kind_of(tmp_path / "pipe")


def test_refuse_names_a_sound_file_in_the_wrong_place(tmp_path: Path) -> None:
    said = str(refuse(write_safetensors(tmp_path / "x.bin"), "a picture"))
    assert "safetensors file, not a picture" in said


def _reads_or_refuses(path: Path) -> None:
    """Every reader on one file: a value or a ModelError, within a few MB."""
    tracemalloc.start()
    try:
        for read in (kind_of, is_pickle, read_gguf_header, read_safetensors_header):
            with contextlib.suppress(ModelError):
                read(path)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


_FUZZ = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@_FUZZ
@given(st.sampled_from([write_safetensors, write_gguf]), st.data())
def test_flipped_bytes_raise_nothing_but_model_errors(
    tmp_path: Path, make: Callable[[Path], Path], data: st.DataObject
) -> None:
    path = make(tmp_path / "x")
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    _reads_or_refuses(path)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)
_ENTRY = st.fixed_dictionaries({"dtype": _JSON, "shape": _JSON, "data_offsets": _JSON})


@_FUZZ
@given(st.dictionaries(st.text(max_size=6), _ENTRY | _JSON, max_size=4))
def test_any_json_header_raises_nothing_but_model_errors(
    tmp_path: Path, header: dict[str, object]
) -> None:
    _reads_or_refuses(write_safetensors_raw(tmp_path / "x", json.dumps(header).encode(), bytes(8)))


@_FUZZ
@given(
    st.sampled_from([b"", b"GGUF\x03\0\0\0", b"PK\x03\x04", b"\x80\x02"]), st.binary(max_size=200)
)
def test_any_bytes_raise_nothing_but_model_errors(
    tmp_path: Path, start: bytes, rest: bytes
) -> None:
    path = tmp_path / "x"
    path.write_bytes(start + rest)
    _reads_or_refuses(path)


@_FUZZ
@given(st.integers(0, 2**32))
def test_any_list_of_values_raises_nothing_but_model_errors(tmp_path: Path, seed: int) -> None:
    """Lists and texts with wild lengths, which random bytes alone hardly ever spell."""
    draw = random.Random(seed)
    pairs = []
    for number in range(draw.randrange(6)):
        length = draw.choice([0, 1, 3, 200, 1 << 20, 1 << 40, (1 << 64) - 1])
        kind = draw.randrange(14)
        body = (
            struct.pack("<IQ", draw.randrange(14), length)
            if kind == 9
            else struct.pack("<Q", length)
        )
        pairs.append(gguf_pair(f"k{number}", kind, body + draw.randbytes(draw.randrange(30))))
    _reads_or_refuses(write_gguf(tmp_path / "x", pairs=pairs))
