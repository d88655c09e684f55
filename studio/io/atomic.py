"""Files that are whole or not there: written beside, flushed to the disk, then put in place. Any thread."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from studio.api.errors import StorageError


@contextlib.contextmanager
def atomic_path(path: Path, *, force: bool = False) -> Iterator[Path]:
    """A temporary path beside `path`; put in its place when the block ends well, removed if not.

    With `force`, a file that is there is replaced and its permissions are kept; of a link, the file
    it leads to.

    Raises:
        StorageError: `path` is there and `force` isn't set; or the disk is full or not writable.
    """
    if not force and os.path.lexists(path):
        raise there_already(path)
    target = Path(os.path.realpath(path)) if force else path
    temporary = target.with_name(f".folio-{secrets.token_hex(6)}.part")
    try:
        yield temporary
        if force:
            with contextlib.suppress(FileNotFoundError):
                shutil.copymode(target, temporary)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        if force:
            os.replace(temporary, target)
        else:
            _put_new(temporary, target)
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
    write_bytes(path, text.encode("utf-8", "replace"), force=force)


def make_folder(path: Path) -> None:
    """Raises StorageError: it can't be made."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, path) from None


def _put_new(temporary: Path, target: Path) -> None:
    """Never over a file that came meanwhile: only a link tells and acts in one step."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise there_already(target) from None
    except (OSError, NotImplementedError):  # exFAT and others have no links
        if os.path.lexists(target):
            raise there_already(target) from None
        os.replace(temporary, target)


def there_already(path: Path) -> StorageError:
    return StorageError(
        "There is a file of that name already.",
        where=str(path),
        remedy="Choose another name, or ask for it to be overwritten.",
    )


_FREE_SPACE, _ANOTHER_FOLDER = "Free some space and try again.", "Choose another folder."
_REASONS = {
    errno.ENOSPC: ("The disk is full.", _FREE_SPACE),
    errno.EDQUOT: ("Your share of the disk is used up.", _FREE_SPACE),
    errno.EFBIG: ("The file became larger than this system allows.", "Choose another disk."),
    errno.EACCES: ("The place can't be written: permission is missing.", _ANOTHER_FOLDER),
    errno.EPERM: ("The place can't be written: the system forbids it.", _ANOTHER_FOLDER),
    errno.EROFS: ("The disk can only be read.", _ANOTHER_FOLDER),
    errno.EIO: ("The disk reports a fault.", "Save to another disk, and check this one."),
    errno.ENOENT: ("The folder doesn't exist.", "Create it first, or choose another."),
    errno.ENOTDIR: ("A part of the path is a file, not a folder.", _ANOTHER_FOLDER),
    errno.EEXIST: ("There is a file where a folder is needed.", _ANOTHER_FOLDER),
    errno.EISDIR: ("There is a folder of that name.", "Choose another name."),
    errno.ENAMETOOLONG: ("The file's name is too long.", "Choose a shorter one."),
}


def storage_error(error: OSError, path: Path) -> StorageError:
    """An operating system's error in words: what happened and what to do."""
    reason = error.strerror or str(error) or type(error).__name__
    what, remedy = _REASONS.get(error.errno or 0, (f"It can't be written: {reason}.", ""))
    return StorageError(what, where=str(path), remedy=remedy)
