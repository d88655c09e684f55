"""NVIDIA's pickles are read as data; whatever would run a program is refused, and nothing of it runs."""

from __future__ import annotations

import contextlib
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.api import ModelError
from studio_plugins.faces_gan.nvidia_pickle import NvidiaModel, read_nvidia_pickle
from studio_plugins.faces_gan.pickle_machine import read_pickle
from studio_plugins.faces_gan.pickle_values import AllowedValues, TensorPlace
from studio_plugins.faces_gan.recognise import recognise
from tests.support.tiny_gan import nvidia_pickle, tiny_generator


def read(path: Path) -> NvidiaModel:
    model = read_nvidia_pickle(path)
    assert model is not None
    return model


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_pickle_in_the_published_layout_gives_its_weights(tmp_path: Path, protocol: int) -> None:
    path = nvidia_pickle(tmp_path / "ffhq.pkl", protocol=protocol, c_dim=4, conv_clamp=256.0)
    model = read(path)
    expected = tiny_generator(c_dim=4).state_dict()
    got = model.generator.read()
    assert set(got) == set(expected)
    for name, value in expected.items():
        np.testing.assert_array_equal(got[name], value.numpy(), err_msg=name)
    assert (model.config.c_dim, model.config.resolution, model.config.z_dim) == (4, 16, 12)
    assert model.config.conv_clamp == 256
    assert model.config.mapping_learning_rate == pytest.approx(0.01)
    assert model.discriminator is not None
    assert "b16.fromrgb.weight" in model.discriminator.tensors
    facts = recognise(path)
    assert facts is not None
    assert (facts.family, facts.format, facts.title) == ("gan", "nvidia", "ffhq")


def test_mapping_of_another_learning_rate_is_told_by_its_gain(tmp_path: Path) -> None:
    path = nvidia_pickle(tmp_path / "a.pkl", mapping_learning_rate=1.0)
    assert read(path).config.mapping_learning_rate == pytest.approx(1)


class Runs:
    """Runs a command when unpickled the usual way."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.trace}",)


class Evaluates(Runs):
    def __reduce__(self) -> tuple[Any, ...]:
        return eval, (f"open({str(self.trace)!r}, 'w')",)


class Loads(Runs):
    """Hides the program in the bytes of a storage, which PyTorch would unpickle freely."""

    def __reduce__(self) -> tuple[Any, ...]:
        return torch.storage._load_from_bytes, (pickle.dumps(Runs(self.trace)),)


@pytest.mark.parametrize("planted", [Runs, Evaluates, Loads])
def test_pickle_that_would_run_a_program_is_refused_and_nothing_ran(
    tmp_path: Path, planted: type[Runs]
) -> None:
    trace = tmp_path / "ran"
    path = nvidia_pickle(tmp_path / "evil.pkl", extra=planted(trace))
    with pytest.raises(ModelError, match="refused: it asks for"):
        recognise(path)
    assert not trace.exists()
    # The usual way it does run, so the test would notice.
    with contextlib.suppress(Exception):
        pickle.loads(pickle.dumps(planted(trace)))
    assert trace.exists()


def test_program_text_in_the_file_never_becomes_a_module(tmp_path: Path) -> None:
    """The planted text would end this process."""
    assert read(nvidia_pickle(tmp_path / "a.pkl")).parameters > 1000


def test_tensorflow_pickle_says_how_to_convert_it(tmp_path: Path) -> None:
    path = tmp_path / "ffhq.pkl"
    path.write_bytes(b"\x80\x03cdnnlib.tflib.network\nNetwork\nq\x00)\x81q\x01}q\x02b.")
    with pytest.raises(ModelError, match=r"TensorFlow.*legacy\.py"):
        recognise(path)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.999])
def test_truncated_pickle_is_called_so(tmp_path: Path, share: float) -> None:
    path = nvidia_pickle(tmp_path / "a.pkl")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ModelError, match=r"cut short|damaged"):
        recognise(path)


def test_damaged_bytes_never_raise_anything_but_a_model_error(tmp_path: Path) -> None:
    path = nvidia_pickle(tmp_path / "a.pkl", discriminator=False)
    whole = path.read_bytes()
    random = np.random.default_rng(0)
    outcomes = set()
    for _ in range(300):
        damaged = bytearray(whole)
        for place in random.integers(0, len(whole), 6):
            damaged[place] = random.integers(256)
        path.write_bytes(damaged)
        try:
            model = read_nvidia_pickle(path)
            outcomes.add("read")
            if model is not None:
                model.generator.read()
        except ModelError:
            outcomes.add("refused")
    assert outcomes == {"read", "refused"}


def test_other_pickles_are_not_ours(tmp_path: Path) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps({"weights": [1.0, 2, -3, "x", None, True, {4}]}))
    assert recognise(path) is None


def test_network_of_another_kind_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.pkl"
    nvidia_pickle(path)
    path.write_bytes(path.read_bytes().replace(b"torgb", b"tofoo"))
    with pytest.raises(ModelError, match="architecture 'skip'"):
        recognise(path)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64, torch.int64])
def test_tensors_of_other_types_and_views_are_read(tmp_path: Path, dtype: torch.dtype) -> None:
    tensor = torch.arange(24).reshape(4, 6).to(dtype)[1:, ::2].t()
    path = tmp_path / "t.pkl"
    path.write_bytes(pickle.dumps(tensor))
    with path.open("rb") as file:
        place, _ = read_pickle(file, path, AllowedValues(file, path, path.stat().st_size))
        assert isinstance(place, TensorPlace)
        np.testing.assert_array_equal(place.read(file), tensor.float().numpy())


def test_tensor_that_claims_more_than_its_storage_is_damaged(tmp_path: Path) -> None:
    huge = torch.zeros(1).expand(1 << 40)
    path = tmp_path / "t.pkl"
    path.write_bytes(pickle.dumps({"G": huge}))
    with pytest.raises(ModelError, match="damaged"):
        read_nvidia_pickle(path)


def test_numpy_arrays_pass_as_data(tmp_path: Path) -> None:
    path = tmp_path / "a.pkl"
    nvidia_pickle(path, extra={"table": np.arange(5.0)})
    assert read(path).config.resolution == 16
