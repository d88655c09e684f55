"""Where a picture is painted anew, what the model sees of it, and that all the rest stays to the bit."""

from __future__ import annotations

import numpy as np
import pytest

from studio.api import Pixels, Placement, StudioError
from studio_plugins.diffusion_images.filling import filled, opaque
from studio_plugins.diffusion_images.fitting import Box, box_of, fit_for, seen_around
from studio_plugins.diffusion_images.parts import Part, extended, inpainted, mask_for, varied
from studio_plugins.diffusion_images.pasting import cut_out, pasted, weights


def _picture(height: int, width: int, seed: int = 1) -> Pixels:
    """Noise with noise for alpha, 0 and 255 among it."""
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 4), dtype=np.uint8)
    picture[..., 3] = np.random.default_rng(seed + 1).choice([0, 90, 255], (height, width))
    return picture


def _disc(height: int, width: int) -> np.ndarray:
    rows, columns = np.ogrid[:height, :width]
    inside = (rows - height / 2) ** 2 + (columns - width / 2) ** 2 < (min(height, width) / 4) ** 2
    return np.where(inside, 255, 0).astype(np.uint8)


def _painting(part: Part) -> np.ndarray:
    return np.random.default_rng(9).integers(0, 256, (*part.shape, 3), dtype=np.uint8)


def test_mask_of_the_same_proportions_is_scaled_to_its_picture() -> None:
    picture = _picture(50, 101)
    same = _disc(50, 101)
    assert mask_for(picture, same) is same
    assert mask_for(picture, None) is None
    half = np.zeros((25, 50), np.uint8)  # 50.5 wide, were there half pixels
    half[5:10, 10:20] = 255
    fitted = mask_for(picture, half)
    assert fitted is not None
    assert fitted.shape == (50, 101)
    assert (fitted[12:18, 24:38] == 255).all()
    assert not fitted[:7].any()
    assert not fitted[24:].any()


@pytest.mark.parametrize(("height", "width"), [(50, 90), (101, 50), (1, 1), (40, 101)])
def test_mask_of_other_proportions_is_refused(height: int, width: int) -> None:
    with pytest.raises(StudioError, match=f"{width} × {height} pixels, and the picture 101 × 50"):
        mask_for(_picture(50, 101), np.full((height, width), 255, np.uint8))


@pytest.mark.parametrize(
    ("height", "width"), [(1, 1), (1, 900), (37, 53), (64, 64), (200, 130), (1500, 700)]
)
def test_any_size_is_painted_in_whole_positions_near_the_models_own(
    height: int, width: int
) -> None:
    fit = fit_for(width, height, 64, 8)
    assert fit.painted[0] % 8 == fit.painted[1] % 8 == 0
    assert fit.painted[0] * fit.painted[1] <= 4 * 64 * 64
    picture = _picture(height, width)[..., :3]
    brought = fit.bring(picture)
    assert brought.shape == (fit.painted[1], fit.painted[0], 3)
    assert fit.take_back(brought).shape == picture.shape


def test_a_part_near_the_models_size_is_not_resampled() -> None:
    picture = _picture(70, 90)[..., :3]
    fit = fit_for(90, 70, 64, 8)
    brought = fit.bring(picture)
    np.testing.assert_array_equal(brought[:70, :90], picture)
    np.testing.assert_array_equal(fit.take_back(brought), picture)


def test_the_model_sees_the_padding_within_the_picture() -> None:
    around = seen_around(Box(100, 100, 140, 130), 20, 1000, 1000, 8)
    assert around.left <= 80
    assert around.top <= 80
    assert around.right >= 160
    assert around.bottom >= 150
    assert around.width % 8 == around.height % 8 == 0
    assert around.width < 100
    assert seen_around(Box(0, 0, 10, 10), 500, 30, 20, 8) == Box(0, 0, 30, 20)
    line = seen_around(Box(0, 500, 1000, 501), 0, 1000, 1000, 8)
    assert line.height >= 500, "a strip alone says nothing of what it belongs to"


