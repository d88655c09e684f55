"""A folio's content: one text and the layers of one canvas. Immutable; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Layer:
    """A picture on the canvas. `x`, `y` are its top left corner in canvas pixels."""

    id: str
    name: str
    blob_id: str
    """Where its pixels are in the history's blobs (sha256)."""
    x: int
    y: int
    width_px: int
    height_px: int
    visible: bool = True
    opacity: float = 1.0
    record_id: str = ""
    """The history's item it came from, if it was generated."""


@dataclass(frozen=True)
class Document:
    """`layers` from bottom to top."""

    text: str = ""
    layers: tuple[Layer, ...] = ()

    def layer(self, layer_id: str) -> Layer | None:
        return next((layer for layer in self.layers if layer.id == layer_id), None)

    def with_text(self, text: str) -> Document:
        return replace(self, text=text)

    def with_layers(self, layers: tuple[Layer, ...]) -> Document:
        return replace(self, layers=layers)
