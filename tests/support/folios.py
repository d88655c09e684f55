"""Documents with everything a layer can have, and pictures to fill them with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from studio.core.document import Document
from studio.core.layers import (
    BlendMode,
    GroupLayer,
    Layer,
    Layers,
    Mask,
    PaintLayer,
    TextLayer,
    TextStyle,
)
from studio.core.tiles import TileMap
from studio.paint.regions import tiled


def painted(seed: int, width: int = 60, height: int = 40) -> npt.NDArray[np.uint8]:
    """Soft colours under every alpha there is."""
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, (height, width, 4), np.uint8)
    pixels[:, : width // 3, 3] = 255
    pixels[: height // 4, :, 3] = 0
    return pixels


def paint_layer(name: str, seed: int, x: int = 0, y: int = 0) -> PaintLayer:
    return PaintLayer(name, name.title(), tiled(painted(seed)), x, y)


def mask_of(seed: int, fill: int = 0) -> Mask:
    values = np.random.default_rng(seed).integers(0, 256, (30, 50), np.uint8)
    return Mask(tiled(values, 3, 5, fill=fill), 2, -1)


def rich_document() -> Document:
    """Groups in groups, masks of both fills, clipping, a text, every flag, places left of the canvas."""
    inner: Layers = (
        replace(paint_layer("hue", 1, -20, 5), blend_mode=BlendMode.HUE, opacity=0.75),
        replace(paint_layer("masked", 2, 10, 10), mask=mask_of(3), blend_mode=BlendMode.MULTIPLY),
    )
    group = GroupLayer("inner", "Inner", layers=inner, opacity=0.5, blend_mode=BlendMode.SCREEN)
    text = TextLayer(
        "words", "Words", tiled(painted(4, 30, 12), 300, 300), -290, -280,
        text="Ein Wort\n& <mehr>", style=TextStyle("Serif", 12.5, True, False, (1, 2, 3, 4), "right", 99),
    )  # fmt: skip
    layers: tuple[Layer, ...] = (
        paint_layer("ground", 5),
        GroupLayer("outer", "Outer", layers=(group, text), mask=mask_of(6, 255)),
        replace(paint_layer("base", 7, 30, 20), locked=True, opacity=0.9),
        replace(paint_layer("clip", 8, 25, 15), clipped=True, blend_mode=BlendMode.EXCLUSION),
        replace(paint_layer("hidden", 9), visible=False, alpha_locked=True, record_id="r1"),
        PaintLayer("empty", "Nothing yet"),
    )
    selection = tiled(np.full((9, 9), 200, np.uint8), 7, 7)
    return Document("# Title\n\nWörter 🙂", layers, 100, 80, selection)


def same_tiles(one: TileMap, other: TileMap) -> bool:
    """The same pixels, whether or not all-blank tiles are there."""
    if (one.channels, one.fill) != (other.channels, other.fill):
        return False
    blank = np.full((256, 256, 4) if one.channels == 4 else (256, 256), one.fill, np.uint8)
    return all(
        np.array_equal(one.tiles.get(key, blank), other.tiles.get(key, blank))
        for key in one.tiles.keys() | other.tiles.keys()
    )
