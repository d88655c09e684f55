"""Films read one frame at a time: MP4 through PyAV, GIF and WebP through Pillow, zips of PNGs.

One thread at a time; never the window's. Frames are made small enough to show before they travel.
"""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from studio.api.errors import StorageError
from studio.api.outputs import Pixels, as_pixels
from studio.io.images import DAMAGE, MAX_PIXELS, decode_image

T = TypeVar("T")

_DEFAULT_FRAMES_PER_SECOND = 25.0
_SLOWEST, _FASTEST = 0.1, 120.0
_MOST_FRAME_BYTES = 4 * MAX_PIXELS + (1 << 20)
"""Of one PNG in a zip: more than any frame that is read needs."""


class _Source(Protocol):
    """One kind of file, opened."""

    count: int
    frames_per_second: float

    def frame(self, number: int) -> Pixels: ...

    def close(self) -> None: ...


class FilmReader:
    """`count` frames, each shown for `1 / frames_per_second` seconds.

    Args:
        frames_per_second: What the film's record says; 0 asks the file.

    Raises:
        StorageError: the file is gone, damaged, or no film.
    """

    def __init__(self, path: Path, media_type: str, frames_per_second: float = 0.0) -> None:
        self._path = path
        if media_type not in _SOURCES:
            raise StorageError(f"A film of the kind {media_type} can't be played.", where=path.name)
        self._source = self._guarded(lambda: _SOURCES[media_type](path))
        if self._source.count < 1:
            self.close()
            raise StorageError("The film has no frames.", where=path.name)
        self.count = self._source.count
        rate = frames_per_second or self._source.frames_per_second or _DEFAULT_FRAMES_PER_SECOND
        self.frames_per_second = min(_FASTEST, max(_SLOWEST, rate))

    def frame(self, number: int, most_px: int = 0) -> Pixels:
        """Frame `number` from 0; with `most_px` made smaller until its longest side has no more.

        Raises:
            StorageError: the frame is damaged or not there.
        """
        pixels = self._guarded(lambda: self._source.frame(number))
        longest = max(pixels.shape[:2])
        if not most_px or longest <= most_px:
            return pixels
        from PIL import Image

        image = Image.fromarray(pixels)
        image.thumbnail((most_px, most_px), Image.Resampling.BILINEAR)
        return as_pixels(np.asarray(image))

    def close(self) -> None:
        """Idempotent."""
        self._source.close()

    def _guarded(self, call: Callable[[], T]) -> T:
        import av
        from PIL import Image

        foreign = (av.FFmpegError, Image.DecompressionBombError, zipfile.BadZipFile, zlib.error)
        try:
            return call()
        except (*DAMAGE, *foreign) as error:
            raise StorageError(
                f"The film can't be read: {str(error)[:200] or type(error).__name__}.",
                where=self._path.name,
                remedy="Make it again.",
            ) from None


def _check_size(width: int, height: int) -> None:
    """Before anything is decoded."""
    if width * height > MAX_PIXELS:
        raise ValueError(
            f"its frames have {width} × {height} pixels, more than {MAX_PIXELS // 10**6} million"
        )


class _Container:
    """What FFmpeg decodes. Going on is cheap; going back seeks to the key frame before."""

    def __init__(self, path: Path) -> None:
        import av

        self._next = 0
        self._start = 0.0
        self._container = av.open(str(path))
        try:
            self._stream = self._container.streams.video[0]
            self._stream.thread_type = "AUTO"
            _check_size(self._stream.width, self._stream.height)
            rate = self._stream.average_rate or self._stream.guessed_rate
            self.frames_per_second = float(rate) if rate else 0.0
            self.count = self._stream.frames or sum(1 for _ in self._container.decode(video=0))
            self._rewind()
        except BaseException:  # whatever it is: no open file stays; then it goes on
            self._container.close()
            raise

    def frame(self, number: int) -> Pixels:
        if not 0 <= number < self.count:
            raise IndexError(f"there is no frame {number + 1}")
        if number < self._next or number > self._next + 2 * self.frames_per_second:
            self._seek(number)
        while True:
            frame = next(self._frames, None)
            if frame is None:
                raise EOFError(f"it ends before frame {number + 1}")
            at = self._next
            if frame.time is not None and self.frames_per_second:
                at = round((frame.time - self._start) * self.frames_per_second)
            self._next = at + 1
            if at >= number:
                return as_pixels(frame.to_ndarray(format="rgb24"))

    def close(self) -> None:
        self._container.close()

    def _rewind(self) -> None:
        self._container.seek(0)
        self._frames = self._container.decode(video=0)
        self._next = 0
        base = self._stream.time_base
        start = self._stream.start_time
        self._start = float(start * base) if start is not None and base is not None else 0.0

    def _seek(self, number: int) -> None:
        base = self._stream.time_base
        if number == 0 or base is None or not self.frames_per_second:
            self._rewind()
            return
        seconds = self._start + number / self.frames_per_second
        self._container.seek(int(seconds / base), stream=self._stream)
        self._frames = self._container.decode(video=0)
        self._next = number


class _Animation:
    """GIF and WebP."""

    def __init__(self, path: Path) -> None:
        from PIL import Image

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own bomb warning: our limit is stricter
            self._image: Image.Image = Image.open(path, formats=("GIF", "WEBP"))
        try:
            _check_size(*self._image.size)
            self.count = int(getattr(self._image, "n_frames", 1))
            self._image.load()
        except BaseException:  # whatever it is: no open file stays; then it goes on
            self._image.close()
            raise
        duration = float(self._image.info.get("duration", 0) or 0)
        self.frames_per_second = 1000.0 / duration if duration else 0.0

    def frame(self, number: int) -> Pixels:
        self._image.seek(number)
        return as_pixels(np.asarray(self._image.convert("RGBA")))

    def close(self) -> None:
        self._image.close()


class _PngZip:
    """Numbered PNGs."""

    frames_per_second = 0.0

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path)
        self._names = sorted(name for name in self._zip.namelist() if name.endswith(".png"))
        self.count = len(self._names)

    def frame(self, number: int) -> Pixels:
        name = self._names[number]
        if self._zip.getinfo(name).file_size > _MOST_FRAME_BYTES:
            raise ValueError(f"{name} is too large for a frame")
        return decode_image(self._zip.read(name), where=name)

    def close(self) -> None:
        self._zip.close()


_SOURCES: dict[str, Callable[[Path], _Source]] = {
    "video/mp4": _Container,
    "image/gif": _Animation,
    "image/webp": _Animation,
    "application/zip": _PngZip,
}
