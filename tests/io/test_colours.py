"""Whatever colours a file has, they come out as sRGB with straight alpha."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageCms

from studio.io.images import decode_image
from tests.support.pictures import file_of, linear_profile, srgb_profile


@pytest.mark.parametrize(
    ("mode", "white"),
    [("1", 255), ("L", 255), ("LA", (255, 255)), ("P", 255), ("RGB", "white"), ("RGBA", "white"),
     ("I;16", 65535)],
)  # fmt: skip
def test_white_of_every_png_mode_is_white(mode: str, white: object) -> None:
    image = Image.new(mode, (5, 3), white)  # type: ignore[arg-type]
    if mode == "P":
        image.putpalette([255] * 768)
    assert decode_image(file_of(image))[0, 0].tolist() == [255, 255, 255, 255]


def test_sixteen_bits_are_rounded_not_cut() -> None:
    values = np.array([[0, 128, 129, 32768, 65407, 65535]], np.uint16)
    got = decode_image(file_of(Image.fromarray(values)))[0, :, 0]
    assert got.tolist() == [0, 0, 1, 128, 255, 255]


@pytest.mark.parametrize("top", [1.0, 20.0])
def test_floats_are_scaled_and_what_is_no_number_is_black(top: float) -> None:
    values = np.array([[0.0, top / 2, top, np.nan, np.inf, -1.0]], np.float32)
    got = decode_image(file_of(Image.fromarray(values), "TIFF"))[0, :, 0]
    assert got.tolist() == [0, 128, 255, 0, 0, 0]


def test_whole_numbers_beyond_sixteen_bits_are_scaled() -> None:
    values = np.array([[0, 100_000, 200_000]], np.int32)
    assert decode_image(file_of(Image.fromarray(values), "TIFF"))[0, :, 0].tolist() == [0, 128, 255]


def test_palette_with_a_clear_colour_is_clear_there() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.putpixel((1, 0), 1)
    pixels = decode_image(file_of(image, transparency=1))
    assert pixels[0, :, 3].tolist() == [255, 0]
    assert pixels[0, 0].tolist() == [255, 0, 0, 255]


def test_one_clear_colour_of_rgb_and_grey_is_clear() -> None:
    rgb = Image.new("RGB", (2, 1), "red")
    rgb.putpixel((1, 0), (0, 255, 0))
    assert decode_image(file_of(rgb, transparency=(0, 255, 0)))[0, :, 3].tolist() == [255, 0]
    grey = Image.new("L", (2, 1), 10)
    grey.putpixel((1, 0), 20)
    assert decode_image(file_of(grey, transparency=20))[0, :, 3].tolist() == [255, 0]


def test_half_clear_colours_stay_straight() -> None:
    pixels = decode_image(file_of(Image.new("RGBA", (1, 1), (200, 100, 50, 7))))
    assert pixels[0, 0].tolist() == [200, 100, 50, 7]


def test_cmyk_becomes_rgb() -> None:
    pixels = decode_image(file_of(Image.new("CMYK", (2, 2), (0, 255, 255, 0)), "TIFF"))
    assert pixels[0, 0].tolist() == [255, 0, 0, 255]


def test_lab_becomes_rgb() -> None:
    brown = Image.new("RGB", (2, 2), (200, 100, 50))
    lab = ImageCms.profileToProfile(
        brown, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    assert lab is not None
    got = decode_image(file_of(lab, "TIFF"))[0, 0].astype(int)
    assert np.abs(got - [200, 100, 50, 255]).max() <= 2


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_colours_go_through_the_pictures_own_profile(mode: str) -> None:
    image = Image.new(mode, (2, 2), 128 if mode == "L" else (128, 40))
    pixels = decode_image(file_of(image, icc_profile=linear_profile()))
    assert pixels[0, 0].tolist() == [188, 188, 188, 255 if mode == "L" else 40]


def test_srgb_profile_changes_nothing() -> None:
    values = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    data = file_of(Image.fromarray(values), icc_profile=srgb_profile())
    np.testing.assert_array_equal(decode_image(data)[..., :3], values)


@pytest.mark.parametrize("profile", [b"nonsense", linear_profile()])
def test_profile_that_does_not_fit_is_ignored(profile: bytes) -> None:
    data = file_of(Image.new("RGB", (2, 2), (10, 20, 30)), icc_profile=profile)
    assert decode_image(data)[0, 0].tolist() == [10, 20, 30, 255]
