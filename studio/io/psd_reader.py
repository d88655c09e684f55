"""A Photoshop file as a document: layers, groups, masks, opacity, modes, clipping. From anyone, so bounded.

What Folio has no layers for (adjustments, effects) is left out, and it is said. I/O thread.
"""

from __future__ import annotations

import logging
import struct
import uuid
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from studio.api.errors import StorageError
from studio.api.outputs import as_pixels
from studio.core.document import Document
from studio.core.layers import BlendMode, GroupLayer, Layer, Layers, Mask, PaintLayer
from studio.core.tiles import EMPTY
from studio.io.colours import in_srgb
from studio.io.folio_reader import FolioFile
from studio.io.images import DAMAGE, MAX_FILE_BYTES, MAX_PIXELS
from studio.io.psd_writer import PSD_MODES
from studio.paint.regions import tiled

_DEEPEST = 64
_MOST_LAYERS = 8_000
_BYTES_PER_PIXEL = 16
"""While a layer is decoded: its channels, their join, its tiles."""
_MODES = {name: mode for mode, name in PSD_MODES.items()}
_NOT_PICTURES = {
    "brightnesscontrast", "levels", "curves", "exposure", "vibrance", "huesaturation",
    "colorbalance", "blackandwhite", "photofilter", "channelmixer", "colorlookup", "invert",
    "posterize", "threshold", "selectivecolor", "gradientmap",
}  # fmt: skip


def read_psd(path: Path, *, memory_bytes: int | None = None) -> FolioFile:
    """Open a Photoshop file.

    Args:
        memory_bytes: What its pixels may take; half of this machine's memory if not given.

    Raises:
        StorageError: not there, no such file, damaged or too large.
    """
    from psd_tools import ParseLimits, PSDImage

    limit = psutil.virtual_memory().total // 2 if memory_bytes is None else memory_bytes
    log = logging.getLogger("psd_tools")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        with path.open("rb") as file:
            width, height = _size(file.read(26), path)
            file.seek(0)
            size = path.stat().st_size
            if size > MAX_FILE_BYTES:
                raise _too_large(path, f"The file has {size / 1e9:.1f} GB")
            bounds = ParseLimits(max_read_bytes=size, max_total_bytes=4 * size + (1 << 20))
            opened = PSDImage.open(file, max_alloc_bytes=limit, parse_limits=bounds)
            return _Reading(path, limit).document(opened, width, height)
    except StorageError:
        raise
    except (*DAMAGE, AssertionError, RecursionError) as error:
        what = str(error)[:200] or type(error).__name__
        raise StorageError(
            f"The Photoshop file is damaged, or of a kind that can't be read: {what}.",
            where=str(path),
            remedy="Save it once more in the program it comes from.",
        ) from None
    finally:
        log.setLevel(level)


def _size(head: bytes, path: Path) -> tuple[int, int]:
    """Width and height as the file's head says them."""
    if len(head) < 26 or head[:4] != b"8BPS":
        raise StorageError("This is no Photoshop file.", where=str(path))
    height, width = struct.unpack(">2L", head[14:22])
    if not 0 < width * height <= MAX_PIXELS:
        raise _too_large(path, f"The picture has {width} × {height} pixels")
    return width, height


def _too_large(path: Path, what: str) -> StorageError:
    return StorageError(
        f"{what}; at most {MAX_PIXELS // 10**6} million pixels are read.",
        where=str(path),
        remedy="Make it smaller in another program first.",
    )


