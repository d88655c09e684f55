"""Finding and replacing in a text: what is found, what is said of bad expressions, none goes on for ages."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.api.errors import StudioError
from studio.core.branches import Around, forks_after_all
from studio.core.document import Document
from studio.core.edits import ReplaceText
from studio.core.finding import Exchange, ExpressionError, Found, Hit, Query, exchanges, find
from studio.core.replacing import moved_to, replaced
from studio.core.spans import Spans, WrittenSpan, spans_after, spans_after_all
from studio.core.store import DocumentStore


def found(text: str, pattern: str, **how: bool) -> list[str]:
    hits = find(text, Query(pattern, **how), timeout_s=5).hits
    return [text[hit.start : hit.end] for hit in hits]


def test_plain_words_are_found_as_they_are_written() -> None:
    assert found("A cat. a Cat? a.cat", "a cat") == ["A cat", "a Cat"]
    assert found("A cat. a Cat?", "a C", match_case=True) == ["a C"]
    assert found("a.b axb", "a.b") == ["a.b"]
    assert found("anything", "") == []


def test_whole_words_in_english_and_chinese() -> None:
    assert found("cat concat cats cat, 猫cat猫", "cat", whole_words=True) == ["cat"] * 3
    assert found("你好世界吗", "世界", whole_words=True) == ["世界"]


def test_expressions_work_by_lines() -> None:
    assert found("# One\ntext\n## Two", "^#+ .*$", expression=True) == ["# One", "## Two"]
    assert found("año 2024 字", r"\p{Han}|\d+", expression=True) == ["2024", "字"]
    assert find("a\nb", Query("^", expression=True), timeout_s=5).hits == (Hit(0, 0), Hit(2, 2))


@pytest.mark.parametrize(("pattern", "position"), [("(a", 2), ("ab**", 3), ("x[", 2), (r"\1", 2)])
def test_bad_expression_says_what_and_where(pattern: str, position: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        find("text", Query(pattern, expression=True, whole_words=True), timeout_s=5)
    assert caught.value.position == position
    assert f"at character {position + 1}" in str(caught.value)
    assert found(f"text {pattern}", pattern) == [pattern]


def test_endless_expression_is_given_up() -> None:
    text = "a" * 5000 + "!"
    assert find(text, Query("(a+)+$", expression=True), timeout_s=0.05) == Found((), complete=False)
    with pytest.raises(StudioError, match="nothing was replaced"):
        exchanges(text, Query("(a+)+$", expression=True), "b", timeout_s=0.05)


def test_next_and_previous_go_around() -> None:
    hits = find("cat cat cat", Query("cat"), timeout_s=5)
    assert [hits.after(0, 0), hits.after(0, 3), hits.after(5, 5), hits.after(8, 11)] == [0, 1, 2, 0]
    assert [hits.before(0, 3), hits.before(5, 5), hits.before(8, 11)] == [2, 1, 1]
    empty = find("a\nb", Query("^", expression=True), timeout_s=5)
    assert [empty.after(0, 0), empty.after(2, 2)] == [1, 0]


def test_groups_are_filled_in_only_for_expressions() -> None:
    query = Query(r"(\w+)=(\w+)", expression=True)
    assert exchanges("a=b", query, r"\2\n\1", timeout_s=5) == [Exchange(0, 3, "b\na")]
    assert exchanges("a.b", Query("."), r"\1", timeout_s=5) == [Exchange(1, 2, r"\1")]
    for bad in (r"\3", r"\g<", "\\"):
        with pytest.raises(ExpressionError):
            exchanges("a=b", query, bad, timeout_s=5)


WORDS = st.lists(st.sampled_from(["cat", "dog", " ", "猫", "x"]), max_size=30).map("".join)


def spans_in(length: int, cuts: list[int]) -> Spans:
    places = sorted({min(cut, length) for cut in cuts})
    pairs = zip(places[::2], places[1::2], strict=False)
    return tuple(WrittenSpan(a, b, f"r{a % 3}", a % 2 == 0) for a, b in pairs)


@given(
    WORDS, st.sampled_from(["cat", "a", "^", "x*", "[cd]", " "]), st.sampled_from(["", "a", "lion"])
)
def test_replacing_is_what_the_library_says(text: str, pattern: str, replacement: str) -> None:
    query = Query(pattern, expression=True, match_case=True)
    store = DocumentStore(Document(text))
    edit = replaced(store.document, exchanges(text, query, replacement, timeout_s=5), "replacing")
    expected = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    if edit is None:
        assert expected == text
        return
    store.apply(edit)
    assert store.document.text == expected
    store.undo()
    assert store.document.text == text


@given(WORDS, st.lists(st.integers(0, 90), max_size=8), st.sampled_from(["cat", "a", "x*"]), WORDS)
def test_a_model_s_passages_are_kept_as_by_one_edit_after_the_other(
    text: str, cuts: list[int], pattern: str, replacement: str
) -> None:
    spans = spans_in(len(text), cuts)
    found = exchanges(text, Query(pattern, expression=True), replacement, timeout_s=5)
    one_by_one = spans
    for e in reversed(found):
        one_by_one = spans_after(one_by_one, e.start, e.end - e.start, len(e.text))
    changes = [(e.start, e.end - e.start, len(e.text)) for e in found]
    length = len(text) + sum(len(e.text) - (e.end - e.start) for e in found)
    assert owners(spans_after_all(spans, changes), length) == owners(one_by_one, length)


def owners(spans: Spans, length: int) -> list[tuple[str, bool] | None]:
    by: list[tuple[str, bool] | None] = [None] * length
    for span in spans:
        by[span.start : span.end] = [(span.record_id, span.edited)] * (span.end - span.start)
    return by


def test_undo_and_redo_of_many_bring_a_model_s_passages_back() -> None:
    before = Document("one cat, two cats").with_text(
        "one cat, two cats", (WrittenSpan(0, 7, "r1"), WrittenSpan(9, 17, "r2"))
    )
    store = DocumentStore(before)
    edit = replaced(before, exchanges(before.text, Query("cat"), "", timeout_s=5), "replacing")
    assert edit is not None
    store.apply(edit)
    after = store.document
    assert after.text == "one , two s"
    assert after.spans == (WrittenSpan(0, 4, "r1", True), WrittenSpan(6, 11, "r2", True))
    store.undo()
    assert store.document == before
    store.redo()
    assert store.document == after


def test_nothing_to_change_is_no_edit() -> None:
    assert replaced(Document("cat"), [Exchange(0, 3, "cat")], "replacing") is None


def test_undoing_a_replacement_of_all_brings_every_branch_back() -> None:
    store = DocumentStore(Document("The cat"))
    store.apply(ReplaceText(7, "", " sat", "r1"))
    store.apply(ReplaceText(7, " sat", " slept", "r2"))
    before = store.document
    edit = replaced(before, [Exchange(0, 3, "A"), Exchange(4, 7, "dog")], "replacing")
    assert edit is not None
    store.apply(edit)
    after = store.document
    assert after.forks != before.forks
    store.undo()
    assert store.document == before
    store.redo()
    assert store.document == after


def test_branches_between_two_replacements_stay_in_the_text() -> None:
    store = DocumentStore(Document("A cat. A cat."))
    store.apply(ReplaceText(6, "", " It slept.", "r1"))
    edit = replaced(store.document, [Exchange(2, 5, "lion"), Exchange(19, 22, "lion")], "replacing")
    assert edit is not None
    store.apply(edit)
    assert store.document.text == "A lion. It slept. A lion."
    (fork,) = store.document.forks
    assert (fork.position, fork.end, fork.shown) == (7, 17, 1)


@given(
    WORDS,
    st.lists(st.tuples(st.integers(0, 90), st.integers(0, 9)), max_size=5),
    st.sampled_from(["cat", "a", "x*", "."]),
    WORDS,
)
def test_branches_are_kept_as_by_one_edit_after_the_other(
    text: str, generated: list[tuple[int, int]], pattern: str, replacement: str
) -> None:
    store = DocumentStore(Document(text))
    for number, (at, removed) in enumerate(generated):
        now = store.document.text
        start = min(at, len(now))
        store.apply(ReplaceText(start, now[start : start + removed], "cat x", f"r{number}"))
    before = store.document
    found = exchanges(before.text, Query(pattern, expression=True), replacement, timeout_s=5)
    for e in reversed(found):
        store.apply(ReplaceText(e.start, before.text[e.start : e.end], e.text))
    around = Around(before.text, before.spans, before.forks)
    changes = [(e.start, e.end - e.start, len(e.text)) for e in found]
    assert forks_after_all(around, changes) == store.document.forks


def test_places_move_with_what_was_replaced_before_them() -> None:
    done = [Exchange(2, 5, "x"), Exchange(7, 7, "new")]
    assert [moved_to(n, done) for n in (1, 2, 4, 5, 7, 8)] == [1, 2, 3, 3, 5, 9]
