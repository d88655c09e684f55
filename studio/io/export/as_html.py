"""A text as one HTML page with its pictures in it; and the tree as XHTML for EPUB and PDF. Pure.

Nothing in the page runs or is fetched: no scripts, no fonts, no pictures from elsewhere.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from html import escape
from pathlib import Path

from markdown_it.common.normalize_url import normalizeLink

from studio.core.prose import (
    TAGS,
    Block,
    Blocks,
    Break,
    Code,
    CodeBlock,
    Heading,
    Inline,
    Inlines,
    Link,
    ListOf,
    Paragraph,
    Picture,
    Quote,
    Rule,
    Styled,
    Table,
    Text,
    flowing,
)
from studio.io.export.manuscript import DISCLOSURE_HEADING, LoadedPicture, Manuscript

STYLE = """\
body { font-family: Georgia, "Noto Serif", "Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", SimSun,
  serif; line-height: 1.6; max-width: 38em; margin: 2em auto; padding: 0 1em; }
h1, h2, h3, h4, h5, h6 { line-height: 1.25; margin: 1.6em 0 0.6em; }
blockquote { margin: 1em 0 1em 1.5em; padding-left: 1em; border-left: 3px solid #bbb; }
pre { white-space: pre-wrap; background: #f4f4f4; padding: 0.8em; }
code { font-family: Consolas, Menlo, "DejaVu Sans Mono", monospace; font-size: 0.9em; }
img { max-width: 100%; height: auto; }
hr { border: 0; text-align: center; margin: 1.6em 0; }
hr::before { content: "* * *"; }
table { border-collapse: collapse; margin: 1em 0; }
th, td { border: 1px solid #999; padding: 0.3em 0.6em; text-align: left; }
.disclosure { border-top: 1px solid #bbb; margin-top: 3em; font-size: 0.9em; }
"""

PlacePicture = Callable[[Picture], str | None]
"""The `src` and size attributes of a picture, or None: its words stand in its place."""
KeepLink = Callable[[str], bool]


def write_html(path: Path, text: Manuscript) -> None:
    """One file, UTF-8, the pictures in it. Raises OSError."""
    path.write_text(html_page(text), "utf-8")


def html_page(text: Manuscript) -> str:
    def place(picture: Picture) -> str | None:
        loaded = text.picture(picture)
        return f'src="{data_address(loaded)}" {sized(loaded)}' if loaded else None

    body = Xhtml(place).blocks(text.blocks)
    if text.disclosure:
        body += f'<section class="disclosure">\n{disclosure_html(text)}</section>\n'
    return (
        f'<!DOCTYPE html>\n<html lang="{text.language}">\n<head>\n<meta charset="utf-8" />\n'
        '<meta name="viewport" content="width=device-width" />\n'
        f"<title>{escape(text.title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


def disclosure_html(text: Manuscript) -> str:
    return f"<h2>{DISCLOSURE_HEADING}</h2>\n<p>{escape(text.disclosure)}</p>\n"


def data_address(picture: LoadedPicture) -> str:
    return f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode()}"


def sized(picture: LoadedPicture) -> str:
    return f'width="{picture.width_px}" height="{picture.height_px}"'


class Xhtml:
    """Writes blocks as well-formed elements, a line each.

    Args:
        place: Where each picture is.
        keep: Which links stay links; all, if left out.
    """

    def __init__(self, place: PlacePicture, keep: KeepLink = lambda _: True) -> None:
        self._place = place
        self._keep = keep

    def blocks(self, blocks: Blocks) -> str:
        return "".join(self._block(block) for block in blocks)

    def _block(self, block: Block) -> str:
        match block:
            case Paragraph():
                return f"<p>{self.words(block.inlines)}</p>\n"
            case Heading():
                return f"<h{block.level}>{self.words(block.inlines)}</h{block.level}>\n"
            case Quote():
                return f"<blockquote>\n{self.blocks(block.blocks)}</blockquote>\n"
            case ListOf():
                return self._list(block)
            case CodeBlock():
                kind = f' class="language-{escape(block.language)}"' if block.language else ""
                return f"<pre><code{kind}>{escape(block.text)}</code></pre>\n"
            case Rule():
                return "<hr />\n"
            case Table():
                return self._table(block)

    def _list(self, block: ListOf) -> str:
        tag = "ul" if block.start is None else "ol"
        start = f' start="{block.start}"' if block.start not in (None, 1) else ""
        items = "".join(f"<li>{self._item(item, block.tight)}</li>\n" for item in block.items)
        return f"<{tag}{start}>\n{items}</{tag}>\n"

    def _item(self, blocks: Blocks, tight: bool) -> str:
        return "".join(
            self.words(block.inlines)
            if tight and isinstance(block, Paragraph)
            else f"\n{self._block(block)}"
            for block in blocks
        )

    def _table(self, block: Table) -> str:
        def row(cells: tuple[Inlines, ...], tag: str) -> str:
            return "".join(
                f"<{tag}{self._aligned(alignment)}>{self.words(cell)}</{tag}>"
                for alignment, cell in zip(block.alignments, cells, strict=True)
            )

        head, *rest = block.rows
        body = "".join(f"<tr>{row(cells, 'td')}</tr>\n" for cells in rest)
        body = f"<tbody>\n{body}</tbody>\n" if body else ""
        return f"<table>\n<thead>\n<tr>{row(head, 'th')}</tr>\n</thead>\n{body}</table>\n"

    @staticmethod
    def _aligned(alignment: str) -> str:
        return f' style="text-align: {alignment}"' if alignment else ""

    def words(self, inlines: Inlines) -> str:
        return "".join(self._inline(inline) for inline in flowing(inlines))

    def _inline(self, inline: Inline) -> str:
        match inline:
            case Text():
                return escape(inline.text, quote=False)
            case Styled():
                tag = TAGS[inline.style]
                return f"<{tag}>{self._all(inline.children)}</{tag}>"
            case Code():
                return f"<code>{escape(inline.text, quote=False)}</code>"
            case Break():
                return "<br />"
            case Picture():
                return self._picture(inline)
            case Link():
                inner = self._all(inline.children)
                if not self._keep(inline.address):
                    return inner
                title = f' title="{escape(inline.title)}"' if inline.title else ""
                return f'<a href="{escape(normalizeLink(inline.address))}"{title}>{inner}</a>'

    def _all(self, inlines: Inlines) -> str:
        return "".join(self._inline(inline) for inline in inlines)

    def _picture(self, picture: Picture) -> str:
        placed = self._place(picture)
        if placed is None:
            return f"[{escape(picture.alt or picture.source, quote=False)}]"
        title = f' title="{escape(picture.title)}"' if picture.title else ""
        return f'<img {placed} alt="{escape(picture.alt)}"{title} />'
