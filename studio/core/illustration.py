"""Pictures in a text: links to layers of the folio's own canvas, `![a fox](layer:Fox)`. Pure.

A picture put into the text is a hidden layer: it is in the folio's file, undone with the text, and every
export of the text finds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

from studio.core.layers import Layer, Layers, walk

SCHEME = "layer:"
_UNSAFE = re.compile(r"[\s()<>\\%\"'\[\]]")
_ALONE = re.compile(
    r"[ \t]*!\[(?:\\.|[^\[\]\\])*\]\(<?(?P<source>[^\s<>()]+)>?(?:\s+\"[^\"]*\")?\)[ \t]*$"
)


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """The name itself, or with a number, so that it names one layer."""
    wanted, names = " ".join(wanted.split()) or "Picture", set(taken)
    name, number = wanted, 1
    while name in names:
        number += 1
        name = f"{wanted} {number}"
    return name


def picture_link(words: str, layer_name: str) -> str:
    """Markdown for a picture; `words` stand for it where it can't be shown."""
    source = _UNSAFE.sub(lambda found: quote(found.group()), layer_name)
    plain = re.sub(r"([\[\]\\])", r"\\\1", " ".join(words.split()))
    return f"![{plain}]({SCHEME}{source})"


def in_its_own_paragraph(text: str, position: int, link: str) -> str:
    """The link with the line ends it needs there."""
    before, after = text[:position], text[position:]
    lead = (
        "" if not before or before.endswith("\n\n") else "\n" if before.endswith("\n") else "\n\n"
    )
    trail = "\n" if not after else "" if after.startswith("\n\n") else "\n"
    trail = "\n\n" if after and not after.startswith("\n") else trail
    return f"{lead}{link}{trail}"


def picture_alone(line: str) -> str | None:
    """The source of the picture a line consists of; None: it has other things, or none."""
    if "![" not in line or (found := _ALONE.match(line)) is None:
        return None
    return found["source"]


def layer_of(source: str, layers: Layers) -> Layer | None:
    """The layer a picture's source names, the topmost of that name; None: it names none of these."""
    if not source.startswith(SCHEME):
        return None
    name = unquote(source.removeprefix(SCHEME)).strip()
    found = [layer for layer in walk(layers) if name in (layer.id, layer.name)]
    return found[-1] if found else None
