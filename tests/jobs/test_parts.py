"""The engine's small parts: mailbox, cache, device decisions, transport."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.api import TokenFact
from studio.api.errors import StudioError
from studio.api.models import Loaded
from studio.jobs.cache import ModelCache
from studio.jobs.context import shrunk
from studio.jobs.device import (
    GIB,
    DeviceFacts,
    cache_budget,
    choose_device,
    is_out_of_memory,
    limit_threads,
)
from studio.jobs.events import (
    EngineStatus,
    JobEvent,
    Previewed,
    Progressed,
    StateChanged,
    TextStreamed,
)
from studio.jobs.mailbox import Mailbox
from studio.jobs.spec import JobState
from studio.jobs.telling import Telling

PIXELS = np.zeros((2, 2, 4), np.uint8)


def test_mailbox_keeps_newest_preview_and_joins_text() -> None:
    wakes: list[int] = []
    mailbox = Mailbox(lambda: wakes.append(1))
    for step in range(1000):
        mailbox.post(Progressed("a", step, 1000))
        mailbox.post(Previewed("a", PIXELS))
        mailbox.post(TextStreamed("a", "x", 1))
    progress, _, text = mailbox.drain()
    assert progress == Progressed("a", 999, 1000)
    assert text == TextStreamed("a", "x" * 1000, 1000)
    assert len(wakes) == 1


def test_mailbox_never_moves_words_across_a_state_or_a_job() -> None:
    mailbox = Mailbox(lambda: None)
    posted: list[JobEvent] = [
        TextStreamed("a", "1", 1),
        StateChanged("a", JobState.DONE),
        TextStreamed("b", "2", 1),
        TextStreamed("a", "3", 1),
    ]
    for message in posted:
        mailbox.post(message)
    assert mailbox.drain() == posted


def test_joined_text_keeps_what_is_told_of_its_tokens() -> None:
    mailbox = Mailbox(lambda: None)
    mailbox.post(TextStreamed("a", "x", 1, (TokenFact("x", -1.0),)))
    mailbox.post(TextStreamed("a", "y", 1, (TokenFact("y", -2.0),)))
    (text,) = mailbox.drain()
    assert text == TextStreamed("a", "xy", 2, (TokenFact("x", -1.0), TokenFact("y", -2.0)))


def test_job_run_again_tells_each_token_once(tmp_path: Path) -> None:
    told: list[object] = []
    telling = Telling("a", told.append, tmp_path)
    facts = (TokenFact("x", -1.0), TokenFact("y", -2.0))
    telling.text("x", 1, facts[:1])
    telling.begin_again()
    telling.text("xy", 2, facts)
    assert told == [TextStreamed("a", "x", 1, facts[:1]), TextStreamed("a", "y", 2, facts[1:])]


def test_mailbox_wakes_again_after_a_drain() -> None:
    wakes: list[int] = []
    mailbox = Mailbox(lambda: wakes.append(1))
    mailbox.post(EngineStatus("idle"))
    mailbox.drain()
    mailbox.post(EngineStatus("busy"))
    assert len(wakes) == 2


def _load(size: int, closed: list[int] | None = None) -> Loaded[int]:
    close = (lambda: closed.append(size)) if closed is not None else None
    return Loaded(size, size_bytes=size, close=close)


def test_cache_drops_least_recently_used_first() -> None:
    closed: list[int] = []
    cache = ModelCache(100, lambda: None)
    cache.get("a", lambda: _load(40, closed))
    cache.get("b", lambda: _load(50, closed))
    cache.get("a", lambda: _load(0))
    cache.get("c", lambda: _load(30, closed))
    assert closed == [50]
    assert "a" in cache
    assert cache.used_bytes == 70


def test_cache_makes_room_before_loading() -> None:
    cache = ModelCache(100, lambda: None)
    cache.get("a", lambda: _load(90))
    seen: list[int] = []

    def load() -> Loaded[int]:
        seen.append(cache.used_bytes)
        return _load(50)

    cache.get("b", load, expected_bytes=50)
    assert seen == [0]


def test_cache_half_loaded_entry_is_dropped() -> None:
    cache = ModelCache(100, lambda: None)

    def broken() -> Loaded[int]:
        raise OSError("truncated")

    with pytest.raises(OSError, match="truncated"):
        cache.get("a", broken)
    assert len(cache) == 0


def test_cache_close_that_raises_does_not_stop_the_others() -> None:
    closed: list[int] = []

    def bad_close() -> None:
        raise RuntimeError("no")

    cache = ModelCache(100, lambda: None)
    cache.get("a", lambda: Loaded(1, 10, bad_close))
    cache.get("b", lambda: _load(20, closed))
    assert cache.free_all() == 30
    assert closed == [20]


TWO_CARDS = DeviceFacts(("RTX 4090", "RTX 3060"), (24 * GIB, 12 * GIB), True, False, 64 * GIB, 16)


@pytest.mark.parametrize(
    ("facts", "wanted", "device", "dtype"),
    [
        (TWO_CARDS, "auto", "cuda:0", "bfloat16"),
        (TWO_CARDS, "cuda:1", "cuda:1", "bfloat16"),
        (TWO_CARDS, "cpu", "cpu", "float32"),
        (DeviceFacts(("GTX 1080",), (8 * GIB,), False, False, GIB, 4), "cuda", "cuda:0", "float16"),
        (DeviceFacts(mps=True, ram_bytes=16 * GIB, cores=8), "auto", "mps", "float16"),
        (DeviceFacts(ram_bytes=GIB, cores=2), "auto", "cpu", "float32"),
    ],
)
def test_choose_device_takes_the_best_there_is(
    facts: DeviceFacts, wanted: str, device: str, dtype: str
) -> None:
    choice = choose_device(facts, wanted)
    assert (choice.device, choice.dtype) == (device, dtype)


def test_choose_device_of_one_core_says_so_in_the_singular() -> None:
    assert choose_device(DeviceFacts(ram_bytes=GIB, cores=1), "auto").title == "CPU, 1 core"


def test_choose_device_that_is_not_there_says_what_is() -> None:
    with pytest.raises(StudioError, match="auto, cpu"):
        choose_device(DeviceFacts(ram_bytes=GIB, cores=2), "cuda")


def test_cache_budget_leaves_room_where_memory_is_shared() -> None:
    assert cache_budget(choose_device(TWO_CARDS)) == int(24 * GIB * 0.8)
    assert cache_budget(choose_device(TWO_CARDS, "cpu")) == 32 * GIB


def test_limit_threads_leaves_a_core_to_the_window() -> None:
    assert [limit_threads(1), limit_threads(2), limit_threads(16), limit_threads(16, 3)] == [
        1,
        1,
        15,
        3,
    ]


def test_is_out_of_memory_knows_the_ways_libraries_say_it() -> None:
    assert is_out_of_memory(MemoryError())
    assert is_out_of_memory(RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"))
    assert is_out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory: 3 GB"))
    assert not is_out_of_memory(RuntimeError("shape mismatch"))


def test_shrunk_is_at_most_the_side() -> None:
    assert shrunk(np.zeros((1000, 300, 4), np.uint8)).shape == (250, 75, 4)
    assert shrunk(np.zeros((256, 3, 4), np.uint8)).shape == (256, 3, 4)
