"""A document's tree as data and back, whatever its pixels are kept in: a folio's pictures, a journal's tiles.

Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace

from studio import __version__
from studio.core.background import Background
from studio.core.branches import Branch, Fork, checked_forks
from studio.core.document import Document
from studio.core.guides import Guide
from studio.core.layers import GroupLayer, Layer, Mask, PaintLayer, TextLayer, TextStyle
from studio.core.spans import WrittenSpan, checked_spans
from studio.core.tiles import TileMap
from studio.io.folio_schema import (
    FORMAT,
    BackgroundData,
    FolioData,
    ForkData,
    FormatError,
    GuideData,
    LayerData,
    MaskData,
    PieceData,
    SpanData,
    StyleData,
)

Pieces = Callable[[TileMap, str], tuple[PieceData, ...]]
"""Keeps a tile map somewhere, in "data" or among the "masks", and says where."""
TilesOf = Callable[[tuple[PieceData, ...], int, int], TileMap]
"""Gets a tile map from where it was kept, of so many channels and with such a fill."""


def document_data(document: Document, pieces: Pieces) -> FolioData:
    """All but the text; of that, who wrote it."""
    selection = document.selection
    return FolioData(
        format=FORMAT,
        app=f"Folio {__version__}",
        width_px=document.width_px,
        height_px=document.height_px,
        layers=tuple(_layer_data(layer, pieces) for layer in document.layers),
        selection=_mask_data(Mask(selection), pieces) if selection is not None else None,
        spans=tuple(SpanData.model_validate(asdict(span)) for span in document.spans),
        forks=tuple(ForkData.model_validate(asdict(fork)) for fork in document.forks),
        background=BackgroundData.model_validate(asdict(document.background)),
        guides=tuple(GuideData(axis=guide.axis, at_px=guide.at_px) for guide in document.guides),
    )


def document_of(data: FolioData, text: str, tiles: TilesOf) -> Document:
    """Raises FormatError: two layers have the same id."""
    taken: set[str] = set()
    selection = data.selection
    return Document(
        text,
        tuple(_layer(layer, taken, tiles) for layer in data.layers),
        data.width_px,
        data.height_px,
        tiles(selection.pieces, 1, selection.fill) if selection is not None else None,
        checked_spans((WrittenSpan(**span.model_dump()) for span in data.spans), len(text)),
        checked_forks((_fork(fork) for fork in data.forks), len(text)),
        Background(**data.background.model_dump()),
        guides=tuple(Guide(guide.axis, guide.at_px) for guide in data.guides),
    )


def _fork(data: ForkData) -> Fork:
    branches = tuple(
        Branch(
            branch.id,
            branch.record_id,
            branch.name,
            branch.text,
            checked_spans(
                (WrittenSpan(**span.model_dump()) for span in branch.spans), len(branch.text or "")
            ),
            tuple(_fork(fork) for fork in branch.forks),
        )
        for branch in data.branches
    )
    return Fork(data.position, data.length, branches, data.shown)


def _layer_data(layer: Layer, pieces: Pieces) -> LayerData:
    facts = {
        "id": layer.id,
        "name": layer.name,
        "visible": layer.visible,
        "opacity": layer.opacity,
        "blend_mode": layer.blend_mode,
        "locked": layer.locked,
        "clipped": layer.clipped,
        "record_id": layer.record_id,
        "mask": _mask_data(layer.mask, pieces) if layer.mask is not None else None,
    }
    if isinstance(layer, GroupLayer):
        inner = tuple(_layer_data(child, pieces) for child in layer.layers)
        return LayerData.model_validate({**facts, "kind": "group", "layers": inner})
    assert isinstance(layer, PaintLayer)
    facts |= {
        "kind": "paint",
        "x": layer.x,
        "y": layer.y,
        "alpha_locked": layer.alpha_locked,
        "pieces": pieces(layer.pixels, "data"),
    }
    if isinstance(layer, TextLayer):
        facts |= {
            "kind": "text",
            "text": layer.text,
            "style": StyleData.model_validate(asdict(layer.style)),
        }
    return LayerData.model_validate(facts)


def _mask_data(mask: Mask, pieces: Pieces) -> MaskData:
    found = pieces(mask.pixels, "folio/masks")
    return MaskData(pieces=found, fill=mask.pixels.fill, x=mask.x, y=mask.y, enabled=mask.enabled)


def _layer(data: LayerData, taken: set[str], tiles: TilesOf) -> Layer:
    if data.id in taken:
        raise FormatError("two of its layers have the same id")
    taken.add(data.id)
    layer: Layer
    if data.kind == "group":
        inner = tuple(_layer(child, taken, tiles) for child in data.layers)
        layer = GroupLayer(data.id, data.name, layers=inner)
    else:
        layer = _paint_layer(data, tiles(data.pieces, 4, 0))
    mask = data.mask
    return replace(
        layer,
        visible=data.visible,
        opacity=data.opacity,
        blend_mode=data.blend_mode,
        locked=data.locked,
        clipped=data.clipped,
        record_id=data.record_id,
        mask=Mask(tiles(mask.pieces, 1, mask.fill), mask.x, mask.y, mask.enabled) if mask else None,
    )


def _paint_layer(data: LayerData, pixels: TileMap) -> PaintLayer:
    if data.kind == "text":
        style = TextStyle(**data.style.model_dump())
        return TextLayer(
            data.id, data.name, pixels, data.x, data.y,
            alpha_locked=data.alpha_locked, text=data.text, style=style,
        )  # fmt: skip
    return PaintLayer(data.id, data.name, pixels, data.x, data.y, alpha_locked=data.alpha_locked)
