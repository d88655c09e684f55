"""A text as PDF: as the HTML that Qt knows, laid out in its own process (`paint/pages.py`). I/O thread."""

from __future__ import annotations

import multiprocessing
import re
from html import escape
from pathlib import Path

from studio.api.errors import StorageError
from studio.core.prose import Picture
from studio.io.export.as_html import Xhtml
from studio.io.export.manuscript import DISCLOSURE_HEADING, SCENE_BREAK, LoadedPicture, Manuscript
from studio.paint.pages import PagesJob, draw_pages

_PATIENCE_S = 900
_WIDEST_PX, _HIGHEST_PX = 600, 850
"""An A4 page between its margins, 96 pixels an inch."""


def write_pdf(path: Path, text: Manuscript) -> tuple[str, ...]:
    """Returns what the person should know of the outcome.

    Raises:
        StorageError: the process that draws it failed.
    """
    names = {source: f"picture:{number}" for number, source in enumerate(text.pictures, 1)}
    job = PagesJob(
        str(path),
        _html(text, names),
        text.title,
        text.language,
        {names[source]: picture.data for source, picture in text.pictures.items()},
    )
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=draw_pages, args=(job, theirs), name="folio-pdf", daemon=True)
    process.start()
    theirs.close()
    try:
        fine, words = ours.recv() if ours.poll(_PATIENCE_S) else (False, ("It took too long.",))
    except EOFError:
        process.join()
        fine, words = False, (f"Its process ended with code {process.exitcode}.",)
    finally:
        ours.close()
        process.kill()
        process.join()
    if not fine:
        raise StorageError(
            f"The PDF could not be drawn: {words[0]}", where=str(path),
            remedy="Export the text as ODT or DOCX, and make the PDF there.",
        )  # fmt: skip
    return tuple(words)


def _html(text: Manuscript, names: dict[str, str]) -> str:
    def place(picture: Picture) -> str | None:
        loaded = text.picture(picture)
        return f'src="{names[picture.source]}" {_fitting(loaded)}' if loaded else None

    body = Xhtml(place).blocks(text.blocks)
    # Qt draws a rule as a line across the page, and knows borders of tables only as attributes.
    body = body.replace("<hr />", f'<p align="center">{SCENE_BREAK}</p>')
    body = body.replace("<table>", '<table border="1" cellspacing="0" cellpadding="4">')
    # A line's height would count for the pictures in it too.
    body = re.sub(r"<p>(?=(?:(?!</p>).)*<img )", '<p class="picture">', body)
    if text.disclosure:
        body += f'<h2 class="disclosure">{DISCLOSURE_HEADING}</h2><p>{escape(text.disclosure)}</p>'
    return f"<html><body>{body}</body></html>"


def _fitting(picture: LoadedPicture) -> str:
    shrunk = min(1, _WIDEST_PX / picture.width_px, _HIGHEST_PX / picture.height_px)
    width, height = (max(1, round(side * shrunk)) for side in (picture.width_px, picture.height_px))
    return f'width="{width}" height="{height}"'
