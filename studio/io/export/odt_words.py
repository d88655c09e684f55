"""A line of words as OpenDocument's spans, links and pictures. I/O thread."""

from __future__ import annotations

import re
from html import escape

from markdown_it.common.normalize_url import normalizeLink

from studio.core.prose import (
    Break,
    Code,
    Inline,
    Inlines,
    Link,
    Picture,
    Styled,
    Table,
    Text,
    flowing,
    plain,
)
from studio.io.export.manuscript import LoadedPicture

_INCHES_A_PIXEL = 1 / 96
_WIDEST_INCHES = 6.3
"""An A4 page between its margins."""


class Words:
    """Args:
    pictures: The package's entry and the picture, by source.
    """

    def __init__(self, pictures: dict[str, tuple[str, LoadedPicture]]) -> None:
        self._pictures = pictures
        self._frames = 0

    def write(self, inlines: Inlines) -> str:
        return self._all(flowing(inlines))

    def as_line(self, table: Table) -> str:
        rows = (" | ".join(plain(cell) for cell in row) for row in table.rows)
        return "<text:line-break/>".join(escape(row, quote=False) for row in rows)

    def spaced(self, text: str) -> str:
        """Spaces at the edges and in a row are elements, or they would be lost."""
        escaped = escape(text, quote=False).replace("\t", "<text:tab/>")
        return re.sub(r" {2,}|^ | $", lambda run: f'<text:s text:c="{len(run.group())}"/>', escaped)

    def _all(self, inlines: Inlines) -> str:
        return "".join(self._one(inline) for inline in inlines)

    def _one(self, inline: Inline) -> str:
        match inline:
            case Text():
                return re.sub(
                    r" {2,}",
                    lambda run: f' <text:s text:c="{len(run.group()) - 1}"/>',
                    escape(inline.text, quote=False),
                )
            case Styled():
                return _span(inline.style.capitalize(), self._all(inline.children))
            case Code():
                return _span("Source_20_Text", self.spaced(inline.text))
            case Break():
                return "<text:line-break/>"
            case Link():
                address = escape(normalizeLink(inline.address))
                inner = self._all(inline.children)
                return f'<text:a xlink:type="simple" xlink:href="{address}">{inner}</text:a>'
            case Picture():
                return self._picture(inline)

    def _picture(self, picture: Picture) -> str:
        name, loaded = self._pictures.get(picture.source, ("", None))
        if loaded is None:
            return f"[{escape(picture.alt or picture.source, quote=False)}]"
        self._frames += 1
        width = min(_WIDEST_INCHES, loaded.width_px * _INCHES_A_PIXEL)
        height = width * loaded.height_px / loaded.width_px
        alt = f"<svg:desc>{escape(picture.alt, quote=False)}</svg:desc>" if picture.alt else ""
        return (
            f'<draw:frame draw:name="Picture{self._frames}" text:anchor-type="as-char" '
            f'svg:width="{width:.3f}in" svg:height="{height:.3f}in">'
            f'<draw:image xlink:href="{name}" xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"/>'
            f"{alt}</draw:frame>"
        )


def _span(style: str, inner: str) -> str:
    return f'<text:span text:style-name="{style}">{inner}</text:span>'