def test_one_chosen_pixel_is_enough_for_a_position() -> None:
    mask = np.zeros((4000, 3000), np.uint8)
    mask[2500, 1700] = 1
    fit = fit_for(3000, 4000, 64, 8)
    positions = fit.positions(mask, 8)
    assert positions.sum() == 1
    assert positions[2500 * fit.scaled[1] // 4000 // 8, 1700 * fit.scaled[0] // 3000 // 8]
    part = inpainted(_picture(9, 9), np.full((9, 9), 255, np.uint8), 4, 0, 64, 8)
    assert part.positions is not None
    assert part.positions.all()


@pytest.mark.parametrize("feather", [0, 1, 5, 40])
def test_feather_runs_inwards_and_leaves_no_stroke_unpainted(feather: int) -> None:
    mask = np.zeros((60, 200), np.uint8)
    mask[5:55, 10:60] = 255
    mask[30, 100:180] = 255
    weight = weights(mask, feather)
    assert (weight[mask == 0] == 0).all()
    assert (weight[mask > 0] > 0).all()
    assert weight[30, 35] == pytest.approx(1, abs=0.45 if feather == 40 else 0)
    assert weight[30, 140] == 1, "a stroke of one pixel is thinner than any feather"
    if feather > 1:
        assert weight[5, 30] < weight[7, 30] < 1


def test_feather_of_a_round_part_has_no_stairs() -> None:
    """Along a circle around the middle the weight is nearly the same: stairs were seen as a pattern."""
    weight = weights(_disc(120, 120), 12)
    angles = np.linspace(0, 2 * np.pi, 200)
    rows, columns = (60 + 24 * np.sin(angles)).round(), (60 + 24 * np.cos(angles)).round()
    along = weight[rows.astype(int), columns.astype(int)]
    assert 0.3 < along.mean() < 0.7
    assert np.ptp(along) < 0.13
    steps = np.abs(np.diff(weight, axis=1))
    assert steps.max() < 1.6 / 12


def test_feather_does_not_fade_along_the_pictures_own_edge() -> None:
    mask = np.zeros((40, 40), np.uint8)
    mask[:, 20:] = 255
    weight = weights(mask, 8)
    assert (weight[:, 30:] == 1).all()
    assert (np.ptp(weight, axis=0) == 0).all()


@pytest.mark.parametrize("feather", [0, 6])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 30), (65, 43), (300, 200)])
def test_inpainting_leaves_unmasked_pixels_to_the_bit(
    height: int, width: int, feather: int
) -> None:
    picture = _picture(height, width)
    mask = _disc(height, width) if height > 1 else np.full((height, width), 255, np.uint8)
    part = inpainted(picture, mask, feather, 16, 64, 8)
    pixels, place = part.whole_picture(_painting(part))
    np.testing.assert_array_equal(pixels[mask == 0], picture[mask == 0])
    assert not np.array_equal(pixels, picture)
    assert place == Placement("image", 0, 0, width, height)


def test_inpainting_without_feather_shows_the_paint_as_it_is() -> None:
    picture = _picture(64, 64)
    part = inpainted(picture, _disc(64, 64), 0, 64, 64, 8)
    painting = _painting(part)
    pixels, _ = part.whole_picture(painting)
    chosen = _disc(64, 64) > 0
    np.testing.assert_array_equal(pixels[chosen][:, :3], painting[chosen])
    assert (pixels[chosen][:, 3] == 255).all()


def test_a_patch_over_the_picture_is_the_whole_picture() -> None:
    picture = _picture(120, 90)
    picture[..., 3] = 255
    mask = _disc(120, 90)
    part = inpainted(picture, mask, 5, 16, 64, 8)
    painting = _painting(part)
    expected, _ = part.whole_picture(painting)
    patch, place = part.patch(painting)
    assert patch.shape == (place.height, place.width, 4)
    assert place.width < 90
    assert place.height < 120
    over = picture.copy()
    here = slice(place.y, place.y + place.height), slice(place.x, place.x + place.width)
    share = patch[..., 3:].astype(np.float32) / 255
    over[here][..., :3] = (patch[..., :3] * share + over[here][..., :3] * (1 - share)).round()
    assert np.abs(over.astype(int) - expected).max() <= 1
    np.testing.assert_array_equal(over[mask == 0], picture[mask == 0])


def test_without_a_mask_the_transparent_is_filled_up_from_below() -> None:
    picture = _picture(50, 60)
    part = inpainted(picture, None, 8, 16, 64, 8)
    pixels, _ = part.whole_picture(_painting(part))
    solid = picture[..., 3] == 255
    np.testing.assert_array_equal(pixels[solid], picture[solid])
    assert (pixels[..., 3] == 255).all()


@pytest.mark.parametrize(
    ("mask", "said"),
    [
        (np.zeros((20, 30), np.uint8), "black all over"),
        (None, "nowhere transparent"),
    ],
)
def test_a_mask_that_can_not_be_meant_is_said(mask: np.ndarray | None, said: str) -> None:
    with pytest.raises(StudioError, match=said):
        inpainted(np.full((20, 30, 4), 255, np.uint8), mask, 8, 16, 64, 8)


