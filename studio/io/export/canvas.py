"""The canvas as one picture file. I/O thread."""

from __future__ import annotations

from pathlib import Path

from studio.api.errors import StudioError
from studio.api.outputs import Pixels
from studio.core.document import Document
from studio.io.atomic import write_bytes
from studio.io.images import encode_png
from studio.paint.composing import compose


def export_png(path: Path, document: Document) -> None:
    """Write the canvas as it is seen. The person was asked before a file is replaced."""
    write_bytes(path, encode_png(flatten(document)), force=True)


def flatten(document: Document) -> Pixels:
    """The canvas in its own size; without one, the smallest picture that holds every visible layer.

    Raises:
        StudioError: no layer is visible.
    """
    shown = any(layer.visible and layer.opacity > 0 for layer in document.layers)
    if not shown or document.frame.empty:
        raise StudioError("No picture on the canvas is visible.", remedy="Show a layer first.")
    return compose(document.layers, document.frame)
