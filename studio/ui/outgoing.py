"""What is dragged out to other programs: a picture, and a file that is written only if somebody takes it.

GUI thread: that is where the other program's question arrives, and it waits for the answer.
"""

from __future__ import annotations

import logging
import shutil
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QByteArray, QMetaType, QMimeData, QUrl

from studio.api.errors import StorageError, StudioError
from studio.api.outputs import Pixels
from studio.io.atomic import write_bytes
from studio.io.png_writer import BAND_PX, encode_bands
from studio.paint.qimages import to_qimage

log = logging.getLogger(__name__)

PNG_MIME = "image/png"
IMAGE_MIME = "application/x-qt-image"
URLS_MIME = "text/uri-list"
_KEPT_S = 24 * 3600
"""How long a file stays that was taken: some programs read it only later."""
_NAME_CHARACTERS = 80


@dataclass(frozen=True)
class Leaving:
    """One thing that may go out.

    Args:
        name: Its file's name, without the folder.
        write: Writes that file. Raises StudioError.
        pixels: The picture itself; None for films. Raises StudioError.
    """

    name: str
    write: Callable[[Path], object]
    pixels: Callable[[], Pixels] | None = None


def picture(name: str, pixels: Callable[[], Pixels]) -> Leaving:
    """A picture as a PNG file."""
    return Leaving(
        file_name(name, ".png"), lambda path: write_bytes(path, png_of(pixels())), pixels
    )


def png_of(pixels: Pixels) -> bytes:
    """(H, W, 4) RGBA as a PNG with its transparency."""
    height, width = pixels.shape[:2]
    bands = (pixels[y : y + BAND_PX] for y in range(0, height, BAND_PX))
    return encode_bands(width, height, 4, bands)


def file_name(title: str, suffix: str) -> str:
    """A title as a name that every system takes."""
    kept = "".join("-" if c in '/\\:*?"<>|' or not c.isprintable() else c for c in title)
    return (kept.strip(" .")[:_NAME_CHARACTERS].strip(" .") or "Picture") + suffix


class Outgoing:
    """Args:
    folder: Where the files are made, each drag's in a folder of its own; old ones go.
    tell: Told in a sentence why something could not be given.
    """

    def __init__(self, folder: Path, tell: Callable[[str], object]) -> None:
        self._folder = folder
        self._tell = tell

    def mime(self, things: Sequence[Leaving]) -> QMimeData:
        """A drag's data for others; put into it what our own panels look for."""
        return _OutgoingMime(self, tuple(things))

    def written(self, things: Sequence[Leaving]) -> list[Path]:
        """The files, made now.

        Raises:
            StudioError: one can't be written.
        """
        self._clear_old()
        folder = self._folder / uuid.uuid4().hex
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise StorageError(
                f"The file for dragging can't be made: {error.strerror}.",
                where=str(folder),
                remedy="Free some space on the disk, or export the picture instead.",
            ) from None
        paths: list[Path] = []
        for number, thing in enumerate(things, 1):
            path = folder / thing.name
            if path in paths:
                path = path.with_name(f"{path.stem} {number}{path.suffix}")
            thing.write(path)
            paths.append(path)
        return paths

    def told(self, error: StudioError) -> None:
        self._tell(str(error))

    def _clear_old(self) -> None:
        if not self._folder.is_dir():
            return
        for old in self._folder.iterdir():
            try:
                if time.time() - old.stat().st_mtime > _KEPT_S:
                    shutil.rmtree(old, ignore_errors=True)
            except OSError:
                continue  # another window's Folio was quicker


class _OutgoingMime(QMimeData):
    """Answers for the formats of pictures and files when it is asked, and remembers the answers."""

    def __init__(self, outgoing: Outgoing, things: tuple[Leaving, ...]) -> None:
        super().__init__()
        self._outgoing = outgoing
        self._things = things
        self._pixels: Pixels | None = None
        self._urls: list[QUrl] | None = None

    def formats(self) -> list[str]:
        return [*super().formats(), *self._made_when_asked()]

    def hasFormat(self, mimetype: str) -> bool:
        return mimetype in self._made_when_asked() or super().hasFormat(mimetype)

    def retrieveData(self, mimetype: str, preferred: QMetaType | QMetaType.Type) -> object:
        if mimetype not in self._made_when_asked():
            return super().retrieveData(mimetype, preferred)
        try:
            if mimetype == URLS_MIME:
                return self._as_urls()
            if mimetype == IMAGE_MIME:
                return to_qimage(self._as_pixels())
            return QByteArray(png_of(self._as_pixels()))
        except StudioError as error:
            log.warning("a drag could not be answered")
            self._outgoing.told(error)
            return None

    def _made_when_asked(self) -> tuple[str, ...]:
        if not self._things:
            return ()
        one = len(self._things) == 1 and self._things[0].pixels is not None
        return (IMAGE_MIME, PNG_MIME, URLS_MIME) if one else (URLS_MIME,)

    def _as_pixels(self) -> Pixels:
        if self._pixels is None:
            read = self._things[0].pixels
            assert read is not None
            self._pixels = read()
        return self._pixels

    def _as_urls(self) -> list[QUrl]:
        if self._urls is None:
            paths = self._outgoing.written(self._things)
            self._urls = [QUrl.fromLocalFile(str(path)) for path in paths]
        return self._urls
