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
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph as DocxParagraph

from studio.core.prose import (
    Alignment,
    Block,
    Blocks,
    CodeBlock,
    Heading,
    ListOf,
    Paragraph,
    Quote,
    Table,
)
from studio.io.export.docx_numbering import Numbering
from studio.io.export.docx_words import MONOSPACE, Words, new_paragraph
from studio.io.export.manuscript import DISCLOSURE_HEADING, SCENE_BREAK, Manuscript

CODE_STYLE, CODE_WORDS_STYLE = "Source Code", "Verbatim Char"
PAGE_MM, MARGIN_MM = (210, 297), 25
_INDENT_MM = 7.5
_EAST_ASIAN: Final = {"zh": "zh-CN", "ja": "ja-JP", "ko": "ko-KR"}
_ALIGNED: Final[dict[Alignment, WD_ALIGN_PARAGRAPH]] = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}


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
    link = styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
    link.font.color.rgb, link.font.underline = RGBColor(0x05, 0x63, 0xC1), True
    east_asian = _EAST_ASIAN.get(language)
    if east_asian:
        for found in styles.element.iter(qn("w:lang")):
            found.set(qn("w:eastAsia"), east_asian)


class _Writer:
    def __init__(self, document: DocxDocument, text: Manuscript) -> None:
        self._document = document
        self._text = text
        self._words = Words(document.part, text, Mm(PAGE_MM[0] - 2 * MARGIN_MM))
        self._numbering = Numbering(document.part.numbering_part.element)

    def write(self) -> None:
        self._blocks(self._text.blocks, style="Normal", depth=0)
        if self._text.disclosure:
            heading = self._paragraph("Heading 2", 0)
            heading.paragraph_format.page_break_before = True
            heading.add_run(DISCLOSURE_HEADING)
            self._paragraph("Normal", 0).add_run(self._text.disclosure)

    def _paragraph(self, style: str, depth: int) -> DocxParagraph:
        return new_paragraph(self._document, style, Mm(_INDENT_MM * depth))

    def _blocks(self, blocks: Blocks, style: str, depth: int) -> None:
        for block in blocks:
            self._block(block, style, depth)

    def _block(self, block: Block, style: str, depth: int) -> None:
        match block:
            case Paragraph():
                self._words.write(self._paragraph(style, depth), block.inlines)
            case Heading():
                self._words.write(self._paragraph(f"Heading {block.level}", 0), block.inlines)
            case Quote():
                self._blocks(block.blocks, "Quote", depth + 1)
            case ListOf():
                self._list(block, depth, level=0, style=style)
            case CodeBlock():
                self._code(block, depth)
            case Table():
                self._table(block)
            case _:
                rule = self._paragraph("Normal", 0)
                rule.alignment = WD_ALIGN_PARAGRAPH.CENTER
                rule.add_run(SCENE_BREAK)

    def _list(self, block: ListOf, depth: int, level: int, style: str) -> None:
        """Each item's first paragraph carries the number; what follows stands under it."""
        level = min(level, self._numbering.LEVELS - 1)
        number = (
            self._numbering.bullets()
            if block.start is None
            else self._numbering.counted(level, block.start)
        )
        for item in block.items:
            numbered = False
            for position, inner in enumerate(item):
                if not numbered and (position == 0 or isinstance(inner, Paragraph)):
                    paragraph = self._paragraph("List Paragraph", 0)
                    self._numbering.number(paragraph, number, level, depth)
                    self._numbering.space(paragraph, tight=block.tight)
                    numbered = True
                    if isinstance(inner, Paragraph):
                        self._words.write(paragraph, inner.inlines)
                        continue
                if isinstance(inner, ListOf):
                    self._list(inner, depth, level + 1, style)
                elif isinstance(inner, Paragraph):
                    paragraph = self._paragraph("List Continue", depth + level + 1)
                    self._words.write(paragraph, inner.inlines)
                else:
                    self._block(inner, style, depth + level + 1)

    def _code(self, block: CodeBlock, depth: int) -> None:
        paragraph = self._paragraph(CODE_STYLE, depth)
        for number, line in enumerate(block.text.split("\n")):
            run = paragraph.add_run()
            if number:
                run.add_break(WD_BREAK.LINE)
            run.add_text(line)

    def _table(self, block: Table) -> None:
        table = self._document.add_table(len(block.rows), len(block.alignments), "Table Grid")
        for row, cells in zip(table.rows, block.rows, strict=True):
            for alignment, cell, inlines in zip(block.alignments, row.cells, cells, strict=True):
                paragraph = cell.paragraphs[0]
                if alignment:
                    paragraph.alignment = _ALIGNED[alignment]
                self._words.write(
                    paragraph, inlines, strong=row is table.rows[0] or cells is block.rows[0]
                )
        head = OxmlElement("w:tblHeader")
        table.rows[0]._tr.get_or_add_trPr().append(head)
        self._paragraph("Normal", 0)
