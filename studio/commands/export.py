"""`studio export FILE -o OUT`: a folio or picture in another format. Main thread, no window."""

from __future__ import annotations

from pathlib import Path

from studio.api.errors import StorageError
from studio.commands import DONE
from studio.io.documents import DOCUMENT_SUFFIXES, IMAGE_SUFFIXES, no_document, read_document
from studio.io.export.films import export_film
from studio.io.export.pictures import export_document


def export_file(file: Path, output: Path, *, film: bool, rate: float, force: bool) -> int:
    """Read one file, write the other, say what was done."""
    if file.suffix.lower() not in DOCUMENT_SUFFIXES | IMAGE_SUFFIXES:
        raise no_document(file)
    if output.exists() and not force:
        raise StorageError(
            "There is a file of that name already.",
            where=str(output),
            remedy="Choose another name, or say --force.",
        )
    read = read_document(file)
    for notice in read.notices:
        print(notice)
    if film:
        count = export_film(output, read.document, rate)
        print(f"{output} ({count} frames)")
    else:
        export_document(output, read.document)
        print(output)
    return DONE
