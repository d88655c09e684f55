"""The undo budget counts real bytes: tiles no longer in the document, each once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.document import Document
from studio.core.edits import ChangeCanvas, ChangeLayer, PlaceLayer, RemoveLayer
from studio.core.layers import PaintLayer
from studio.core.store import DocumentStore
from studio.core.tiles import TILE_PX, TileMap

TILE_BYTES = TILE_PX * TILE_PX * 4


def _tile(value: int) -> np.ndarray:
    return np.full((TILE_PX, TILE_PX, 4), value, np.uint8)


def _painted(layer: PaintLayer, column: int, value: int) -> PaintLayer:
    return replace(layer, pixels=layer.pixels.with_tiles({(column, 0): _tile(value)}))


def _store(budget_tiles: float = 1000) -> tuple[DocumentStore, PaintLayer]:
    layer = PaintLayer("a", "a", TileMap({(n, 0): _tile(n) for n in range(10)}))
    return DocumentStore(
        Document(layers=(layer,)), budget_bytes=int(budget_tiles * TILE_BYTES)
    ), layer


def _tiles_kept(store: DocumentStore) -> int:
    return round(store.kept_bytes / TILE_BYTES)


def test_stroke_costs_the_tiles_it_replaced() -> None:
    store, layer = _store()
    after = _painted(layer, 3, 99)
    store.apply(ChangeLayer(layer, after))
    assert _tiles_kept(store) == 1
    store.apply(ChangeLayer(after, _painted(after, 50, 7)))
    assert _tiles_kept(store) == 1
    store.undo()
    assert _tiles_kept(store) == 2


def test_layer_that_is_elsewhere_in_the_document_costs_nothing() -> None:
    store, layer = _store()
    twin = replace(layer, id="b")
    store.apply(PlaceLayer(twin, 1))
    store.apply(RemoveLayer(twin, 1))
    assert _tiles_kept(store) == 0
    store.apply(RemoveLayer(layer, 0))
    assert _tiles_kept(store) == 10


def test_oldest_steps_go_when_the_budget_is_used_up() -> None:
    store, layer = _store(budget_tiles=5.5)
    for value in range(20):
        after = _painted(layer, 0, 100 + value)
        store.apply(ChangeLayer(layer, after))
        layer = after
    steps = 0
    while store.can_undo:
        store.undo()
        steps += 1
    assert steps == 5
    store.budget_bytes = 1
    assert store.can_redo


def test_step_without_pixels_is_not_dropped_for_what_the_document_holds() -> None:
    store, layer = _store(budget_tiles=3)
    for x in range(200):
        moved = layer.moved(1, 0)
        store.apply(ChangeLayer(layer, moved))
        layer = moved
        assert layer.x == x + 1
    steps = 0
    while store.can_undo:
        store.undo()
        steps += 1
    assert steps == 200


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["paint", "undo", "redo", "size"]), st.integers(0, 12))))
def test_count_is_what_the_steps_really_hold(actions: list[tuple[str, int]]) -> None:
    store, _ = _store()
    for number, (action, column) in enumerate(actions):
        layer = store.document.layers[0]
        assert isinstance(layer, PaintLayer)
        if action == "paint":
            store.apply(ChangeLayer(layer, _painted(layer, column, number % 256)))
        elif action == "size":
            after = replace(store.document, width_px=number + 1)
            store.apply(ChangeCanvas(store.document, after, "cropping"))
        elif action == "undo":
            store.undo()
        else:
            store.redo()
    held = _held(store)
    assert _tiles_kept(store) == len(held - store.document.distinct_tiles().keys())


def _held(store: DocumentStore) -> set[int]:
    """All tiles of all documents that undo and redo lead to. Leaves the store at the newest."""
    while store.can_undo:
        store.undo()
    held = set(store.document.distinct_tiles())
    while store.can_redo:
        store.redo()
        held |= store.document.distinct_tiles().keys()
    return held
