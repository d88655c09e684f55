"""Easing, walks, maps and noise: sums to one, ends met, nothing turns back."""

from __future__ import annotations

import itertools
import typing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_plugins.vae_morph.easing import Easing, eased, legs
from studio_plugins.vae_morph.maps import PrincipalMap, corner_weights, grid_places
from studio_plugins.vae_morph.noise import latent_noise
from studio_plugins.vae_morph.params import WalkParams
from studio_plugins.vae_morph.tiles import spans, tiles, window
from studio_plugins.vae_morph.walk import walk_weights

UNIT = st.floats(0, 1)


@pytest.mark.parametrize("easing", typing.get_args(Easing))
def test_easing_starts_at_0_ends_at_1_and_never_turns_back(easing: Easing) -> None:
    way = [eased(t, easing) for t in np.linspace(0, 1, 101)]
    assert way[0] == pytest.approx(0)
    assert way[-1] == pytest.approx(1)
    assert all(b >= a for a, b in itertools.pairwise(way))
    assert eased(-1, easing) == pytest.approx(0)
    assert eased(2, easing) == pytest.approx(1)


def test_open_walk_ends_on_the_last_picture() -> None:
    walk = legs(3, 4, False, "linear")
    assert len(walk) == 2 * 4 + 1
    assert walk[0] == (0, 1, 0.0)
    assert walk[-1] == (2, 2, 0.0)


def test_closed_walk_stops_a_frame_short_of_its_beginning() -> None:
    walk = legs(3, 4, True, "linear")
    assert len(walk) == 3 * 4
    assert walk[-1] == (2, 0, 0.75)


def test_walk_rests_at_each_picture_and_its_weights_sum_to_one() -> None:
    params = WalkParams(pictures=("a", "b", "c"), frames_per_leg=4, hold=3, closed=True)
    frames = walk_weights(params, 3)
    assert len(frames) == 3 * (4 + 3)
    for frame in frames:
        assert frame.sum() == pytest.approx(1)
    for start in (0, 7, 14):
        for frame in frames[start : start + 4]:
            assert frame[start // 7] == 1
    open_walk = walk_weights(params.model_copy(update={"closed": False}), 3)
    assert len(open_walk) == 2 * 4 + 1 + 3 * 3
    assert open_walk[-1][2] == 1


@given(st.sampled_from([2, 3, 4]), UNIT, UNIT)
@settings(max_examples=200, deadline=None)
def test_corner_weights_sum_to_one_and_are_not_negative(count: int, x: float, y: float) -> None:
    weights = corner_weights(count, x, y)
    assert weights.shape == (count,)
    assert weights.sum() == pytest.approx(1, abs=1e-5)
    assert (weights >= 0).all()


def test_corners_are_met() -> None:
    for index, (x, y) in enumerate([(0.0, 0), (1.0, 0), (0.0, 1), (1.0, 1)]):
        assert corner_weights(4, x, y)[index] == 1
    for index, (x, y) in enumerate([(0.5, 0), (0, 1), (1, 1)]):
        assert corner_weights(3, x, y)[index] == pytest.approx(1)
    np.testing.assert_allclose(corner_weights(3, 0.5, 2 / 3), 1 / 3, atol=1e-6)


def test_outside_the_triangle_counts_as_its_edge() -> None:
    assert corner_weights(3, 0, 0)[2] == 0
    assert corner_weights(3, 0.1, 0.0)[0] > corner_weights(3, 0.0, 0.5)[0]
    inside, outside = corner_weights(3, 0.26, 0.5), corner_weights(3, 0.24, 0.5)
    assert np.abs(inside - outside).max() < 0.05


@given(st.integers(2, 9), UNIT, UNIT, st.integers(0, 1000))
@settings(max_examples=100, deadline=None)
def test_principal_weights_sum_to_one(count: int, x: float, y: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    latents = [random.standard_normal((4, 3, 3)).astype(np.float32) for _ in range(count)]
    weights = PrincipalMap(latents).weights(x, y)
    assert weights.sum() == pytest.approx(1, abs=1e-4)


def test_principal_map_finds_the_two_directions_pictures_lie_in() -> None:
    random = np.random.default_rng(3)
    middle, a, b = (random.standard_normal((4, 3, 3)).astype(np.float32) for _ in range(3))
    places = [(-2, 0), (2, 0), (0, 1), (0, -1), (1, 0.5)]
    latents = [middle + u * a + v * b for u, v in places]
    found = PrincipalMap([np.asarray(latent, np.float32) for latent in latents])
    assert found.places.min() == pytest.approx(0, abs=1e-6) or found.places.max() == pytest.approx(
        1
    )
    for latent, (x, y) in zip(latents, found.places, strict=True):
        mixed = np.einsum("n,nchw->chw", found.weights(x, y), np.stack(latents))
        np.testing.assert_allclose(mixed, latent, atol=1e-4)
    mean = np.einsum("n,nchw->chw", found.weights(0.5, 0.5), np.stack(latents))
    np.testing.assert_allclose(mean, np.mean(latents, axis=0), atol=1e-5)


def test_principal_map_of_equal_pictures_is_flat() -> None:
    same = [np.ones((4, 2, 2), np.float32)] * 3
    np.testing.assert_allclose(PrincipalMap(same).weights(1, 0), 1 / 3, atol=1e-6)


def test_window_of_a_sheet_stays_on_the_map() -> None:
    places = grid_places(3, 0.95, 0.5, 0.4)
    assert len(places) == 9
    assert max(x for x, _ in places) == pytest.approx(1)
    assert min(x for x, _ in places) == pytest.approx(0.6)
    assert grid_places(1, 0.3, 0.9, 1.0) == [(0.5, 0.5)]


@pytest.mark.parametrize("coarseness", [0.0, 0.3, 0.7, 1.0])
def test_noise_has_the_same_deviation_everywhere_and_repeats(coarseness: float) -> None:
    drawn = np.stack([latent_noise((4, 9, 6), coarseness, seed) for seed in range(400)])
    np.testing.assert_allclose(drawn.std(axis=(0, 1)), 1, atol=0.12)
    np.testing.assert_array_equal(drawn[7], latent_noise((4, 9, 6), coarseness, 7))
    assert not np.array_equal(drawn[7], drawn[8])


def test_coarser_noise_is_smoother() -> None:
    def roughness(coarseness: float) -> float:
        noise = latent_noise((4, 16, 16), coarseness, 1)
        return float(np.abs(np.diff(noise, axis=2)).mean())

    assert roughness(0) > roughness(0.5) > roughness(0.9)
    assert roughness(1) == 0


@given(st.integers(1, 200), st.integers(8, 64), st.integers(0, 7))
@settings(max_examples=200, deadline=None)
def test_spans_cover_a_side_and_overlap(length: int, tile: int, overlap: int) -> None:
    found = spans(length, tile, overlap)
    assert found[0].start == 0
    assert found[-1].stop == length
    for one, two in itertools.pairwise(found):
        assert one.stop - two.start >= overlap
        assert two.start > one.start
    assert {span.length for span in found} == {min(length, tile)}


def test_windows_add_up_smoothly_and_reach_every_place() -> None:
    total = np.zeros((40, 23), np.float32)
    for rows, columns in tiles(40, 23, 16, 4):
        at = np.s_[rows.start : rows.stop, columns.start : columns.stop]
        total[at] += window(rows, columns, 40, 23, 4)
    assert (total > 0).all()
    assert window(*next(iter(tiles(8, 8, 16, 4))), 8, 8, 4).min() == 1
