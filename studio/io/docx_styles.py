"""What a Word file's styles and lists mean: headings, quotes, code; bullets or numbers. I/O thread.

Source: ECMA-376 part 1, sections 17.7 (styles) and 17.9 (numbering). Built-in styles have English names in
every language's Word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element

from studio.core.prose import StyleName

MONOSPACED = frozenset(
    {"consolas", "courier new", "courier", "menlo", "monaco", "dejavu sans mono", "liberation mono"}
)
_HEADING = re.compile(r"heading (\d)$")
_QUOTES = frozenset({"quote", "intense quote", "block text", "quotations", "quotation"})
_CODE = frozenset({"source code", "code", "html preformatted", "preformatted text", "macro"})
_CODE_WORDS = frozenset(
    {"verbatim char", "code", "html code", "source text", "inline code", "code char"}
)
_TOGGLES: Final[dict[str, StyleName]] = {
    "w:b": "strong", "w:i": "emphasis", "w:strike": "struck", "w:dstrike": "struck",
}  # fmt: skip
_MOST_ANCESTORS = 20


@dataclass(frozen=True)
class ListPlace:
    """Which list a paragraph is an item of, and how deep; list "" is none."""

    list_id: str
    level: int


@dataclass(frozen=True)
class _Style:
    name: str
    parent: str
    outline: int | None
    listed: ListPlace | None
    manner: dict[StyleName, bool]


@dataclass
class Styles:
    """By their ids. What isn't known is a plain paragraph."""

    _styles: dict[str, _Style] = field(default_factory=dict)

    @staticmethod
    def read(root: Element | None) -> Styles:
        found: dict[str, _Style] = {}
        for style in children(root, "w:style"):
            name, parent = child(style, "w:name"), child(style, "w:basedOn")
            properties = child(style, "w:pPr")
            found[style.get("w:styleId", "")] = _Style(
                value(name).lower(),
                value(parent),
                _outline(properties),
                list_place(properties),
                manner_of(child(style, "w:rPr")),
            )
        return Styles(found)

    def heading_level(self, style_id: str) -> int:
        """1 to 6, or 0 for what is no heading."""
        for style in self._line(style_id):
            named = _HEADING.match(style.name)
            if style.name == "title":
                return 1
            if named:
                return min(6, max(1, int(named.group(1))))
            if style.outline is not None:
                return min(6, style.outline + 1)
        return 0

    def is_quote(self, style_id: str) -> bool:
        return any(style.name in _QUOTES for style in self._line(style_id))

    def is_code(self, style_id: str) -> bool:
        return any(style.name in _CODE for style in self._line(style_id))

    def is_code_words(self, style_id: str) -> bool:
        return any(style.name in _CODE_WORDS for style in self._line(style_id))

    def is_contents(self, style_id: str) -> bool:
        """A line of a table of contents: made from the headings, it would be wrong tomorrow."""
        return any(style.name.startswith("toc ") for style in self._line(style_id))

    def goes_on(self, style_id: str) -> bool:
        """Whether a paragraph without a number belongs to the item before it."""
        return any(style.name.startswith("list continue") for style in self._line(style_id))

    def listed(self, style_id: str) -> ListPlace | None:
        return next((style.listed for style in self._line(style_id) if style.listed), None)

    def manner(self, style_id: str) -> dict[StyleName, bool]:
        """How a character style looks. A link's colour and line are no emphasis."""
        line = self._line(style_id)
        if any(style.name in ("hyperlink", "followedhyperlink") for style in line):
            return {}
        return {name: on for style in reversed(line) for name, on in style.manner.items()}

    def _line(self, style_id: str) -> list[_Style]:
        """A style and those it is based on."""
        line: list[_Style] = []
        while (style := self._styles.get(style_id)) is not None and len(line) < _MOST_ANCESTORS:
            line.append(style)
            style_id = style.parent
        return line


