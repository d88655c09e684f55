"""A paragraph of a Word file as a line of words: its runs, links, pictures, notes. I/O thread.

Tracked changes are read as if accepted; comments, and codes of fields, are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from studio.core.prose import Break, Code, Inline, Inlines, Link, Styled, StyleName, Text
from studio.io.docx_styles import MONOSPACED, Styles, child, is_on, manner_of, value

_STYLES: tuple[StyleName, ...] = (
    "strong", "emphasis", "struck", "underlined", "subscript", "superscript",
)  # fmt: skip
_SKIPPED = frozenset(
    {"w:del", "w:moveFrom", "w:pPr", "w:rPr", "w:instrText", "w:delText", "w:rt", "mc:Fallback"}
)
_LINK_FIELD = re.compile(r'\s*HYPERLINK\s+(\\l\s+)?"([^"]*)"', re.IGNORECASE)

PicturePlace = Callable[[str, str], Inline]
"""What stands for the picture of a relationship's id, with its words."""
NotePlace = Callable[[str, str], Inline]
"""What stands for a footnote or endnote (first) of an id."""


@dataclass
class Runs:
    """Args:
    links: Addresses by relationship's id.
    """

    styles: Styles
    links: dict[str, str]
    picture: PicturePlace
    note: NotePlace
    tracked: bool = False
    """Whether there were changes that are neither accepted nor rejected."""
    _fields: list[_Field] = field(default_factory=list)

    def read(self, paragraph: Element) -> Inlines:
        self._fields = []
        found = self._all(paragraph)
        while self._fields:  # a field that has no end in this paragraph
            outer = self._fields.pop()
            found = [*outer.before, *found]
        return tuple(found)

    def text(self, paragraph: Element) -> str:
        """Code: every character as it is, line ends too."""
        signs = {"w:tab": "\t", "w:br": "\n", "w:cr": "\n"}
        return "".join(
            one.text or "" if one.tag == "w:t" else signs.get(one.tag, "") for one in paragraph.iter()
            if one.tag != "w:tab" or one.get("w:val") is None
        )  # fmt: skip

    def _all(self, elements: Iterable[Element]) -> list[Inline]:
        found: list[Inline] = []
        for element in elements:
            self.tracked = self.tracked or element.tag in ("w:ins", "w:del", "w:moveFrom")
            if element.tag == "w:r":
                found = self._run(element, found)
            elif element.tag == "w:hyperlink":
                address = self.links.get(element.get("r:id", ""), "")
                inner = tuple(self._all(element))
                found += [Link(address, inner)] if address else inner
            elif element.tag == "m:t":
                found.append(Text(element.text or ""))
            elif element.tag == "w:fldSimple":
                found += self._linked(element.get("w:instr", ""), self._all(element))
            elif element.tag not in _SKIPPED:
                found += self._all(element)
        return found

    def _run(self, run: Element, found: list[Inline]) -> list[Inline]:
        """A run's words after those found so far; a field's end changes these too."""
        properties = child(run, "w:rPr")
        words: list[Inline] = []
        for one in run:
            if one.tag == "w:fldChar":
                found += self._dressed(words, properties)
                words = []
                found = self._field(one.get("w:fldCharType", ""), found)
            elif one.tag == "w:instrText" and self._fields:
                self._fields[-1].code += one.text or ""
            elif self._fields and not self._fields[-1].shown:
                continue
            else:
                words += self._piece(one)
        return found + self._dressed(words, properties)

    def _piece(self, one: Element) -> list[Inline]:
        match one.tag:
            case "w:t":
                return [Text(one.text or "")]
            case "w:tab":
                return [Text("\t")]
            case "w:br" | "w:cr":
                return [Break(hard=True)] if one.get("w:type") in (None, "textWrapping") else []
            case "w:noBreakHyphen":
                return [Text("\u2011")]
            case "w:footnoteReference" | "w:endnoteReference":
                return [self.note(one.tag[2:-9], one.get("w:id", ""))]
            case "w:drawing" | "w:pict" | "w:object":
                return self._pictures(one)
            case "w:ruby" | "mc:AlternateContent" | "mc:Choice" | "w:rubyBase":
                return self._all(one)
        return []

    def _pictures(self, drawing: Element) -> list[Inline]:
        about = next(drawing.iter("wp:docPr"), None)
        alt = about.get("descr", "") or about.get("title", "") if about is not None else ""
        ids = [blip.get("r:embed", "") for blip in drawing.iter("a:blip")]
        ids += [image.get("r:id", "") for image in drawing.iter("v:imagedata")]
        boxes = [words for box in drawing.iter("w:txbxContent") for words in self._all(box)]
        return [*(self.picture(one, alt) for one in ids if one), *boxes]

    def _dressed(self, words: list[Inline], properties: Element | None) -> list[Inline]:
        if not words or properties is None:
            return words
        if is_on(child(properties, "w:vanish")):
            return []
        style_id = value(child(properties, "w:rStyle"))
        fonts = child(properties, "w:rFonts")
        font = fonts.get("w:ascii", "") if fonts is not None else ""
        if self.styles.is_code_words(style_id) or font.lower() in MONOSPACED:
            words = [Code(one.text) if isinstance(one, Text) else one for one in words]
        manner = {**self.styles.manner(style_id), **manner_of(properties)}
        for name in _STYLES:
            if manner.get(name):
                words = [Styled(name, tuple(words))]
        return words

    def _field(self, kind: str, found: list[Inline]) -> list[Inline]:
        """Begin: what was found waits. End: what the field shows joins it."""
        if kind == "begin":
            self._fields.append(_Field(found))
            return []
        if kind == "separate" and self._fields:
            self._fields[-1].shown = True
        if kind == "end" and self._fields:
            ended = self._fields.pop()
            return [*ended.before, *self._linked(ended.code, found)]
        return found

    @staticmethod
    def _linked(code: str, shown: list[Inline]) -> list[Inline]:
        link = _LINK_FIELD.match(code)
        return [Link(link.group(2), tuple(shown))] if link and not link.group(1) else shown


@dataclass
class _Field:
    """Between its code and its end. `shown`: what follows is its outcome, not its code."""

    before: list[Inline]
    code: str = ""
    shown: bool = False
