"""No way a text could have gone is lost: forks follow every edit, and undo brings back what there was."""

from __future__ import annotations

import random

import pytest

from studio.core.branch_walk import BranchNode, ForkNode, branch_tree, steps_to, walk_nodes
from studio.core.branches import Branch, Fork, Forks, checked_forks, walk_branches
from studio.core.document import Document
from studio.core.edits import EditError, NameBranch, OfferBranch, ReplaceText, Several
from studio.core.spans import WrittenSpan
from studio.core.store import DocumentStore

RESULTS = {"r1": " sat down.", "r2": " ran.", "r3": " slept", "r4": " so long"}


def words(branch: Branch) -> str | None:
    return RESULTS.get(branch.record_id)


def begun() -> DocumentStore:
    store = DocumentStore()
    store.apply(ReplaceText(0, "", "The cat"))
    return store


def put(store: DocumentStore, record_id: str, at: int | None = None, removed: str = "") -> None:
    position = len(store.document.text) if at is None else at
    store.apply(ReplaceText(position, removed, RESULTS[record_id], record_id))


def go(store: DocumentStore, branch_id: int) -> None:
    store.apply(Several(steps_to(store.document, branch_id, words), "going"))


def told(store: DocumentStore) -> list[object]:
    """The tree as nested lists: [what stands before, then for each branch its words, * if shown, forks]."""
    return [_fork(fork) for fork in branch_tree(store.document, words)]


def _fork(fork: ForkNode) -> list[object]:
    return [fork.before, *(_branch(node) for node in fork.branches)]


def _branch(node: BranchNode) -> object:
    name = f"{node.text}{'*' if node.shown else ''}"
    return [name, *(_fork(fork) for fork in node.forks)] if node.forks else name


def test_generated_words_fork_where_they_came_in_and_typing_behind_belongs_to_them() -> None:
    store = begun()
    put(store, "r1")
    store.apply(ReplaceText(len(store.document.text), "", " Good."))
    assert told(store) == [["The cat", " sat down. Good.*"]]
    store.apply(ReplaceText(0, "", "So: "))
    assert told(store) == [["So: The cat", " sat down. Good.*"]]


def test_what_stood_behind_before_is_no_part_of_a_branch() -> None:
    store = begun()
    store.apply(ReplaceText(7, "", " The end."))
    put(store, "r1", 7)
    store.apply(ReplaceText(len(store.document.text), "", "!"))
    assert told(store) == [["The cat", " sat down.*"]]


def test_offered_results_are_branches_and_the_accepted_one_is_shown() -> None:
    store = begun()
    for record in ("r1", "r2"):
        store.note(OfferBranch(7, record))
    assert told(store) == [["The cat", " sat down.", " ran."]]
    put(store, "r2")
    assert told(store) == [["The cat", " sat down.", " ran.*"]]
    store.undo()
    assert told(store) == [["The cat", " sat down.", " ran."]]
    store.undo()
    assert store.document == Document()
    store.redo()
    assert told(store) == [["The cat", " sat down.", " ran."]]


def test_rejected_offer_stays_where_it_was_made_while_one_types_on() -> None:
    store = begun()
    store.note(OfferBranch(7, "r1"))
    store.apply(ReplaceText(7, "", " is mine"))
    assert told(store) == [["The cat", " sat down."]]
    go(store, 1)
    assert store.document.text == "The cat sat down. is mine"


def test_a_thousand_suggestions_at_one_step_are_taken_back_with_it() -> None:
    store = DocumentStore(Document("The cat"))
    store.apply(ReplaceText(7, "", " sat", "r"))
    after = store.document
    for number in range(1000):
        store.note(OfferBranch(11, f"r{number}"))
    noted = store.document
    assert len(noted.forks[-1].branches) == 1000
    store.undo()
    assert store.document == Document("The cat")
    store.redo()
    assert store.document == noted
    assert after.text == noted.text


def test_results_taken_word_by_word_are_one_branch() -> None:
    store = begun()
    store.note(OfferBranch(7, "r1"))
    store.apply(ReplaceText(7, "", " sat", "r1"))
    store.apply(ReplaceText(11, "", " down.", "r1"))
    assert told(store) == [["The cat", " sat down.*"]]


def test_offer_moved_on_by_typing_right_before_it_is_still_one_branch() -> None:
    store = begun()
    store.note(OfferBranch(7, "r2"))
    store.apply(ReplaceText(7, "", "s"))
    put(store, "r2")
    assert told(store) == [["The cats", " ran.*"]]


def test_going_on_from_another_word_keeps_the_former_way_within_the_branch() -> None:
    store = begun()
    put(store, "r1")
    put(store, "r3", 11, " down.")
    assert store.document.text == "The cat sat slept"
    assert told(store) == [["The cat", [" sat slept*", ["The cat sat", " down.", " slept*"]]]]
    go(store, 2)
    assert store.document.text == "The cat sat down."
    assert store.document.spans == (WrittenSpan(7, 17, "r1"),)
    assert told(store) == [["The cat", [" sat down.*", ["The cat sat", " down.*", " slept"]]]]


