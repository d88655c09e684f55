"""Edits and the store: undo to the start and redo to the end, whatever was done."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.document import Document
from studio.core.edits import (
    ChangeCanvas,
    ChangeLayer,
    EditError,
    PlaceLayer,
    RemoveLayer,
    ReplaceText,
    Several,
)
from studio.core.layers import GroupLayer, PaintLayer, walk
from studio.core.store import DocumentStore
from studio.core.tiles import EMPTY

LAYER = PaintLayer("a", "fox", EMPTY, 1, 2)


def _random_edit(store: DocumentStore, data: st.DataObject, number: int) -> None:
    document = store.document
    kind = data.draw(st.sampled_from(["text", "typed", "place", "remove", "change", "canvas"]))
    if kind in ("text", "typed"):
        start = data.draw(st.integers(0, len(document.text)))
        end = data.draw(st.integers(start, min(len(document.text), start + 5)))
        inserted = data.draw(st.text("ab \n😀字", max_size=4))
        store.apply(ReplaceText(start, document.text[start:end], inserted), typed=kind == "typed")
    elif kind == "place":
        parent = data.draw(
            st.sampled_from(
                ["", *(a.id for a in walk(document.layers) if isinstance(a, GroupLayer))]
            )
        )
        siblings = document.siblings(parent) or ()
        made: type[PaintLayer] | type[GroupLayer] = data.draw(
            st.sampled_from([PaintLayer, GroupLayer])
        )
        index = data.draw(st.integers(0, len(siblings)))
        store.apply(PlaceLayer(made(str(number), "x"), index, parent_id=parent))
    elif document.layers:
        layer = data.draw(st.sampled_from(list(walk(document.layers))))
        parent = document.parent_id(layer.id)
        index = (document.siblings(parent) or ()).index(layer)
        if kind == "remove":
            store.apply(RemoveLayer(layer, index, parent_id=parent))
        elif kind == "change":
            store.apply(ChangeLayer(layer, replace(layer, name=f"{number}", opacity=0.5)))
        else:
            turned = document.with_layers(tuple(reversed(document.layers)))
            cropped = replace(turned, width_px=number + 1, height_px=5)
            store.apply(ChangeCanvas(document, cropped, "cropping"))


@given(st.data())
def test_undo_to_the_start_and_redo_to_the_end(data: st.DataObject) -> None:
    store = DocumentStore()
    for number in range(data.draw(st.integers(1, 25))):
        _random_edit(store, data, number)
    last = store.document
    while store.can_undo:
        store.undo()
    assert store.document == Document()
    while store.can_redo:
        store.redo()
    assert store.document == last


def test_edit_that_does_not_fit_changes_nothing() -> None:
    store = DocumentStore(Document("abc"))
    for edit in (
        ReplaceText(1, "x", "y"),
        RemoveLayer(LAYER, 0),
        PlaceLayer(LAYER, 3),
        PlaceLayer(LAYER, 0, parent_id="no group"),
        ChangeLayer(LAYER, LAYER),
        ChangeCanvas(Document(width_px=3), Document(), "cropping"),
        Several((ReplaceText(0, "", "z"), ReplaceText(0, "q", "")), "two"),
    ):
        with pytest.raises(EditError):
            store.apply(edit)
    assert store.document == Document("abc")
    assert not store.can_undo


def test_typing_is_one_step_a_word_and_a_caret_jump_begins_another() -> None:
    store = DocumentStore()
    for position, letter in enumerate("two words"):
        store.apply(ReplaceText(position, "", letter), typed=True)
    store.undo()
    assert store.document.text == "two "
    store.undo()
    assert store.document.text == ""
    store.apply(ReplaceText(0, "", "a"), typed=True)
    store.seal()
    store.apply(ReplaceText(1, "", "b"), typed=True)
    store.undo()
    assert store.document.text == "a"


def test_generated_text_is_a_step_of_its_own() -> None:
    store = DocumentStore()
    store.apply(ReplaceText(0, "", "I "), typed=True)
    store.apply(ReplaceText(2, "", "ran far", "record-1", "writing"))
    store.apply(ReplaceText(9, "", "!"), typed=True)
    store.undo()
    assert store.document.text == "I ran far"
    assert store.undo_label == "writing"
    store.undo()
    assert store.document.text == "I "


def test_clean_follows_undo_and_redo() -> None:
    store = DocumentStore()
    states = [store.clean]
    store.apply(ReplaceText(0, "", "a"))
    store.mark_clean()
    store.apply(ReplaceText(1, "", "b"))
    states.append(store.clean)
    store.undo()
    states.append(store.clean)
    assert states == [True, False, True]


def test_budget_drops_the_oldest_steps() -> None:
    store = DocumentStore(budget_bytes=64 * 1000)
    edit = ReplaceText(0, "", "x" * 100)
    for _ in range(640):
        store.apply(edit)
    steps = 0
    while store.can_undo:
        store.undo()
        steps += 1
    assert steps == 64 * 1000 // edit.size_bytes


def test_document_is_not_clean_when_the_steps_back_to_clean_were_dropped() -> None:
    store = DocumentStore(budget_bytes=1000)
    for _ in range(20):
        store.apply(ReplaceText(0, "", "x" * 100))
    while store.can_undo:
        store.undo()
    assert store.document.text
    assert not store.clean
    store.mark_clean()
    assert store.clean


def test_one_step_larger_than_the_budget_can_be_undone() -> None:
    store = DocumentStore(budget_bytes=1000)
    store.apply(ReplaceText(0, "", "x" * 10_000))
    store.undo()
    assert store.document == Document()


def test_store_saved_meanwhile_is_clean_only_at_what_was_saved() -> None:
    store = DocumentStore()
    store.apply(ReplaceText(0, "", "one"))
    bookmark = store.bookmark()
    store.apply(ReplaceText(3, "", " two"), typed=True)
    store.mark_clean(bookmark)
    assert not store.clean
    store.undo()
    assert store.clean


def test_store_loading_another_document_tells_it_and_forgets_the_steps() -> None:
    store, told = DocumentStore(), [Document("one")]
    store.apply(ReplaceText(0, "", "one"))
    store.changed.connect(lambda change: told.append(change.edit.apply(told[-1])))
    store.load(Document("other", width_px=7))
    assert told[1:] == [Document("other", width_px=7)]
    assert (store.can_undo, store.can_redo, store.clean) == (False, False, True)
    assert store.kept_bytes == 0
    store.load(Document("unsaved"), clean=False)
    assert not store.clean
