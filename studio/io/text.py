"""Text files in, whatever they are encoded in; out they go as UTF-8 through `atomic`. I/O thread."""

from __future__ import annotations

import codecs
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from studio.api.errors import StorageError

TEXT_SUFFIXES = frozenset({".md", ".markdown", ".txt"})
TEXT_LIMIT_BYTES = 32_000_000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # Before UTF-16, whose mark is the beginning of this one.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMES = {"gb18030": "GB 18030", "cp1252": "Windows-1252"}


def text_bytes(text: str) -> bytes:
    """UTF-8 that `read_text_file` reads as the same text, but for what no text file can hold.

    A mark of the byte order at the beginning would be taken for one, so it gets one; a zero byte would
    make the file no text.
    """
    data = text.replace("\0", "\ufffd").encode("utf-8", "replace")
    return codecs.BOM_UTF8 + data if data.startswith(codecs.BOM_UTF8) else data


@dataclass(frozen=True)
class TextFile:
    """`text` has line ends of one character. `notice` is for the person when the encoding was guessed."""

    text: str
    notice: str = ""


def read_text_file(path: Path, *, limit_bytes: int = TEXT_LIMIT_BYTES) -> TextFile:
    """The text in a file: UTF-8, or what its first bytes say, or the likeliest of the old encodings.

    Raises:
        StorageError: unreadable, too large, or not text.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise StorageError("This is not a file with a text.", where=str(path))
        with path.open("rb") as file:
            return read_text_stream(file, str(path), limit_bytes=limit_bytes)
    except OSError as error:
        raise StorageError(f"The file can't be read: {error.strerror}.", where=str(path)) from None


def read_text_stream(
    file: BinaryIO, where: str, *, limit_bytes: int = TEXT_LIMIT_BYTES
) -> TextFile:
    """The text that an open file or a pipe gives; as `read_text_file`. `where` names it to the person.

    Raises:
        StorageError: too large, or not text.
        OSError: it can't be read.
    """
    data = file.read(limit_bytes + 1)
    if len(data) > limit_bytes:
        raise StorageError(
            f"The file is too large for a text: at most {limit_bytes // 1_000_000} MB are read.",
            where=where,
        )
    encoding, guessed = _encoding_of(data, where)
    try:
        text = data.decode(encoding, "replace" if guessed else "strict")
    except UnicodeDecodeError:
        raise _no_text(where) from None
    notice = ""
    if guessed:
        notice = (
            f"{Path(where).name} is not in UTF-8; it was read as {_NAMES[encoding]}. "
            "Look whether its special characters are right."
        )
    return TextFile(text.replace("\r\n", "\n").replace("\r", "\n"), notice)


def _encoding_of(data: bytes, where: str) -> tuple[str, bool]:
    """The encoding, and whether it is only a guess."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, False
    if b"\0" in data:
        raise _no_text(where)
    try:
        data.decode("utf-8")
        return "utf-8", False
    except UnicodeDecodeError:
        pass
    if sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in data[:4096]):
        raise _no_text(where)
    return ("gb18030" if _reads_as_chinese(data) else "cp1252"), True


def _reads_as_chinese(data: bytes) -> bool:
    """Whether nearly all that isn't ASCII becomes common characters: western text never does."""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    beyond = [character for character in text if not character.isascii()]
    common = "".join(beyond).encode("gb2312", "ignore")
    return len(common) >= 2 * 0.9 * len(beyond)


def _no_text(where: str) -> StorageError:
    return StorageError(
        "The file is no text.",
        where=where,
        remedy="Open a text, a picture or a model.",
    )
