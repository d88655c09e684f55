"""A folio's pictures as files beside a Markdown text, which can't hold them. I/O thread."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, unquote

from studio.core.illustration import SCHEME
from studio.io.atomic import make_folder, write_bytes
from studio.io.export.manuscript import Manuscript

_NO_FILE_NAME = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')


def with_pictures_beside(path: Path, text: Manuscript, *, force: bool) -> Manuscript:
    """Write the layers that a text shows into the folder NAME-pictures, and link them there.

    Nothing else of the text changes, and a text that shows no layers doesn't change at all.

    Raises:
        StorageError: a file can't be written, or is there already and `force` isn't set.
    """
    folder = path.with_name(f"{path.stem}-pictures")
    words, taken = text.text, set[str]()
    for source, picture in text.pictures.items():
        if not source.startswith(SCHEME):
            continue
        title = (
            _NO_FILE_NAME.sub(" ", unquote(source.removeprefix(SCHEME))).strip(" .") or "picture"
        )
        name = next(
            one
            for one in (title, *(f"{title} {n}" for n in range(2, 9999)))
            if one.lower() not in taken
        )
        taken.add(name.lower())
        make_folder(folder)
        write_bytes(folder / f"{name}{picture.suffix}", picture.data, force=force)
        address = quote(f"{folder.name}/{name}{picture.suffix}")
        for opening in ("](", "](<"):
            words = words.replace(f"{opening}{source}", f"{opening}{address}")
    return replace(text, text=words)
