"""Unsaved texts on the disk, one for each process: kept while it lives, taken over when it is gone.

A draft's name carries its process's number and when that began, so a number that is used again isn't
mistaken for the old one. I/O thread.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import psutil

from studio.io.atomic import storage_error, write_text
from studio.io.text import read_text_file

_NAME = re.compile(r"draft-(?P<pid>\d+)-(?P<began>\d+)\.md|draft\.md")
"""The second is what an older version wrote."""


class Drafts:
    """The drafts in a folder; `own` is this process's, whether it is there or not."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        process = psutil.Process()
        self.own = folder / f"draft-{process.pid}-{int(process.create_time())}.md"

    def keep(self, text: str) -> None:
        """Write this process's draft, or remove it when there is nothing to keep.

        Raises:
            StorageError: it can't be written or removed.
        """
        if text:
            write_text(self.own, text, force=True)
            return
        try:
            self.own.unlink(missing_ok=True)
        except OSError as error:
            raise storage_error(error, self.own) from None

    def left_behind(self) -> list[Path]:
        """Drafts that nobody looks after any more, newest first. Raises StorageError."""
        found: list[tuple[float, Path]] = []
        try:
            for path in self._folder.iterdir():
                match = _NAME.fullmatch(path.name)
                if match is None:
                    continue
                if (
                    path == self.own
                    or match["pid"] is None
                    or not _lives(match["pid"], match["began"])
                ):
                    found.append((path.stat().st_mtime, path))
        except FileNotFoundError:
            return []  # the folder, or one of them: another window has just taken it
        except OSError as error:
            raise storage_error(error, self._folder) from None
        return [path for _, path in sorted(found, reverse=True)]

    def take_over(self, path: Path) -> str | None:
        """The text of a draft, which is this process's from now on; None: another window was quicker.

        Raises:
            StorageError: it can't be read; it stays where it is.
        """
        if not path.exists():
            return None
        text = read_text_file(path).text
        return text if self._moved(path, self.own) else None

    def put_aside(self, path: Path) -> Path | None:
        """Give a draft a name that lasts, beside it; None: another window was quicker.

        Raises:
            StorageError: it can't be renamed.
        """
        number = 1
        while (kept := self._folder / f"unsaved-{number}.md").exists():
            number += 1
        return kept if self._moved(path, kept) else None

    def _moved(self, path: Path, to: Path) -> bool:
        try:
            os.replace(path, to)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise storage_error(error, path) from None
        return True


def _lives(pid: str, began: str) -> bool:
    try:
        return bool(abs(psutil.Process(int(pid)).create_time() - int(began)) < 2)
    except (psutil.Error, OverflowError):
        return False
