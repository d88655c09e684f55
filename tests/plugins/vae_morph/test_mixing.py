"""Mixing latents: ends met to the bit, arcs that keep their length, hidden parts left out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from studio_plugins.vae_morph.mixing import (
    Array,
    Path,
    Whitening,
    swept,
    weights_where_visible,
)
from studio_plugins.vae_morph.mixing import mix as mixture_of

PATHS: tuple[Path, ...] = ("lerp", "slerp", "sweep")
PLAIN = Whitening(np.zeros((4, 1, 1), np.float32), np.ones((4, 1, 1), np.float32))


def mix(latents: list[Array], weights: Array, path: Path, whitening: Whitening) -> Array:
    return mixture_of(latents, weights, path, whitening).latent


def _latents(count: int, seed: int = 0) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.standard_normal((4, 6, 5)).astype(np.float32) for _ in range(count)]


def _weights(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


@pytest.mark.parametrize("path", PATHS)
def test_all_weight_on_one_is_that_one_to_the_bit(path: Path) -> None:
    latents = _latents(3)
    whitening = Whitening(np.full((4, 1, 1), 0.3, np.float32), np.full((4, 1, 1), 1.7, np.float32))
    for index in range(3):
        weights = np.eye(3, dtype=np.float32)[index]
        np.testing.assert_array_equal(mix(latents, weights, path, whitening), latents[index])
        spread = np.repeat(weights, 30).reshape(3, 6, 5)
        np.testing.assert_array_equal(mix(latents, spread, path, whitening), latents[index])


@pytest.mark.parametrize("path", PATHS)
def test_two_of_the_same_stay_the_same(path: Path) -> None:
    (latent,) = _latents(1)
    for share in (0.2, 0.5):
        mixed = mix([latent, latent.copy()], _weights(1 - share, share), path, PLAIN)
        np.testing.assert_allclose(mixed, latent, atol=1e-5)


@pytest.mark.parametrize("path", PATHS)
def test_a_small_step_is_a_small_change_everywhere_on_the_way(path: Path) -> None:
    latents = _latents(2)
    ways = [
        mix(latents, _weights(1 - share, share), path, PLAIN)
        for share in np.linspace(0, 1, 201, dtype=np.float32)
    ]
    steps = [float(np.abs(b - a).max()) for a, b in itertools.pairwise(ways)]
    assert max(steps) < 0.35
    assert np.allclose(ways[1], latents[0], atol=0.35)


def test_lerp_is_the_weighted_mean_whatever_the_whitening() -> None:
    latents = _latents(3)
    whitening = Whitening(np.full((4, 1, 1), 0.5, np.float32), np.full((4, 1, 1), 2, np.float32))
    expected = 0.2 * latents[0] + 0.3 * latents[1] + 0.5 * latents[2]
    mixed = mix(latents, _weights(0.2, 0.3, 0.5), "lerp", whitening)
    np.testing.assert_allclose(mixed, expected, atol=1e-5)


def test_slerp_keeps_the_length_of_the_latent() -> None:
    latents = _latents(2)
    latents[1] *= 2
    half = mix(latents, _weights(0.5, 0.5), "slerp", PLAIN)
    lengths = [np.linalg.norm(latent) for latent in latents]
    assert np.linalg.norm(half) == pytest.approx(np.mean(lengths), rel=1e-4)
    assert np.linalg.norm(half) > np.linalg.norm((latents[0] + latents[1]) / 2) * 1.1


def test_slerp_is_evenly_turned() -> None:
    first, second = np.zeros((2, 1, 2), np.float32), np.zeros((2, 1, 2), np.float32)
    first[0, 0, 0], second[1, 0, 1] = 1, 3
    plain = Whitening(np.zeros((2, 1, 1), np.float32), np.ones((2, 1, 1), np.float32))
    third = mix([first, second], _weights(2 / 3, 1 / 3), "slerp", plain)
    assert np.degrees(np.arctan2(third[1, 0, 1], third[0, 0, 0])) == pytest.approx(30, abs=1e-3)
    assert np.linalg.norm(third) == pytest.approx(1 + 2 / 3, abs=1e-5)


def test_slerp_of_opposite_equal_and_zero_latents_is_the_straight_way() -> None:
    (latent,) = _latents(1)
    for other in (-latent, latent, np.zeros_like(latent)):
        half = mix([latent, other], _weights(0.5, 0.5), "slerp", PLAIN)
        np.testing.assert_allclose(half, (latent + other) / 2, atol=1e-3)


def test_more_than_two_keep_their_length_too() -> None:
    latents = _latents(4)
    weights = _weights(0.25, 0.25, 0.25, 0.25)
    mixed = mix(latents, weights, "slerp", PLAIN)
    wanted = np.mean([np.linalg.norm(latent) for latent in latents])
    assert np.linalg.norm(mixed) == pytest.approx(wanted, rel=1e-3)
    shorter = np.linalg.norm(mix(latents, weights, "lerp", PLAIN))
    assert shorter < 0.7 * np.linalg.norm(mixed)


def test_latents_that_cancel_out_are_not_blown_up() -> None:
    first, second = _latents(2)
    third = -(first + second) + 0.001
    mixed = mix([first, second, third], _weights(1 / 3, 1 / 3, 1 / 3), "slerp", PLAIN)
    assert np.abs(mixed).max() < 0.01


def test_negative_weights_lead_away() -> None:
    first, second = _latents(2)
    for path in PATHS:
        away = mix([first, second], _weights(1.5, -0.5), path, PLAIN)
        assert np.linalg.norm(away - second) > np.linalg.norm(first - second)


def test_sweep_runs_from_top_to_bottom_and_is_half_done_halfway() -> None:
    half = swept(np.full((2, 8, 5), 0.5, np.float32))
    np.testing.assert_allclose(half.sum(axis=0), 1, atol=1e-6)
    rows = half[1].mean(axis=1)
    assert (np.diff(rows) < 0).all()
    assert rows[0] > 0.9
    assert rows[-1] < 0.1
    assert half[1].mean() == pytest.approx(0.5, abs=1e-5)


def test_hidden_parts_give_no_colour() -> None:
    hidden = np.ones((6, 5), np.float32)
    hidden[:3] = 0
    spread = weights_where_visible(_weights(0.5, 0.5), [hidden, None])
    np.testing.assert_allclose(spread[:, :3], np.array([0, 1])[:, None, None] * np.ones((2, 3, 5)))
    np.testing.assert_allclose(spread[:, 3:], 0.5)


def test_where_nothing_is_visible_the_weights_are_as_given() -> None:
    nothing = np.zeros((6, 5), np.float32)
    spread = weights_where_visible(_weights(0.3, 0.7), [nothing, nothing])
    np.testing.assert_allclose(spread[1], 0.7, atol=1e-6)


def test_opaque_pictures_keep_plain_weights() -> None:
    weights = _weights(0.3, 0.7)
    assert weights_where_visible(weights, [None, None]) is weights


@pytest.mark.parametrize("path", PATHS)
def test_shares_sum_to_one_and_one_alone_is_named(path: Path) -> None:
    latents = _latents(3)
    mixture = mixture_of(latents, _weights(0.2, 0.3, 0.5), path, PLAIN)
    np.testing.assert_allclose(mixture.shares.sum(axis=0), 1, atol=1e-5)
    assert mixture.alone is None
    assert mixture_of(latents, _weights(0, 1, 0), path, PLAIN).alone == 1
