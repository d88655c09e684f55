"""What is used again is bit for bit what a first reading gives: held against a model of llama.cpp's cache.

The model remembers of each token which batch it was computed in, after which others: two caches are equal
exactly when the numbers of a real one would be.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_plugins.llm_writer import rereading
from studio_plugins.llm_writer.rereading import Rereading, portion_ends

BATCH = 4
_TOKENS = re.compile(r"ab|ba+|\na|.|\n", re.DOTALL)
"""Some tokens go over the ends of portions, so that a portion's tokens change when more follows."""


class Server:
    """Keeps what it read up to where the next text differs, as llama.cpp does."""

    def __init__(self) -> None:
        self.cells: list[tuple[str, int]] = []
        self.read_tokens = 0
        self.fail_after: int | None = None

    def request(self, text: str, use_kept: bool) -> int:
        tokens = _TOKENS.findall(text)
        same = 0
        while use_kept and same < min(len(tokens) - 1, len(self.cells)):
            if self.cells[same][0] != tokens[same]:
                break
            same += 1
        del self.cells[same:]
        for at in range(same, len(tokens), BATCH):
            self._compute(tokens[at : at + BATCH])
        return same

    def write(self, text: str) -> None:
        for token in text:
            self._compute([token])

    def _compute(self, batch: list[str]) -> None:
        if self.fail_after is not None:
            self.fail_after -= 1
            if self.fail_after < 0:
                raise InterruptedError
        self.read_tokens += len(batch)
        before = hash(tuple(self.cells))
        self.cells += [(token, hash((before, tuple(batch), at))) for at, token in enumerate(batch)]


@pytest.fixture(autouse=True)
def _short_portions() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rereading, "PORTION_CHARACTERS", 10)
        patch.setattr(rereading, "_SEARCHED_CHARACTERS", 3)
        yield


def read(server: Server, memory: Rereading, text: str) -> list[tuple[str, int]]:
    """What stands in the cache when the writing begins."""
    while True:
        kept = memory.read(text, server.request)
        found = server.request(text, kept)
        if not kept or memory.found(found):
            return list(server.cells)


def fresh(text: str) -> list[tuple[str, int]]:
    return read(Server(), Rereading(), text)


TEXTS = st.text("ab \n", min_size=1, max_size=70)


@settings(max_examples=300)
@given(TEXTS, st.lists(st.tuples(st.integers(0, 70), TEXTS, st.text("ab", max_size=9)), max_size=5))
def test_every_reading_is_as_the_first(text: str, changes: list[tuple[int, str, str]]) -> None:
    server, memory = Server(), Rereading()
    assert read(server, memory, text) == fresh(text)
    for keep, added, written in changes:
        server.write(written)
        text = text[:keep] + added
        assert read(server, memory, text) == fresh(text)


@given(TEXTS, st.integers(0, 12), TEXTS)
def test_reading_that_was_broken_off_does_no_harm(text: str, after: int, more: str) -> None:
    server, memory = Server(), Rereading()
    server.fail_after = after
    with contextlib.suppress(InterruptedError):
        read(server, memory, text)
    server.fail_after = None
    assert read(server, memory, text + more) == fresh(text + more)


def test_growing_text_is_not_read_all_again() -> None:
    server, memory = Server(), Rereading()
    text = "a b b a b " * 30
    read(server, memory, text)
    server.write("bb")
    before = server.read_tokens
    read(server, memory, text + "bb a")
    assert server.read_tokens - before < 30


def test_other_use_of_the_model_forgets_all() -> None:
    server, memory = Server(), Rereading()
    read(server, memory, "a b b a b " * 9)
    server.request("something else", False)
    memory.forget()
    assert read(server, memory, "a b b a b " * 9) == fresh("a b b a b " * 9)


def test_model_that_cannot_go_on_in_the_middle_reads_in_one_piece() -> None:
    server, memory = Server(), Rereading()
    assert not memory.read("a b b a b " * 9, lambda text, kept: server.request(text, False))


@given(TEXTS, TEXTS)
def test_ends_of_portions_stay_when_the_text_grows(text: str, more: str) -> None:
    ends = portion_ends(text)
    assert portion_ends(text + more)[: len(ends)] == ends
    assert all(0 < end < len(text) for end in ends)
