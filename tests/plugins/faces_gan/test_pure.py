"""Seeds and layers as written, faces as numbers, pictures as fitted: all without a network."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.api import ParamsError
from studio_plugins.faces_gan.conditions import Conditions, slots_from_json
from studio_plugins.faces_gan.config import Misfit
from studio_plugins.faces_gan.faces import (
    eased,
    edit,
    face_from,
    lerp,
    mix,
    random_of,
    slerp,
    stops,
    truncate,
    vary,
)
from studio_plugins.faces_gan.pictures import fitted
from studio_plugins.faces_gan.spans import check_layers, parse_layers, parse_seeds

SLOTS = [
    {"name": "hair", "values": ["long", "short"], "shares": [3, 1]},
    {"name": "mouth", "values": ["a", "b"]},
]


def w(*numbers: float) -> np.ndarray:
    return np.array(numbers, np.float32)


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("", ()),
        (" , ", ()),
        ("5", (5,)),
        ("1, 5, 10-12", (1, 5, 10, 11, 12)),
        ("12-10", (12, 11, 10)),
        ("3 – 4,3..4", (3, 4, 3, 4)),
        (str(2**63 - 1), (2**63 - 1,)),
    ],
)
def test_seeds_are_read_in_the_order_written(text: str, seeds: tuple[int, ...]) -> None:
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["a", "1-", "-3", "1.5", "1 2", "1-2-3", "1" * 99, str(2**63)])
def test_what_is_no_seed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="seed"):
        parse_seeds(text)


def test_too_many_seeds_are_refused_before_they_are_made() -> None:
    assert len(parse_seeds("1-256")) == 256
    for text in ("1-257", "1-200, 1-200", f"0-{2**62}"):
        with pytest.raises(ValueError, match="at most 256"):
            parse_seeds(text)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_seeds_or_a_value_error(text: str) -> None:
    for parse in (parse_seeds, check_layers):
        with contextlib.suppress(ValueError):
            parse(text)


def test_layer_words_follow_the_paper_and_small_models_thirds() -> None:
    assert parse_layers("coarse", 18) == (0, 1, 2, 3)
    assert parse_layers("middle", 18) == (4, 5, 6, 7)
    assert parse_layers("fine", 18) == tuple(range(8, 18))
    assert [parse_layers(word, 6) for word in ("coarse", "middle", "fine")] == [
        (0, 1),
        (2, 3),
        (4, 5),
    ]
    assert parse_layers("", 4) == parse_layers("all", 4) == (0, 1, 2, 3)
    assert parse_layers("fine, 0-1, 1", 6) == (0, 1, 4, 5)
    assert parse_layers("4-99", 6) == (4, 5)
    assert parse_layers("99", 6) == ()


def test_truncation_draws_the_first_layers_to_the_mean() -> None:
    face, mean = np.ones((4, 2), np.float32), w(0, 3)
    np.testing.assert_array_equal(truncate(face, mean, 0.5, 0), np.tile([[0.5, 2]], (4, 1)))
    np.testing.assert_array_equal(truncate(face, mean, 0, 1)[:, 1], [3, 1, 1, 1])
    np.testing.assert_array_equal(truncate(face, mean, 1, 0), face)


def test_variation_stays_as_far_off_the_mean() -> None:
    random = np.random.default_rng(0)
    mean = random.normal(size=512).astype(np.float32)
    a, b = (mean + random.normal(size=(2, 512)).astype(np.float32) for _ in range(2))
    for spread in (0.0, 0.3, 0.7, 1.0):
        moved = vary(a, b, mean, spread, [0, 1])
        assert np.linalg.norm(moved - mean) == pytest.approx(np.linalg.norm(a - mean), rel=0.15)
    np.testing.assert_array_equal(vary(a, b, mean, 0.5, [1])[0], a[0])


def test_mixing_and_editing_touch_the_chosen_layers_alone() -> None:
    a, b = np.zeros((3, 2), np.float32), np.ones((3, 2), np.float32)
    np.testing.assert_array_equal(mix(a, b, [1])[:, 0], [0, 1, 0])
    np.testing.assert_array_equal(mix(a, b, [0, 2], 0.25)[:, 0], [0.25, 0, 0.25])
    directions = {"flat": w(1, 2), "rows": np.arange(6, dtype=np.float32).reshape(3, 2)}
    moved = edit(a, directions, {"flat": 2.0, "rows": -1.0}, [1])
    np.testing.assert_array_equal(moved, [[0, 0], [0, 1], [0, 0]])
    np.testing.assert_array_equal(a, np.zeros((3, 2)))


def test_slerp_keeps_the_length_and_meets_both_ends() -> None:
    random = np.random.default_rng(1)
    a, b = random.normal(size=(2, 64)).astype(np.float32)
    np.testing.assert_allclose(slerp(a, b, 0), a, rtol=1e-5)
    np.testing.assert_allclose(slerp(a, b, 1), b, rtol=1e-5)
    half_way = float(np.linalg.norm(slerp(a, b, 0.5)))
    assert half_way == pytest.approx((np.linalg.norm(a) + np.linalg.norm(b)) / 2, rel=1e-5)
    quarter = slerp(w(1, 0), w(0, 1), 1 / 3)
    np.testing.assert_allclose(quarter, [np.cos(np.pi / 6), np.sin(np.pi / 6)], rtol=1e-6)


@pytest.mark.parametrize(("a", "b"), [((1, 0), (1, 0)), ((1, 0), (-1, 0)), ((0, 0), (1, 0))])
def test_slerp_of_equal_opposite_or_no_directions_stays_finite(
    a: tuple[float, float], b: tuple[float, float]
) -> None:
    for fraction in (0, 0.25, 1):
        assert np.isfinite(slerp(w(*a), w(*b), fraction)).all()


def test_lerp_meets_the_end_exactly() -> None:
    a, b = w(0.1, 1e8), w(0.3, -0.1)
    np.testing.assert_array_equal(lerp(a, b, 1), b)
    np.testing.assert_array_equal(lerp(a, b, 0), a)


@pytest.mark.parametrize("easing", ["linear", "smooth", "in", "out"])
def test_easing_goes_from_zero_to_one_and_never_back(easing: str) -> None:
    way = [eased(step / 50, easing) for step in range(51)]
    assert (way[0], way[-1]) == (0, 1)
    assert way == sorted(way)


def test_walk_visits_each_face_and_closes_without_repeating_the_first() -> None:
    opened = stops(3, 2, closed=False, easing="linear")
    assert [(s.start, s.end, s.fraction) for s in opened] == [
        (0, 1, 0), (0, 1, 0.5), (1, 2, 0), (1, 2, 0.5), (2, 2, 0),
    ]  # fmt: skip
    closed = stops(3, 2, closed=True, easing="linear")
    assert [(s.start, s.end) for s in closed[-2:]] == [(2, 0), (2, 0)]
    assert len(closed) == 6
    assert len(stops(1, 5, closed=True, easing="linear")) == 1


def test_face_from_arrays_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="3 × 2, and the model's is 4 × 2"):
        face_from({"w": np.zeros((3, 2), np.float32)}, 4, 2)
    with pytest.raises(ValueError, match="none"):
        face_from({"x": w(1)}, 4, 2)


def test_seeds_beyond_32_bits_have_faces_of_their_own() -> None:
    draws = {float(random_of(seed).randn()) for seed in (0, 1, 1 << 32, (1 << 32) + 1, 2**63 - 1)}
    assert len(draws) == 5


def test_attribute_weights_decide_mix_or_leave_to_chance() -> None:
    conditions = Conditions(4, slots_from_json(SLOTS, 4))
    row = conditions.draw(
        np.random.RandomState(0), {"hair short": 1.0, "mouth a": 1.0, "mouth b": 3.0}
    )
    assert row is not None
    np.testing.assert_allclose(row, [0, 1, 0.25, 0.75])
    half = conditions.draw(np.random.RandomState(0), {"hair short": 0.25})
    assert half is not None
    assert half[:2].sum() == pytest.approx(1)
    random = np.random.RandomState(3)
    drawn = [conditions.draw(random, {}) for _ in range(400)]
    share = float(np.mean([one[0] for one in drawn if one is not None]))
    assert share == pytest.approx(0.75, abs=0.08)


def test_unconditional_models_refuse_conditions() -> None:
    nothing = Conditions(0)
    assert nothing.draw(np.random.RandomState(0), {}) is None
    with pytest.raises(ParamsError, match="no attributes"):
        nothing.draw(np.random.RandomState(0), {"hair long": 1.0})


@pytest.mark.parametrize(
    ("slots", "words"),
    [
        ([{"values": ["a"]}], "no name"),
        ([{"name": "a", "values": []}], "no values"),
        ([{"name": "a", "values": ["x", "y", "z"]}], "3 values in all"),
        ([{"name": "a", "values": ["x", "x"]}, {"name": "b", "values": ["x", "y"]}], "same name"),
        ([{"name": "a", "values": ["x", "y"], "shares": [1]}], "shares"),
        ([{"name": "a", "values": ["x", "y"], "shares": [0, 0]}], "shares"),
        ([{"name": "a", "values": ["x", "y"], "shares": [1, float("nan")]}], "shares"),
    ],
)
def test_attributes_that_make_no_sense_are_refused(slots: object, words: str) -> None:
    with pytest.raises(Misfit, match=words):
        slots_from_json(slots, 4)


def picture(height: int, width: int, colour: tuple[int, int, int, int]) -> np.ndarray:
    return np.full((height, width, 4), colour, np.uint8)


@pytest.mark.parametrize(
    ("height", "width"), [(1, 1), (1, 900), (7, 3), (32, 32), (33, 90), (500, 300), (2000, 1999)]
)
def test_picture_of_any_size_keeps_its_colour(height: int, width: int) -> None:
    square = fitted(picture(height, width, (255, 0, 128, 255)), 32)
    assert square.shape == (32, 32, 3)
    np.testing.assert_allclose(square, np.tile([1, -1, 128 / 127.5 - 1], (32, 32, 1)), atol=1e-5)


def test_huge_picture_needs_little_memory() -> None:
    # One row in memory, 20,000 times: what is copied of it would show.
    row = picture(1, 20_000, (10, 20, 30, 255))
    huge = np.broadcast_to(row, (20_000, 20_000, 4))
    assert fitted(huge, 64).std() < 1


def test_transparent_parts_become_white_and_the_middle_is_kept() -> None:
    clear = fitted(picture(8, 8, (0, 0, 0, 0)), 8)
    np.testing.assert_allclose(clear, 1)
    wide = picture(10, 30, (0, 0, 0, 255))
    wide[:, 10:20] = 255
    np.testing.assert_allclose(fitted(wide, 4), 1, atol=1e-6)


def test_shrinking_takes_the_mean_of_what_is_covered() -> None:
    stripes = picture(64, 64, (0, 0, 0, 255))
    stripes[:, ::2, :3] = 255
    small = fitted(stripes, 8)
    np.testing.assert_allclose(small, 0, atol=0.06)
    random = np.random.default_rng(0).integers(0, 256, (1024, 1024, 4), np.uint8)
    random[..., 3] = 255
    assert fitted(random, 16).mean() == pytest.approx(random[..., :3].mean() / 127.5 - 1, abs=0.01)
