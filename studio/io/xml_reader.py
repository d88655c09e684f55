"""Small XML files from anyone as plain trees: no entities, no document types, bounded depth. Any thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.parsers import expat

MAX_DEPTH = 64
MAX_ELEMENTS = 10_000
MAX_TEXT_DEPTH = 200
MAX_TEXT_ELEMENTS = 3_000_000
"""A novel in Word's format has some hundred thousand."""


class XmlError(ValueError):
    """The XML is no XML, or more than is read; the text says which."""


@dataclass(frozen=True)
class Element:
    """A tag with its attributes and the elements within, in order. Text is left out."""

    tag: str
    attributes: Mapping[str, str]
    children: list[Element] = field(default_factory=list)


def parse_xml(data: bytes) -> Element:
    """The outermost element. Raises XmlError."""
    root: list[Element] = []
    open_elements: list[Element] = []

    def on_start(tag: str, attributes: dict[str, str]) -> None:
        element = Element(tag, attributes)
        (open_elements[-1].children if open_elements else root).append(element)
        open_elements.append(element)

    _parse(
        data, expat.ParserCreate(), on_start, lambda _: open_elements.pop(),
        most_depth=MAX_DEPTH, most_elements=MAX_ELEMENTS,
    )  # fmt: skip
    return root[0]


def parse_xml_text(data: bytes, prefixes: Mapping[str, str]) -> ElementTree.Element:
    """As `parse_xml`, with the text, and far larger. Raises XmlError.

    Args:
        prefixes: What namespaces are called: an element `p` of one called `w` has the tag "w:p".
    """
    builder = ElementTree.TreeBuilder()
    names: dict[str, str] = {}

    def short(name: str) -> str:
        found = names.get(name)
        if found is None:
            address, _, local = name.rpartition(" ")
            found = names[name] = f"{prefixes.get(address, '?')}:{local}" if address else local
        return found

    def on_start(tag: str, attributes: dict[str, str]) -> None:
        builder.start(short(tag), {short(name): value for name, value in attributes.items()})

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.CharacterDataHandler = builder.data
    _parse(
        data, parser, on_start, lambda tag: builder.end(short(tag)),
        most_depth=MAX_TEXT_DEPTH, most_elements=MAX_TEXT_ELEMENTS,
    )  # fmt: skip
    return builder.close()


def _parse(
    data: bytes,
    parser: expat.XMLParserType,
    start: Callable[[str, dict[str, str]], object],
    end: Callable[[str], object],
    *,
    most_depth: int,
    most_elements: int,
) -> None:
    """Tell of each element where it starts and ends; there is one at least. Raises XmlError."""
    depth = count = 0

    def on_start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count, depth
        count += 1
        depth += 1
        if depth > most_depth or count > most_elements:
            raise XmlError("it is nested too deeply, or has too many elements")
        start(tag, attributes)

    def on_end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        end(tag)

    def on_doctype(*_: object) -> None:
        raise XmlError("it declares a document type, which could hide anything")

    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    parser.StartDoctypeDeclHandler = on_doctype
    try:
        parser.Parse(data, True)
    except XmlError:
        raise
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise XmlError(f"it is no XML: {error}") from None
