"""Files that are whole or not there: written beside, flushed to the disk, then put in place."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from studio.api.errors import StorageError


@contextlib.contextmanager
def atomic_path(path: Path, *, force: bool = False) -> Iterator[Path]:
    """A temporary path beside `path`; put in its place when the block ends well, removed if not.

    Raises:
        StorageError: `path` is there and `force` isn't set; or the disk is full or not writable.
    """
    if path.exists() and not force:
        raise StorageError(
            "There is a file of that name already.",
            where=str(path),
            remedy="Choose another name, or ask for it to be overwritten.",
        )
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise storage_error(error, path) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes, *, force: bool = False) -> None:
    """Raises StorageError as `atomic_path` does."""
    with atomic_path(path, force=force) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str, *, force: bool = False) -> None:
    """UTF-8. Raises StorageError as `atomic_path` does."""
    write_bytes(path, text.encode("utf-8"), force=force)


def storage_error(error: OSError, path: Path) -> StorageError:
    """An operating system's error in words: what happened and what to do."""
    reasons = {
        errno.ENOSPC: ("The disk is full.", "Free some space and try again."),
        errno.EDQUOT: ("Your share of the disk is used up.", "Free some space and try again."),
        errno.EFBIG: ("The file became larger than this system allows.", "Choose another disk."),
        errno.EACCES: (
            "The place can't be written: permission is missing.",
            "Choose another folder.",
        ),
        errno.EROFS: ("The disk can only be read.", "Choose another folder."),
        errno.ENOENT: ("The folder doesn't exist.", "Create it first, or choose another."),
        errno.ENOTDIR: ("A part of the path is a file, not a folder.", "Choose another folder."),
        errno.ENAMETOOLONG: ("The file's name is too long.", "Choose a shorter one."),
    }
    what, remedy = reasons.get(error.errno or 0, (f"It can't be written: {error.strerror}.", ""))
    return StorageError(what, where=str(path), remedy=remedy)