@dataclass(frozen=True)
class Level:
    """How a list's level counts."""

    numbered: bool
    start: int
    counter: str
    """Lists of one counter count on where another of them stopped."""
    restarts: bool
    """But this one begins with `start` at its first item."""


@dataclass
class Lists:
    """A `w:num` is a list; what it looks like is in the kind it names, or overridden by itself."""

    _kinds: dict[str, dict[int, tuple[str, int]]] = field(default_factory=dict)
    _of: dict[str, str] = field(default_factory=dict)
    _own: dict[str, dict[int, tuple[str, int]]] = field(default_factory=dict)
    _starts: dict[tuple[str, int], int] = field(default_factory=dict)

    @staticmethod
    def read(root: Element | None) -> Lists:
        lists = Lists()
        for kind in children(root, "w:abstractNum"):
            lists._kinds[kind.get("w:abstractNumId", "")] = _levels(kind)
        for one in children(root, "w:num"):
            list_id = one.get("w:numId", "")
            lists._of[list_id] = value(child(one, "w:abstractNumId"))
            own = lists._own.setdefault(list_id, {})
            for override in children(one, "w:lvlOverride"):
                own.update(_levels(override))
                start = child(override, "w:startOverride")
                if start is not None:
                    level = number(override.get("w:ilvl", ""), 0)
                    lists._starts[list_id, level] = number(value(start), 1)
        return lists

    def level(self, place: ListPlace) -> Level:
        counter = self._of.get(place.list_id, "")
        levels = {**self._kinds.get(counter, {}), **self._own.get(place.list_id, {})}
        kind, begin = levels.get(place.level, ("bullet", 1))
        restart = self._starts.get((place.list_id, place.level))
        numbered = kind not in ("bullet", "none", "")
        return Level(numbered, begin if restart is None else restart, counter, restart is not None)


def _levels(parent: Element) -> dict[int, tuple[str, int]]:
    """What each counts with, and its first number."""
    return {
        number(level.get("w:ilvl", ""), 0): (
            value(child(level, "w:numFmt")),
            number(value(child(level, "w:start")), 1),
        )
        for level in children(parent, "w:lvl")
    }


def manner_of(properties: Element | None) -> dict[StyleName, bool]:
    """The styles that a run's properties switch on or off."""
    found: dict[StyleName, bool] = {}
    for one in properties if properties is not None else ():
        if one.tag in _TOGGLES:
            found[_TOGGLES[one.tag]] = is_on(one)
        elif one.tag == "w:u":
            found["underlined"] = one.get("w:val", "single") != "none"
        elif one.tag == "w:vertAlign":
            place = one.get("w:val", "")
            found["superscript"], found["subscript"] = place == "superscript", place == "subscript"
    return found


def list_place(properties: Element | None) -> ListPlace | None:
    numbered = child(properties, "w:numPr")
    if numbered is None:
        return None
    list_id = value(child(numbered, "w:numId"))
    level = number(value(child(numbered, "w:ilvl")), 0)
    return ListPlace("" if list_id == "0" else list_id, min(8, max(0, level)))


def _outline(properties: Element | None) -> int | None:
    level = child(properties, "w:outlineLvl")
    found = number(value(level), 9)
    return found if level is not None and 0 <= found < 9 else None


def child(element: Element | None, tag: str) -> Element | None:
    """The first one of a tag right within. (`find` takes the colon for a prefix it should know.)"""
    return next(iter(children(element, tag)), None)


def children(element: Element | None, tag: str) -> list[Element]:
    return [one for one in element if one.tag == tag] if element is not None else []


def value(element: Element | None) -> str:
    return element.get("w:val", "") if element is not None else ""


def is_on(toggle: Element | None) -> bool:
    """Whether a setting is there and not switched off. Source: ECMA-376 part 1, section 17.17.4."""
    return toggle is not None and toggle.get("w:val", "1") not in ("0", "false", "off")


def number(text: str, otherwise: int) -> int:
    try:
        return int(text)
    except ValueError:
        return otherwise
