"""How a generator writes a film: frame by frame into its own folder. GPU thread."""

from __future__ import annotations

from types import TracebackType
from typing import Literal, Protocol, get_args

from studio.api.outputs import Extras, FileOutput, Pixels

VideoFormat = Literal["mp4", "gif", "webp", "png"]
"""H.264, animated GIF, animated WebP, or a zip of numbered PNGs."""
VIDEO_FORMATS: tuple[VideoFormat, ...] = get_args(VideoFormat)


class FrameWriter(Protocol):
    """Made by `ctx.video(…)`; a context manager. Frames are encoded as they come and not kept.

        with ctx.video("walk", 256, 256, 25, params.format) as film:
            for number in range(params.frames):
                film.add(frame(number))
        yield film.output(seed=ctx.seed)

    Leaving the block by an exception, a cancel's too, removes the file.
    """

    def __enter__(self) -> FrameWriter: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    @property
    def frames(self) -> int:
        """How many were added."""
        ...

    def add(self, pixels: Pixels) -> None:
        """The next frame, (height, width, 3 or 4) uint8 as announced. A cancel point.

        Raises:
            ValueError: another size than announced.
        """
        ...

    def output(
        self, preview: Pixels | None = None, seed: int | None = None, extras: Extras | None = None
    ) -> FileOutput:
        """The finished film, after the block. Its preview is the first frame if none is given.

        Raises:
            StudioError: no frame was added.
        """
        ...
