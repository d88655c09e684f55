"""Spans follow every edit, and undoing brings back exactly what there was."""

from __future__ import annotations

import random
from itertools import pairwise

from studio.core.authorship import Authorship, authorship, disclosure
from studio.core.document import Document
from studio.core.edits import ReplaceText, Several
from studio.core.spans import Spans, WrittenSpan, checked_spans
from studio.core.store import DocumentStore


def written(*texts: tuple[str, str]) -> DocumentStore:
    """A text of pieces, each a person's ("") or of a record."""
    store = DocumentStore()
    for text, record_id in texts:
        store.apply(ReplaceText(len(store.document.text), "", text, record_id))
    return store


def told(store: DocumentStore) -> list[tuple[str, str, bool]]:
    text = store.document.text
    return [(text[s.start : s.end], s.record_id, s.edited) for s in store.document.spans]


def test_generated_text_is_a_span_and_typed_text_is_none() -> None:
    store = written(("Once ", ""), ("upon a time", "r1"), (" there", ""))
    assert told(store) == [("upon a time", "r1", False)]


def test_typing_before_moves_and_typing_at_the_edges_leaves_a_span_alone() -> None:
    store = written(("upon", "r1"))
    store.apply(ReplaceText(0, "", "Once "))
    store.apply(ReplaceText(9, "", "!"))
    assert told(store) == [("upon", "r1", False)]


def test_typing_within_parts_a_span_and_marks_both_parts_edited() -> None:
    store = written(("black cat", "r1"))
    store.apply(ReplaceText(5, "", " old"))
    assert told(store) == [("black", "r1", True), (" cat", "r1", True)]


def test_taking_out_the_middle_leaves_one_edited_span() -> None:
    store = written(("a very black cat", "r1"))
    store.apply(ReplaceText(2, "very ", ""))
    assert told(store) == [("a black cat", "r1", True)]


def test_a_model_rewriting_part_of_a_passage_is_no_hand() -> None:
    store = written(("a black cat", "r1"))
    store.apply(ReplaceText(2, "black", "grey", "r2"))
    assert told(store) == [("a ", "r1", False), ("grey", "r2", False), (" cat", "r1", False)]


def test_pieces_of_one_passage_accepted_one_by_one_are_one_span() -> None:
    assert told(written(("upon ", "r1"), ("a ", "r1"), ("time", "r1"))) == [
        ("upon a time", "r1", False)
    ]


def test_another_canvas_leaves_the_spans() -> None:
    store = written(("upon", "r1"))
    assert store.document.with_layers(()).spans == store.document.spans
    assert store.document.record_ids == {"r1"}


def test_undo_and_redo_bring_back_exactly_the_spans_there_were_at_random() -> None:
    draw = random.Random(7)
    for _ in range(40):
        store, seen = written(("one two three", ""), ("four five six", "a")), []
        for _ in range(25):
            text = store.document.text
            start = draw.randint(0, len(text))
            end = draw.randint(start, min(len(text), start + 6))
            inserted = "x" * draw.randint(0, 4)
            record_id = draw.choice(("", "", "a", "b"))
            edit = ReplaceText(start, text[start:end], inserted, record_id)
            seen.append(store.document)
            if draw.random() < 0.2:
                store.apply(Several((edit, ReplaceText(0, "", "y", "c")), "two"))
            else:
                store.apply(edit)
            assert_sound(store.document)
        last = store.document
        for before in reversed(seen):
            store.undo()
            assert store.document == before
        for _ in seen:
            store.redo()
        assert store.document == last


def test_typing_joined_into_one_step_is_taken_back_with_its_spans() -> None:
    store = written(("black cat", "r1"), ("!", "r2"))
    before = store.document
    for number, letter in enumerate("wet"):
        store.apply(ReplaceText(5 + number, "", letter), typed=True)
    store.undo()
    assert store.document == before
    for position in (9, 8, 7):
        store.apply(ReplaceText(position, store.document.text[position], ""), typed=True)
    assert told(store) == [("black c", "r1", True)]
    store.undo()
    assert store.document == before


def test_spans_from_a_file_are_put_right() -> None:
    wrong = [
        WrittenSpan(8, 99, "b"),
        WrittenSpan(2, 5, "a"),
        WrittenSpan(4, 7, "c"),
        WrittenSpan(3, 3, "d"),
    ]
    found = checked_spans(wrong, 10)
    assert found == (WrittenSpan(2, 5, "a"), WrittenSpan(5, 7, "c"), WrittenSpan(8, 10, "b"))


def test_authorship_counts_what_is_seen() -> None:
    store = written(("我的 my ", ""), ("四个汉字", "r1"), (" and", "r2"))
    store.apply(ReplaceText(len(store.document.text) - 1, "d", ""))
    found = authorship(store.document.text, store.document.spans)
    assert found == Authorship(4, 4, 2, 2)
    assert found.percent(found.by_person) == 40


def test_disclosure_names_each_share_and_never_rounds_one_away() -> None:
    assert disclosure(Authorship(10_000, 1, 0, 1)).startswith("99 % of this text was written by a")
    assert ", 1 % by a language model and left" in disclosure(Authorship(10_000, 1, 0, 1))
    assert "all of this text" in disclosure(Authorship(5))


def assert_sound(document: Document) -> None:
    spans: Spans = document.spans
    assert all(0 <= s.start < s.end <= len(document.text) for s in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))
