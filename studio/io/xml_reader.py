"""Small XML files from anyone as plain trees: no entities, no document types, bounded depth. Any thread."""

from __future__ import annotations

from collections.abc import Mapping
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
    count = 0

    def on_start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if len(open_elements) >= MAX_DEPTH or count > MAX_ELEMENTS:
            raise XmlError("it is nested too deeply, or has too many elements")
        element = Element(tag, attributes)
        (open_elements[-1].children if open_elements else root).append(element)
        open_elements.append(element)

    def on_doctype(*_: object) -> None:
        raise XmlError("it declares a document type, which could hide anything")

    parser = expat.ParserCreate()
    parser.StartElementHandler = on_start
    parser.EndElementHandler = lambda _: open_elements.pop()
    parser.StartDoctypeDeclHandler = on_doctype
    try:
        parser.Parse(data, True)
    except XmlError:
        raise
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise XmlError(f"it is no XML: {error}") from None
    if not root:
        raise XmlError("it is empty")
    return root[0]


def parse_xml_text(data: bytes, prefixes: Mapping[str, str]) -> ElementTree.Element:
    """As `parse_xml`, with the text, and far larger. Raises XmlError.

    Args:
        prefixes: What namespaces are called: an element `p` of one called `w` has the tag "w:p".
    """
    builder = ElementTree.TreeBuilder()
    names: dict[str, str] = {}
    depth = count = 0

    def short(name: str) -> str:
        found = names.get(name)
        if found is None:
            address, _, local = name.rpartition(" ")
            found = names[name] = f"{prefixes.get(address, '?')}:{local}" if address else local
        return found

    def on_start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count, depth
        count += 1
        depth += 1
        if depth > MAX_TEXT_DEPTH or count > MAX_TEXT_ELEMENTS:
            raise XmlError("it is nested too deeply, or has too many elements")
        builder.start(short(tag), {short(name): value for name, value in attributes.items()})

    def on_end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(short(tag))

    def on_doctype(*_: object) -> None:
        raise XmlError("it declares a document type, which could hide anything")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = on_doctype
    try:
        parser.Parse(data, True)
    except XmlError:
        raise
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise XmlError(f"it is no XML: {error}") from None
    return builder.close()
