"""Films written frame by frame, through PyAV's libraries: the same frames give the same bytes.

One encoder thread, no dates, and nothing of a frame is kept once it is encoded, so memory doesn't
grow with the length. GPU thread, or whoever writes the film.
"""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np

from studio.api.errors import ParamsError, StudioError
from studio.api.outputs import Extras, FileOutput, Pixels, as_pixels
from studio.api.video import VIDEO_FORMATS, VideoFormat
from studio.io.atomic import storage_error

if TYPE_CHECKING:
    import av
    from av.container import OutputContainer
    from av.video.stream import VideoStream

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
_PAPER = 255
_H264 = "libx264"


class _Encoder(Protocol):
    """One format. Frames come as (H, W, 4) uint8 RGBA."""

    def add(self, pixels: Pixels, number: int) -> None: ...

    def close(self, *, whole: bool) -> None: ...


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
        self._encoder: _Encoder | None = None
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
        try:
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
                self._encoder = _ENCODERS[self._format](self._path, self._size, self._rate)
            self._encoder.add(frame, self._frames)
            self._frames += 1
        except OSError as error:
            self._abandon()
            raise storage_error(error, self._path) from None
        except BaseException:
            self._abandon()
            raise

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
        try:
            if self._encoder is not None:
                self._encoder.close(whole=True)
        except OSError as error:
            self._abandon()
            raise storage_error(error, self._path) from None
        except BaseException:
            self._abandon()
            raise
        self._ended = True
        self._encoder = None

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


class _Container:
    """What the formats that FFmpeg writes have in common."""

    def __init__(
        self,
        path: Path,
        rate: Fraction,
        container_format: str,
        codec: str,
        codec_options: dict[str, str],
        container_options: dict[str, str],
    ) -> None:
        import av

        options = {"fflags": "+bitexact", **container_options}
        self.container: OutputContainer = av.open(
            str(path), "w", format=container_format, options=options
        )
        try:
            self.stream = cast(
                "VideoStream",
                self.container.add_stream(codec, rate=rate, options=codec_options),
            )
        except BaseException:
            self.container.close()
            raise
        self.stream.codec_context.thread_count = 1
        self.time_base = 1 / rate

    def encode(self, frame: av.VideoFrame | None) -> None:
        for packet in self.stream.encode(frame):
            self.container.mux(packet)

    def close(self, *, whole: bool) -> None:
        try:
            if whole:
                self.encode(None)
        finally:
            self.container.close()


class _Mp4:
    """H.264, 4:2:0, BT.709; an odd side gets its last row or column twice, since 4:2:0 has pairs."""

    def __init__(self, path: Path, size: tuple[int, int], rate: Fraction) -> None:
        import av

        if _H264 not in av.codecs_available:  # as in builds of some Linux distributions
            raise StudioError(
                "This installation can't write MP4: its PyAV lacks H.264.",
                remedy="Choose another format, or install PyAV from PyPI.",
            )
        self._out = _Container(
            path,
            rate,
            "mp4",
            _H264,
            {"crf": "17", "preset": "medium", "threads": "1", "flags": "+bitexact"},
            {"movflags": "+faststart"},
        )
        stream = self._out.stream
        height, width = size
        self._pad = (height % 2, width % 2)
        stream.height, stream.width = height + height % 2, width + width % 2
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.colorspace = 1  # BT.709, here and in the two below
        context.color_primaries = 1
        context.color_trc = 1
        context.color_range = 1  # limited

    def add(self, pixels: Pixels, number: int) -> None:
        import av

        rgb = np.pad(_on_paper(pixels), ((0, self._pad[0]), (0, self._pad[1]), (0, 0)), "edge")
        frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
        frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
        frame.pts, frame.time_base = number, self._out.time_base
        self._out.encode(frame)

    def close(self, *, whole: bool) -> None:
        self._out.close(whole=whole)


class _Gif:
    """Each frame with the 256 colours that suit it best, so that nothing of the film need be known."""

    def __init__(self, path: Path, size: tuple[int, int], rate: Fraction) -> None:
        self._out = _Container(path, rate, "gif", "gif", {"flags": "+bitexact"}, {"loop": "0"})
        self._out.stream.height, self._out.stream.width = size
        self._out.stream.pix_fmt = "pal8"

    def add(self, pixels: Pixels, number: int) -> None:
        import av
        from PIL import Image

        # Not dithered: noise that moves from frame to frame is worse to look at than a faint edge.
        picture = Image.fromarray(_on_paper(pixels)).quantize(
            256, Image.Quantize.MEDIANCUT, kmeans=1
        )
        colours = np.zeros((256, 4), np.uint8)
        flat = np.array(picture.getpalette("RGB"), np.uint8).reshape(-1, 3)
        colours[: len(flat), 1:] = flat
        colours[:, 0] = 255
        # Of this format the library takes two arrays, which its types don't say.
        both = cast("Pixels", (np.asarray(picture), colours))
        frame = av.VideoFrame.from_ndarray(both, format="pal8")
        frame.pts, frame.time_base = number, self._out.time_base
        self._out.encode(frame)

    def close(self, *, whole: bool) -> None:
        self._out.close(whole=whole)


class _WebP:
    """Each frame a picture of its own with alpha, quality 90: written at once, kept by no encoder."""

    def __init__(self, path: Path, size: tuple[int, int], rate: Fraction) -> None:
        self._out = _Container(
            path, rate, "webp", "libwebp", {"quality": "90", "flags": "+bitexact"}, {"loop": "0"}
        )
        self._out.stream.height, self._out.stream.width = size
        self._out.stream.pix_fmt = "bgra"

    def add(self, pixels: Pixels, number: int) -> None:
        import av

        frame = av.VideoFrame.from_ndarray(pixels[..., [2, 1, 0, 3]].copy(), format="bgra")
        frame.pts, frame.time_base = number, self._out.time_base
        self._out.encode(frame)

    def close(self, *, whole: bool) -> None:
        self._out.close(whole=whole)


class _PngZip:
    """A zip of 00001.png, 00002.png and so on, all with the zip format's first date."""

    def __init__(self, path: Path, size: tuple[int, int], rate: Fraction) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_STORED)

    def add(self, pixels: Pixels, number: int) -> None:
        from studio.io.images import encode_png

        entry = zipfile.ZipInfo(f"{number + 1:05}.png")
        entry.external_attr = 0o644 << 16
        self._zip.writestr(entry, encode_png(pixels))

    def close(self, *, whole: bool) -> None:
        self._zip.close()


_ENCODERS: dict[VideoFormat, Callable[[Path, tuple[int, int], Fraction], _Encoder]] = {
    "mp4": _Mp4,
    "gif": _Gif,
    "webp": _WebP,
    "png": _PngZip,
}


def _on_paper(pixels: Pixels) -> Pixels:
    """(H, W, 3): where the format has no alpha, transparent parts show white."""
    alpha = pixels[..., 3:]
    if bool((alpha == 255).all()):
        return np.ascontiguousarray(pixels[..., :3])
    share = alpha.astype(np.uint16)
    blended = (pixels[..., :3] * share + _PAPER * (255 - share) + 127) // 255
    return blended.astype(np.uint8)
