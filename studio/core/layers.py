"""The layers of a canvas: pictures, groups and texts, with what all of them have. Immutable; pure.

All positions are canvas pixels, also within groups: a group has no place of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

from studio.core.geometry import Rect, around
from studio.core.tiles import EMPTY, Tile, TileMap


class BlendMode(StrEnum):
    """As in the W3C's Compositing and Blending; the values are the names of CSS and OpenRaster's `svg:`."""

    NORMAL = "normal"
    MULTIPLY = "multiply"
    SCREEN = "screen"
    OVERLAY = "overlay"
    DARKEN = "darken"
    LIGHTEN = "lighten"
    COLOR_DODGE = "color-dodge"
    COLOR_BURN = "color-burn"
    HARD_LIGHT = "hard-light"
    SOFT_LIGHT = "soft-light"
    DIFFERENCE = "difference"
    EXCLUSION = "exclusion"
    PLUS = "plus"
    HUE = "hue"
    SATURATION = "saturation"
    COLOR = "color"
    LUMINOSITY = "luminosity"


@dataclass(frozen=True)
class Mask:
    """What a layer shows: 255 all, 0 nothing. `pixels` has one channel; (`x`, `y`) is where its (0, 0) is."""

    pixels: TileMap
    x: int = 0
    y: int = 0
    enabled: bool = True


@dataclass(frozen=True)
class Layer:
    """What pictures, groups and texts have in common. Only its kinds are ever made."""

    id: str
    name: str
    visible: bool = field(default=True, kw_only=True)
    opacity: float = field(default=1.0, kw_only=True)
    blend_mode: BlendMode = field(default=BlendMode.NORMAL, kw_only=True)
    locked: bool = field(default=False, kw_only=True)
    """Nothing of it may be changed but its visibility and this."""
    clipped: bool = field(default=False, kw_only=True)
    """Shows only where the next lower layer that isn't clipped shows."""
    mask: Mask | None = field(default=None, kw_only=True)
    record_id: str = field(default="", kw_only=True)
    """The history's item it came from, if it was generated."""

    @property
    def bounds(self) -> Rect:
        """What it covers, in canvas pixels; without its mask."""
        raise NotImplementedError

    def moved(self, dx: int, dy: int) -> Layer:
        """Elsewhere, with its mask and all that is in it."""
        if self.mask is None:
            return self
        mask = replace(self.mask, x=self.mask.x + dx, y=self.mask.y + dy)
        return replace(self, mask=mask)


@dataclass(frozen=True)
class PaintLayer(Layer):
    """Pixels to paint on. (`x`, `y`) is where its pixel (0, 0) is; what is painted may lie left of that."""

    pixels: TileMap = field(default=EMPTY)
    x: int = 0
    y: int = 0
    alpha_locked: bool = field(default=False, kw_only=True)
    """Brushes change colours only, never what is transparent."""

    @property
    def bounds(self) -> Rect:
        return self.pixels.bounds.translated(self.x, self.y)

    def moved(self, dx: int, dy: int) -> PaintLayer:
        after = super().moved(dx, dy)
        assert isinstance(after, PaintLayer)
        return replace(after, x=self.x + dx, y=self.y + dy)


@dataclass(frozen=True)
class TextStyle:
    family: str = ""
    """Empty: the system's own."""
    size_px: float = 48.0
    bold: bool = False
    italic: bool = False
    colour: tuple[int, int, int, int] = (0, 0, 0, 255)
    """RGBA, straight alpha."""
    align: str = "left"
    """`left`, `center` or `right`."""
    width_px: int = 0
    """Where lines break; 0: only at line ends."""


@dataclass(frozen=True)
class TextLayer(PaintLayer):
    """Text that can be edited: who changes `text` or `style` draws `pixels` anew (`paint.lettering`).

    Rasterising gives a PaintLayer with the same pixels.
    """

    text: str = field(default="", kw_only=True)
    style: TextStyle = field(default_factory=TextStyle, kw_only=True)

    def rasterised(self) -> PaintLayer:
        return PaintLayer(
            self.id, self.name, self.pixels, self.x, self.y, visible=self.visible,
            opacity=self.opacity, blend_mode=self.blend_mode, locked=self.locked,
            clipped=self.clipped, mask=self.mask, record_id=self.record_id,
            alpha_locked=self.alpha_locked,
        )  # fmt: skip


@dataclass(frozen=True)
class GroupLayer(Layer):
    """Layers composed by themselves first (isolated), from bottom to top, then blended as one."""

    layers: tuple[Layer, ...] = ()

    @property
    def bounds(self) -> Rect:
        return around(layer.bounds for layer in self.layers if layer.visible)

    def moved(self, dx: int, dy: int) -> GroupLayer:
        after = super().moved(dx, dy)
        assert isinstance(after, GroupLayer)
        return replace(after, layers=tuple(layer.moved(dx, dy) for layer in self.layers))


Layers: TypeAlias = tuple[Layer, ...]
"""Siblings from bottom to top."""


def walk(layers: Layers) -> Iterator[Layer]:
    """All layers, from bottom to top, a group after what it holds."""
    for layer in layers:
        if isinstance(layer, GroupLayer):
            yield from walk(layer.layers)
        yield layer


def paint_layers(layers: Layers) -> Iterator[PaintLayer]:
    return (layer for layer in walk(layers) if isinstance(layer, PaintLayer))


def mapped(layers: Layers, change: Callable[[Layers], Layers]) -> Layers:
    """`change` applied to every list of siblings, inner ones first. Untouched groups stay themselves."""
    inner: list[Layer] = []
    for layer in layers:
        if isinstance(layer, GroupLayer):
            after = mapped(layer.layers, change)
            inner.append(layer if after is layer.layers else replace(layer, layers=after))
        else:
            inner.append(layer)
    same = all(a is b for a, b in zip(inner, layers, strict=True))
    return change(layers if same else tuple(inner))


def distinct_tiles(layers: Layers) -> dict[int, Tile]:
    """Every tile of these layers and their masks once, by `id`."""
    found: dict[int, Tile] = {}
    for layer in walk(layers):
        if isinstance(layer, PaintLayer):
            found.update((id(tile), tile) for tile in layer.pixels.tiles.values())
        if layer.mask is not None:
            found.update((id(tile), tile) for tile in layer.mask.pixels.tiles.values())
    return found
