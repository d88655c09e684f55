"""Pictures are read bounded and upright, refused in words, and written with their record."""

from __future__ import annotations

import io
import os
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from studio.api import StorageError
from studio.core.records import ModelUse, Record
from studio.io import images
from studio.io.images import (
    decode_image,
    encode_png,
    parameters_text,
    read_image,
    read_png_record,
    thumbnail_png,
)
from tests.support.pictures import file_of

RECORD = Record(
    generator_id="images.create",
    generator_version="1",
    params={
        "prompt": "a fox – 狐", "negative_prompt": "blurry", "steps": 4, "guidance_scale": 7.5,
        "scheduler": "Euler",
    },
    seed=9,
    models={"model": ModelUse(id="sd15", content_hash="abcdef0123456789")},
    versions={"folio": "0.1.0"},
)  # fmt: skip


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"])
def test_every_kind_is_read_by_content(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "picture.xyz"
    path.write_bytes(file_of(Image.new("RGB", (5, 3), (250, 0, 0)), kind))
    pixels = read_image(path)
    assert pixels.shape == (3, 5, 4)
    assert not pixels.flags.writeable
    assert np.abs(pixels[0, 0].astype(int) - [250, 0, 0, 255]).max() <= 4


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_first_frame_of_an_animation_is_read(kind: str) -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    data = file_of(frames[0], kind, save_all=True, append_images=frames[1:])
    red, _, blue, _ = decode_image(data)[0, 0]
    assert red > 200
    assert blue < 50


@pytest.mark.parametrize("turn", range(1, 9))
def test_picture_is_turned_upright_by_its_exif(turn: int) -> None:
    exif = Image.Exif()
    exif[274] = turn
    stored = Image.new("L", (2, 4), 0)
    upright = decode_image(file_of(stored, "PNG", exif=exif))
    assert upright.shape[:2] == ((4, 2) if turn < 5 else (2, 4))


def test_exif_turn_by_a_quarter_puts_the_top_left_where_it_belongs() -> None:
    exif = Image.Exif()
    exif[274] = 6
    stored = np.zeros((2, 3), np.uint8)
    stored[1, 0] = 255  # bottom left becomes top left
    upright = decode_image(file_of(Image.fromarray(stored), "PNG", exif=exif))
    assert upright[0, 0, 0] == 255
    assert upright.shape == (3, 2, 4)


def test_damaged_exif_does_not_spoil_the_picture() -> None:
    data = file_of(Image.new("RGB", (3, 2), "red"), "PNG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert decode_image(data).shape == (2, 3, 4)


def _claiming(width: int, height: int) -> bytes:
    data = bytearray(file_of(Image.new("L", (1, 1))))
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


@pytest.mark.parametrize("side", [8193, 12_000, 100_000, 2**31 - 1])
def test_huge_claim_is_refused_before_decoding(side: int) -> None:
    with pytest.raises(StorageError, match="at most 67 million") as caught:
        decode_image(_claiming(side, side), where="a.png")
    assert caught.value.where == "a.png"
    assert read_png_record(_claiming(side, side)) is None


def test_huge_file_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(file_of(Image.new("L", (9, 9))))
    monkeypatch.setattr(images, "MAX_FILE_BYTES", 10)
    with pytest.raises(StorageError, match="The file has"):
        read_image(path)


def test_missing_folder_and_pipe_are_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file"):
        read_image(tmp_path / "nowhere.png")
    with pytest.raises(StorageError, match="not a picture file"):
        read_image(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")
        with pytest.raises(StorageError, match="not a picture file"):
            read_image(tmp_path / "pipe.png")


@pytest.mark.parametrize("content", [b"", b"hello", b"<svg/>", b"GGUF", b"%PDF-1.4"])
def test_what_is_no_picture_is_said_with_the_known_kinds(content: bytes) -> None:
    with pytest.raises(StorageError, match="not a picture") as caught:
        decode_image(content)
    assert "JPEG" in caught.value.remedy


_KINDS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP")
_NOISE = Image.effect_noise((40, 30), 50).convert("RGB")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP"])
def test_truncated_picture_is_said(kind: str) -> None:
    data = file_of(_NOISE, kind)
    with pytest.raises(StorageError, match=r"damaged|not a picture"):
        decode_image(data[: len(data) // 2])


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(_KINDS), st.data())
def test_flipped_bytes_give_a_picture_or_a_clear_error(kind: str, data: st.DataObject) -> None:
    content = bytearray(file_of(_NOISE.convert("P") if kind == "GIF" else _NOISE, kind))
    reach = data.draw(st.sampled_from([60, len(content)]))  # headers break in more ways than pixels
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, reach - 1))] = data.draw(st.integers(0, 255))
    try:
        pixels = decode_image(bytes(content))
    except StorageError:
        return
    assert pixels.shape[2] == 4


def test_png_carries_its_record_and_every_pixel() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (7, 5, 4), np.uint8)
    data = encode_png(pixels, RECORD)
    assert read_png_record(data) == RECORD
    np.testing.assert_array_equal(decode_image(data), pixels)


