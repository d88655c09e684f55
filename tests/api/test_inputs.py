"""What generators are given, and latents: read-only, in order, and finite or refused."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from studio.api import Inputs, Latent, LatentOutput
from studio.api.testing import blank_image


def _latent(value: float = 1.0) -> Latent:
    return Latent({"w": np.full((2, 3), value, np.float32)}, "toy.w", "hash")


def test_inputs_give_one_or_several_in_order_and_nothing_for_a_strange_name() -> None:
    first, second = blank_image(2, 3), blank_image(4, 5)
    inputs = Inputs.of({"one": first, "many": [first, second], "w": [_latent(1), _latent(2)]})
    np.testing.assert_array_equal(inputs.image("one"), first)
    assert [picture.shape for picture in inputs.images("many")] == [first.shape, second.shape]
    assert [float(latent.arrays["w"][0, 0]) for latent in inputs.latents("w")] == [1, 2]
    assert inputs.latent("one") is None
    assert inputs.image("w") is None
    assert inputs.image("nothing") is None
    assert "many" in inputs
    assert "nothing" not in inputs


def test_inputs_mask_is_brightness_and_nothing_where_transparent() -> None:
    picture = np.zeros((1, 3, 4), np.uint8)
    picture[0, 0] = (255, 255, 255, 255)
    picture[0, 1] = (255, 255, 255, 0)
    picture[0, 2] = (0, 0, 0, 255)
    grey = np.full((2, 2), 7, np.uint8)
    inputs = Inputs.of({"picture": picture, "grey": grey})
    mask = inputs.mask("picture")
    assert mask is not None
    assert mask.tolist() == [[255, 0, 0]]
    np.testing.assert_array_equal(inputs.mask("grey"), grey)
    assert inputs.mask("none") is None


def test_inputs_are_as_in_a_job_however_they_are_given() -> None:
    own = np.full((2, 3, 3), 9, np.uint8)
    given = Inputs.of({"picture": own, "mask": own[..., 0], "w": _latent()})
    for inputs in (given, pickle.loads(pickle.dumps(given, protocol=2))):
        picture, mask, latent = inputs.image("picture"), inputs.mask("mask"), inputs.latent("w")
        assert picture is not None
        assert mask is not None
        assert latent is not None
        assert picture.shape == (2, 3, 4)
        assert (picture[..., 3] == 255).all()
        for array in (picture, mask, latent.arrays["w"]):
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 1
    own[:] = 1  # whoever gave it may go on with it


def test_latent_keeps_read_only_copies_and_travels() -> None:
    array = np.zeros((2, 3), np.float32)
    latent = Latent({"b": array, "a": array}, "toy.w")
    array[:] = 7
    assert list(latent.arrays) == ["a", "b"]
    assert float(latent.arrays["a"].max()) == 0
    with pytest.raises(ValueError, match="read-only"):
        latent.arrays["a"][0] = 1
    again = pickle.loads(pickle.dumps(Inputs.of({"w": latent}), protocol=5)).latent("w")
    assert again is not None
    np.testing.assert_array_equal(again.arrays["a"], latent.arrays["a"])


@pytest.mark.parametrize(
    ("arrays", "error", "said"),
    [
        ({}, ValueError, "at least one"),
        ({"w": np.zeros(2)}, TypeError, "float64"),
        ({"w": np.array([np.nan], np.float32)}, ValueError, "not finite"),
        ({"w": np.zeros((0, 3), np.float32)}, ValueError, "empty"),
    ],
)
def test_latent_that_makes_no_sense_is_refused(
    arrays: dict[str, np.ndarray], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        Latent(arrays, "toy.w")
    with pytest.raises(error, match=said):
        LatentOutput(arrays, "toy.w", blank_image(2, 2))
