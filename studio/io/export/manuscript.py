"""What a text's exports are written from: the tree, its pictures, its title and disclosure. Any thread.

Pictures are those the text links: files beside it or anywhere on this machine, never the network's. What
can't be had is named, and its words stand in its place.
"""

from __future__ import annotations

import base64
import binascii
import io
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from PIL import Image

from studio.api.errors import StorageError
from studio.core.authorship import authorship, disclosure
from studio.core.prose import Blocks, Picture, pictures_of, title_of
from studio.core.scripts import language_of
from studio.core.spans import Spans
from studio.io.images import DAMAGE, MAX_FILE_BYTES, decode_image, encode_png
from studio.io.markdown_reader import read_markdown

DISCLOSURE_HEADING = "How this text was written"
SCENE_BREAK = "* * *"
_JPEG_QUALITY = 92
_ON_THE_NETWORK = ("http", "https", "ftp")

FindPicture = Callable[[str], bytes | None]
"""The file of a picture by its source as it is written, or None: it is none of these."""


@dataclass(frozen=True)
class LoadedPicture:
    """A file every program can show: upright, without the camera's notes."""

    data: bytes
    media_type: str
    width_px: int
    height_px: int

    @property
    def suffix(self) -> str:
        return ".jpg" if self.media_type == "image/jpeg" else ".png"


@dataclass(frozen=True)
class Manuscript:
    """A whole text. `disclosure` is a page at its end, "" for none; `pictures` by their source."""

    text: str
    blocks: Blocks
    title: str
    language: str = "und"
    disclosure: str = ""
    pictures: Mapping[str, LoadedPicture] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    """A sentence for each picture that is left out."""

    def picture(self, picture: Picture) -> LoadedPicture | None:
        return self.pictures.get(picture.source)


def manuscript(
    text: str,
    *,
    name: str = "",
    spans: Spans = (),
    disclose: bool = False,
    folder: Path | None = None,
    find: FindPicture | None = None,
) -> Manuscript:
    """Read a Markdown text with all it links.

    Args:
        name: The title, if the text has no heading.
        spans: What a model wrote of it; for the disclosure.
        disclose: Whether a page at the end says whose words these are.
        folder: Where relative paths begin.
        find: Pictures that are in no file.
    """
    blocks = read_markdown(text)
    pictures, missing = load_pictures(blocks, folder, find)
    report = disclosure(authorship(text, spans)) if disclose else ""
    title = title_of(blocks) or name
    return Manuscript(text, blocks, title, language_of(text), report, pictures, missing)


def load_pictures(
    blocks: Blocks, folder: Path | None, find: FindPicture | None = None
) -> tuple[dict[str, LoadedPicture], tuple[str, ...]]:
    """The text's pictures by their source, and a sentence for each that is missing."""
    loaded: dict[str, LoadedPicture] = {}
    missing: dict[str, str] = {}
    for picture in pictures_of(blocks):
        source = picture.source
        if source in loaded or source in missing:
            continue
        try:
            data = find(source) if find is not None else None
            loaded[source] = as_loaded(data or picture_bytes(source, folder), source)
        except StorageError as error:
            shown = source if len(source) <= 80 else f"{source[:77]}…"
            missing[source] = f"The picture {shown} is left out: {_lower(error.what)}"
    return loaded, tuple(missing.values())


def picture_bytes(source: str, folder: Path | None) -> bytes:
    """The file a source leads to.

    Raises:
        StorageError: not there, on the network, or too large.
    """
    parts = urlsplit(source)
    if parts.scheme in _ON_THE_NETWORK or source.startswith("//"):
        raise StorageError("It is on the network, and Folio fetches nothing.", where=source)
    if parts.scheme == "data":
        try:
            return base64.b64decode(source.partition(",")[2], validate=False)
        except (binascii.Error, ValueError):
            raise StorageError("Its data is damaged.", where=source[:80]) from None
    if parts.scheme == "file":
        candidates = [Path(url2pathname(parts.path))]
    else:
        # As it is written first: a name may hold a percent sign.
        candidates = [Path(source), Path(unquote(source))]
    for path in candidates:
        full = path if path.is_absolute() else (folder / path if folder is not None else None)
        if full is None:
            raise StorageError(
                "Its path is relative to a text that is in no file yet.", where=source
            )
        try:
            if full.is_file():
                if full.stat().st_size > MAX_FILE_BYTES:
                    raise StorageError("Its file is too large.", where=source)
                return full.read_bytes()
        except (OSError, ValueError) as error:
            raise StorageError(f"It can't be read: {error}.", where=source) from None
    raise StorageError("There is no such file.", where=source)


def as_loaded(data: bytes, where: str) -> LoadedPicture:
    """A JPEG stays one, everything else becomes PNG; without what the camera or a generator noted in it.

    Raises:
        StorageError: no picture, damaged or too large.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
                jpeg, width, height = image.format == "JPEG", image.width, image.height
                plain = jpeg and image.mode in ("RGB", "L") and not image.getexif()
                plain = plain and "comment" not in image.info and "xmp" not in image.info
    except (Image.DecompressionBombError, *DAMAGE):
        jpeg, plain, width, height = False, False, 0, 0
    pixels = decode_image(data, where=where)
    if plain:
        return LoadedPicture(data, "image/jpeg", width, height)
    height, width = pixels.shape[:2]
    if not jpeg:
        return LoadedPicture(encode_png(pixels), "image/png", width, height)
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert("RGB").save(
        buffer, "JPEG", quality=_JPEG_QUALITY, subsampling=0
    )
    return LoadedPicture(buffer.getvalue(), "image/jpeg", width, height)


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
