"""Work on the I/O threads: results and every kind of error come back to who waits."""

from __future__ import annotations

import asyncio
import threading

import pytest

from studio.io.executor import IoExecutor
from tests.support.io_use import use_executor

TIMEOUT_S = 10.0


def test_results_and_errors_reach_a_plain_loop() -> None:
    executor = IoExecutor()
    asyncio.run(use_executor(executor))
    executor.stop()


def test_threads_are_named_few_and_not_the_loops_own() -> None:
    async def main(executor: IoExecutor) -> set[str]:
        both = threading.Barrier(2, timeout=TIMEOUT_S)

        def name() -> str:
            both.wait()
            return threading.current_thread().name

        return set(await asyncio.gather(*(executor.run(name) for _ in range(6))))

    executor = IoExecutor(threads=2)
    names = asyncio.run(main(executor))
    executor.stop()
    assert len(names) == 2
    assert all(name.startswith("folio-io") for name in names)


def test_stop_finishes_what_was_begun_and_leaves_no_thread() -> None:
    begun, go_on, done = threading.Event(), threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        go_on.wait(TIMEOUT_S)
        done.set()

    async def main(executor: IoExecutor) -> None:
        waiting = asyncio.ensure_future(executor.run(slow))
        while not begun.is_set():
            await asyncio.sleep(0)
        threading.Timer(0.01, go_on.set).start()
        executor.stop()
        assert done.is_set()
        await waiting

    executor = IoExecutor()
    asyncio.run(main(executor))
    executor.stop()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("folio-io")]


def test_cancelled_wait_does_not_disturb_the_next() -> None:
    async def main(executor: IoExecutor) -> int:
        go_on = threading.Event()
        waiting = asyncio.ensure_future(executor.run(go_on.wait, TIMEOUT_S))
        await asyncio.sleep(0)
        waiting.cancel()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        return await executor.run(sum, [1, 2])

    executor = IoExecutor(threads=1)
    assert asyncio.run(main(executor)) == 3
    executor.stop()
