"""What kind of file it is by its first bytes, and the words for one that is not what its name says.

Pure but for reading the file; any thread.
"""

from __future__ import annotations

import contextlib
import os
import stat
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal

from studio.api.errors import ModelError

WeightsKind = Literal[
    "safetensors",
    "gguf",
    "pickle",
    "zip-pickle",
    "zip",
    "html",
    "git-lfs-pointer",
    "empty",
    "unknown",
]
HEADER_LIMIT_BYTES = 100 << 20
_HEAD_BYTES = 512
_ZIP_TAIL_BYTES = 1 << 20
_WEB = (b"<!doctype", b"<html", b"<head", b"<?xml", b"<!--")
_ONCE_MORE = "Get the file once more."


@contextlib.contextmanager
def reading(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """The open file and its size; whatever the system says against it becomes a ModelError."""
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            kind = "a folder" if stat.S_ISDIR(facts.st_mode) else "not a regular file"
            raise ModelError(f"A file was expected, and this is {kind}.", where=str(path))
        with path.open("rb") as file:
            yield file, os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        raise ModelError("There is no such file.", where=str(path)) from None
    except OSError as error:
        raise ModelError(
            f"The file can't be read: {error.strerror}.",
            where=str(path),
            remedy="Check its permissions and the disk.",
        ) from None


def kind_of(path: Path) -> WeightsKind:
    """What the file is by content.

    Raises:
        ModelError: it can't be read.
    """
    with reading(path) as (file, size):
        head = file.read(_HEAD_BYTES)
        if head.startswith(b"PK\x03\x04"):
            file.seek(max(0, size - _ZIP_TAIL_BYTES))
            return _kind_of_zip(head, file.read())
    return _kind_of_head(head)


def _kind_of_zip(head: bytes, tail: bytes) -> WeightsKind:
    """The names of a zip's files stand at its end; PyTorch's first one, in its head too."""
    whole = b"PK\x05\x06" in tail
    # Of one whose end is missing the worst is assumed.
    return "zip" if whole and b".pkl" not in head and b".pkl" not in tail else "zip-pickle"


def _kind_of_head(head: bytes) -> WeightsKind:
    if not head:
        return "empty"
    if head.startswith(b"GGUF"):
        return "gguf"
    # Before pickles: a header of 640 bytes begins with the very bytes of a pickle of protocol 2.
    if head[8:9] == b"{" and struct.unpack("<Q", head[:8])[0] < 1 << 40:
        return "safetensors"
    if head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return "pickle"
    if head.startswith(b"version https://git-lfs"):
        return "git-lfs-pointer"
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:16].lower().startswith(_WEB):
        return "html"
    return "unknown"


def is_pickle(path: Path) -> bool:
    """Whether the file is a Python pickle, bare or in PyTorch's zip."""
    return kind_of(path) in ("pickle", "zip-pickle")


def refuse(path: Path, wanted: str) -> ModelError:
    """The error for a file that is not what its name says: what it really is, and what to do."""
    kind = kind_of(path)
    dressed = f" dressed as {path.suffix[1:]}" if path.suffix in (".safetensors", ".gguf") else ""
    what, remedy = {
        "pickle": (
            f"This is a Python pickle{dressed}, not {wanted}: "
            "a pickle can run any program when it is opened.",
            "Get the model as safetensors or GGUF.",
        ),
        "zip-pickle": (
            f"This is a PyTorch archive{dressed}, not {wanted}: the pickle in it can run any program "
            "when it is opened.",
            "Get the model as safetensors or GGUF.",
        ),
        "zip": (f"This is a zip archive, not {wanted}.", "Unpack it, and add what is in it."),
        "html": (
            f"This is a web page, not {wanted}.",
            f"The download failed. {_ONCE_MORE}",
        ),
        "git-lfs-pointer": (
            f"This is only Git's pointer to the file, not {wanted}.",
            "Fetch the real file with 'git lfs pull', or download it once more.",
        ),
        "empty": ("The file is empty.", _ONCE_MORE),
        "gguf": (f"This is a GGUF file, not {wanted}.", "Rename it to .gguf."),
        "safetensors": (f"This is a safetensors file, not {wanted}.", "Rename it to .safetensors."),
        "unknown": _unknown(path, wanted),
    }[kind]
    return ModelError(what, where=str(path), remedy=remedy)


def _unknown(path: Path, wanted: str) -> tuple[str, str]:
    """Failed downloads leave texts and zeros; these are worth naming too."""
    with reading(path) as (file, _):
        head = file.read(_HEAD_BYTES)
    if not any(head):
        return f"The file begins with nothing but zeros: it is not {wanted}.", (
            f"The download did not finish. {_ONCE_MORE}"
        )
    words = head.decode("utf-8", "ignore")
    whole = len(words.encode()) > len(head) - 4  # the last character may be cut
    if whole and words.strip() and all(c.isprintable() or c.isspace() for c in words):
        return f"This is a text, not {wanted}; it begins “{' '.join(words.split())[:60]}”.", (
            "If it was downloaded, the download failed; models come as safetensors or GGUF files."
        )
    return f"This is not {wanted}.", "Models come as safetensors or GGUF files."


def damaged(path: Path, why: str) -> ModelError:
    return ModelError(f"The file is damaged: {why}.", where=str(path), remedy=_ONCE_MORE)


def cut_short(path: Path, wanted: int, there: int) -> ModelError:
    return ModelError(
        f"The file is cut short: it should have at least {wanted:,} bytes and has {there:,}.",
        where=str(path),
        remedy=f"The download did not finish. {_ONCE_MORE}",
    )
