"""`studio export FILE -o OUT`: a folio, picture or text in another format. Main thread, no window."""

from __future__ import annotations

from pathlib import Path

from studio.api.errors import StorageError, StudioError
from studio.commands import DONE
from studio.core.document import Document
from studio.io.documents import (
    DOCUMENT_SUFFIXES,
    FOLIO_SUFFIX,
    IMAGE_SUFFIXES,
    no_document,
    read_document,
)
from studio.io.export.films import export_film
from studio.io.export.folio_pictures import text_of
from studio.io.export.pictures import export_document
from studio.io.export.texts import TEXT_EXPORTS, TextSource, export_text
from studio.io.text import TEXT_SUFFIXES, read_text_file


def export_file(
    file: Path, output: Path, *, film: bool, rate: float, disclosure: bool, force: bool
) -> int:
    """Read one file, write the other, say what was done."""
    as_text = output.suffix.lower() in TEXT_EXPORTS
    if disclosure and not as_text:
        raise StudioError(
            "--disclosure is a page in a text.",
            remedy=f"Give -o one of these endings: {', '.join(TEXT_EXPORTS)}.",
        )
    document = _read(file, disclosure=disclosure)
    if output.exists() and not force:
        raise StorageError(
            "There is a file of that name already.",
            where=str(output),
            remedy="Choose another name, or say --force.",
        )
    if film:
        count = export_film(output, document, rate)
        print(f"{output} ({count} frames)")
        return DONE
    if as_text:
        _export_text(file, output, document, disclosure=disclosure, force=force)
    else:
        export_document(output, document)
    print(output)
    return DONE


def _read(file: Path, *, disclosure: bool) -> Document:
    suffix = file.suffix.lower()
    if disclosure and suffix != FOLIO_SUFFIX:
        raise StudioError(
            "Such a file doesn't know which words a model wrote; only a folio keeps that.",
            where=str(file),
            remedy="Export the folio, or leave out --disclosure.",
        )
    if suffix in DOCUMENT_SUFFIXES | IMAGE_SUFFIXES:
        read = read_document(file)
        for notice in read.notices:
            print(notice)
        return read.document
    if suffix not in TEXT_SUFFIXES:
        raise no_document(file)
    text = read_text_file(file)
    if text.notice:
        print(text.notice)
    return Document(text.text)


def _export_text(
    file: Path, output: Path, document: Document, *, disclosure: bool, force: bool
) -> None:
    if not document.text.strip():
        raise StudioError("There is no text in it to export.", where=str(file))
    source = text_of(document, TextSource("", file.stem, folder=file.absolute().parent))
    for notice in export_text(output, source, disclose=disclosure, force=force):
        print(notice)