def test_going_to_another_branch_takes_what_grew_out_of_the_first_along_and_back() -> None:
    store = begun()
    store.note(OfferBranch(7, "r2"))
    put(store, "r1")
    put(store, "r3")
    store.apply(ReplaceText(len(store.document.text), "", " (mine)"))
    first = store.document
    go(store, 1)
    assert store.document.text == "The cat ran."
    assert store.document.spans == (WrittenSpan(7, 12, "r2"),)
    assert told(store) == [
        ["The cat", " ran.*", [" sat down. slept (mine)", ["The cat sat down.", " slept (mine)"]]]
    ]
    go(store, 2)
    assert (store.document.text, store.document.spans) == (first.text, first.spans)
    assert told(store) == [
        ["The cat", " ran.", [" sat down. slept (mine)*", ["The cat sat down.", " slept (mine)*"]]]
    ]


def test_going_to_a_branch_within_a_branch_that_is_not_shown_goes_all_the_way() -> None:
    store = begun()
    store.note(OfferBranch(7, "r2"))
    put(store, "r1")
    store.note(OfferBranch(len(store.document.text), "r4"))
    go(store, 1)
    assert store.document.text == "The cat ran."
    inner = next(b.id for _, b in walk_branches(store.document.forks) if b.record_id == "r4")
    before = store.document
    go(store, inner)
    assert store.document.text == "The cat sat down. so long"
    store.undo()
    assert store.document == before


def test_rewriting_keeps_the_person_s_words_as_a_branch() -> None:
    store = begun()
    put(store, "r2", 3, " cat")
    assert told(store) == [["The", " cat", " ran.*"]]
    go(store, 1)
    assert (store.document.text, store.document.spans) == ("The cat", ())


def test_changes_of_one_rewriting_are_one_branch() -> None:
    store = DocumentStore(Document("a quick brown fox, a lazy dog"))
    edits = (ReplaceText(2, "quick", "very fast", "r"), ReplaceText(25, "lazy", "sleepy", "r"))
    before = store.document
    store.apply(Several(edits, "rewriting"))
    assert store.document.text == "a very fast brown fox, a sleepy dog"
    assert told(store) == [["a ", "quick brown fox, a lazy", "very fast brown fox, a sleepy*"]]
    store.undo()
    assert store.document == before
    store.redo()
    assert told(store) == [["a ", "quick brown fox, a lazy", "very fast brown fox, a sleepy*"]]


def test_deleting_all_of_a_branch_keeps_it_and_deleting_a_part_changes_it() -> None:
    store = begun()
    put(store, "r1")
    store.apply(ReplaceText(11, " down", ""))
    assert told(store) == [["The cat", " sat.*"]]
    store.apply(ReplaceText(4, "cat sat.", ""))
    assert told(store) == [["The ", " sat."]]
    go(store, 1)
    assert store.document.text == "The  sat."


def test_branch_taken_away_letter_by_letter_is_still_the_result() -> None:
    store = begun()
    put(store, "r2")
    for _ in range(5):
        store.apply(ReplaceText(7, store.document.text[7], ""), typed=True)
    assert told(store) == [["The cat", " ran."]]


def test_replacing_the_shown_branch_adds_to_its_fork() -> None:
    store = begun()
    put(store, "r1")
    put(store, "r2", 7, " sat down.")
    assert told(store) == [["The cat", " sat down.", " ran.*"]]


def test_names_are_kept_and_undone() -> None:
    store = begun()
    put(store, "r1")
    store.apply(NameBranch(1, "", "calm"))
    put(store, "r2", 7, " sat down.")
    names = [
        (node.branch.id, node.branch.name)
        for node in walk_nodes(branch_tree(store.document, words))
    ]
    assert names == [(1, "calm"), (2, "")]
    store.undo()
    store.undo()
    assert store.document.forks[0].branches[0].name == ""
    with pytest.raises(EditError):
        store.apply(NameBranch(9, "", "x"))


def test_unknown_words_are_not_gone_to() -> None:
    store = begun()
    store.note(OfferBranch(7, "lost"))
    before = store.document
    with pytest.raises(EditError, match="not known"):
        go(store, 1)
    with pytest.raises(EditError, match="no such branch"):
        go(store, 7)
    assert store.document is before


def test_one_way_points_can_be_left_out_of_the_tree() -> None:
    store = begun()
    put(store, "r1")
    put(store, "r3")
    put(store, "r4", len(store.document.text) - 5, "slept")
    (fork,) = branch_tree(store.document, words, only_choices=True)
    assert fork.before == "The cat sat down. "
    assert [(node.text, node.shown) for node in fork.branches] == [
        ("slept", False),
        (" so long", True),
    ]