def test_opaque_png_has_no_alpha_and_comes_back_the_same() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (7, 5, 4), np.uint8)
    pixels[..., 3] = 255
    data = encode_png(pixels)
    with Image.open(io.BytesIO(data)) as image:
        assert image.mode == "RGB"
        assert image.info == {}
    np.testing.assert_array_equal(decode_image(data), pixels)


def test_parameters_text_is_what_other_programs_read() -> None:
    data = encode_png(np.zeros((64, 48, 4), np.uint8), RECORD)
    with Image.open(io.BytesIO(data)) as image:
        assert image.info["parameters"] == (
            "a fox – 狐\n"
            "Negative prompt: blurry\n"
            "Steps: 4, Sampler: Euler, CFG scale: 7.5, Seed: 9, Size: 48x64, Model hash: abcdef0123, "
            "Model: sd15, Version: Folio 0.1.0"
        )


def test_parameters_text_in_latin_is_plain_text_of_png() -> None:
    record = RECORD.model_copy(update={"params": {"prompt": "a fox"}, "result_seed": 12})
    assert b"tEXtparameters\0a fox" in encode_png(np.zeros((4, 4, 4), np.uint8), record)
    assert "Seed: 12" in parameters_text(record)


def test_long_and_strange_prompt_survives_in_the_png() -> None:
    record = RECORD.model_copy(update={"params": {"prompt": "a\0b\n" + "狐" * 100_000}})
    assert read_png_record(encode_png(np.zeros((4, 4, 4), np.uint8), record)) == record


@pytest.mark.parametrize("text", [None, "{", "[]", '{"generator_id": 3}'])
def test_png_without_a_readable_record_has_none(text: str | None) -> None:
    info = PngImagePlugin.PngInfo()
    if text is not None:
        info.add_itxt("folio", text)
    assert read_png_record(file_of(Image.new("L", (2, 2)), pnginfo=info)) is None


def test_what_is_no_png_has_no_record() -> None:
    assert read_png_record(b"hello") is None
    assert read_png_record(file_of(Image.new("L", (2, 2)), "JPEG")) is None


@pytest.mark.parametrize(("width", "height"), [(400, 100), (100, 400), (10_000, 1), (3, 2)])
def test_thumbnail_keeps_the_proportion_and_never_grows(width: int, height: int) -> None:
    small = decode_image(thumbnail_png(np.zeros((height, width, 4), np.uint8), 64))
    scale = min(1.0, 64 / max(width, height))
    assert small.shape[:2] == (max(1, round(height * scale)), max(1, round(width * scale)))


def test_thumbnail_does_not_mix_in_the_colour_of_what_is_clear() -> None:
    pixels = np.zeros((100, 100, 4), np.uint8)
    pixels[:, :50] = (255, 255, 255, 255)  # white beside clear black
    small = decode_image(thumbnail_png(pixels, 33))
    seen = small[..., 3] > 0
    assert small[seen][:, :3].min() >= 250
