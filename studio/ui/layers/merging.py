"""Layers made into one: merged down, flattened, a mask applied. Pixels are composed as they are seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.core.arranging import replaced
from studio.core.document import Document
from studio.core.edits import ChangeCanvas
from studio.core.layers import BlendMode, GroupLayer, Layer, PaintLayer
from studio.paint.composing import compose
from studio.paint.regions import tiled


def merged_down(document: Document, layer_id: str) -> ChangeCanvas | None:
    """A layer and its lower neighbour as one, as they look together; None where there is none below."""
    siblings = document.siblings(document.parent_id(layer_id)) or ()
    index = next((n for n, layer in enumerate(siblings) if layer.id == layer_id), 0)
    if index == 0:
        return None
    upper, lower = siblings[index], siblings[index - 1]
    one = _as_one((replace(lower, clipped=False), upper), lower)
    after = replaced(document, upper.id, ())
    after = replaced(after, lower.id, (replace(one, clipped=lower.clipped),))
    return ChangeCanvas(document, after, "merging down")


def merged_group(document: Document, group: GroupLayer) -> ChangeCanvas:
    """A group's layers as one layer in its place."""
    inner = replace(group, opacity=1.0, blend_mode=BlendMode.NORMAL, clipped=False, visible=True)
    one = replace(
        _as_one((inner,), group), opacity=group.opacity, blend_mode=group.blend_mode,
        clipped=group.clipped, visible=group.visible,
    )  # fmt: skip
    return ChangeCanvas(document, replaced(document, group.id, (one,)), "merging a group")


def flattened(document: Document) -> ChangeCanvas | None:
    """Everything that is seen as one layer; hidden layers go. None: nothing is seen, or it is one already."""
    seen = tuple(layer for layer in document.layers if layer.visible)
    if not seen or document.frame.empty:
        return None
    frame = document.frame
    one = PaintLayer(
        seen[0].id, "Picture", tiled(compose(document.layers, frame), frame.x, frame.y)
    )
    if document.layers == (one,):
        return None
    return ChangeCanvas(document, document.with_layers((one,)), "flattening")


def mask_applied(document: Document, layer: PaintLayer) -> ChangeCanvas:
    """The mask's values go into the layer's own alpha; the mask is gone."""
    plain = replace(layer, mask=None)
    if layer.mask is not None and not layer.bounds.empty:
        alone = replace(
            layer, opacity=1.0, blend_mode=BlendMode.NORMAL, clipped=False, visible=True
        )
        pixels = tiled(compose((alone,), layer.bounds), layer.bounds.x, layer.bounds.y)
        plain = replace(plain, pixels=pixels, x=0, y=0)
    return ChangeCanvas(document, replaced(document, layer.id, (plain,)), "applying a mask")


def _as_one(layers: tuple[Layer, ...], named: Layer) -> PaintLayer:
    bounds = layers[0].bounds
    for layer in layers[1:]:
        bounds = bounds.united(layer.bounds)
    if bounds.empty:
        return PaintLayer(named.id, named.name)
    pixels = compose(layers, bounds)
    if not np.any(pixels[..., 3]):
        return PaintLayer(named.id, named.name)
    return PaintLayer(named.id, named.name, tiled(pixels, bounds.x, bounds.y))
