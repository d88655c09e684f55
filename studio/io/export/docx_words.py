"""A line of words as Word's runs: styles, links, pictures and breaks. I/O thread."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

from docx.document import Document as DocxDocument
from docx.enum.text import WD_BREAK
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.parts.document import DocumentPart
from docx.shared import Emu, Length
from docx.text.paragraph import Paragraph as DocxParagraph
from docx.text.run import Run
from markdown_it.common.normalize_url import normalizeLink

from studio.core.prose import Break, Code, Inline, Inlines, Link, Picture, Styled, Text, flowing
from studio.io.export.manuscript import Manuscript

MONOSPACE = "Consolas"
_EMU_A_PIXEL = 9525
"""At 96 pixels an inch, which is what a picture's pixel is in every program."""


@dataclass(frozen=True)
class _Manner:
    emphasis: bool = False
    strong: bool = False
    struck: bool = False
    underlined: bool = False
    subscript: bool = False
    superscript: bool = False
    link: bool = False
    code: bool = False


def new_paragraph(document: DocxDocument, style: str, indent: Length) -> DocxParagraph:
    paragraph = document.add_paragraph(style=style)
    if indent:
        paragraph.paragraph_format.left_indent = indent
    return paragraph


class Words:
    """Writes into paragraphs of one document.

    Args:
        widest: No picture is wider.
    """

    def __init__(self, part: DocumentPart, text: Manuscript, widest: Length) -> None:
        self._part = part
        self._text = text
        self._widest = widest

    def write(self, paragraph: DocxParagraph, inlines: Inlines, *, strong: bool = False) -> None:
        self._all(paragraph, paragraph._p, flowing(inlines), _Manner(strong=strong))

    def _all(
        self, paragraph: DocxParagraph, parent: object, inlines: Inlines, manner: _Manner
    ) -> None:
        for inline in inlines:
            self._one(paragraph, parent, inline, manner)

    def _one(
        self, paragraph: DocxParagraph, parent: object, inline: Inline, manner: _Manner
    ) -> None:
        match inline:
            case Styled():
                inner = replace(manner, **{inline.style: True})
                self._all(paragraph, parent, inline.children, inner)
            case Link():
                link = OxmlElement("w:hyperlink")
                address = normalizeLink(inline.address)
                identity = self._part.relate_to(
                    address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True
                )
                link.set(qn("r:id"), identity)
                paragraph._p.append(link)
                self._all(paragraph, link, inline.children, replace(manner, link=True))
            case Text():
                self._run(paragraph, parent, manner).add_text(inline.text)
            case Code():
                self._run(paragraph, parent, replace(manner, code=True)).add_text(inline.text)
            case Break():
                self._run(paragraph, parent, manner).add_break(WD_BREAK.LINE)
            case Picture():
                self._picture(self._run(paragraph, parent, manner), inline)

    def _run(self, paragraph: DocxParagraph, parent: object, manner: _Manner) -> Run:
        run = paragraph.add_run()
        if parent is not paragraph._p:
            parent.append(run._r)  # type: ignore[attr-defined]  # an lxml element
        if manner.code:
            run.style = "Verbatim Char"
        elif manner.link:
            run.style = "Hyperlink"
        font = run.font
        font.italic, font.bold = manner.emphasis or None, manner.strong or None
        font.strike, font.underline = manner.struck or None, manner.underlined or None
        # The two are one setting in Word: naming one unsets the other.
        if manner.subscript:
            font.subscript = True
        elif manner.superscript:
            font.superscript = True
        return run

    def _picture(self, run: Run, picture: Picture) -> None:
        loaded = self._text.picture(picture)
        if loaded is None:
            run.add_text(f"[{picture.alt or picture.source}]")
            return
        width = min(int(self._widest), loaded.width_px * _EMU_A_PIXEL)
        shape = run.add_picture(io.BytesIO(loaded.data), width=Emu(width))
        shape._inline.docPr.set("descr", picture.alt)
