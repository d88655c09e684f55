"""A text for LibreOffice and its kin: an OpenDocument package with named styles. I/O thread.

Written by hand with zip and XML: a text needs a dozen elements, and the newest odfpy (1.4.1) is of 2020.
Source: OpenDocument 1.3 (OASIS), part 2 (packages) and part 3 (schema).
"""

from __future__ import annotations

import zipfile
from html import escape
from pathlib import Path

from studio.core.prose import Block, Blocks, CodeBlock, Heading, ListOf, Paragraph, Quote, Table
from studio.io.export.manuscript import DISCLOSURE_HEADING, SCENE_BREAK, LoadedPicture, Manuscript
from studio.io.export.odt_styles import (
    MEDIA_TYPE,
    NAMESPACES,
    automatic_styles,
    quote_style,
    styles_xml,
)
from studio.io.export.odt_words import Words

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_MANIFEST_NAMESPACE = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"


def write_odt(path: Path, text: Manuscript) -> None:
    """Raises OSError."""
    pictures = {
        source: (f"Pictures/{number}{picture.suffix}", picture)
        for number, (source, picture) in enumerate(text.pictures.items(), 1)
    }
    content = _Writer(text, pictures).content()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(zipfile.ZipInfo("mimetype"), MEDIA_TYPE, zipfile.ZIP_STORED)
        package.writestr("content.xml", content)
        package.writestr("styles.xml", styles_xml(text.language))
        package.writestr("meta.xml", _meta(text))
        for name, picture in pictures.values():
            package.writestr(name, picture.data, zipfile.ZIP_STORED)
        package.writestr("META-INF/manifest.xml", _manifest(list(pictures.values())))


def _meta(text: Manuscript) -> str:
    language = f"<dc:language>{text.language}</dc:language>" if text.language != "und" else ""
    return (
        f'{_HEAD}<office:document-meta {NAMESPACES} office:version="1.3"><office:meta>'
        f"<meta:generator>Folio</meta:generator><dc:title>{escape(text.title)}</dc:title>{language}"
        "</office:meta></office:document-meta>"
    )


def _manifest(pictures: list[tuple[str, LoadedPicture]]) -> str:
    entries = [("/", MEDIA_TYPE), ("content.xml", "text/xml"), ("styles.xml", "text/xml")]
    entries += [("meta.xml", "text/xml"), *((name, one.media_type) for name, one in pictures)]
    lines = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="{kind}"/>'
        for name, kind in entries
    )
    return (
        f'{_HEAD}<manifest:manifest xmlns:manifest="{_MANIFEST_NAMESPACE}" manifest:version="1.3">'
        f"{lines}</manifest:manifest>"
    )


class _Writer:
    def __init__(self, text: Manuscript, pictures: dict[str, tuple[str, LoadedPicture]]) -> None:
        self._text = text
        self._words = Words(pictures)
        self._tables = 0

    def content(self) -> str:
        body = self._blocks(self._text.blocks, "Text_20_body")
        if self._text.disclosure:
            body += _heading("DisclosureHeading", 2, DISCLOSURE_HEADING)
            body += _paragraph("Text_20_body", escape(self._text.disclosure))
        return (
            f'{_HEAD}<office:document-content {NAMESPACES} office:version="1.3">'
            f"{automatic_styles()}<office:body><office:text>{body}</office:text></office:body>"
            "</office:document-content>"
        )

    def _blocks(self, blocks: Blocks, style: str) -> str:
        return "".join(self._block(block, style) for block in blocks)

    def _block(self, block: Block, style: str) -> str:
        match block:
            case Paragraph():
                return _paragraph(style, self._words.write(block.inlines))
            case Heading():
                words = self._words.write(block.inlines)
                return _heading(f"Heading_20_{block.level}", block.level, words)
            case Quote():
                return self._blocks(block.blocks, quote_style(style))
            case ListOf():
                return self._list(block, style)
            case CodeBlock():
                lines = block.text.split("\n")
                return "".join(
                    _paragraph("Preformatted_20_Text", self._words.spaced(line)) for line in lines
                )
            case Table():
                return self._table(block)
            case _:
                return _paragraph("SceneBreak", SCENE_BREAK)

    def _list(self, block: ListOf, style: str) -> str:
        kind = "BulletList" if block.start is None else "NumberList"
        inner_style = "ListTight" if block.tight else style
        items = ""
        for number, item in enumerate(block.items):
            start = f' text:start-value="{block.start}"' if block.start and not number else ""
            inner = "".join(
                # A list item holds paragraphs, headings and lists, but no table.
                self._block(one, inner_style)
                if not isinstance(one, Table)
                else _paragraph(inner_style, self._words.as_line(one))
                for one in item
            )
            items += f"<text:list-item{start}>{inner}</text:list-item>"
        return f'<text:list text:style-name="{kind}">{items}</text:list>'

    def _table(self, block: Table) -> str:
        self._tables += 1
        rows = ""
        for number, row in enumerate(block.rows):
            cells = ""
            for alignment, inlines in zip(block.alignments, row, strict=True):
                style = (
                    f"Cell{alignment.capitalize()}" if number else f"Head{alignment.capitalize()}"
                )
                words = _paragraph(style, self._words.write(inlines))
                cells += (
                    '<table:table-cell table:style-name="Cell" office:value-type="string">'
                    f"{words}</table:table-cell>"
                )
            line = f"<table:table-row>{cells}</table:table-row>"
            rows += line if number else f"<table:table-header-rows>{line}</table:table-header-rows>"
        columns = f'<table:table-column table:number-columns-repeated="{len(block.alignments)}"/>'
        return f'<table:table table:name="Table{self._tables}">{columns}{rows}</table:table>'


def _paragraph(style: str, words: str) -> str:
    return f'<text:p text:style-name="{style}">{words}</text:p>'


def _heading(style: str, level: int, words: str) -> str:
    return f'<text:h text:style-name="{style}" text:outline-level="{level}">{words}</text:h>'
