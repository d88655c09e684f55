"""Cutting a long side into overlapping tiles, and the weights that join them again. Pure; any thread.

diffusers' own tiling can't be cancelled between tiles, depends on a config's sample size, and takes
4 latent channels for granted in AutoencoderTiny; hence ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Span:
    """Positions start..stop of one side."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        return self.stop - self.start


def spans(length: int, tile: int, overlap: int) -> tuple[Span, ...]:
    """Tiles of equal length that cover 0..length, neighbours sharing at least `overlap` positions."""
    if length <= tile:
        return (Span(0, length),)
    count = -(-(length - overlap) // max(1, tile - overlap))
    starts = [round(index * (length - tile) / (count - 1)) for index in range(count)]
    return tuple(Span(start, start + tile) for start in starts)


def tiles(height: int, width: int, tile: int, overlap: int) -> Iterator[tuple[Span, Span]]:
    """Rows and columns of each tile, row by row."""
    for rows in spans(height, tile, overlap):
        for columns in spans(width, tile, overlap):
            yield rows, columns


def window(
    rows: Span, columns: Span, height: int, width: int, overlap: int
) -> npt.NDArray[np.float32]:
    """(rows, columns) weights: 1 inside, falling off over the overlap towards neighbours only."""
    return np.asarray(
        np.outer(_ramp(rows, height, overlap), _ramp(columns, width, overlap)), np.float32
    )


def _ramp(span: Span, length: int, overlap: int) -> npt.NDArray[np.float32]:
    weights = np.ones(span.length, np.float32)
    # Never zero, so that a place only one tile reaches still has a weight.
    fall = (np.arange(1, overlap + 1, dtype=np.float32)) / (overlap + 1)
    fall = fall[: span.length]
    if span.start > 0:
        weights[: len(fall)] = np.minimum(weights[: len(fall)], fall)
    if span.stop < length:
        weights[-len(fall) :] = np.minimum(weights[-len(fall) :], fall[::-1])
    return weights
