"""The layers of a document as the frames of a film: GIF, WebP, MP4, or PNGs in a zip. I/O thread."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from studio.api.errors import StudioError
from studio.api.video import VideoFormat
from studio.core.document import Document
from studio.core.geometry import Rect, around
from studio.core.layers import GroupLayer, Layers
from studio.io.atomic import atomic_path
from studio.io.video import SUFFIXES, open_video
from studio.paint.composing import compose

FORMATS: dict[str, VideoFormat] = {suffix: format for format, suffix in SUFFIXES.items()}
DEFAULT_RATE = 12.0


def export_film(path: Path, document: Document, frames_per_second: float = DEFAULT_RATE) -> int:
    """Write every outermost layer as a frame, from bottom to top; of a single group, those in it.

    Whether a layer is visible doesn't count: where one is drawn, the others are hidden. The person was
    asked before a file is replaced. Returns how many frames there are.

    Raises:
        StudioError: an unknown kind, or fewer than two layers.
        ParamsError: a size or rate that the format can't hold.
        StorageError: it can't be written.
    """
    format = FORMATS.get(path.suffix.lower())
    if format is None:
        raise StudioError(
            f"Folio can't write a film as {path.suffix or 'a file without an ending'}.",
            where=str(path),
            remedy=f"Give it one of these endings: {', '.join(FORMATS)}.",
        )
    layers = frames_of(document)
    if len(layers) < 2:
        raise StudioError(
            "A film needs at least two layers.", remedy="Each layer becomes one of its frames."
        )
    frame = _frame(document, layers)
    with atomic_path(path, force=True) as temporary:
        with open_video(
            temporary.parent, temporary.stem, frame.width, frame.height, frames_per_second, format
        ) as film:
            for layer in layers:
                alone = replace(layer, visible=True, clipped=False)
                film.add(compose((alone,), frame))
        os.replace(temporary.with_suffix(SUFFIXES[format]), temporary)
    return len(layers)


def frames_of(document: Document) -> Layers:
    layers = document.layers
    if len(layers) == 1 and isinstance(layers[0], GroupLayer):
        return layers[0].layers
    return layers


def _frame(document: Document, layers: Layers) -> Rect:
    if document.width_px and document.height_px:
        return document.frame
    frame = around(replace(layer, visible=True).bounds for layer in layers)
    if frame.empty:
        raise StudioError("The layers are empty.", remedy="Paint or place something first.")
    return frame