class _Reading:
    """One file while it is read."""

    def __init__(self, path: Path, limit: int) -> None:
        self._path = path
        self._left_bytes = limit
        self._count = 0
        self._left_out: list[str] = []
        self._unknown: set[str] = set()
        self._effects = False

    def document(self, opened: Any, width: int, height: int) -> FolioFile:
        layers = self._siblings(opened, 0)
        if not layers:
            self._take(width, height)
            whole = in_srgb(opened.topil())
            layers = (PaintLayer(uuid.uuid4().hex, self._path.stem, tiled(as_pixels(whole))),)
        return FolioFile(Document("", layers, width, height), {}, self._notices())

    def _notices(self) -> tuple[str, ...]:
        said: list[str] = []
        if self._left_out:
            some = ", ".join(self._left_out[:5])
            said.append(f"Left out, because Folio has no such layers: {some}.")
        if self._unknown:
            names = ", ".join(sorted(self._unknown))
            said.append(f"Some layers are blended in ways Folio doesn't know ({names}): as normal.")
        if self._effects:
            said.append("Layer effects are left out.")
        return (" ".join(said),) if said else ()

    def _siblings(self, layers: Iterable[Any], depth: int) -> Layers:
        if depth > _DEEPEST:
            raise ValueError("its groups are nested too deeply")
        made = (self._layer(layer, depth) for layer in layers)
        return tuple(layer for layer in made if layer is not None)

    def _layer(self, layer: Any, depth: int) -> Layer | None:
        self._count += 1
        if self._count > _MOST_LAYERS:
            raise ValueError(f"it has more than {_MOST_LAYERS} layers")
        identity, name = uuid.uuid4().hex, str(layer.name)
        made: Layer
        if layer.is_group():
            made = GroupLayer(identity, name, layers=self._siblings(layer, depth + 1))
        elif layer.kind in _NOT_PICTURES or (not layer.has_pixels() and layer.kind != "pixel"):
            self._left_out.append(name)
            return None
        else:
            made = self._pixels(layer, identity, name)
        self._effects = self._effects or bool(layer.has_effects())
        return replace(
            made,
            visible=bool(layer.visible),
            opacity=layer.opacity / 255,
            blend_mode=self._mode(layer),
            clipped=bool(layer.clipping),
            mask=self._mask(layer),
            locked=_locked(layer),
        )

    def _pixels(self, layer: Any, identity: str, name: str) -> PaintLayer:
        if not layer.has_pixels():
            return PaintLayer(identity, name, EMPTY)
        self._take(layer.width, layer.height)
        picture = layer.topil()
        if picture is None:
            return PaintLayer(identity, name, EMPTY)
        pixels = tiled(as_pixels(in_srgb(picture)))
        return PaintLayer(
            identity,
            name,
            pixels,
            int(layer.left),
            int(layer.top),
            alpha_locked=_alpha_locked(layer),
        )

    def _mask(self, layer: Any) -> Mask | None:
        if not layer.has_mask():
            return None
        mask = layer.mask
        fill = 255 if mask.background_color == 255 else 0
        if mask.width <= 0 or mask.height <= 0:
            values = np.empty((0, 0), np.uint8)
        else:
            self._take(mask.width, mask.height)
            picture = mask.topil()
            values = (
                np.asarray(picture.convert("L"))
                if picture is not None
                else np.empty((0, 0), np.uint8)
            )
        pixels = tiled(np.ascontiguousarray(values), fill=fill)
        return Mask(pixels, int(mask.left), int(mask.top), not mask.disabled)

    def _mode(self, layer: Any) -> BlendMode:
        name = layer.blend_mode.name
        if name != "PASS_THROUGH" and name not in _MODES:
            self._unknown.add(name.replace("_", " ").lower())
        return _MODES.get(name, BlendMode.NORMAL)

    def _take(self, width: int, height: int) -> None:
        """Count pixels before they are unpacked."""
        if width * height > MAX_PIXELS:
            raise _too_large(self._path, f"A layer claims {width} × {height} pixels")
        self._left_bytes -= width * height * _BYTES_PER_PIXEL
        if self._left_bytes < 0:
            raise StorageError(
                "The file's layers need more memory than there is for them.",
                where=str(self._path),
                remedy="Close other programs, or merge some layers in the program it comes from.",
            )


def _locked(layer: Any) -> bool:
    locks = layer.locks
    return bool(locks is not None and locks.complete)


def _alpha_locked(layer: Any) -> bool:
    locks = layer.locks
    return bool(locks is not None and locks.transparency and not locks.complete)
