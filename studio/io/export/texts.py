"""The text in another program's format, chosen by the file's name. I/O thread.

The writers are imported when they are asked for: what Word's and the PDF's stand on is large.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from studio.api.errors import StudioError
from studio.core.spans import Spans
from studio.io.atomic import atomic_path, storage_error, there_already
from studio.io.text import text_bytes

if TYPE_CHECKING:
    from studio.io.export.manuscript import FindPicture, Manuscript

Notices: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class TextSource:
    """A text and what is known about it.

    `name` is its title if it has no heading; relative paths of pictures begin at `folder`; `find` gives
    those that are in no file.
    """

    text: str
    name: str = ""
    spans: Spans = ()
    folder: Path | None = None
    find: FindPicture | None = None


def export_text(
    path: Path, source: TextSource, *, disclose: bool = False, force: bool = False
) -> Notices:
    """Write a text as what the file's name says. Returns what the person should know of the outcome.

    Args:
        disclose: Whether a page at the end says how much of it a model wrote.

    Raises:
        StudioError: an unknown kind.
        StorageError: there is such a file and `force` isn't set, or it can't be written.
    """
    from studio.io.export.manuscript import manuscript

    if path.suffix.lower() not in TEXT_EXPORTS:
        raise _unknown(path)
    text = manuscript(
        source.text, name=source.name, spans=source.spans, disclose=disclose, folder=source.folder,
        find=source.find,
    )  # fmt: skip
    if TEXT_EXPORTS[path.suffix.lower()] is _markdown:
        from studio.io.export.pictures_beside import with_pictures_beside

        if not force and path.exists():
            raise there_already(path)
        text = with_pictures_beside(path, text, force=force)
    return text.missing + write_manuscript(path, text, force=force)


def write_manuscript(path: Path, text: Manuscript, *, force: bool = False) -> Notices:
    """As `export_text`; the file is whole or not there."""
    write = TEXT_EXPORTS.get(path.suffix.lower())
    if write is None:
        raise _unknown(path)
    with atomic_path(path, force=force) as temporary:
        try:
            return write(temporary, text)
        except OSError as error:
            raise storage_error(error, path) from None


def _unknown(path: Path) -> StudioError:
    return StudioError(
        f"Folio can't export a text as {path.suffix or 'a file without an ending'}.",
        where=str(path),
        remedy=f"Give it one of these endings: {', '.join(TEXT_EXPORTS)}.",
    )


def _docx(path: Path, text: Manuscript) -> Notices:
    from studio.io.export.as_docx import write_docx

    write_docx(path, text)
    return ()


def _pdf(path: Path, text: Manuscript) -> Notices:
    from studio.io.export.as_pdf import write_pdf

    return write_pdf(path, text)


def _odt(path: Path, text: Manuscript) -> Notices:
    from studio.io.export.as_odt import write_odt

    write_odt(path, text)
    return ()


def _epub(path: Path, text: Manuscript) -> Notices:
    from studio.io.export.as_epub import write_epub

    write_epub(path, text)
    return ()


def _html(path: Path, text: Manuscript) -> Notices:
    from studio.io.export.as_html import write_html

    write_html(path, text)
    return ()


def _plain(path: Path, text: Manuscript) -> Notices:
    from studio.io.export.as_plain_text import write_plain_text

    write_plain_text(path, text)
    return ()


def _markdown(path: Path, text: Manuscript) -> Notices:
    """The text as it is, to the character; but for links to layers, which are files beside it by now."""
    from studio.io.export.manuscript import DISCLOSURE_HEADING

    words = text.text
    if text.disclosure:
        apart = "\n" * max(0, 2 - len(words) + len(words.rstrip("\n"))) if words else ""
        words += f"{apart}## {DISCLOSURE_HEADING}\n\n{text.disclosure}\n"
    path.write_bytes(text_bytes(words))
    return ()


TEXT_EXPORTS: Final[Mapping[str, Callable[[Path, Manuscript], Notices]]] = {
    ".docx": _docx,
    ".odt": _odt,
    ".pdf": _pdf,
    ".epub": _epub,
    ".html": _html,
    ".htm": _html,
    ".md": _markdown,
    ".markdown": _markdown,
    ".txt": _plain,
}
