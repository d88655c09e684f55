"""Films: read back frame by frame, the same bytes each time, nothing kept, nothing left behind."""

from __future__ import annotations

import io
import weakref
import zipfile
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from studio.api import (
    VIDEO_FORMATS,
    ParamsError,
    Pixels,
    StorageError,
    StudioError,
    VideoFormat,
    outputs,
)
from studio.api.errors import Cancelled
from studio.io import video
from studio.io.video import open_video

WIDTH, HEIGHT = 97, 65
EVERY_FORMAT = pytest.mark.parametrize("format", VIDEO_FORMATS)


def _frame(number: int, width: int = WIDTH, height: int = HEIGHT) -> Pixels:
    """Flat quarters, each of a colour of its own that changes with the number."""
    pixels = np.full((height, width, 4), 255, np.uint8)
    pixels[: height // 2, : width // 2, :3] = (200, 30 + 10 * (number % 16), 40)
    pixels[: height // 2, width // 2 :, :3] = (20, 180, 60 + 10 * (number % 16))
    pixels[height // 2 :, : width // 2, :3] = (30, 40, 210)
    return pixels


def _film(folder: Path, format: VideoFormat, frames: int = 8, name: str = "film") -> Path:
    with open_video(folder, name, WIDTH, HEIGHT, 25, format) as film:
        for number in range(frames):
            film.add(_frame(number))
    return film.output().path


def _read(path: Path) -> list[Pixels]:
    """(H, W, 3) frames, by a reader that had no part in the writing where there is one."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            pictures = [Image.open(io.BytesIO(archive.read(n))) for n in archive.namelist()]
            return [np.asarray(picture.convert("RGB")) for picture in pictures]
    if path.suffix == ".mp4":
        with av.open(str(path)) as container:
            films = container.decode(video=0)
            return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in films]
    with Image.open(path) as picture:
        frames = []
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            frames.append(np.asarray(picture.convert("RGB")))
        return frames


@EVERY_FORMAT
def test_film_has_every_frame_in_its_colours(format: VideoFormat, tmp_path: Path) -> None:
    frames = _read(_film(tmp_path, format))
    assert len(frames) == 8
    for number, frame in enumerate(frames):
        wanted = _frame(number)[..., :3].astype(int)
        difference = np.abs(frame[:HEIGHT, :WIDTH].astype(int) - wanted)
        inside = difference[8:24, 8:24], difference[8:24, -24:-8], difference[-24:-8, 8:24]
        assert max(part.max() for part in inside) <= 4
        assert difference.mean() < 2.5


@EVERY_FORMAT
def test_film_of_the_same_frames_has_the_same_bytes(format: VideoFormat, tmp_path: Path) -> None:
    first = _film(tmp_path, format, name="a").read_bytes()
    assert _film(tmp_path, format, name="b").read_bytes() == first


def test_mp4_is_what_players_and_browsers_take(tmp_path: Path) -> None:
    path = _film(tmp_path, "mp4", frames=50)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert stream.average_rate == 25
        assert stream.duration is not None
        assert stream.time_base is not None
        assert stream.duration * stream.time_base == 2
        # 4:2:0 has pairs of rows and columns: the last ones of odd sides are there twice.
        assert (stream.codec_context.width, stream.codec_context.height) == (98, 66)
        assert (stream.codec_context.colorspace, stream.codec_context.color_range) == (1, 1)
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("format", ["gif", "webp"])
def test_pictures_that_move_go_on_for_ever_at_their_speed(
    format: VideoFormat, tmp_path: Path
) -> None:
    with Image.open(_film(tmp_path, format)) as picture:
        durations = []
        for number in range(8):
            picture.seek(number)
            picture.load()
            durations.append(picture.info["duration"])
        assert durations == [40] * 8
        assert picture.info["loop"] == 0


def test_alpha_is_kept_where_the_format_has_it_and_else_shows_white(tmp_path: Path) -> None:
    clear = np.zeros((32, 32, 4), np.uint8)
    for format in VIDEO_FORMATS:
        with open_video(tmp_path, "clear", 32, 32, 10, format) as film:
            film.add(clear)
        path = film.output().path
        if format in ("mp4", "gif"):
            assert _read(path)[0].min() > 250
        elif format == "webp":
            assert np.asarray(Image.open(path).convert("RGBA"))[..., 3].max() == 0


@EVERY_FORMAT
def test_film_keeps_no_frame_but_the_first(
    format: VideoFormat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[weakref.ref[Pixels]] = []
    real = outputs.as_pixels

    def watched(array: Pixels) -> Pixels:
        pixels = real(array)
        kept.append(weakref.ref(pixels))
        return pixels

    monkeypatch.setattr("studio.io.video.as_pixels", watched)
    with open_video(tmp_path, "long", WIDTH, HEIGHT, 25, format) as film:
        for number in range(60):
            film.add(_frame(number))
            assert sum(reference() is not None for reference in kept) == 1
    assert len(kept) == 60


def _fill(film: video.FilmFile, then: Callable[[video.FilmFile], None]) -> None:
    with film:
        for number in range(8):
            film.add(_frame(number))
        then(film)


def _nothing(film: video.FilmFile) -> None:
    pass


def _raise(film: video.FilmFile) -> None:
    raise ZeroDivisionError


@EVERY_FORMAT
@pytest.mark.parametrize("after", [0, 1, 5])
def test_cancel_leaves_no_file(format: VideoFormat, after: int, tmp_path: Path) -> None:
    checks = 0

    def check() -> None:
        nonlocal checks
        checks += 1
        if checks > after:
            raise Cancelled

    with pytest.raises(Cancelled):
        _fill(open_video(tmp_path, "film", WIDTH, HEIGHT, 25, format, check), _nothing)
    assert list(tmp_path.iterdir()) == []


@EVERY_FORMAT
def test_errors_between_frames_leave_no_file(format: VideoFormat, tmp_path: Path) -> None:
    film = open_video(tmp_path, "film", WIDTH, HEIGHT, 25, format)
    with pytest.raises(ZeroDivisionError):
        _fill(film, _raise)
    assert list(tmp_path.iterdir()) == []


def _finish(film: video.FilmFile, fill: Callable[[video.FilmFile], None]) -> None:
    with film:
        fill(film)
    film.output()


def _another_size(film: video.FilmFile) -> None:
    film.add(_frame(0))
    film.add(_frame(1, width=50))


@EVERY_FORMAT
@pytest.mark.parametrize(
    ("fill", "error", "said"),
    [(_another_size, ValueError, "97 × 65; frame 2"), (_nothing, StudioError, "no frames")],
)
def test_film_that_cannot_be_is_refused_and_leaves_no_file(
    format: VideoFormat,
    fill: Callable[[video.FilmFile], None],
    error: type[Exception],
    said: str,
    tmp_path: Path,
) -> None:
    film = open_video(tmp_path, "film", WIDTH, HEIGHT, 25, format)
    with pytest.raises(error, match=said):
        _finish(film, fill)
    assert list(tmp_path.iterdir()) == []


@EVERY_FORMAT
def test_film_in_a_place_that_is_gone_says_so(format: VideoFormat, tmp_path: Path) -> None:
    film = open_video(tmp_path / "gone", "film", WIDTH, HEIGHT, 25, format)
    with pytest.raises(StorageError, match="folder doesn't exist"):
        _finish(film, lambda film: film.add(_frame(0)))


@pytest.mark.parametrize(
    ("format", "width", "height", "speed", "said"),
    [
        ("mp4", 8, 64, 25, "Each side takes 16 to 8192"),
        ("gif", 64, 9000, 25, "1 to 8192"),
        ("gif", 64, 64, 60, "0.1 to 50"),
        ("webp", 64, 64, 0, "0.1 to 120"),
        ("png", 64, 64, float("nan"), "0.1 to 120"),
        ("avi", 64, 64, 25, "Known: mp4, gif, webp, png"),
    ],
)
def test_film_that_a_format_cannot_hold_is_refused_before_anything_runs(
    format: VideoFormat, width: int, height: int, speed: float, said: str, tmp_path: Path
) -> None:
    with pytest.raises(ParamsError, match=said):
        open_video(tmp_path, "film", width, height, speed, format)


@EVERY_FORMAT
def test_one_frame_is_a_film_and_one_pixel_a_picture(format: VideoFormat, tmp_path: Path) -> None:
    side = 16 if format == "mp4" else 1
    with open_video(tmp_path, "film", side, side, 25, format) as film:
        film.add(_frame(0, side, side))
    output = film.output(seed=5, extras={"eased": True})
    assert len(_read(output.path)) == 1
    assert output.media_type == video.MEDIA_TYPES[format]
    assert output.preview is not None
    assert output.preview.shape == (side, side, 4)
    assert output.extras == {"frames": 1, "frames_per_second": 25.0, "eased": True}


def test_mp4_without_its_encoder_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(av, "codecs_available", {"gif"})
    with pytest.raises(StudioError, match="Choose another format"):
        _film(tmp_path, "mp4")
    assert list(tmp_path.iterdir()) == []
