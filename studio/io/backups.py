"""The last versions of each saved file, kept among the studio's own data. I/O thread."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

from studio.io.atomic import atomic_path, make_folder, storage_error

KEPT = 5
_UNSAFE = re.compile(r"[^\w .()-]+")


class Backups:
    """A folder for each saved file, named after it; in it the versions that were replaced."""

    def __init__(self, folder: Path, kept: int = KEPT) -> None:
        self._folder = folder
        self._kept = kept

    def keep(self, path: Path) -> None:
        """Keep the file as it is now, just before another takes its place. No file: nothing to do.

        Raises:
            StorageError: it can't be kept.
        """
        source = Path(os.path.realpath(path))
        if not source.is_file():
            return
        folder = self.folder_of(path)
        make_folder(folder)
        target = folder / f"{datetime.now(UTC):%Y-%m-%d %H.%M.%S.%f}{source.suffix}"
        try:
            # The same bytes under a second name: the save replaces the first name only.
            os.link(source, target)
        except (OSError, NotImplementedError):
            with atomic_path(target, force=True) as temporary:
                shutil.copyfile(source, temporary)
        for old in self.versions(path)[self._kept :]:
            with contextlib.suppress(OSError):
                old.unlink()

    def versions(self, path: Path) -> list[Path]:
        """The kept versions of a file, newest first."""
        folder = self.folder_of(path)
        try:
            found = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise storage_error(error, folder) from None
        return sorted(found, key=lambda entry: entry.name, reverse=True)

    def holds(self, path: Path) -> bool:
        """Whether a file is one of the kept versions."""
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self._folder))

    def folder_of(self, path: Path) -> Path:
        """Where a file's versions are; two files of one name in two folders have two."""
        real = os.path.realpath(path)
        digest = hashlib.sha256(os.fsencode(real)).hexdigest()[:12]
        return self._folder / f"{_UNSAFE.sub('_', Path(real).stem)[:60]} {digest}"
