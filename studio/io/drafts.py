"""Unsaved texts as versions before the journal kept them: found and given back. I/O thread.

A draft's name carries its process's number and when that began, so a number that is used again isn't
mistaken for the old one.
"""

from __future__ import annotations

import re
from pathlib import Path

import psutil

from studio.io.atomic import storage_error
from studio.io.text import read_text_file

_NAME = re.compile(r"draft-(?P<pid>\d+)-(?P<began>\d+)\.md|draft\.md")


def drafts_left_behind(folder: Path) -> list[tuple[Path, str, float]]:
    """File, text and time of last change (seconds since 1970) of drafts that nobody looks after any more.

    Raises:
        StorageError: one can't be read.
    """
    found: list[tuple[Path, str, float]] = []
    try:
        for path in folder.iterdir():
            match = _NAME.fullmatch(path.name)
            if match is not None and not _lives(match["pid"], match["began"]):
                found.append((path, read_text_file(path).text, path.stat().st_mtime))
    except FileNotFoundError:
        return []  # the folder, or one of them: another window has just taken it
    except OSError as error:
        raise storage_error(error, folder) from None
    return found


def _lives(pid: str | None, began: str | None) -> bool:
    if pid is None or began is None:
        return False
    try:
        return bool(abs(psutil.Process(int(pid)).create_time() - int(began)) < 2)
    except (psutil.Error, OverflowError):
        return False
