"""A line of words as Word's runs, in WordprocessingML: styles, links, pictures and breaks. I/O thread.

As text that is parsed once: python-docx's own elements, made one by one, took tens of times the processor's
time (3,000 paragraphs of five runs).
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from html import escape
from typing import Final

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.shape import CT_Inline
from docx.parts.document import DocumentPart
from docx.shared import Emu, Length
from markdown_it.common.normalize_url import normalizeLink

from studio.core.prose import (
    Break,
    Code,
    Inline,
    Inlines,
    Link,
    Picture,
    Styled,
    StyleName,
    Text,
    flowing,
)
from studio.io.export.manuscript import LoadedPicture, Manuscript

MONOSPACE = "Consolas"
LINK_STYLE, CODE_WORDS_STYLE = "Hyperlink", "Verbatim Char"
_EMU_A_PIXEL = 9525
"""At 96 pixels an inch, which is what a picture's pixel is in every program."""


_PROPERTIES: Final[dict[StyleName, str]] = {
    "strong": "<w:b/><w:bCs/>",
    "emphasis": "<w:i/><w:iCs/>",
    "struck": "<w:strike/>",
    "underlined": '<w:u w:val="single"/>',
    "subscript": '<w:vertAlign w:val="subscript"/>',
    "superscript": '<w:vertAlign w:val="superscript"/>',
}
"""In the order the standard wants."""


@dataclass(frozen=True)
class _Manner:
    """How a run looks."""

    style_id: str = ""
    styles: frozenset[StyleName] = frozenset()

    def xml(self) -> str:
        parts = [f'<w:rStyle w:val="{self.style_id}"/>'] if self.style_id else []
        parts += [xml for name, xml in _PROPERTIES.items() if name in self.styles]
        if "subscript" in self.styles and "superscript" in self.styles:
            parts.pop()  # the two are one setting
        return f"<w:rPr>{''.join(parts)}</w:rPr>" if parts else ""


class Words:
    """Writes the runs of one document's paragraphs.

    Args:
        style_ids: By the styles' names.
        widest: No picture is wider.
    """

    def __init__(
        self, part: DocumentPart, text: Manuscript, style_ids: dict[str, str], widest: Length
    ) -> None:
        self._part = part
        self._text = text
        self._style_ids = style_ids
        self._widest = widest
        self._links: dict[str, str] = {}
        self._shapes = 0

    def write(self, inlines: Inlines, *, strong: bool = False) -> str:
        return self._all(flowing(inlines), _Manner(styles=frozenset({"strong"} if strong else ())))

    def _all(self, inlines: Inlines, manner: _Manner) -> str:
        return "".join(self._one(inline, manner) for inline in inlines)

    def _one(self, inline: Inline, manner: _Manner) -> str:
        match inline:
            case Styled():
                inner = replace(manner, styles=manner.styles | {inline.style})
                return self._all(inline.children, inner)
            case Link():
                inner = replace(manner, style_id=self._style_ids[LINK_STYLE])
                words = self._all(inline.children, inner)
                return f'<w:hyperlink r:id="{self._link(inline.address)}">{words}</w:hyperlink>'
            case Text():
                return run(inline.text, manner.xml())
            case Code():
                code = replace(manner, style_id=self._style_ids[CODE_WORDS_STYLE])
                return run(inline.text, code.xml())
            case Break():
                return f"<w:r>{manner.xml()}<w:br/></w:r>"
            case Picture():
                loaded = self._text.picture(inline)
                if loaded is None:
                    return run(f"[{inline.alt or inline.source}]", manner.xml())
                return f"<w:r>{manner.xml()}<w:drawing>{self._picture(inline, loaded)}</w:drawing></w:r>"

    def _link(self, address: str) -> str:
        """The relationship's id."""
        if address not in self._links:
            encoded = normalizeLink(address)
            kind = RELATIONSHIP_TYPE.HYPERLINK
            self._links[address] = self._part.relate_to(encoded, kind, is_external=True)
        return self._links[address]

    def _picture(self, picture: Picture, loaded: LoadedPicture) -> str:
        identity, _ = self._part.get_or_add_image(io.BytesIO(loaded.data))
        width = min(int(self._widest), loaded.width_px * _EMU_A_PIXEL)
        height = max(1, width * loaded.height_px // loaded.width_px)
        self._shapes += 1
        name = f"picture{self._shapes}{loaded.suffix}"
        shape = CT_Inline.new_pic_inline(self._shapes, identity, name, Emu(width), Emu(height))
        shape.docPr.set("descr", picture.alt)
        return shape.xml


def run(text: str, properties: str = "") -> str:
    """Characters as they are: spaces and tabs too; a line's end is one."""
    lines = []
    for line in text.split("\n"):
        pieces = [
            f'<w:t xml:space="preserve">{escape(piece, quote=False)}</w:t>' if piece else ""
            for piece in line.split("\t")
        ]
        lines.append("<w:tab/>".join(pieces))
    return f"<w:r>{properties}{'<w:br/>'.join(lines)}</w:r>"
