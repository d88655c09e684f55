"""A text for Word and its kin, with the program's own styles for headings, quotes and lists.

python-docx (MIT) holds the package together. What it has no words for, links, numbering and styles of its
own, is written here as WordprocessingML (ECMA-376 part 1, section 17). I/O thread.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Final

import docx
from docx.document import Document as DocxDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from studio.core.prose import (
    Block,
    Blocks,
    CodeBlock,
    Heading,
    ListOf,
    Paragraph,
    Quote,
    Table,
)
from studio.io.export.docx_numbering import TWIPS_A_LEVEL, Numbering
from studio.io.export.docx_words import CODE_WORDS_STYLE, LINK_STYLE, MONOSPACE, Words, run
from studio.io.export.manuscript import DISCLOSURE_HEADING, SCENE_BREAK, Manuscript

CODE_STYLE = "Source Code"
PAGE_MM, MARGIN_MM = (210, 297), 25
_TEXT_TWIPS = round((PAGE_MM[0] - 2 * MARGIN_MM) / 25.4 * 1440)
_EAST_ASIAN: Final = {"zh": "zh-CN", "ja": "ja-JP", "ko": "ko-KR"}


def write_docx(path: Path, text: Manuscript) -> None:
    """Raises OSError."""
    document = docx.Document()
    _describe(document, text)
    _prepare_styles(document, text.language)
    _Writer(document, text).write()
    document.save(str(path))


def _describe(document: DocxDocument, text: Manuscript) -> None:
    facts = document.core_properties
    facts.title, facts.author, facts.comments, facts.last_modified_by = text.title, "", "", ""
    facts.created = facts.modified = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    if text.language != "und":
        facts.language = text.language
    section = document.sections[0]
    section.page_width, section.page_height = Mm(PAGE_MM[0]), Mm(PAGE_MM[1])
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Mm(MARGIN_MM))


def _prepare_styles(document: DocxDocument, language: str) -> None:
    styles = document.styles
    quote = styles["Quote"]
    quote.font.italic = False  # or emphasis within would not be seen
    quote.font.color.rgb = RGBColor(0x40, 0x40, 0x40)
    code = styles.add_style(CODE_STYLE, WD_STYLE_TYPE.PARAGRAPH)
    code.base_style = styles["Normal"]
    code.font.name, code.font.size = MONOSPACE, Pt(9.5)
    words = styles.add_style(CODE_WORDS_STYLE, WD_STYLE_TYPE.CHARACTER)
    words.font.name = MONOSPACE
    link = styles.add_style(LINK_STYLE, WD_STYLE_TYPE.CHARACTER)
    link.font.color.rgb, link.font.underline = RGBColor(0x05, 0x63, 0xC1), True
    east_asian = _EAST_ASIAN.get(language)
    if east_asian:
        for found in styles.element.iter(qn("w:lang")):
            found.set(qn("w:eastAsia"), east_asian)


class _Writer:
    """Writes the body as text, which is parsed once at the end."""

    def __init__(self, document: DocxDocument, text: Manuscript) -> None:
        self._document = document
        self._text = text
        self._style_ids = {str(style.name): str(style.style_id) for style in document.styles}
        widest = Mm(PAGE_MM[0] - 2 * MARGIN_MM)
        self._words = Words(document.part, text, self._style_ids, widest)
        self._numbering = Numbering(document.part.numbering_part.element)

    def write(self) -> None:
        xml = self._blocks(self._text.blocks, style="Normal", depth=0)
        if self._text.disclosure:
            heading = run(DISCLOSURE_HEADING)
            xml += self._paragraph("Heading 2", heading, "<w:pageBreakBefore/>")
            xml += self._paragraph("Normal", run(self._text.disclosure))
        body = self._document.element.body
        made = parse_xml(f"<w:body {nsdecls('w', 'r')}>{xml}</w:body>")
        for number, element in enumerate(list(made)):
            body.insert(number, element)

    def _paragraph(self, style: str, runs: str, properties: str = "", depth: int = 0) -> str:
        """Args:
        properties: In the standard's order, and before an indent.
        """
        named = f'<w:pStyle w:val="{self._style_ids[style]}"/>' if style != "Normal" else ""
        indent = f'<w:ind w:left="{TWIPS_A_LEVEL * depth}"/>' if depth else ""
        return f"<w:p><w:pPr>{named}{properties}{indent}</w:pPr>{runs}</w:p>"

    def _blocks(self, blocks: Blocks, style: str, depth: int) -> str:
        return "".join(self._block(block, style, depth) for block in blocks)

    def _block(self, block: Block, style: str, depth: int) -> str:
        match block:
            case Paragraph():
                return self._paragraph(style, self._words.write(block.inlines), depth=depth)
            case Heading():
                return self._paragraph(f"Heading {block.level}", self._words.write(block.inlines))
            case Quote():
                return self._blocks(block.blocks, "Quote", depth + 1)
            case ListOf():
                return self._list(block, depth, level=0, style=style)
            case CodeBlock():
                return self._paragraph(CODE_STYLE, run(block.text), depth=depth)
            case Table():
                return self._table(block) + self._paragraph("Normal", "")
            case _:
                return f'<w:p><w:pPr><w:jc w:val="center"/></w:pPr>{run(SCENE_BREAK)}</w:p>'

    def _list(self, block: ListOf, depth: int, level: int, style: str) -> str:
        """Each item's first paragraph carries the number; what follows stands under it."""
        level = min(level, self._numbering.LEVELS - 1)
        number = (
            self._numbering.bullets()
            if block.start is None
            else self._numbering.counted(level, block.start)
        )
        properties = self._numbering.properties(number, level, depth, tight=block.tight)
        xml = ""
        for item in block.items:
            first, *rest = item
            if isinstance(first, Paragraph):
                xml += self._paragraph(
                    "List Paragraph", self._words.write(first.inlines), properties
                )
            else:
                xml += self._paragraph("List Paragraph", "", properties)
                rest = [first, *rest]
            for inner in rest:
                if isinstance(inner, ListOf):
                    xml += self._list(inner, depth, level + 1, style)
                else:
                    around = "List Continue" if isinstance(inner, Paragraph) else style
                    xml += self._block(inner, around, depth + level + 1)
        return xml

    def _table(self, block: Table) -> str:
        width = _TEXT_TWIPS // len(block.alignments)
        columns = f'<w:gridCol w:w="{width}"/>' * len(block.alignments)
        rows = ""
        for number, row in enumerate(block.rows):
            cells = ""
            for alignment, inlines in zip(block.alignments, row, strict=True):
                aligned = f'<w:pPr><w:jc w:val="{alignment}"/></w:pPr>' if alignment else ""
                words = self._words.write(inlines, strong=number == 0)
                cells += f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
                cells += f"<w:p>{aligned}{words}</w:p></w:tc>"
            head = "" if number else "<w:trPr><w:tblHeader/></w:trPr>"
            rows += f"<w:tr>{head}{cells}</w:tr>"
        style = self._style_ids["Table Grid"]
        return (
            f'<w:tbl><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="0" w:type="auto"/></w:tblPr>'
            f"<w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>"
        )
