"""A folio's content: one text and one canvas with its layers. Immutable; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from studio.core.background import NOTHING, Background
from studio.core.branches import Forks, walk_branches
from studio.core.geometry import Rect, around
from studio.core.guides import Guides
from studio.core.layers import GroupLayer, Layer, Layers, distinct_tiles, walk
from studio.core.spans import Spans
from studio.core.tiles import Tile, TileMap


@dataclass(frozen=True)
class Document:
    """`layers` from bottom to top."""

    text: str = ""
    layers: Layers = ()
    width_px: int = 0
    """The canvas's size; (0, 0): none was given, the canvas is as large as what is on it."""
    height_px: int = 0
    selection: TileMap | None = None
    """A mask in canvas pixels, 0 outside; None: nothing is selected, so everything may change."""
    spans: Spans = ()
    """What of the text a model wrote."""
    forks: Forks = ()
    """The ways the text could have gone."""
    background: Background = NOTHING
    """What a model is told beside the text."""
    guides: Guides = ()
    """Lines to align things with."""

    @property
    def frame(self) -> Rect:
        """What is exported and shown as the canvas."""
        if self.width_px > 0 and self.height_px > 0:
            return Rect(0, 0, self.width_px, self.height_px)
        return around(layer.bounds for layer in self.layers if layer.visible)

    @property
    def only_text(self) -> bool:
        """Whether a text file would hold all that a person made in it."""
        return not self.layers and not self.guides and self.background == NOTHING

    def layer(self, layer_id: str) -> Layer | None:
        """A layer wherever it is in the tree."""
        return next((layer for layer in walk(self.layers) if layer.id == layer_id), None)

    def siblings(self, parent_id: str = "") -> Layers | None:
        """What a group holds, or the outermost layers for ""; None: there is no such group."""
        if not parent_id:
            return self.layers
        parent = self.layer(parent_id)
        return parent.layers if isinstance(parent, GroupLayer) else None

    def parent_id(self, layer_id: str) -> str:
        """The group a layer is in; "" for an outermost one or one that isn't there."""
        for layer in walk(self.layers):
            if isinstance(layer, GroupLayer) and any(a.id == layer_id for a in layer.layers):
                return layer.id
        return ""

    @property
    def record_ids(self) -> frozenset[str]:
        """The records of all that was generated into it and is still there."""
        layers = (layer.record_id for layer in walk(self.layers))
        return frozenset((*layers, *self.text_record_ids)) - {""}

    @property
    def text_record_ids(self) -> frozenset[str]:
        """The records of what models wrote, in the text or in a branch that isn't shown."""
        found = {span.record_id for span in self.spans}
        for _, branch in walk_branches(self.forks):
            found |= {branch.record_id, *(span.record_id for span in branch.spans)}
        return frozenset(found - {""})

    def distinct_tiles(self) -> dict[int, Tile]:
        """Every tile once, by `id`; the selection's too."""
        found = distinct_tiles(self.layers)
        if self.selection is not None:
            found.update((id(tile), tile) for tile in self.selection.tiles.values())
        return found

    def with_text(self, text: str, spans: Spans = (), forks: Forks = ()) -> Document:
        return replace(self, text=text, spans=spans, forks=forks)

    def with_forks(self, forks: Forks) -> Document:
        return replace(self, forks=forks)

    def with_background(self, background: Background) -> Document:
        return replace(self, background=background)

    def with_layers(self, layers: Layers) -> Document:
        return replace(self, layers=layers)
