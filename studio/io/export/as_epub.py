"""A text as an EPUB 3 book: chapters, a table of contents, the pictures. I/O thread.

Written by hand, because EbookLib is under the AGPL. Sources: EPUB 3.3 and EPUB OCF (W3C Recommendations):
`mimetype` first and unpacked, META-INF/container.xml, a package document with identifier, title, language
and time, a navigation document.
"""

from __future__ import annotations

import datetime
import hashlib
import zipfile
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from studio.core.prose import Block, Blocks, Heading, Picture, plain, walk_blocks
from studio.io.export.as_html import STYLE, Xhtml, disclosure_html, sized
from studio.io.export.manuscript import DISCLOSURE_HEADING, LoadedPicture, Manuscript

MEDIA_TYPE = "application/epub+zip"
_CONTAINER = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>\n"
)
_OUTSIDE = frozenset({"http", "https", "mailto"})


@dataclass(frozen=True)
class _Chapter:
    name: str
    title: str
    body: str


def write_epub(path: Path, text: Manuscript) -> None:
    """Raises OSError."""
    pictures = {
        source: (f"picture{number}{picture.suffix}", picture)
        for number, (source, picture) in enumerate(text.pictures.items(), 1)
    }
    chapters = _chapters(text, pictures)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr(zipfile.ZipInfo("mimetype"), MEDIA_TYPE, zipfile.ZIP_STORED)
        book.writestr("META-INF/container.xml", _CONTAINER)
        book.writestr("EPUB/package.opf", _package(text, chapters, list(pictures.values())))
        book.writestr("EPUB/contents.xhtml", _contents(text, chapters))
        book.writestr("EPUB/style.css", STYLE)
        for chapter in chapters:
            book.writestr(f"EPUB/{chapter.name}", _page(chapter.title, text.language, chapter.body))
        for name, picture in pictures.values():
            book.writestr(f"EPUB/{name}", picture.data, zipfile.ZIP_STORED)


def _chapters(text: Manuscript, pictures: dict[str, tuple[str, LoadedPicture]]) -> list[_Chapter]:
    def place(picture: Picture) -> str | None:
        name, loaded = pictures.get(picture.source, ("", None))
        return f'src="{name}" {sized(loaded)}' if loaded else None

    # A link to what is not in the book would make it invalid.
    writer = Xhtml(place, keep=lambda address: urlsplit(address).scheme in _OUTSIDE)
    chapters = [
        _Chapter(f"chapter{number}.xhtml", _title(blocks) or text.title, writer.blocks(blocks))
        for number, blocks in enumerate(parted(text.blocks), 1)
    ]
    if text.disclosure:
        chapters.append(_Chapter("disclosure.xhtml", DISCLOSURE_HEADING, disclosure_html(text)))
    return chapters or [_Chapter("chapter1.xhtml", text.title, "<p></p>\n")]


def parted(blocks: Blocks) -> list[Blocks]:
    """At the headings of the highest level that comes more than once; a title above them begins the first."""
    levels = [block.level for block in blocks if isinstance(block, Heading)]
    level = next((one for one in range(1, 7) if levels.count(one) > 1), 0)
    parts: list[list[Block]] = [[]]
    for block in blocks:
        begins = isinstance(block, Heading) and block.level <= level
        only_headings = all(isinstance(one, Heading) for one in parts[-1])
        if begins and not only_headings:
            parts.append([])
        parts[-1].append(block)
    return [tuple(part) for part in parts if part]


def _title(blocks: Blocks) -> str:
    return next((plain(one.inlines) for one in walk_blocks(blocks) if isinstance(one, Heading)), "")


def _page(title: str, language: str, body: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" '
        f'lang="{language}" xml:lang="{language}">\n<head>\n<title>{escape(title) or "…"}</title>\n'
        '<link rel="stylesheet" type="text/css" href="style.css" />\n</head>\n'
        f"<body>\n{body}</body>\n</html>\n"
    )


def _contents(text: Manuscript, chapters: list[_Chapter]) -> str:
    items = "".join(
        f'<li><a href="{chapter.name}">{escape(chapter.title) or number}</a></li>\n'
        for number, chapter in enumerate(chapters, 1)
    )
    body = f'<nav epub:type="toc" id="toc">\n<ol>\n{items}</ol>\n</nav>\n'
    return _page(text.title, text.language, body)


def _package(
    text: Manuscript, chapters: list[_Chapter], pictures: list[tuple[str, LoadedPicture]]
) -> str:
    """The identifier is the text's own: the same text is the same book."""
    digest = hashlib.sha256(text.text.encode("utf-8", "replace")).hexdigest()
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    manifest = [
        '<item id="contents" href="contents.xhtml" media-type="application/xhtml+xml" properties="nav"/>',
        '<item id="style" href="style.css" media-type="text/css"/>',
    ]
    manifest += [
        f'<item id="c{number}" href="{chapter.name}" media-type="application/xhtml+xml"/>'
        for number, chapter in enumerate(chapters, 1)
    ]
    manifest += [
        f'<item id="p{number}" href="{name}" media-type="{picture.media_type}"/>'
        for number, (name, picture) in enumerate(pictures, 1)
    ]
    spine = "".join(f'<itemref idref="c{number}"/>\n' for number in range(1, len(chapters) + 1))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="book" '
        f'xml:lang="{text.language}">\n<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<dc:identifier id="book">urn:sha256:{digest}</dc:identifier>\n'
        f"<dc:title>{escape(text.title) or '…'}</dc:title>\n<dc:language>{text.language}</dc:language>\n"
        f'<meta property="dcterms:modified">{now}</meta>\n</metadata>\n<manifest>\n'
        + "\n".join(manifest)
        + f"\n</manifest>\n<spine>\n{spine}</spine>\n</package>\n"
    )
