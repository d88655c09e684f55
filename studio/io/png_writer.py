"""PNG written in bands of rows, so that a large picture is never held whole and no other thread waits long.

Pillow's writer holds Python's lock for as long as it takes to fill its buffer: on a canvas that
packs well, for seconds. numpy and zlib let go of it. Any thread.

Source: W3C, Portable Network Graphics, https://www.w3.org/TR/png-3/ (filters: section 9).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from studio.core.geometry import Rect
from studio.core.tiles import TILE_PX, TileMap
from studio.paint.regions import read

BAND_PX = TILE_PX
_COMPRESSION = 4
"""Measured on a painted layer: 6 takes four times as long for a twentieth of the size."""
_NONE, _SUB, _UP, _AVERAGE = 0, 1, 2, 3
_COLOUR_TYPES = {1: 0, 3: 2, 4: 6}
_SRGB_PERCEPTUAL = b"\x00"

Rows = npt.NDArray[np.uint8]
"""(rows, width, channels) uint8 of 3 or 4 channels, or of grey (rows, width)."""


def encode_tiles(tiles: TileMap, rect: Rect) -> bytes:
    """A rectangle of a tile map as a PNG: RGBA, or grey for a mask."""
    bands = (
        read(tiles, Rect(rect.x, y, rect.width, min(BAND_PX, rect.bottom - y)))
        for y in range(rect.y, rect.bottom, BAND_PX)
    )
    return encode_bands(rect.width, rect.height, tiles.channels, bands)


def encode_bands(width: int, height: int, channels: int, bands: Iterable[Rows]) -> bytes:
    """A PNG in sRGB from its rows, top to bottom.

    Raises:
        ValueError: the bands don't add up to the size.
    """
    return b"".join(png_chunks(width, height, channels, bands))


def png_chunks(width: int, height: int, channels: int, bands: Iterable[Rows]) -> Iterator[bytes]:
    """As `encode_bands`, piece by piece."""
    yield b"\x89PNG\r\n\x1a\n"
    yield _chunk(b"IHDR", struct.pack(">2L5B", width, height, 8, _COLOUR_TYPES[channels], 0, 0, 0))
    yield _chunk(b"sRGB", _SRGB_PERCEPTUAL)
    packer = zlib.compressobj(_COMPRESSION)
    above = np.zeros(width * channels, np.uint8)
    rows = 0
    for band in bands:
        flat = np.ascontiguousarray(band).reshape(len(band), -1)
        if flat.shape[1] != above.size:
            raise ValueError(f"rows of {above.size} bytes were announced, not {flat.shape[1]}")
        rows += len(flat)
        packed = packer.compress(_filtered(flat, above, channels).data)
        if packed:
            yield _chunk(b"IDAT", packed)
        above = flat[-1]
    if rows != height:
        raise ValueError(f"{height} rows were announced, {rows} came")
    yield _chunk(b"IDAT", packer.flush())
    yield _chunk(b"IEND", b"")


def _filtered(flat: Rows, above: Rows, channels: int) -> npt.NDArray[np.uint8]:
    """Each row after the filter that leaves the least: none, or the difference to the left, to above, or
    to the mean of both."""
    height, width = flat.shape
    over = np.concatenate((above[None], flat[:-1]))
    before = np.zeros_like(flat)
    before[:, channels:] = flat[:, :-channels]
    mean = (before & over) + ((before ^ over) >> 1)
    candidates = {_NONE: flat, _SUB: flat - before, _UP: flat - over, _AVERAGE: flat - mean}
    chosen = np.argmin([_cost(candidate) for candidate in candidates.values()], axis=0)
    lines = np.empty((height, width + 1), np.uint8)
    lines[:, 0] = chosen
    for number, candidate in candidates.items():
        rows = np.flatnonzero(chosen == number)
        if rows.size == height:
            lines[:, 1:] = candidate
        elif rows.size:
            lines[rows, 1:] = candidate[rows]
    return lines


def _cost(rows: Rows) -> npt.NDArray[np.int64]:
    """The usual guess at how well a row packs: the sum of its bytes as signed magnitudes."""
    magnitudes = np.minimum(rows, np.negative(rows))
    return np.asarray(magnitudes.sum(axis=1, dtype=np.int64))


def _chunk(name: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(data, zlib.crc32(name))
    return struct.pack(">L", len(data)) + name + data + struct.pack(">L", checksum)
