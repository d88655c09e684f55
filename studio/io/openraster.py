"""OpenRaster's description of a picture, `stack.xml`: its names for blend modes, and both ways. Pure.

Source: https://www.openraster.org/baseline/layer-stack-spec.html.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from studio.core.layers import BlendMode
from studio.io.xml_reader import Element

MIMETYPE = b"image/openraster"
VERSION = "0.0.6"
_MOST = 1 << 24

OPERATIONS: dict[BlendMode, str] = {
    BlendMode.NORMAL: "svg:src-over",
    **{mode: f"svg:{mode.value}" for mode in BlendMode if mode is not BlendMode.NORMAL},
    # The specification has none, so everybody takes an `svg:exclusion` for normal; Krita knows its own name.
    BlendMode.EXCLUSION: "krita:exclusion",
}
_MODES: dict[str, BlendMode] = {
    **{operation: mode for mode, operation in OPERATIONS.items()},
    "svg:exclusion": BlendMode.EXCLUSION,  # as we wrote it before
    # As Krita writes those it finds no svg: name for.
    "krita:hue": BlendMode.HUE,
    "krita:saturation": BlendMode.SATURATION,
    "svg:add": BlendMode.PLUS,
}
_ATOP = "svg:src-atop"


@dataclass(frozen=True)
class StackItem:
    """A layer (`src`) or a stack (`items`, topmost first) of the file. `x`, `y` from the canvas's corner."""

    name: str
    src: str = ""
    x: int = 0
    y: int = 0
    opacity: float = 1.0
    visible: bool = True
    blend_mode: BlendMode = BlendMode.NORMAL
    items: tuple[StackItem, ...] = ()
    is_stack: bool = False
    clipped: bool = False
    unknown_operation: str = ""
    """What the file said where it was nothing we know; then the mode is normal."""


@dataclass(frozen=True)
class Stack:
    width_px: int
    height_px: int
    items: tuple[StackItem, ...]


class StackError(ValueError):
    """stack.xml makes no sense; the text says where."""


def stack_xml(stack: Stack) -> bytes:
    lines = [
        "<?xml version='1.0' encoding='UTF-8'?>",
        f'<image version="{VERSION}" w="{stack.width_px}" h="{stack.height_px}" xres="72" yres="72">',
        "<stack>",
        *_lines(stack.items),
        "</stack>",
        "</image>",
    ]
    return "\n".join(lines).encode("utf-8", "replace")


def read_stack(root: Element) -> Stack:
    """Raises StackError."""
    stacks = [child for child in root.children if child.tag == "stack"]
    if root.tag != "image" or len(stacks) != 1:
        raise StackError("stack.xml holds no picture")
    width, height = (_whole(root, name, None) for name in ("w", "h"))
    if not (0 < width <= _MOST and 0 < height <= _MOST):
        raise StackError(f"a canvas of {width} × {height} pixels")
    return Stack(width, height, _items(stacks[0].children))


def _lines(items: Sequence[StackItem]) -> list[str]:
    lines: list[str] = []
    for item in items:
        facts = {
            "name": _printable(item.name),
            "opacity": f"{item.opacity:.6g}",
            "visibility": "visible" if item.visible else "hidden",
            "composite-op": OPERATIONS[item.blend_mode],
        }
        if item.is_stack:
            lines.append(f'<stack{_attributes(facts)} isolation="isolate">')
            lines += [*_lines(item.items), "</stack>"]
        else:
            place = {"src": item.src, "x": str(item.x), "y": str(item.y)}
            lines.append(f"<layer{_attributes({**facts, **place})} />")
    return lines


def _attributes(facts: dict[str, str]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in facts.items())


def _printable(text: str) -> str:
    """Without what XML can't hold."""
    return "".join(c for c in text if c >= " " and c not in "\ufffe\uffff")


def _items(elements: Sequence[Element]) -> tuple[StackItem, ...]:
    return tuple(_item(element) for element in elements if element.tag in ("layer", "stack"))


def _item(element: Element) -> StackItem:
    get = element.attributes.get
    operation = get("composite-op", "svg:src-over")
    mode = _MODES.get(operation)
    is_stack = element.tag == "stack"
    if not is_stack and not get("src"):
        raise StackError("a layer has no picture")
    return StackItem(
        name=get("name", ""),
        src=get("src", ""),
        x=_whole(element, "x", 0),
        y=_whole(element, "y", 0),
        opacity=_fraction(get("opacity", "1")),
        visible=get("visibility", "visible") != "hidden",
        blend_mode=mode or BlendMode.NORMAL,
        items=_items(element.children) if is_stack else (),
        is_stack=is_stack,
        clipped=operation == _ATOP,
        unknown_operation="" if mode is not None or operation == _ATOP else operation,
    )


def _whole(element: Element, name: str, otherwise: int | None) -> int:
    text = element.attributes.get(name)
    if text is None and otherwise is not None:
        return otherwise
    try:
        value = int(float(text or ""))
    except (ValueError, OverflowError):
        raise StackError(f"{name}={(text or '')[:40]!r} is no number") from None
    if abs(value) > _MOST:
        raise StackError(f"{name}={value} is out of reach")
    return value


def _fraction(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise StackError(f"opacity={text[:40]!r} is no number") from None
    if not 0 <= value <= 1:
        raise StackError(f"opacity={text[:40]!r} is not between 0 and 1")
    return value
