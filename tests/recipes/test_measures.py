"""The measures on numbers whose answers are known."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest
import torch

Recipe = Callable[[str], ModuleType]


@pytest.fixture
def measures(recipe: Recipe) -> ModuleType:
    return recipe("measures")


def _drawn(count: int, seed: int, shift: float = 0.0, scale: float = 1.0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, 8, generator=generator) * scale + shift


def test_kid_of_one_distribution_is_about_zero(measures: ModuleType) -> None:
    same = measures.kid(_drawn(800, 1), _drawn(800, 2), subsets=40, size=200)
    moved = measures.kid(_drawn(800, 1), _drawn(800, 2, shift=0.3), subsets=40, size=200)
    assert abs(same.mean) < same.deviation
    assert moved.mean > 10 * abs(same.mean)
    assert moved.mean > 3 * moved.deviation


def test_kid_is_unbiased_in_the_number_of_pictures(measures: ModuleType) -> None:
    few = measures.kid(_drawn(2000, 1), _drawn(2000, 2, shift=0.3), subsets=100, size=50)
    many = measures.kid(_drawn(2000, 1), _drawn(2000, 2, shift=0.3), subsets=8, size=800)
    assert few.mean == pytest.approx(many.mean, rel=0.15)


def test_fid_of_two_gaussians_is_their_known_distance(measures: ModuleType) -> None:
    a, b = _drawn(8000, 1), _drawn(8000, 2, shift=0.5, scale=2.0)
    assert measures.fid(a, b) == pytest.approx(8 * 0.5**2 + 8 * (2 - 1) ** 2, rel=0.05)
    assert measures.fid(a, a) == pytest.approx(0, abs=1e-6)


def test_nearest_finds_the_copy_among_others(measures: ModuleType) -> None:
    corpus = _drawn(700, 3)
    distances, indices = measures.nearest(corpus[[5, 600]] + 1e-3, corpus)
    assert indices.tolist() == [5, 600]
    assert float(distances.max()) < 0.01


def test_near_duplicates_are_found_and_chance_pairs_are_not(measures: ModuleType) -> None:
    data = _drawn(1500, 4)
    threshold = measures.duplicate_threshold(data, size=100, sets=100)
    fresh = _drawn(100, 5)
    fresh[40] = fresh[7] + 0.01
    pairs = measures.near_duplicates(fresh, threshold)
    assert [pair[:2] for pair in pairs][:1] == [(7, 40)]
    assert len(pairs) <= 2


def test_greatest_difference_counts_values_that_one_side_lacks(measures: ModuleType) -> None:
    made = {"hair": ["long"] * 10}
    data = {"hair": ["long"] * 5 + ["bald"] * 5}
    assert measures.greatest_difference(made, data) == {"hair": 50.0}


def test_accuracy_counts_only_what_was_asked(measures: ModuleType) -> None:
    asked = [{"hair": "long"}, {"hair": "bald", "mouth": "sad"}, {}]
    read = {"hair": ["long", "long", "bun"], "mouth": ["happy", "sad", "sad"], "skin": ["tan"] * 3}
    assert measures.accuracy(asked, read) == {
        "hair": {"asked": 2, "read_back": 0.5, "by_value": {"bald": 0.0, "long": 1.0}},
        "mouth": {"asked": 1, "read_back": 1.0, "by_value": {"sad": 1.0}},
    }


def test_psnr_of_a_known_error(measures: ModuleType) -> None:
    black = torch.zeros(2, 3, 4, 4, dtype=torch.uint8)
    assert measures.psnr(black, black + 1).tolist() == pytest.approx([48.13, 48.13], abs=0.01)


def test_edges_are_weaker_in_a_blurred_picture(measures: ModuleType) -> None:
    sharp = torch.randint(0, 256, (4, 3, 16, 16), generator=torch.Generator().manual_seed(1))
    blurred = torch.nn.functional.avg_pool2d(sharp.float(), 3, 1, 1)
    assert measures.edges(blurred) < 0.6 * measures.edges(sharp)


def test_grid_places_pictures_in_rows(recipe: Recipe) -> None:
    sheets = recipe("sheets")
    pixels = torch.zeros(5, 3, 10, 10, dtype=torch.uint8)
    pixels[4, 0] = 255
    sheet = sheets.grid(pixels, 3)
    assert sheet.size == (3 * 14 + 4, 2 * 14 + 4)
    assert sheet.getpixel((4 + 14 + 5, 4 + 14 + 5)) == (255, 0, 0)
    assert sheet.getpixel((4 + 28 + 5, 4 + 14 + 5)) == (255, 255, 255)
