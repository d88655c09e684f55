"""One encoder for each format of films, through PyAV's libraries: the same frames give the same bytes.

One encoder thread, no dates, and nothing of a frame is kept once it is encoded, so memory doesn't
grow with the length. GPU thread, or whoever writes the film.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np

from studio.api.errors import StudioError
from studio.api.outputs import Pixels
from studio.api.video import VideoFormat

if TYPE_CHECKING:
    import av
    from av.container import OutputContainer
    from av.video.stream import VideoStream

H264 = "libx264"
_PAPER = 255


class Encoder(Protocol):
    """One format. Frames come as (H, W, 4) uint8 RGBA."""

    def add(self, pixels: Pixels, number: int) -> None: ...

    def close(self, *, whole: bool) -> None: ...


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
        except BaseException:  # whatever it is: no open file stays; then it goes on
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


def can_write_mp4() -> bool:
    """Whether PyAV was built with H.264."""
    import av

    return H264 in av.codecs_available


class _Mp4:
    """H.264, 4:2:0, BT.709; an odd side gets its last row or column twice, since 4:2:0 has pairs."""

    def __init__(self, path: Path, size: tuple[int, int], rate: Fraction) -> None:
        if not can_write_mp4():  # as in builds of some Linux distributions
            raise StudioError(
                "This installation can't write MP4: its PyAV lacks H.264.",
                remedy="Choose another format, or install PyAV from PyPI.",
            )
        self._out = _Container(
            path,
            rate,
            "mp4",
            H264,
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


ENCODERS: dict[VideoFormat, Callable[[Path, tuple[int, int], Fraction], Encoder]] = {
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
