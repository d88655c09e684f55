"""What belongs to the pixel that was clicked: for the magic wand and the bucket. Pure; any thread."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from studio.paint.regions import Region

Found = npt.NDArray[np.bool_]


def alike(pixels: Region, x: int, y: int, tolerance: int) -> Found:
    """(H, W) which pixels of (H, W, 4) differ from one by at most `tolerance` (0..255) in every channel.

    Colours count as much as their alpha: all fully transparent pixels are alike.
    """
    premultiplied = pixels.astype(np.int16)
    premultiplied[..., :3] = (
        pixels[..., :3].astype(np.uint16) * pixels[..., 3:].astype(np.uint16) + 127
    ) // 255
    return np.asarray((np.abs(premultiplied - premultiplied[y, x]) <= tolerance).all(-1))


def connected(fits: Found, x: int, y: int) -> Found:
    """The pixels that fit and hang together with one, side by side.

    Rows are taken as runs; from the runs reached last, all that touch them above and below come next.
    """
    height, width = fits.shape
    reached = np.zeros_like(fits)
    if not fits[y, x]:
        return reached
    padded = np.zeros((height, width + 1), np.int8)
    padded[:, :width] = fits
    steps = np.diff(padded.ravel(), prepend=np.int8(0))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    stride = width + 1
    first = int(np.searchsorted(ends, y * stride + x, "right"))
    seen = np.zeros(len(starts), bool)
    seen[first] = True
    edge = np.array([first])
    while edge.size:
        found = [
            _spanned(
                np.searchsorted(ends, starts[edge] + shift, "right"),
                np.searchsorted(starts, ends[edge] + shift, "left"),
            )
            for shift in (stride, -stride)
        ]
        touched = np.unique(np.concatenate(found))
        edge = touched[~seen[touched]]
        seen[edge] = True
    marks = np.zeros(height * stride + 1, np.int8)
    marks[starts[seen]] = 1
    marks[ends[seen]] -= 1
    inside = np.cumsum(marks[:-1], dtype=np.int8).reshape(height, stride)
    return np.asarray(inside[:, :width].astype(bool))


def flooded(pixels: Region, x: int, y: int, tolerance: int, *, contiguous: bool = True) -> Region:
    """(H, W) uint8, 255 where the wand takes pixels of (H, W, 4), from the one at (x, y).

    Raises:
        IndexError: (x, y) lies outside.
    """
    if not (0 <= y < pixels.shape[0] and 0 <= x < pixels.shape[1]):
        raise IndexError(f"({x}, {y}) lies outside {pixels.shape[1]} × {pixels.shape[0]}")
    fits = alike(pixels, x, y, tolerance)
    taken = connected(fits, x, y) if contiguous else fits
    return taken.astype(np.uint8) * np.uint8(255)


def _spanned(first: npt.NDArray[np.intp], last: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """All numbers of the half-open ranges first[i] .. last[i]."""
    counts = np.maximum(last - first, 0)
    total = int(counts.sum())
    before = np.cumsum(counts) - counts
    return np.asarray(np.arange(total) - np.repeat(before - first, counts))
