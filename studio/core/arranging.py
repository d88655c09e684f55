"""Layers in another order, into groups, doubled: each gives an edit, or None where nothing changes. Pure."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from studio.core.document import Document
from studio.core.edits import ChangeCanvas, PlaceLayer
from studio.core.layers import GroupLayer, Layer, Layers, mapped, walk

L = TypeVar("L", bound=Layer)


def new_layer_id() -> str:
    return uuid.uuid4().hex


def free_name(document: Document, stem: str) -> str:
    """ "Layer 3", if there are "Layer 1" and "Layer 2"."""
    pattern = re.compile(re.escape(stem) + r" (\d+)")
    found = [pattern.fullmatch(layer.name) for layer in walk(document.layers)]
    return f"{stem} {1 + max((int(match[1]) for match in found if match), default=0)}"


def place_above(document: Document, layer_id: str) -> tuple[str, int]:
    """Group and index right above a layer; of none: on top of everything."""
    parent = document.parent_id(layer_id)
    siblings = document.siblings(parent) or ()
    for index, layer in enumerate(siblings):
        if layer.id == layer_id:
            return parent, index + 1
    return "", len(document.layers)


def placed_above(document: Document, layer: Layer, below_id: str, label: str) -> PlaceLayer:
    """Into an open group that is chosen goes nothing: a new layer stands above what is chosen."""
    parent, index = place_above(document, below_id)
    return PlaceLayer(layer, index, label, parent)


def moved_to(
    document: Document, layer_ids: Iterable[str], parent_id: str, index: int
) -> ChangeCanvas | None:
    """Layers taken out and put into a group at an index of it as it is now, in their present order.

    A layer can't go into itself or into what is in it: those that would are left where they are.
    """
    wanted = set(layer_ids)
    outer = set(_ancestors(document, parent_id))
    wanted -= outer
    chosen = [
        layer
        for layer in walk(document.layers)
        if layer.id in wanted and not _within(document, layer, wanted)
    ]
    siblings = document.siblings(parent_id)
    if not chosen or siblings is None:
        return None
    taken = {layer.id for layer in chosen}
    before = sum(1 for layer in siblings[:index] if layer.id in taken)
    rest = mapped(document.layers, lambda some: _without(some, taken))
    there = document.with_layers(rest).siblings(parent_id)
    if there is None:
        return None
    at = index - before
    after = document.with_layers(
        _with_siblings(rest, parent_id, (*there[:at], *chosen, *there[at:]))
    )
    return _canvas(document, after, "moving layers" if len(chosen) > 1 else "moving a layer")


def shifted(document: Document, layer_id: str, by: int) -> ChangeCanvas | None:
    """A layer one up (1) or down (-1): past its neighbour, or out of its group at the group's end."""
    parent = document.parent_id(layer_id)
    siblings = document.siblings(parent) or ()
    index = next((n for n, layer in enumerate(siblings) if layer.id == layer_id), None)
    if index is None:
        return None
    if 0 <= index + by < len(siblings):
        return moved_to(document, (layer_id,), parent, index + by + (1 if by > 0 else 0))
    if not parent:
        return None
    above, at = place_above(document, parent)
    return moved_to(document, (layer_id,), above, at if by > 0 else at - 1)


def grouped(document: Document, layer_ids: Iterable[str], group_id: str) -> ChangeCanvas | None:
    """Layers put together into a new group where the topmost of them is."""
    wanted = set(layer_ids)
    chosen = [layer for layer in walk(document.layers) if layer.id in wanted]
    if not chosen:
        return None
    parent, index = place_above(document, chosen[-1].id)
    group = GroupLayer(group_id, free_name(document, "Group"))
    siblings = document.siblings(parent) or ()
    with_group = document.with_layers(
        _with_siblings(document.layers, parent, (*siblings[:index], group, *siblings[index:]))
    )
    filled = moved_to(with_group, wanted, group_id, 0)
    return None if filled is None else _canvas(document, filled.after, "grouping")


def ungrouped(document: Document, group_id: str) -> ChangeCanvas | None:
    """A group's layers in its place. Its opacity, mask and mode are lost: they were the group's."""
    group = document.layer(group_id)
    if not isinstance(group, GroupLayer):
        return None

    def opened(siblings: Layers) -> Layers:
        if all(layer.id != group_id for layer in siblings):
            return siblings
        return tuple(
            inner
            for layer in siblings
            for inner in (group.layers if layer.id == group_id else (layer,))
        )

    after = document.with_layers(mapped(document.layers, opened))
    return _canvas(document, after, "ungrouping")


def doubled(document: Document, layer: Layer) -> PlaceLayer:
    """The same layer once more, right above."""
    copy = replace(fresh(layer), name=f"{layer.name} copy")
    return placed_above(document, copy, layer.id, "duplicating a layer")


def fresh(layer: L) -> L:
    """The same with ids of its own, also of all that is in it. It shares every pixel."""
    if isinstance(layer, GroupLayer):
        inner = tuple(fresh(child) for child in layer.layers)
        return replace(layer, id=new_layer_id(), layers=inner)
    return replace(layer, id=new_layer_id())


def without(document: Document, layer_ids: Iterable[str]) -> ChangeCanvas | None:
    taken = set(layer_ids)
    after = document.with_layers(mapped(document.layers, lambda some: _without(some, taken)))
    return _canvas(document, after, "removing layers" if len(taken) > 1 else "removing a layer")


def replaced(document: Document, layer_id: str, layers: Layers) -> Document:
    """Other layers in one layer's place; none takes it away."""

    def exchanged(siblings: Layers) -> Layers:
        if all(layer.id != layer_id for layer in siblings):
            return siblings
        return tuple(
            a for layer in siblings for a in (layers if layer.id == layer_id else (layer,))
        )

    return document.with_layers(mapped(document.layers, exchanged))


def _canvas(before: Document, after: Document, label: str) -> ChangeCanvas | None:
    if [a.id for a in walk(before.layers)] == [a.id for a in walk(after.layers)] and (
        before.layers == after.layers
    ):
        return None
    return ChangeCanvas(before, after, label)


def _without(siblings: Layers, taken: set[str]) -> Layers:
    if all(layer.id not in taken for layer in siblings):
        return siblings
    return tuple(layer for layer in siblings if layer.id not in taken)


def _with_siblings(layers: Layers, parent_id: str, siblings: Layers) -> Layers:
    if not parent_id:
        return siblings

    def filled(some: Layers) -> Layers:
        if all(layer.id != parent_id for layer in some):
            return some
        return tuple(
            replace(layer, layers=siblings)
            if isinstance(layer, GroupLayer) and layer.id == parent_id
            else layer
            for layer in some
        )

    return mapped(layers, filled)


def _ancestors(document: Document, layer_id: str) -> Iterable[str]:
    while layer_id:
        yield layer_id
        layer_id = document.parent_id(layer_id)


def _within(document: Document, layer: Layer, wanted: set[str]) -> bool:
    """Whether a group it is in moves too."""
    return any(outer in wanted for outer in _ancestors(document, document.parent_id(layer.id)))