@pytest.mark.parametrize(
    "sides", [(7, 0, 0, 0), (0, 5, 0, 0), (0, 0, 300, 0), (3, 4, 5, 6), (0, 0, 0, 64)]
)
def test_extending_leaves_the_picture_to_the_bit_and_says_where_it_belongs(
    sides: tuple[int, int, int, int],
) -> None:
    left, top, right, bottom = sides
    picture = _picture(47, 33)
    part = extended(picture, sides, 8, 32, 64, 8)
    pixels, place = part.whole_picture(_painting(part))
    assert pixels.shape == (47 + top + bottom, 33 + left + right, 4)
    np.testing.assert_array_equal(pixels[top : top + 47, left : left + 33], picture)
    assert place == Placement("image", -left, -top, 33 + left + right, 47 + top + bottom)
    new = np.ones(pixels.shape[:2], bool)
    new[top : top + 47, left : left + 33] = False
    assert (pixels[new][:, 3] == 255).all()


def test_the_seam_of_an_extension_has_no_step_and_fades_out() -> None:
    picture = np.full((64, 64, 4), (200, 60, 60, 255), np.uint8)
    part = extended(picture, (0, 0, 64, 0), 16, 64, 64, 8)
    assert part.shape == (64, 128)
    painting = np.full((64, 128, 3), (120, 100, 60), np.uint8)
    pixels, _ = part.whole_picture(painting)
    row = pixels[32, :, 0].astype(int)
    assert abs(row[63] - row[64]) <= 12
    assert (row[90:] == 120).all()
    assert (np.diff(row[63:]) <= 0).all()


def test_a_bright_line_at_the_old_edge_is_not_seen_by_the_model() -> None:
    """Scaling colours with an alpha edge by a filter that rings made one."""
    picture = np.full((100, 100, 4), (180, 120, 60, 255), np.uint8)
    part = extended(picture, (30, 30, 30, 30), 8, 32, 64, 8)
    assert part.fit.scaled != part.fit.part
    assert np.abs(part.colour.astype(int) - (180, 120, 60)).max() <= 8


def test_an_extension_beyond_all_measure_is_refused_before_memory_is_taken() -> None:
    with pytest.raises(StudioError, match="8200 × 16000"):
        extended(np.zeros((8000, 8, 4), np.uint8), (4096, 4000, 4096, 4000), 8, 32, 64, 8)


def test_varying_keeps_the_shape_of_what_is_visible() -> None:
    picture = _picture(90, 41)
    part = varied(picture, 64, 8)
    pixels, place = part.whole_picture(_painting(part))
    np.testing.assert_array_equal(pixels[..., 3], picture[..., 3])
    assert place == Placement("image", 0, 0, 41, 90)


def test_a_huge_picture_is_seen_small() -> None:
    huge = np.zeros((6000, 8000, 4), np.uint8)
    huge[..., 3] = 255
    mask = np.zeros((6000, 8000), np.uint8)
    mask[3000:3050, 4000:4100] = 255
    part = inpainted(huge, mask, 8, 64, 64, 8)
    assert part.box.width < 300
    assert part.shape[0] * part.shape[1] <= 4 * 64 * 64
    assert varied(huge, 64, 8).colour.size <= 3 * 4 * 64 * 64
    shown = part.shown(np.full((32, 32, 3), 255, np.uint8))
    assert max(shown.shape) <= 256
    assert shown.max() == 255


def test_what_is_hidden_has_no_colour() -> None:
    picture = np.zeros((33, 20, 4), np.uint8)
    picture[:, :10] = (10, 200, 30, 255)
    assert np.abs(opaque(picture).astype(int) - (10, 200, 30)).max() <= 1
    assert (opaque(np.zeros((3, 5, 4), np.uint8)) == 128).all()
    values = np.random.default_rng(1).random((7, 9, 2), np.float32)
    np.testing.assert_array_equal(filled(values, np.ones((7, 9), np.float32)), values)


def test_boxes_and_pasting_of_nothing() -> None:
    picture = _picture(5, 6)
    nothing = np.zeros((5, 6), np.float32)
    assert box_of(nothing) is None
    np.testing.assert_array_equal(pasted(picture, picture[..., :3], nothing), picture)
    assert not cut_out(picture[..., :3], nothing).any()
