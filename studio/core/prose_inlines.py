"""Lines of words in the one form that Markdown can say. Pure. See `prose_tidying`, which does whole texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from studio.core.prose import (
    Break,
    Code,
    Inline,
    Inlines,
    Link,
    Picture,
    Styled,
    Text,
    walk_inlines,
)

INDENTS = "\u3000\u00a0\u2002\u2003"
"""Spaces a writer puts before a paragraph to indent it; kept there, and nowhere else at an edge."""
_UNSAFE_ADDRESS = re.compile(r"\s*(javascript|vbscript|data):", re.IGNORECASE)
_PICTURE_DATA = re.compile(r"data:image/(png|jpeg|gif|webp);", re.IGNORECASE)
_LINE_ENDS = re.compile(r"[\n\t\v\f\x1c-\x1f\x85\u2028\u2029]")
_UNWRITABLE = re.compile(r"[\x01-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Controls, halves of characters, and what XML forbids."""
_SPACE_BEFORE, _SPACE_AFTER = re.compile(r"^\s+"), re.compile(r"\s+$")


def safe_address(address: str) -> bool:
    """Whether following it shows something and runs nothing."""
    return bool(_PICTURE_DATA.match(address)) or not _UNSAFE_ADDRESS.match(address)


def tidied_inlines(inlines: Inlines, *, indents: str = "") -> Inlines:
    """One line of words: neighbours joined, spaces and breaks outside of styles, and none at its edges.

    Args:
        indents: Spaces that may stay at the very beginning.
    """
    joined = _joined(_cleaned(inlines, frozenset()))
    joined = _around_breaks(joined)
    while joined and isinstance(joined[-1], Break):
        joined.pop()
    while joined and isinstance(joined[0], Break):
        joined.pop(0)
    if joined and isinstance(joined[0], Text):
        bare = joined[0].text.lstrip()
        before = joined[0].text[: len(joined[0].text) - len(bare)]
        kept = before[len(before) - len(before.lstrip(" \t")) :] if indents else ""
        kept = kept[: len(kept) - len(kept.lstrip(indents))] if indents else ""
        joined[0] = Text(kept + bare)
    if joined and isinstance(joined[-1], Text):
        joined[-1] = Text(joined[-1].text.rstrip())
    kept_inlines = tuple(inline for inline in joined if inline != Text(""))
    only_space = all(isinstance(i, Text) and not i.text.strip() for i in kept_inlines)
    if only_space:
        return ()
    # What was taken away may have laid a break bare.
    again = kept_inlines and (
        isinstance(kept_inlines[0], Break) or isinstance(kept_inlines[-1], Break)
    )
    return tidied_inlines(kept_inlines, indents=indents) if again else kept_inlines


def _cleaned(inlines: Inlines, within: frozenset[str]) -> list[Inline]:
    """Each alone: what is empty goes, spaces move out of styles, a style within itself counts once.

    Args:
        within: The styles around them; "link" within a link.
    """
    found: list[Inline] = []
    for inline in inlines:
        if isinstance(inline, Text):
            found.append(Text(clean(inline.text)))
        elif isinstance(inline, Code):
            text = clean(inline.text)
            if text:
                found.append(Code(text))
        elif isinstance(inline, Picture):
            source = clean(inline.source).strip()
            alt, title = _single_spaced(inline.alt), _single_spaced(inline.title)
            found.append(
                Picture(source, alt, title) if source and safe_address(source) else Text(alt)
            )
        elif isinstance(inline, Styled):
            found.extend(_lifted(inline, inline.style, within))
        elif isinstance(inline, Link):
            address = clean(inline.address).strip()
            title = _single_spaced(inline.title)
            if address and safe_address(address):
                found.extend(_lifted(Link(address, inline.children, title), "link", within))
            else:
                found.extend(_cleaned(inline.children, within))
        else:
            found.append(inline)
    return found


def _lifted(inline: Styled | Link, name: str, within: frozenset[str]) -> list[Inline]:
    if name in within:
        return _cleaned(inline.children, within)
    children = _around_breaks(_joined(_cleaned(inline.children, within | {name})))
    before: list[Inline] = []
    after: list[Inline] = []
    while children:
        first = children[0]
        if isinstance(first, Break):
            before.append(children.pop(0))
        elif isinstance(first, Text) and (space := _SPACE_BEFORE.match(first.text)):
            before.append(Text(space.group()))
            children[0] = Text(first.text[space.end() :])
        elif first == Text(""):
            children.pop(0)
        else:
            break
    while children:
        last = children[-1]
        if isinstance(last, Break):
            after.insert(0, children.pop())
        elif isinstance(last, Text) and (space := _SPACE_AFTER.search(last.text)):
            after.insert(0, Text(space.group()))
            children[-1] = Text(last.text[: space.start()])
        elif last == Text(""):
            children.pop()
        else:
            break
    if not children:
        return before + after
    return [*before, replace(inline, children=tuple(children)), *after]


def _joined(inlines: Iterable[Inline]) -> list[Inline]:
    """Neighbours that are of one kind and could not be told apart, as one."""
    found: list[Inline] = []
    for inline in inlines:
        last = found[-1] if found else None
        if inline == Text(""):
            continue
        if isinstance(last, Text) and isinstance(inline, Text):
            found[-1] = Text(last.text + inline.text)
        elif isinstance(last, Code) and isinstance(inline, Code):
            found[-1] = Code(last.text + inline.text)
        elif (
            isinstance(last, Styled) and isinstance(inline, Styled) and last.style == inline.style
        ) or (
            isinstance(last, Link)
            and isinstance(inline, Link)
            and (last.address, last.title) == (inline.address, inline.title)
        ):
            children = tuple(_joined((*last.children, *inline.children)))
            found[-1] = replace(last, children=children)
        elif isinstance(last, Break) and isinstance(inline, Break):
            if not last.hard:
                found[-1] = inline
            elif inline.hard:
                found.append(inline)
        else:
            found.append(inline)
    return found


def _around_breaks(inlines: list[Inline]) -> list[Inline]:
    """No spaces before a line's end, and only an indent's after it."""
    found = list(inlines)
    for number, inline in enumerate(found):
        if not isinstance(inline, Break):
            continue
        before = found[number - 1] if number else None
        after = found[number + 1] if number + 1 < len(found) else None
        if isinstance(before, Text):
            found[number - 1] = Text(before.text.rstrip())
        if isinstance(after, Text):
            found[number + 1] = Text(_without_plain_space(after.text))
    return _joined(found) if Text("") in found else found


def _without_plain_space(text: str) -> str:
    bare = text.lstrip()
    space = text[: len(text) - len(bare)]
    return "".join(character for character in space if character in INDENTS) + bare


def clean(text: str, *, line_ends: bool = False) -> str:
    """Without characters that no file can hold; line ends and tabs as spaces, where they aren't wanted."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    if not line_ends:
        text = _LINE_ENDS.sub(" ", text)
    return _UNWRITABLE.sub("", text)


def _single_spaced(text: str) -> str:
    return " ".join(clean(text).split())


def has_style(inlines: Inlines) -> bool:
    return any(isinstance(inline, Styled) for inline in walk_inlines(inlines))
