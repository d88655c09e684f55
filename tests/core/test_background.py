"""What a folio tells a model beside the text: an edit like any other, and values for a generator."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.core.background import NOTHING, Background, good_notes, told_values
from studio.core.document import Document
from studio.core.edits import ChangeBackground, ChangeCanvas, EditError, ReplaceText
from studio.core.store import DocumentStore


def typed(store: DocumentStore, text: str, label: str = "changing the memory") -> None:
    before = store.document.background
    store.apply(ChangeBackground(before, replace(before, memory=text), label), typed=True)


def test_background_is_undone_and_redone_beside_the_text() -> None:
    store = DocumentStore(Document("text"))
    typed(store, "Mara is the keeper.")
    store.apply(ReplaceText(4, "", "!"))
    store.undo()
    assert store.document == Document("text", background=Background("Mara is the keeper."))
    store.undo()
    assert store.document.background == NOTHING
    store.redo()
    assert store.document.background.memory == "Mara is the keeper."


def test_what_is_typed_into_one_box_is_one_step_and_a_saved_one_ends_it() -> None:
    store = DocumentStore()
    for text in ("M", "Ma", "Mar"):
        typed(store, text)
    assert store.undo_labels == ["changing the memory"]
    store.mark_clean()
    typed(store, "Mara")
    assert len(store.undo_labels) == 2
    typed(store, "Mara!", "changing the note")
    assert len(store.undo_labels) == 3
    store.undo()
    store.undo()
    assert (store.document.background.memory, store.clean) == ("Mar", True)


def test_edit_that_does_not_fit_changes_nothing() -> None:
    with pytest.raises(EditError):
        ChangeBackground(Background("a"), Background("b")).apply(Document())


def test_canvas_edit_leaves_the_background_as_it_is() -> None:
    told = Document("t", background=Background("later"))
    edit = ChangeCanvas(Document("t"), Document("t", width_px=9, height_px=9), "cropping")
    assert edit.apply(told) == replace(told, width_px=9, height_px=9)


def test_only_text_says_whether_a_text_file_would_do() -> None:
    assert Document("text").only_text
    assert not Document("text", background=Background(author_note="Calm.")).only_text


def test_lines_without_key_or_note_are_left_out_and_named() -> None:
    notes = "Mara, keeper: She limps.\n\nno colon\n: no key\nkey:\n灯塔：很高。"
    assert good_notes(notes) == ("Mara, keeper: She limps.\n灯塔：很高。", (3, 4, 5))


def test_values_are_told_only_where_there_are_any() -> None:
    assert told_values(NOTHING) == {}
    told = told_values(Background(" Mara. ", "Calm.", 2, "bad line"))
    assert told == {"memory": "Mara.", "author_note": "Calm.", "note_depth": 2}
