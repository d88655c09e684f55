"""Fitting: sizes, margins, what is cut, and colour under transparency."""

from __future__ import annotations

import typing

import numpy as np
import pytest

from studio_plugins.vae_morph.fit import Fit, Frame, coverage, filled, fitted, frame_of

FITS: tuple[Fit, ...] = typing.get_args(Fit)


def _picture(height: int, width: int, alpha: int = 255) -> np.ndarray:
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, 4), dtype=np.uint8)
    pixels[..., 3] = alpha
    return pixels


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (5, 7), (64, 64), (100, 37)])
def test_every_shape_comes_out_at_the_frame_s_size(fit: Fit, shape: tuple[int, int]) -> None:
    frame = frame_of(*shape, fit, 64, 8)
    found = fitted(_picture(*shape), frame, fit)
    assert found.colour.shape == (*frame.padded_shape, 3)
    assert found.colour.shape[0] % 8 == found.colour.shape[1] % 8 == 0
    assert found.alpha is None or found.alpha.shape == (frame.height, frame.width)
    if fit == "keep":
        assert (frame.height, frame.width) == shape


def test_keep_gives_the_very_pixels_with_edges_repeated() -> None:
    pixels = _picture(13, 10)
    found = fitted(pixels, frame_of(13, 10, "keep", 64, 8), "keep")
    np.testing.assert_array_equal(found.colour[:13, :10], pixels[..., :3])
    np.testing.assert_array_equal(found.colour[13:, :10], np.repeat(pixels[12:, :, :3], 3, axis=0))


def test_keep_makes_what_is_far_too_large_smaller() -> None:
    frame = frame_of(20_000, 10_000, "keep", 64, 8)
    assert frame.height * frame.width <= 16_010_000
    assert frame.height / frame.width == pytest.approx(2, abs=1e-3)


def test_crop_takes_the_middle() -> None:
    pixels = np.zeros((64, 192, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[:, 64:128, 0] = 255
    found = fitted(pixels, Frame(64, 64, 8), "crop")
    assert (found.colour[..., 0] == 255).mean() > 0.95
    assert found.alpha is None


def test_pad_keeps_all_and_its_margins_are_clear() -> None:
    pixels = _picture(32, 64)
    found = fitted(pixels, Frame(64, 64, 8), "pad")
    assert found.alpha is not None
    assert (found.alpha[16:48] == 255).all()
    assert (found.alpha[:16] == 0).all()
    np.testing.assert_array_equal(found.colour[16:48], pixels[..., :3])


def test_stretch_fills_the_square_with_all_of_it() -> None:
    pixels = np.zeros((20, 80, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[:, :40, 1] = 255
    found = fitted(pixels, Frame(64, 64, 8), "stretch")
    assert (found.colour[:, :30, 1] > 250).all()
    assert (found.colour[:, 34:, 1] < 5).all()


@pytest.mark.parametrize("fit", FITS)
def test_colour_under_transparency_changes_nothing(fit: Fit) -> None:
    pixels = _picture(40, 60)
    pixels[:20, :, 3] = 0
    other = pixels.copy()
    other[:20, :, :3] = 255 - other[:20, :, :3]
    frame = frame_of(40, 60, fit, 64, 8)
    one, two = fitted(pixels, frame, fit), fitted(other, frame, fit)
    np.testing.assert_array_equal(one.colour, two.colour)
    assert one.alpha is not None
    assert two.alpha is not None
    np.testing.assert_array_equal(one.alpha, two.alpha)


def test_hidden_pixels_take_on_the_colour_around_them() -> None:
    pixels = np.zeros((33, 47, 4), np.uint8)
    pixels[10:20, 10:30] = (200, 40, 90, 255)
    colour = filled(pixels)
    np.testing.assert_allclose(colour, np.broadcast_to((200, 40, 90), colour.shape), atol=1)


def test_visible_pixels_keep_their_colour_and_nothing_visible_is_grey() -> None:
    pixels = _picture(16, 16, alpha=255)
    pixels[::3, ::2, 3] = 0
    seen = pixels[..., 3] == 255
    np.testing.assert_array_equal(filled(pixels)[seen], pixels[..., :3][seen])
    assert set(np.unique(filled(_picture(5, 9, alpha=0)))) <= {127, 128}


def test_coverage_is_the_mean_alpha_of_each_position() -> None:
    alpha = np.zeros((16, 24), np.uint8)
    alpha[:8, :4] = 255
    found = coverage(alpha, Frame(16, 24, 8))
    assert found is not None
    np.testing.assert_allclose(found, np.array([[0.5, 0, 0], [0, 0, 0]]))
    assert coverage(None, Frame(16, 24, 8)) is None
