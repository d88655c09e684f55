"""Where two documents look different: found by what they don't share, so any edit will do. Pure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.core.document import Document
from studio.core.geometry import Rect
from studio.core.layers import GroupLayer, Layer, Layers, Mask, PaintLayer
from studio.core.tiles import EMPTY, TileKey, TileMap
from studio.paint.regions import cell


def changed_rects(before: Document, after: Document) -> list[Rect]:
    """Rectangles of the canvas that hold every pixel whose composition may differ."""
    return _of_siblings(before.layers, after.layers)


def _of_siblings(before: Layers, after: Layers) -> list[Rect]:
    if before is after:
        return []
    old = {layer.id: layer for layer in before}
    new = {layer.id: layer for layer in after}
    if len(old) != len(before) or len(new) != len(after):
        return [rect for layer in (*before, *after) for rect in _extent(layer)]
    kept_before = [layer.id for layer in before if layer.id in new]
    kept_after = [layer.id for layer in after if layer.id in old]
    rects: list[Rect] = []
    for gone in (layer for layer in before if layer.id not in new):
        rects += _shown_extent(gone)
    for come in (layer for layer in after if layer.id not in old):
        rects += _shown_extent(come)
    # Who has another lower neighbour may be clipped by another one.
    for order in (before, after):
        rects += _clipping_changed(order, before, after)
    if kept_before != kept_after:
        rects += [r for one, two in zip(kept_before, kept_after, strict=True) if one != two
                  for r in (*_shown_extent(new[one]), *_shown_extent(new[two]))]  # fmt: skip
    for layer_id in kept_after:
        rects += _of_layer(old[layer_id], new[layer_id])
    return rects


def _clipping_changed(order: Layers, before: Layers, after: Layers) -> list[Rect]:
    bases_before, bases_after = _bases(before), _bases(after)
    return [
        rect
        for layer in order
        if bases_before.get(layer.id) != bases_after.get(layer.id)
        and layer.id in bases_before
        and layer.id in bases_after
        for rect in _shown_extent(layer)
    ]


def _bases(layers: Layers) -> dict[str, str]:
    """The layer each clipped one is clipped to."""
    bases: dict[str, str] = {}
    base = ""
    for layer in layers:
        if layer.clipped and base:
            bases[layer.id] = base
        else:
            base = layer.id
            bases[layer.id] = ""
    return bases


def _of_layer(before: Layer, after: Layer) -> list[Rect]:
    if before is after or (not before.visible and not after.visible):
        return []
    if _looks(before) != _looks(after) or type(before) is not type(after):
        return [*_shown_extent(before), *_shown_extent(after)]
    rects = _of_masks(before, after)
    if isinstance(before, GroupLayer) and isinstance(after, GroupLayer):
        return rects + _of_siblings(before.layers, after.layers)
    assert isinstance(before, PaintLayer)
    assert isinstance(after, PaintLayer)
    if (before.x, before.y) != (after.x, after.y):
        return [*_extent(before), *_extent(after)]
    return rects + _of_tiles(before.pixels, after.pixels, after.x, after.y)


def _looks(layer: Layer) -> tuple[object, ...]:
    return layer.visible, layer.opacity, layer.blend_mode, layer.clipped


def _of_masks(before: Layer, after: Layer) -> list[Rect]:
    one, two = before.mask, after.mask
    if one is two:
        return []
    if (one is None or not one.enabled) and (two is None or not two.enabled):
        return []
    same_kind = one is not None and two is not None and _kind(one) == _kind(two)
    if not same_kind:
        return [*_extent(before), *_extent(after)]
    assert one is not None
    assert two is not None
    return _of_tiles(one.pixels, two.pixels, two.x, two.y)


def _kind(mask: Mask) -> tuple[object, ...]:
    return replace(mask, pixels=EMPTY), mask.pixels.fill


def _of_tiles(before: TileMap, after: TileMap, x: int, y: int) -> list[Rect]:
    found = (_within_tile(before, after, key) for key in before.differing(after))
    return [rect.translated(x, y) for rect in found if not rect.empty]


def _within_tile(before: TileMap, after: TileMap, key: TileKey) -> Rect:
    """The smallest rectangle around what differs: a stroke's last piece is far smaller than a tile."""
    one, two = before.tiles.get(key), after.tiles.get(key)
    if before.fill != after.fill:
        return cell(key)
    if one is None or two is None:
        return (after if one is None else before).box(key)
    whole = before.channels == 4
    different = one.view(np.uint32)[..., 0] != two.view(np.uint32)[..., 0] if whole else one != two
    rows = np.flatnonzero(different.any(1))
    if not rows.size:
        return Rect()
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(different[top:bottom].any(0))
    place = cell(key)
    box = Rect.of_edges(int(columns[0]), top, int(columns[-1]) + 1, bottom)
    return box.translated(place.x, place.y)


def _shown_extent(layer: Layer) -> list[Rect]:
    return _extent(layer) if layer.visible else []


def _extent(layer: Layer) -> list[Rect]:
    if isinstance(layer, GroupLayer):
        return [rect for inner in layer.layers for rect in _shown_extent(inner)]
    bounds = layer.bounds
    return [] if bounds.empty else [bounds]
