"""Strokes: from points of the hand to changed tiles, a piece at each move. Any one thread.

Coverage gathers over the whole stroke, and every touched pixel is mixed anew from how it was before
the stroke: so the opacity holds however often the hand passes, and nothing is rounded twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from studio.core.geometry import Rect
from studio.core.layers import PaintLayer
from studio.core.tiles import TILE_PX, Tile, TileKey, TileMap
from studio.paint.brush import Brush, Coverage, Dab, DabPath, StrokePoint, dab_coverage
from studio.paint.regions import Region, blank, cell, is_blank, read, within

Colour = tuple[int, int, int, int]
"""RGBA, 0..255, straight alpha, sRGB."""


@dataclass(frozen=True)
class ColourInk:
    colour: Colour = (0, 0, 0, 255)


@dataclass(frozen=True)
class EraserInk:
    """Takes alpha away; colours stay."""


@dataclass(frozen=True)
class CloneInk:
    """Paints what `source` (canvas pixels) shows (`dx`, `dy`) away: as it was when the stroke began."""

    source: TileMap
    dx: int
    dy: int


@dataclass(frozen=True)
class MaskInk:
    """For one-channel tiles, masks and selections: towards 255 or 0."""

    value: int = 255


Ink = ColourInk | EraserInk | CloneInk | MaskInk
Mirror = tuple[float, float, float, float]
"""(sx, ox, sy, oy): a dab at (x, y) falls at (sx·x + ox, sy·y + oy) too.

(-1, 800, 1, 0) mirrors at x = 400."""


class Stroke:
    """`extend(points)` as the hand moves, `finish()` at its end; `pixels` is the result so far.

    Args:
        pixels: The tiles before the stroke.
        origin: Where their pixel (0, 0) is on the canvas.
        alpha_locked: Only colours change. An eraser does nothing then.
        selection: One channel, canvas pixels: 0 keeps a pixel as it is. None: all may change.
        mirrors: Symmetry.

    Raises:
        ValueError: the ink doesn't suit the pixels' channels.
    """

    def __init__(
        self,
        pixels: TileMap,
        brush: Brush,
        ink: Ink,
        *,
        origin: tuple[int, int] = (0, 0),
        alpha_locked: bool = False,
        selection: TileMap | None = None,
        mirrors: tuple[Mirror, ...] = (),
    ) -> None:
        if (pixels.channels == 1) != isinstance(ink, MaskInk):
            raise ValueError(f"{type(ink).__name__} doesn't paint on {pixels.channels} channels")
        self.pixels = pixels
        self._before = pixels
        self._brush = brush
        self._ink = ink
        self._origin = origin
        self._alpha_locked = alpha_locked
        self._selection = selection
        self._mirrors = mirrors
        self._path = DabPath(brush)
        self._coverage: dict[TileKey, Coverage] = {}

    def extend(self, points: Iterable[StrokePoint]) -> TileMap:
        """Paint on to these points (canvas pixels). Returns `pixels`."""
        return self._paint(dab for point in points for dab in self._path.extend(point))

    def finish(self) -> TileMap:
        """Paint to where the hand was last."""
        return self._paint(self._path.finish())

    def _paint(self, dabs: Iterable[Dab]) -> TileMap:
        soiled: dict[TileKey, Rect] = {}
        for dab in dabs:
            for placed in self._mirrored(dab):
                self._cover(placed, soiled)
        changed: dict[TileKey, Tile | None] = {}
        for key, rect in soiled.items():
            tile = self._mixed(key, rect)
            if tile is None:
                continue
            gone = is_blank(tile, self._before)
            if not gone or key in self.pixels.tiles:
                changed[key] = None if gone else tile
        self.pixels = self.pixels.with_tiles(changed)
        return self.pixels

    def _mirrored(self, dab: Dab) -> Iterator[Dab]:
        yield dab
        for sx, ox, sy, oy in self._mirrors:
            yield replace(dab, x=sx * dab.x + ox, y=sy * dab.y + oy)

    def _cover(self, dab: Dab, soiled: dict[TileKey, Rect]) -> None:
        """Gather a dab's coverage, up to its strength."""
        left, top, shape = dab_coverage(dab, self._brush.hardness)
        size = shape.shape[0]
        rect = Rect(left - self._origin[0], top - self._origin[1], size, size)
        for key in rect.cells(TILE_PX):
            place = cell(key)
            part = rect.intersected(place)
            tile = self._coverage.get(key)
            if tile is None:
                tile = self._coverage[key] = np.zeros((TILE_PX, TILE_PX), np.float32)
            there = tile[within(part, place)]
            gained = np.float32(dab.strength) - there
            np.maximum(gained, 0, out=gained)
            gained *= shape if part == rect else shape[within(part, rect)]
            if self._brush.flow != 1:
                gained *= np.float32(self._brush.flow)
            there += gained
            before = soiled.get(key)
            soiled[key] = part if before is None else before.united(part)

    def _mixed(self, key: TileKey, rect: Rect) -> Tile | None:
        """The tile with a part of it mixed anew from how it was before the stroke; None: as it is."""
        place = cell(key)
        before = self._before.tiles.get(key)
        now = self.pixels.tiles.get(key)
        tile = blank(self._before) if now is None else now.copy()
        where = within(rect, place)
        amount = self._coverage[key][where] * np.float32(self._brush.opacity)
        seen = rect.translated(*self._origin)
        if self._selection is not None:
            amount = amount * (read(self._selection, seen) / np.float32(255))
        original = (blank(self._before) if before is None else before)[where]
        inked = self._inked(original, amount, seen)
        if np.array_equal(tile[where], inked):
            return None
        tile[where] = inked
        return tile

    def _inked(self, original: Region, amount: Coverage, seen: Rect) -> Region:
        ink = self._ink
        if isinstance(ink, MaskInk):
            values = original + (np.float32(ink.value) - original) * amount
            return (values + np.float32(0.5)).astype(np.uint8)
        if isinstance(ink, EraserInk):
            return original if self._alpha_locked else erased(original, amount)
        if isinstance(ink, ColourInk):
            colour: npt.NDArray[np.generic] = np.array(ink.colour, np.uint8)
        else:
            colour = read(ink.source, seen.translated(ink.dx, ink.dy))
        return covered(original, colour, amount, alpha_locked=self._alpha_locked)


