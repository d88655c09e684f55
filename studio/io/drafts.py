"""Unsaved texts as versions before the journal kept them: found and given back. I/O thread.

A draft's name carries its process's mark.
"""

from __future__ import annotations

import re
from pathlib import Path

from studio.io.atomic import storage_error
from studio.io.process_mark import lives
from studio.io.text import read_text_file

_NAME = re.compile(r"draft-(?P<mark>\d+-\d+)\.md|draft\.md")


def drafts_left_behind(folder: Path) -> list[tuple[Path, str, float]]:
    """File, text and time of last change (seconds since 1970) of drafts that nobody looks after any more.

    Raises:
        StorageError: one can't be read.
    """
    found: list[tuple[Path, str, float]] = []
    try:
        for path in folder.iterdir():
            match = _NAME.fullmatch(path.name)
            if match is not None and not lives(match["mark"] or ""):
                found.append((path, read_text_file(path).text, path.stat().st_mtime))
    except FileNotFoundError:
        return []  # the folder, or one of them: another window has just taken it
    except OSError as error:
        raise storage_error(error, folder) from None
    return found
