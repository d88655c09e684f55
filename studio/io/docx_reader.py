"""A Word file as a document: its text as Markdown, its pictures as hidden layers the text shows. I/O thread.

Read by hand rather than by python-docx, which opens whatever it is given: sizes are counted before anything
is unpacked, and no XML may declare a document type. Source: ECMA-376 parts 1 and 2.
"""

from __future__ import annotations

import posixpath
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote
from xml.etree.ElementTree import Element

from studio.api.errors import StorageError
from studio.core.document import Document
from studio.core.illustration import SCHEME, free_name
from studio.core.layers import Layer, PaintLayer
from studio.core.prose import Block, Inline, ListOf, Paragraph, Picture, Rule, Styled, Text
from studio.core.prose_tidying import tidied
from studio.io.docx_blocks import BlockReader
from studio.io.docx_runs import Runs
from studio.io.docx_styles import Lists, Styles, child, children
from studio.io.export.as_markdown import write_markdown
from studio.io.folio_reader import FolioFile
from studio.io.images import MAX_PIXELS, decode_image
from studio.io.xml_reader import XmlError, parse_xml_text
from studio.io.zip_reader import ZipReader
from studio.paint.regions import tiled

_XML_BYTES = 128 << 20
_PICTURE_BYTES = 128 << 20
_MOST_PICTURES = 1000
_W: Final = "http://schemas.openxmlformats.org"
_STRICT: Final = "http://purl.oclc.org/ooxml"
PREFIXES: Final = {
    f"{_W}/wordprocessingml/2006/main": "w",
    f"{_STRICT}/wordprocessingml/main": "w",
    f"{_W}/officeDocument/2006/relationships": "r",
    f"{_STRICT}/officeDocument/relationships": "r",
    f"{_W}/package/2006/relationships": "rel",
    f"{_W}/drawingml/2006/main": "a",
    f"{_STRICT}/drawingml/main": "a",
    f"{_W}/drawingml/2006/wordprocessingDrawing": "wp",
    f"{_STRICT}/drawingml/wordprocessingDrawing": "wp",
    f"{_W}/officeDocument/2006/math": "m",
    f"{_W}/markup-compatibility/2006": "mc",
    "urn:schemas-microsoft-com:vml": "v",
}


def read_docx(path: Path) -> FolioFile:
    """Raises StorageError: not there, no Word file, damaged, or made to do harm."""
    try:
        with path.open("rb") as file, ZipReader(file, str(path), kind="Word file") as entries:
            return _Reader(entries).whole()
    except OSError as error:
        raise StorageError(f"The file can't be read: {error.strerror}.", where=str(path)) from None


@dataclass
class _Reader:
    entries: ZipReader
    layers: list[Layer] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    _pictures: dict[str, Inline] = field(default_factory=dict)
    _pixels_left: int = MAX_PIXELS * 2

    def whole(self) -> FolioFile:
        main = self._main_part()
        body = child(self._xml(main), "w:body")
        if body is None:
            raise self.entries.damaged("it has no text")
        self._folder, self._related = posixpath.dirname(main), self._relationships(main)
        links = {one: target for one, (target, outside) in self._related.items() if outside}
        styles = Styles.read(self._sibling("styles"))
        lists = Lists.read(self._sibling("numbering"))
        notes = _Notes({kind: self._sibling(f"{kind}s") for kind in ("footnote", "endnote")})
        runs = Runs(styles, links, self._picture, notes.place)
        blocks = BlockReader(styles, lists, runs).read(body)
        blocks += notes.blocks(lambda element: BlockReader(styles, lists, runs).read(element))
        if runs.tracked:
            self.notices.append("Its tracked changes were read as if they were accepted.")
        text = write_markdown(tidied(blocks))
        return FolioFile(Document(text, tuple(self.layers)), {}, tuple(self.notices))

    def _main_part(self) -> str:
        kinds = self._xml("_rels/.rels") if "_rels/.rels" in self.entries else None
        for one in kinds if kinds is not None else ():
            if one.get("Type", "").endswith("/officeDocument"):
                return one.get("Target", "").lstrip("/")
        if "word/document.xml" in self.entries:
            return "word/document.xml"
        raise StorageError(
            "This is no Word file: it has no document in it.",
            where=self.entries.where,
            remedy="An old .doc has to be saved as .docx in the program it came from.",
        )

    def _relationships(self, part: str) -> dict[str, tuple[str, bool]]:
        """Where each id leads, and whether that is outside of the file."""
        folder, name = posixpath.split(part)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        if path not in self.entries:
            return {}
        return {
            one.get("Id", ""): (one.get("Target", ""), one.get("TargetMode") == "External")
            for one in self._xml(path)
        }

    def _sibling(self, name: str) -> Element | None:
        path = posixpath.join(self._folder, f"{name}.xml")
        return self._xml(path) if path in self.entries else None

    def _xml(self, name: str) -> Element:
        try:
            return parse_xml_text(self.entries.read(name, _XML_BYTES), PREFIXES)
        except XmlError as error:
            raise self.entries.damaged(f"{name}: {error}") from None

    def _picture(self, identity: str, alt: str) -> Inline:
        """A layer for a picture, made at its first place; its words where it can't be read."""
        known = self._pictures.get(identity)
        if known is None:
            known = self._pictures[identity] = self._new_picture(identity, alt)
        return known

    def _new_picture(self, identity: str, alt: str) -> Inline:
        target, outside = self._related.get(identity, ("", False))
        path = posixpath.normpath(posixpath.join("/", self._folder, target)).lstrip("/")
        name = f"{posixpath.splitext(posixpath.basename(target))[0] or 'picture'}"
        words = Text(f"[{alt or name}]")
        if outside or path not in self.entries:
            self._left_out(name, "it is not in the file")
            return words
        if len(self.layers) >= _MOST_PICTURES:
            self._left_out(name, "there are too many")
            return words
        try:
            pixels = decode_image(self.entries.read(path, _PICTURE_BYTES), where=path)
        except StorageError as error:
            self._left_out(name, error.what[:1].lower() + error.what[1:].rstrip("."))
            return words
        height, width = pixels.shape[:2]
        self._pixels_left -= width * height
        if self._pixels_left < 0:
            self._left_out(name, "all together are too large")
            return words
        title = free_name(name, (layer.name for layer in self.layers))
        self.layers.append(PaintLayer(uuid.uuid4().hex, title, tiled(pixels), visible=False))
        return Picture(f"{SCHEME}{quote(title)}", alt)

    def _left_out(self, name: str, why: str) -> None:
        self.notices.append(f"The picture {name} is left out: {why}.")


@dataclass
class _Notes:
    """Footnotes and endnotes: a number in the text, all of them at its end."""

    parts: dict[str, Element | None]
    _order: list[tuple[str, str]] = field(default_factory=list)

    def place(self, kind: str, identity: str) -> Inline:
        if (kind, identity) not in self._order:
            self._order.append((kind, identity))
        return Styled("superscript", (Text(str(self._order.index((kind, identity)) + 1)),))

    def blocks(self, read: Callable[[Element], list[Block]]) -> list[Block]:
        items = []
        for kind, identity in list(self._order):
            part = self.parts.get(kind)
            found = children(part, f"w:{kind}") if part is not None else []
            note = next((one for one in found if one.get("w:id") == identity), None)
            items.append(tuple(read(note)) if note is not None else ())
        filled = tuple(item or (Paragraph((Text("…"),)),) for item in items)
        return [Rule(), ListOf(filled, 1)] if filled else []
