"""A document as a Photoshop file with its layers: groups, masks, opacity, modes, clipping. I/O thread.

Text layers go as their pixels. The picture of the whole is ours, so that programs that read only that see
what Folio shows.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from studio.api.errors import StudioError
from studio.core.document import Document
from studio.core.geometry import Rect, around
from studio.core.layers import BlendMode, GroupLayer, Layer, Layers, Mask, PaintLayer
from studio.core.tiles import EMPTY
from studio.io.atomic import write_bytes
from studio.io.folio_layers import bands, content_rects
from studio.paint.composing import compose
from studio.paint.regions import read, tiled

MOST_SIDE_PX = 30_000
_MOST_NAME = 255

PSD_MODES: dict[BlendMode, str] = {
    BlendMode.NORMAL: "NORMAL",
    BlendMode.MULTIPLY: "MULTIPLY",
    BlendMode.SCREEN: "SCREEN",
    BlendMode.OVERLAY: "OVERLAY",
    BlendMode.DARKEN: "DARKEN",
    BlendMode.LIGHTEN: "LIGHTEN",
    BlendMode.COLOR_DODGE: "COLOR_DODGE",
    BlendMode.COLOR_BURN: "COLOR_BURN",
    BlendMode.HARD_LIGHT: "HARD_LIGHT",
    BlendMode.SOFT_LIGHT: "SOFT_LIGHT",
    BlendMode.DIFFERENCE: "DIFFERENCE",
    BlendMode.EXCLUSION: "EXCLUSION",
    BlendMode.PLUS: "LINEAR_DODGE",
    BlendMode.HUE: "HUE",
    BlendMode.SATURATION: "SATURATION",
    BlendMode.COLOR: "COLOR",
    BlendMode.LUMINOSITY: "LUMINOSITY",
}


def write_psd(path: Path, document: Document, frame: Rect) -> None:
    """Raises StudioError: too large for the format; StorageError: it can't be written."""
    from psd_tools import PSDImage

    if max(frame.width, frame.height) > MOST_SIDE_PX:
        raise StudioError(
            f"PSD can't hold {frame.width} × {frame.height} pixels.",
            remedy=f"Each side takes up to {MOST_SIDE_PX}; OpenRaster takes more.",
        )
    merged = np.concatenate(list(bands(document.layers, frame)))
    with _without_its_own_composite():
        made = PSDImage.frompil(Image.fromarray(merged))
        _add(made, document.layers, frame)
        buffer = io.BytesIO()
        made.save(buffer)
    write_bytes(path, buffer.getvalue(), force=True)


def _add(parent: Any, layers: Layers, frame: Rect) -> None:
    from psd_tools.constants import BlendMode as PsdMode
    from psd_tools.constants import ProtectedFlags

    for layer in layers:
        mode = PsdMode[PSD_MODES[layer.blend_mode]]
        opacity = round(layer.opacity * 255)
        if isinstance(layer, GroupLayer) and layer.clipped:
            layer = _as_one(layer)  # the format can't clip a group
        if isinstance(layer, GroupLayer):
            made = parent.create_group(name="Group", opacity=opacity, blend_mode=mode)
            _part_channels(made)
            _add(made, layer.layers, frame)
        else:
            assert isinstance(layer, PaintLayer)
            box = around(content_rects(layer.pixels))
            box = box if not box.empty else Rect(0, 0, 1, 1)
            _check_size(box, layer)
            left, top = box.x + layer.x - frame.x, box.y + layer.y - frame.y
            picture = Image.fromarray(read(layer.pixels, box))
            made = parent.create_pixel_layer(
                picture, name="Layer", left=left, top=top, opacity=opacity, blend_mode=mode
            )
            made.clipping = layer.clipped
        made.name = layer.name[:_MOST_NAME]
        made.visible = layer.visible
        if layer.mask is not None:
            _add_mask(made, layer.mask, frame)
        if layer.locked:
            _lock(made, ProtectedFlags.COMPLETE)
        elif isinstance(layer, PaintLayer) and layer.alpha_locked:
            _lock(made, ProtectedFlags.TRANSPARENCY)


def _as_one(group: GroupLayer) -> PaintLayer:
    """A group as the one layer it looks like."""
    box = group.bounds
    pixels = tiled(compose(group.layers, box)) if not box.empty else EMPTY
    return PaintLayer(
        group.id, group.name, pixels, box.x, box.y, visible=group.visible, opacity=group.opacity,
        blend_mode=group.blend_mode, locked=group.locked, clipped=True, mask=group.mask,
    )  # fmt: skip


def _lock(layer: Any, flags: int) -> None:
    # WORKAROUND(psd-tools 1.26 `Layer.lock`, remove when one call is enough): the first makes the setting and
    # changes another than it keeps.
    for _ in range(2):
        layer.lock(flags)


def _add_mask(made: Any, mask: Mask, frame: Rect) -> None:
    """Outside its rectangle a mask of the format is black or white; others are drawn over the canvas."""
    tiles, fill = mask.pixels, mask.pixels.fill
    box = around(content_rects(tiles))
    if fill not in (0, 255):
        box = box.united(frame.translated(-mask.x, -mask.y))
    box = box if not box.empty else Rect(0, 0, 1, 1)
    left, top = box.x + mask.x - frame.x, box.y + mask.y - frame.y
    written = made.create_mask(Image.fromarray(read(tiles, box)), left=left, top=top)
    written.data.background_color = 255 if fill == 255 else 0
    written.disabled = not mask.enabled


def _check_size(box: Rect, layer: Layer) -> None:
    if max(box.width, box.height) > MOST_SIDE_PX:
        raise StudioError(
            f"The layer “{layer.name}” has {box.width} × {box.height} pixels, too many for PSD.",
            remedy=f"Each side takes up to {MOST_SIDE_PX}; OpenRaster takes more.",
        )


def _part_channels(group: Any) -> None:
    # WORKAROUND(psd-tools 1.26 `Group.new`, remove when a group's mask can be read back): the group and the
    # mark of its end share one list of channels, so a mask's channel would be written for both.
    group._channels = type(group._channels)(list(group._channels))


@contextmanager
def _without_its_own_composite() -> Iterator[None]:
    """The library would compose the picture anew, which needs scipy, and warns that it can't."""
    log = logging.getLogger("psd_tools.api.psd_image")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)
