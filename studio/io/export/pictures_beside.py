"""A folio's pictures as files beside a Markdown text, which can't hold them. I/O thread."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, unquote

from markdown_it.common.utils import unescapeAll

from studio.core.illustration import SCHEME
from studio.io.atomic import make_folder, write_bytes
from studio.io.export.manuscript import Manuscript

_LINKED = re.compile(rf"(?<=\]\()(?:<{SCHEME}[^<>\n]*>|{SCHEME}(?:[^\s()<>]|\([^\s()<>]*\))*)")
"""The whole of where a link or a picture goes, if that is a layer."""
_NO_FILE_NAME = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')


def with_pictures_beside(path: Path, text: Manuscript, *, force: bool) -> Manuscript:
    """Write the layers that a text shows into the folder NAME-pictures, and link them there.

    Nothing else of the text changes, and a text that shows no layers doesn't change at all.

    Raises:
        StorageError: a file can't be written, or is there already and `force` isn't set.
    """
    folder = path.with_name(f"{path.stem}-pictures")
    addresses: dict[str, str] = {}
    taken: set[str] = set()
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
        addresses[source] = quote(f"{folder.name}/{name}{picture.suffix}")

    def linked(found: re.Match[str]) -> str:
        source = unescapeAll(found.group().removeprefix("<").removesuffix(">"))
        return addresses.get(source, found.group())

    return replace(text, text=_LINKED.sub(linked, text.text))
