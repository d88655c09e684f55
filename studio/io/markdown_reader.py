"""Markdown as a tree: CommonMark with tables and strikethrough, and the tags writers use. Any thread.

markdown-it-py (MIT) is the parser: it follows CommonMark's own tests and is what Jupyter and MyST stand
on. Tags that Markdown has no sign for (`<u>`, `<sub>`, `<sup>`, `<br>`) are read as styles; any other
HTML stays visible as text, comments are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.token import Token

from studio.core.prose import (
    TAGS,
    Alignment,
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
    StyleName,
    Table,
    Text,
    plain,
)
from studio.core.prose_inlines import INDENTS, safe_address
from studio.core.prose_tidying import tidied

_STYLES: Final[dict[str, StyleName]] = {
    **{tag: style for style, tag in TAGS.items()},
    "i": "emphasis", "b": "strong", "del": "struck", "strike": "struck", "ins": "underlined",
}  # fmt: skip
_MARKS: Final[dict[str, StyleName]] = {"em": "emphasis", "strong": "strong", "s": "struck"}
_TAG = re.compile(r"<(/?)([a-z]+)\s*/?>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_INDENT = re.compile(rf"(?:[ >]|(?:[-+*]|\d{{1,9}}[.)]) )*([{INDENTS}]+)")
"""Behind the signs of quotes and lists: what looks like one in a paragraph is escaped, or is no indent."""


class _Parser(MarkdownIt):
    """Addresses stay as they were written: who writes them encodes them."""

    def normalizeLink(self, url: str) -> str:
        return url

    def validateLink(self, url: str) -> bool:
        return safe_address(url)


def read_markdown(text: str) -> Blocks:
    """The tree of a text, tidied."""
    parser = _Parser("commonmark").enable(["table", "strikethrough"])
    lines = text.split("\n")
    return tidied(_Blocks(parser.parse(text), lines).read())


@dataclass
class _Blocks:
    """Walks the parser's flat list of tokens."""

    tokens: Sequence[Token]
    lines: Sequence[str]
    at: int = 0

    def read(self, until: str = "") -> list[Block]:
        found: list[Block] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token.type == until:
                break
            reader = _READERS.get(token.type)
            if reader is not None:
                found.extend(reader(self, token))
        return found

    def paragraph(self, token: Token) -> list[Block]:
        inlines = self._inlines("paragraph_close")
        # The parser takes away every kind of space; the indent of a Chinese paragraph is one.
        indent = _INDENT.match(self.lines[token.map[0]]) if token.map else None
        return [Paragraph((Text(indent.group(1)), *inlines) if indent else inlines)]

    def heading(self, token: Token) -> list[Block]:
        return [Heading(int(token.tag[1:]), self._inlines("heading_close"))]

    def quote(self, _: Token) -> list[Block]:
        return [Quote(tuple(self.read("blockquote_close")))]

    def list_of(self, token: Token) -> list[Block]:
        ordered = token.type == "ordered_list_open"
        items: list[Blocks] = []
        tight = True
        while self.tokens[self.at].type == "list_item_open":
            begin = self.at
            self.at += 1
            items.append(tuple(self.read("list_item_close")))
            tight = tight and not any(
                inner.type == "paragraph_open"
                and inner.level == token.level + 2
                and not inner.hidden
                for inner in self.tokens[begin : self.at]
            )
        self.at += 1
        start = int(str(token.attrs.get("start", 1))) if ordered else None
        return [ListOf(tuple(items), start, tight)]

    def code(self, token: Token) -> list[Block]:
        return [CodeBlock(token.content.removesuffix("\n"), unescapeAll(token.info.strip()))]

    def rule(self, _: Token) -> list[Block]:
        return [Rule()]

    def html(self, token: Token) -> list[Block]:
        text = _COMMENT.sub("", token.content).strip()
        inlines: list[Inline] = []
        for line in text.split("\n") if text else ():
            inlines += [Text(line), Break(hard=False)]
        return [Paragraph(tuple(inlines))]

    def table(self, _: Token) -> list[Block]:
        rows: list[tuple[Inlines, ...]] = []
        alignments: list[Alignment] = []
        row: list[Inlines] = []
        while (token := self.tokens[self.at]).type != "table_close":
            self.at += 1
            if token.type in ("th_open", "td_open"):
                if token.type == "th_open":
                    alignments.append(_alignment(token))
                row.append(self._inlines(token.type.replace("open", "close")))
            elif token.type == "tr_close":
                rows.append(tuple(row))
                row = []
        self.at += 1
        return [Table(tuple(alignments), tuple(rows))]

    def _inlines(self, until: str) -> Inlines:
        found: Inlines = ()
        while (token := self.tokens[self.at]).type != until:
            self.at += 1
            if token.type == "inline":
                found = _inlines_of(token.children or [])
        self.at += 1
        return found


