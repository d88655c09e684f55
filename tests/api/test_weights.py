"""Weights files are known by content, and damaged ones are named as what they are."""

from __future__ import annotations

import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.api import ModelError
from studio.api.weights import kind_of, read_gguf_header, read_safetensors_header


def _safetensors(path: Path) -> Path:
    safetensors.numpy.save_file(
        {"a": np.zeros((3, 4), np.float32), "b": np.zeros(5, np.float16)}, path, {"format": "pt"}
    )
    return path


def _gguf(path: Path, architecture: str = "llama") -> Path:
    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value.encode())) + value.encode()

    pairs = [
        text("general.architecture") + struct.pack("<I", 8) + text(architecture),
        text("llama.context_length") + struct.pack("<II", 4, 2048),
        text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 2) + text("a") + text("b"),
        text("tokenizer.ggml.scores") + struct.pack("<IIQ", 9, 6, 2) + struct.pack("<ff", 0, 1),
    ]
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 7, len(pairs)) + b"".join(pairs))
    return path


def test_safetensors_header_tells_names_types_and_shapes(tmp_path: Path) -> None:
    header = read_safetensors_header(_safetensors(tmp_path / "x.safetensors"))
    assert header.tensors["a"].shape == (3, 4)
    assert header.tensors["b"].dtype == "F16"
    assert header.parameters == 17
    assert header.metadata == {"format": "pt"}


def test_gguf_header_tells_scalars_and_skips_lists(tmp_path: Path) -> None:
    header = read_gguf_header(_gguf(tmp_path / "x.gguf"))
    assert header.architecture == "llama"
    assert header.metadata["llama.context_length"] == 2048
    assert header.array_lengths == {"tokenizer.ggml.tokens": 2, "tokenizer.ggml.scores": 2}
    assert header.tensor_count == 7


@pytest.mark.parametrize("make", [_safetensors, _gguf])
def test_cut_short_says_so(make: Callable[[Path], Path], tmp_path: Path) -> None:
    path = make(tmp_path / "x")
    whole = path.read_bytes()
    path.write_bytes(whole[:-3])
    with pytest.raises(ModelError, match="cut short"):
        (read_gguf_header if make is _gguf else read_safetensors_header)(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (pickle.dumps({"a": 1}), "pickle"),
        (b"", "empty"),
        (b"<!DOCTYPE html><html>404", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00", "pointer"),
        (b"GGUF" + bytes(100), "GGUF file"),
        (b"\x00\x01\x02\x03 not at all", "not a safetensors file"),
    ],
)
def test_something_else_dressed_as_safetensors_is_named(
    content: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=said) as caught:
        read_safetensors_header(path)
    assert caught.value.remedy


def test_torch_archive_dressed_as_safetensors_is_named(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({}))
    assert kind_of(path) == "zip"
    with pytest.raises(ModelError, match="archive"):
        read_safetensors_header(path)


def test_offsets_that_lie_are_damage(tmp_path: Path) -> None:
    head = json.dumps({"a": {"dtype": "F32", "shape": [1000], "data_offsets": [0, 8]}}).encode()
    path = tmp_path / "x"
    path.write_bytes(struct.pack("<Q", len(head)) + head + bytes(8))
    with pytest.raises(ModelError, match="doesn't fit its shape"):
        read_safetensors_header(path)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_flipped_bytes_raise_nothing_but_model_errors(tmp_path: Path, data: st.DataObject) -> None:
    make, read = data.draw(
        st.sampled_from([(_safetensors, read_safetensors_header), (_gguf, read_gguf_header)])
    )
    path = make(tmp_path / "x")
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        read(path)
    except ModelError:
        return