@pytest.mark.parametrize("only_choices", [False, True])
def test_text_that_went_on_thousands_of_times_has_its_tree(only_choices: bool) -> None:
    """Each way on forks from within the one before."""
    count = 3000
    ways = [Fork(n, count - n, (Branch(n + 1, "r1"),), n + 1) for n in range(count - 1)]
    last = Fork(count - 1, 1, (Branch(count, "r1"), Branch(count + 1, "r2")), count)
    document = Document("x" * count, forks=(*ways, last))
    tree = branch_tree(document, words, only_choices=only_choices)
    walked = [node.branch.id for node in walk_nodes(tree)]
    assert walked == [*range(count if only_choices else 1, count + 2)]


def test_fork_that_lies_within_two_others_is_in_the_tree_once() -> None:
    ways = [
        Fork(at, length, (Branch(number, "r1"),), number)
        for number, (at, length) in enumerate([(0, 6), (3, 6), (3, 3)], 1)
    ]
    tree = branch_tree(Document("x" * 9, forks=tuple(ways)), words)
    assert [node.branch.id for node in walk_nodes(tree)] == [1, 2, 3]


def test_everything_the_records_name_is_kept() -> None:
    store = begun()
    store.note(OfferBranch(7, "r2"))
    put(store, "r1")
    go(store, 1)
    assert store.document.record_ids == {"r1", "r2"}


def test_canvas_and_background_leave_the_forks() -> None:
    store = begun()
    put(store, "r1")
    assert store.document.with_layers(()).forks == store.document.forks


def test_forks_from_a_file_are_put_right() -> None:
    wrong: Forks = (
        Fork(90, 5, (Branch(3, "c"),), 3),
        Fork(2, 50, (Branch(1, "a"), Branch(1, "b"), Branch(0, "z"), Branch(2, text="xy", forks=(
            Fork(7, 1, (Branch(4, "d", text=None),), 9),
        ))), 1),
        Fork(4, 1, (), 0),
    )  # fmt: skip
    assert checked_forks(wrong, 10) == (
        Fork(
            2, 8, (Branch(1, "a"), Branch(2, text="xy", forks=(Fork(2, 0, (Branch(4, "d"),)),))), 1
        ),
        Fork(10, 0, (Branch(3, "c"),), 3),
    )


def test_undo_and_redo_bring_back_exactly_what_there_was_at_random() -> None:
    draw = random.Random(11)
    for _ in range(60):
        store, seen = begun(), []
        for _ in range(30):
            seen.append(store.document)
            _do_something(store, draw)
            assert_sound(store.document)
        last = store.document
        states = [last]
        while store.can_undo:
            store.undo()
            assert_sound(store.document)
            states.append(store.document)
        assert store.document == Document()
        while store.can_redo:
            states.pop()
            store.redo()
            assert store.document == states[-1]
        assert store.document == last


def _do_something(store: DocumentStore, draw: random.Random) -> None:
    text = store.document.text
    start = draw.randint(0, len(text))
    end = draw.randint(start, min(len(text), start + 6))
    named = {branch.id: branch.name for _, branch in walk_branches(store.document.forks)}
    branches = list(named)
    match draw.randint(0, 5):
        case 0:
            store.apply(ReplaceText(start, text[start:end], "x" * draw.randint(0, 3)))
        case 1:
            put(store, draw.choice(list(RESULTS)), start)
        case 2:
            put(store, draw.choice(list(RESULTS)), start, text[start:end])
        case 3:
            store.note(OfferBranch(start, draw.choice(list(RESULTS))))
        case 4 if branches:
            go(store, draw.choice(branches))
        case 5 if branches:
            chosen = draw.choice(branches)
            store.apply(NameBranch(chosen, named[chosen], named[chosen] + "n"))
        case _:
            pass


def assert_sound(document: Document) -> None:
    _sound(document.forks, document.text)
    ids = [branch.id for _, branch in walk_branches(document.forks)]
    assert len(ids) == len(set(ids))
    walked = [node.branch.id for node in walk_nodes(branch_tree(document, words))]
    assert sorted(walked) == sorted(ids)


def _sound(forks: Forks, text: str) -> None:
    assert list(forks) == sorted(forks, key=lambda f: (f.position, -f.length))
    for fork in forks:
        assert fork.branches
        assert 0 <= fork.position <= fork.end <= len(text)
        assert fork.shown == 0 or fork.shown_branch is not None
        assert fork.shown or not fork.length
        for branch in fork.branches:
            assert branch.text is None or branch.id != fork.shown
            assert all(0 <= s.start < s.end <= len(branch.text or "") for s in branch.spans)
            _sound(branch.forks, branch.text or "")