_READERS: Final[dict[str, Callable[[_Blocks, Token], list[Block]]]] = {
    "paragraph_open": _Blocks.paragraph,
    "heading_open": _Blocks.heading,
    "blockquote_open": _Blocks.quote,
    "bullet_list_open": _Blocks.list_of,
    "ordered_list_open": _Blocks.list_of,
    "code_block": _Blocks.code,
    "fence": _Blocks.code,
    "hr": _Blocks.rule,
    "html_block": _Blocks.html,
    "table_open": _Blocks.table,
}


def _alignment(token: Token) -> Alignment:
    style = str(token.attrs.get("style", ""))
    for name in ("left", "center", "right"):
        if style.endswith(name):
            return name
    return ""


@dataclass
class _Open:
    """What was begun and isn't closed yet. `close` is what ends it; `literal` is shown if nothing does."""

    close: str
    literal: str
    wrap: Callable[[Inlines], Inline]
    children: list[Inline] = field(default_factory=list)


def _inlines_of(tokens: Sequence[Token]) -> Inlines:
    stack = [_Open("", "", lambda _: Text(""))]

    def close(name: str) -> bool:
        if not any(frame.close == name for frame in stack[1:]):
            return False
        while True:
            frame = stack.pop()
            if frame.close == name:
                stack[-1].children.append(frame.wrap(tuple(frame.children)))
                return True
            stack[-1].children += [Text(frame.literal), *frame.children]

    for token in tokens:
        name, here = token.type, stack[-1].children
        if name == "text" or name == "text_special":
            here.append(Text(token.content))
        elif name == "code_inline":
            here.append(Code(token.content))
        elif name in ("softbreak", "hardbreak"):
            here.append(Break(hard=name == "hardbreak"))
        elif name == "image":
            alt = plain(_inlines_of(token.children or []))
            source, title = str(token.attrs.get("src", "")), str(token.attrs.get("title", ""))
            here.append(Picture(source, alt, title))
        elif name == "html_inline":
            _read_tag(token.content, stack, close)
        elif name == "link_open":
            stack.append(_Open("link_close", "", _link(token)))
        elif name.endswith("_open"):
            stack.append(_Open(f"{token.tag}_close", token.markup, _styled(_MARKS[token.tag])))
        elif name.endswith("_close"):
            close(name)
    while len(stack) > 1:
        frame = stack.pop()
        stack[-1].children += [Text(frame.literal), *frame.children]
    return tuple(stack[0].children)


def _read_tag(text: str, stack: list[_Open], close: Callable[[str], bool]) -> None:
    tag = _TAG.fullmatch(text)
    name = tag.group(2).lower() if tag else ""
    if _COMMENT.fullmatch(text):
        return
    if name == "br":
        stack[-1].children.append(Break(hard=True))
    elif tag and name in _STYLES and not tag.group(1):
        stack.append(_Open(f"</{name}>", text, _styled(_STYLES[name])))
    elif not (tag and name in _STYLES and close(f"</{name}>")):
        stack[-1].children.append(Text(text))


def _link(token: Token) -> Callable[[Inlines], Inline]:
    address, title = str(token.attrs.get("href", "")), str(token.attrs.get("title", ""))
    return lambda children: Link(address, children, title)


def _styled(style: StyleName) -> Callable[[Inlines], Inline]:
    return lambda children: Styled(style, children)
