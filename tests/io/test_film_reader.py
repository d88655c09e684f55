"""Films read back: every format the writer makes, in any order of frames; and what is no film."""

from __future__ import annotations

import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from studio.api.errors import StorageError
from studio.api.outputs import Pixels
from studio.api.video import VIDEO_FORMATS, VideoFormat
from studio.io.film_reader import FilmReader
from studio.io.video import MEDIA_TYPES, open_video

_FRAMES = 40


def _frame(number: int) -> Pixels:
    """Each of its own shade, with a corner that is not grey."""
    pixels = np.full((32, 48, 4), 255, np.uint8)
    pixels[..., :3] = 20 + 5 * number
    pixels[:16, :16, 0] = 200
    return pixels


def _film(folder: Path, format: VideoFormat, frames: int = _FRAMES) -> Path:
    with open_video(folder, "film", 48, 32, 20, format) as film:
        for number in range(frames):
            film.add(_frame(number))
    return film.output().path


def _shade(pixels: Pixels) -> int:
    """Which frame it is."""
    return round((float(pixels[20:, 20:, :3].mean()) - 20) / 5)


@pytest.mark.parametrize("format", VIDEO_FORMATS)
def test_reader_gives_every_frame_in_any_order(tmp_path: Path, format: VideoFormat) -> None:
    reader = FilmReader(_film(tmp_path, format), MEDIA_TYPES[format])
    try:
        assert reader.count == _FRAMES
        if format != "png":
            assert reader.frames_per_second == pytest.approx(20, rel=0.02)
        order = [0, 1, 2, 30, 31, 5, _FRAMES - 1, 0, 17]
        assert [_shade(reader.frame(number)) for number in order] == order
        assert reader.frame(3).shape == (32, 48, 4)
        assert max(reader.frame(3, most_px=24).shape[:2]) == 24
    finally:
        reader.close()
        reader.close()


def test_reader_believes_the_record_about_the_speed(tmp_path: Path) -> None:
    reader = FilmReader(_film(tmp_path, "png", 2), MEDIA_TYPES["png"], 12.5)
    assert reader.frames_per_second == 12.5
    reader.close()


@pytest.mark.parametrize("format", VIDEO_FORMATS)
def test_reader_of_a_cut_film_says_that_it_is_damaged(tmp_path: Path, format: VideoFormat) -> None:
    path = _film(tmp_path, format)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(StorageError, match=r"can't be read|no frames|damaged"):
        FilmReader(path, MEDIA_TYPES[format]).frame(_FRAMES - 1)


@pytest.mark.parametrize("media_type", ["video/mp4", "image/gif", "application/zip", "text/plain"])
def test_reader_of_no_film_says_so(tmp_path: Path, media_type: str) -> None:
    (tmp_path / "notes.txt").write_bytes(b"no film at all")
    with pytest.raises(StorageError):
        FilmReader(tmp_path / "notes.txt", media_type)
    with pytest.raises(StorageError):
        FilmReader(tmp_path / "gone.mp4", media_type)


def _zip_with(folder: Path, data: bytes, compression: int = zipfile.ZIP_STORED) -> bytearray:
    with zipfile.ZipFile(folder / "film.zip", "w", compression) as archive:
        archive.writestr("00001.png", data)
    return bytearray((folder / "film.zip").read_bytes())


def _flagged(folder: Path, field: int, value: int) -> bytes:
    """A zip of one frame with a byte set where local header and directory say how it is packed."""
    data = _zip_with(folder, b"frame")
    directory = data.find(b"PK\1\2")
    data[field] = data[directory + field + 2] = value
    return bytes(data)


def _huge_gif(folder: Path) -> bytes:
    data = bytearray(_film(folder, "gif", 2).read_bytes())
    data[6:10] = struct.pack("<HH", 60000, 60000)
    return bytes(data)


def _large_gif(folder: Path) -> bytes:
    """Pillow only warns of this size, which our own limit doesn't allow."""
    data = bytearray(_film(folder, "gif", 2).read_bytes())
    data[6:10] = struct.pack("<HH", 12000, 12000)
    return bytes(data)


@pytest.mark.parametrize(
    ("media_type", "made"),
    [
        ("application/zip", lambda folder: _flagged(folder, 6, 1)),  # encrypted
        ("application/zip", lambda folder: _flagged(folder, 8, 77)),  # packed in an unknown way
        ("application/zip", lambda folder: _flagged(folder, 4, 137)),  # of a version to come
        ("image/gif", _huge_gif),
        ("image/gif", _large_gif),
    ],
)
def test_reader_of_a_hostile_film_says_that_it_can_not_be_read(
    tmp_path: Path, media_type: str, made: Callable[[Path], bytes]
) -> None:
    path = tmp_path / "hostile"
    path.write_bytes(made(tmp_path))
    with pytest.raises(StorageError, match="can't be read"):
        FilmReader(path, media_type).frame(0)


def test_reader_does_not_unpack_a_bomb(tmp_path: Path) -> None:
    path = tmp_path / "film.zip"
    _zip_with(tmp_path, bytes(300 << 20), zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    try:
        with pytest.raises(StorageError, match="too large"):
            FilmReader(path, "application/zip").frame(0)
        assert tracemalloc.get_traced_memory()[1] < 50 << 20
    finally:
        tracemalloc.stop()
