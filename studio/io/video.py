"""Films written frame by frame: a file that is whole, or not there. Each format's encoder is in
`video_encoders`. GPU thread, or whoever writes the film.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType

from studio.api.errors import ParamsError, StudioError
from studio.api.outputs import Extras, FileOutput, Pixels, as_pixels
from studio.api.video import VIDEO_FORMATS, VideoFormat
from studio.io.atomic import storage_error
from studio.io.video_encoders import ENCODERS, Encoder

MEDIA_TYPES: dict[VideoFormat, str] = {
    "mp4": "video/mp4",
    "gif": "image/gif",
    "webp": "image/webp",
    "png": "application/zip",
}
SUFFIXES: dict[VideoFormat, str] = {"mp4": ".mp4", "gif": ".gif", "webp": ".webp", "png": ".zip"}
_MOST_SIDE_PX = 8192
_LEAST_SIDE_PX = {"mp4": 16}
_MOST_FRAMES_PER_SECOND = {"gif": 50}
"""GIF counts in hundredths of a second, and players slow a single one down."""
_FASTEST = 120


def open_video(
    folder: Path,
    name: str,
    width: int,
    height: int,
    frames_per_second: float = 25,
    format: VideoFormat = "mp4",
    check: Callable[[], None] = lambda: None,
) -> FilmFile:
    """A film in `folder`; nothing is written before the first frame.

    Args:
        check: Called before each frame; what it raises ends the film.

    Raises:
        ParamsError: a size or speed that the format can't hold.
    """
    if format not in VIDEO_FORMATS:
        raise ParamsError(
            f"There is no film format {format!r}.", remedy=f"Known: {', '.join(VIDEO_FORMATS)}."
        )
    least, most = _LEAST_SIDE_PX.get(format, 1), _MOST_SIDE_PX
    if not (least <= width <= most and least <= height <= most):
        raise ParamsError(
            f"A film of {width} × {height} pixels can't be written as {format.upper()}.",
            remedy=f"Each side takes {least} to {most} pixels.",
        )
    fastest = _MOST_FRAMES_PER_SECOND.get(format, _FASTEST)
    if not 0.1 <= frames_per_second <= fastest:
        raise ParamsError(
            f"{format.upper()} can't show {frames_per_second:g} frames a second.",
            remedy=f"It takes 0.1 to {fastest}.",
        )
    path = folder / f"{name}{SUFFIXES[format]}"
    return FilmFile(path, width, height, frames_per_second, format, check)


class FilmFile:
    """The API's FrameWriter. Made by `open_video`."""

    def __init__(
        self,
        path: Path,
        width: int,
        height: int,
        frames_per_second: float,
        format: VideoFormat,
        check: Callable[[], None],
    ) -> None:
        self._path = path
        self._size = (height, width)
        self._rate = Fraction(frames_per_second).limit_denominator(1001)
        self._format = format
        self._check = check
        self._encoder: Encoder | None = None
        self._poster: Pixels | None = None
        self._frames = 0
        self._ended = False

    def __enter__(self) -> FilmFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._finish()
        else:
            self._abandon()

    @property
    def frames(self) -> int:
        return self._frames

    def add(self, pixels: Pixels) -> None:
        if self._ended:
            raise RuntimeError("the film is finished; no frame can be added any more")
        with self._whole_or_gone():
            self._check()
            if pixels.shape[:2] != self._size:
                height, width = self._size
                raise ValueError(
                    f"the film was announced as {width} × {height}; "
                    f"frame {self._frames + 1} has the shape {pixels.shape}"
                )
            frame = as_pixels(pixels)
            if self._encoder is None:
                self._poster = frame
                self._encoder = ENCODERS[self._format](self._path, self._size, self._rate)
            self._encoder.add(frame, self._frames)
            self._frames += 1

    def output(
        self, preview: Pixels | None = None, seed: int | None = None, extras: Extras | None = None
    ) -> FileOutput:
        self._finish()
        if self._poster is None:
            raise StudioError("The film has no frames.", where=self._path.name)
        facts: dict[str, str | int | float | bool | None] = {
            "frames": self._frames,
            "frames_per_second": float(self._rate),
        }
        return FileOutput(
            self._path,
            MEDIA_TYPES[self._format],
            as_pixels(preview) if preview is not None else self._poster,
            seed,
            {**facts, **(extras or {})},
        )

    def _finish(self) -> None:
        if self._ended:
            return
        with self._whole_or_gone():
            if self._encoder is not None:
                self._encoder.close(whole=True)
        self._ended = True
        self._encoder = None

    @contextlib.contextmanager
    def _whole_or_gone(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._abandon()
            raise storage_error(error, self._path) from None
        except BaseException:  # a cancelled job's too: no half of a film stays; then it goes on
            self._abandon()
            raise

    def _abandon(self) -> None:
        """Leave no file. Idempotent."""
        self._ended = True
        encoder, self._encoder = self._encoder, None
        if encoder is not None:
            with contextlib.suppress(Exception):  # it is thrown away; only the file must go
                encoder.close(whole=False)
        self._poster = None
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
