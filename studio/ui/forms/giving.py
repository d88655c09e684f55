"""How a form asks for pictures and latents, and what it is given. Frozen; no widgets.

An editor never reads a file or the history itself: it asks, and who owns the I/O answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMimeData

from studio.api.outputs import Pixels
from studio.core.geometry import Rect
from studio.ui.dropping import LAYER_MIME, RESULT_MIME


@dataclass(frozen=True)
class FromFile:
    path: Path


@dataclass(frozen=True)
class FromResult:
    """A result of the history, by its id: dropped, or picked."""

    item_id: str


@dataclass(frozen=True)
class FromCanvas:
    """The layer that is chosen on the canvas, else the topmost one."""


@dataclass(frozen=True)
class FromVisible:
    """All that is seen of the canvas."""


@dataclass(frozen=True)
class FromSelection:
    """For a picture: what is seen within the selection's bounds. For a mask: the selection itself, white
    where it is selected, as large as the picture it belongs to."""


Ask = FromFile | FromResult | FromCanvas | FromVisible | FromSelection
CANVAS_ASKS = (FromCanvas, FromVisible, FromSelection)
"""What is read anew whenever it is used: the canvas goes on changing."""


@dataclass(frozen=True, eq=False)
class Thing:
    """A picture, or a latent with the picture it makes.

    Args:
        picture_id: The picture's blob, where the history has it already: nothing is stored twice.
        latent_id: The latent's blob; "" for a plain picture.
        layout: What the latent's numbers mean.
        place: The rectangle of the canvas it was taken from; None: it wasn't.
        layer_id: The layer it was taken from.
    """

    pixels: Pixels
    title: str = ""
    picture_id: str = ""
    latent_id: str = ""
    layout: str = ""
    place: Rect | None = None
    layer_id: str = ""


def asks_of(data: QMimeData) -> list[Ask]:
    """What a drop brings: results of the history, the layer that was dragged, or files."""
    if data.hasFormat(RESULT_MIME):
        return [
            FromResult(found) for found in bytes(data.data(RESULT_MIME).data()).decode().split()
        ]
    if data.hasFormat(LAYER_MIME):
        return [FromCanvas()]  # a drag from the layers panel chooses its layer
    return [FromFile(Path(url.toLocalFile())) for url in data.urls() if url.isLocalFile()]
