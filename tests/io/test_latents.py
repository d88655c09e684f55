"""Latents as files: the same bytes each time, read by others too, and refused when they are not sound."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.api import Latent, ModelError, StorageError, StudioError
from studio.io import latents
from studio.io.latents import encode_latent, read_latent, read_latent_facts

META = {latents.LAYOUT_KEY: "toy.w", latents.MODEL_KEY: "hash"}


def _latent() -> Latent:
    random = np.random.default_rng(0)
    w = random.normal(size=(4, 8)).astype(np.float32)
    return Latent({"w": w, "noise.0": np.ones((1,), np.float32)}, "toy.w", "hash")


def _file(folder: Path, arrays: dict[str, np.ndarray], metadata: dict[str, str] | None) -> Path:
    path = folder / "a.safetensors"
    path.write_bytes(safetensors.numpy.save(arrays, metadata))
    return path


def test_latent_comes_back_and_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(encode_latent(_latent()))
    again = read_latent(path)
    assert (again.layout, again.model_hash) == ("toy.w", "hash")
    assert read_latent_facts(path) == ("toy.w", "hash")
    for name, array in _latent().arrays.items():
        np.testing.assert_array_equal(again.arrays[name], array)
    assert encode_latent(again) == path.read_bytes()


def test_latent_is_what_the_formats_own_library_reads(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(encode_latent(_latent()))
    read = safetensors.numpy.load_file(path)
    np.testing.assert_array_equal(read["w"], _latent().arrays["w"])
    with safetensors.safe_open(path, "numpy") as file:
        assert file.metadata() == META


@pytest.mark.parametrize("kind", [np.float16, np.float64])
def test_other_floats_are_read_too(kind: type[np.floating], tmp_path: Path) -> None:
    path = _file(tmp_path, {"w": np.full(3, 0.5, kind)}, META)
    assert read_latent(path).arrays["w"].tolist() == [0.5] * 3


@pytest.mark.parametrize(
    ("array", "metadata", "said"),
    [
        (np.array([1, np.nan], np.float32), META, "not finite"),
        (np.array([np.inf], np.float32), META, "not finite"),
        (np.array([1e300]), META, "not finite"),
        (np.zeros((0, 4), np.float32), META, "empty"),
        (np.zeros(4, np.int64), META, "holds I64 numbers"),
        (np.zeros(4, np.float32), {"format": "pt"}, "no latent"),
        (np.zeros(4, np.float32), None, "no latent"),
    ],
)
def test_unsound_latents_are_refused_in_words(
    array: np.ndarray, metadata: dict[str, str] | None, said: str, tmp_path: Path
) -> None:
    with pytest.raises(StorageError, match=said) as caught:
        read_latent(_file(tmp_path, {"w": array}, metadata), where="the face")
    assert caught.value.where == "the face"


def test_bfloat16_is_refused_with_what_can_be_read(tmp_path: Path) -> None:
    entry = {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}
    text = json.dumps({"__metadata__": META, "w": entry}).encode()
    path = tmp_path / "a.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(4))
    with pytest.raises(StorageError, match="F32, F16, F64 can be read"):
        read_latent(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\x80\x04.", "pickle"),
        (struct.pack("<Q", 1 << 39) + b"{", "header claims"),
        (struct.pack("<Q", 1 << 20) + b"{", "cut short"),
        (b"<!DOCTYPE html>", "web page"),
    ],
)
def test_what_is_no_latent_is_named(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=said):
        read_latent(path)


def test_cut_missing_and_oversized_files_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.safetensors"
    with pytest.raises(StorageError, match="No such file"):
        read_latent(path)
    path.write_bytes(encode_latent(_latent())[:-1])
    with pytest.raises(ModelError, match="cut short"):
        read_latent(path)
    monkeypatch.setattr(latents, "MOST_BYTES", 10)
    with pytest.raises(StorageError, match="a latent has at most"):
        read_latent(path)


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_flipped_bytes_give_a_latent_or_a_clear_error(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(encode_latent(_latent()))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "a.safetensors"
    path.write_bytes(bytes(content))
    try:
        latent = read_latent(path)
    except StudioError:
        return
    assert all(np.isfinite(array).all() for array in latent.arrays.values())


def test_folder_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="not a file"):
        read_latent(tmp_path)


def test_header_longer_than_any_latents_is_not_parsed(tmp_path: Path) -> None:
    text = json.dumps({"__metadata__": {**META, "more": "x" * (2 << 20)}}).encode()
    path = tmp_path / "a.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text)
    with pytest.raises(StorageError, match="bytes of names"):
        read_latent(path)
