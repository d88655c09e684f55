"""Grace: told once, in time, and only of jobs that are still there."""

from __future__ import annotations

import queue
import threading

from studio.jobs.grace import Grace

TIMEOUT_S = 10.0


def test_job_that_does_not_end_is_told_once() -> None:
    told: queue.SimpleQueue[str] = queue.SimpleQueue()
    grace = Grace(0.01, told.put)
    grace.begin("a")
    assert told.get(timeout=TIMEOUT_S) == "a"
    grace.begin("b")
    assert told.get(timeout=TIMEOUT_S) == "b"
    grace.stop()
    assert told.empty()


def test_job_that_ends_in_time_is_not_told() -> None:
    told: queue.SimpleQueue[str] = queue.SimpleQueue()
    grace = Grace(0.05, told.put)
    grace.begin("obeys")
    grace.end("obeys")
    grace.begin("hangs")
    assert told.get(timeout=TIMEOUT_S) == "hangs"
    grace.stop()
    assert told.empty()


def test_begin_again_does_not_prolong() -> None:
    grace = Grace(60.0, lambda job_id: None)
    grace.begin("a")
    first = dict(grace._deadlines)
    grace.begin("a")
    assert grace._deadlines == first
    grace.stop()


def test_stop_leaves_no_thread_and_tells_nothing_more() -> None:
    before = threading.active_count()
    told: list[str] = []
    grace = Grace(60.0, told.append)
    grace.begin("a")
    grace.stop()
    grace.stop()
    grace.begin("b")
    assert threading.active_count() == before
    assert told == []