def covered(
    original: Region,
    colour: npt.NDArray[np.generic],
    amount: Coverage,
    *,
    alpha_locked: bool = False,
) -> Region:
    """Pixels with a colour laid over them: one (4,) or one for each pixel (H, W, 4).

    Args:
        amount: (H, W) how much of it; where it is 0 the pixels stay as they are to the bit.
    """
    over = colour[..., 3].astype(np.float32) * (amount * np.float32(1 / 255))
    alpha = original[..., 3].astype(np.float32) * np.float32(1 / 255)
    result = original.copy()
    if alpha_locked:
        share = over
    else:
        after = over + alpha * (1 - over)
        share = np.divide(over, after, out=np.zeros_like(over), where=after > 0)
        result[..., 3] = np.where(over > 0, after * 255 + np.float32(0.5), original[..., 3])
    painted = original[..., :3].astype(np.float32)
    painted += (colour[..., :3].astype(np.float32) - painted) * share[..., None]
    result[..., :3] = painted + np.float32(0.5)
    return result


def erased(original: Region, amount: Coverage) -> Region:
    """Pixels with alpha taken away: (H, W) how much of it, 1 all."""
    result = original.copy()
    result[..., 3] = original[..., 3] * (1 - amount) + np.float32(0.5)
    result[(result[..., 3] == 0) & (amount > 0)] = 0
    return result


def stroked(
    layer: PaintLayer,
    brush: Brush,
    ink: Ink,
    points: Iterable[StrokePoint],
    *,
    selection: TileMap | None = None,
    mirrors: tuple[Mirror, ...] = (),
) -> PaintLayer:
    """A layer with one whole stroke."""
    stroke = Stroke(
        layer.pixels, brush, ink, origin=(layer.x, layer.y), alpha_locked=layer.alpha_locked,
        selection=selection, mirrors=mirrors,
    )  # fmt: skip
    stroke.extend(points)
    return replace(layer, pixels=stroke.finish())
