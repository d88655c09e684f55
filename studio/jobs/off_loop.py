"""A blocking call beside an asyncio loop, on a thread of its own that is joined before it returns.

Not asyncio's own executor: under Qt that one starts ten threads.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

R = TypeVar("R")


async def off_loop(call: Callable[[], R], name: str) -> R:
    """What the call returns or raises. A wait that is cancelled doesn't stop the call."""
    outcome: Future[R] = Future()
    outcome.set_running_or_notify_cancel()  # so that a cancelled wait leaves it alone

    def run() -> None:
        try:
            outcome.set_result(call())
        except Exception as problem:  # noqa: BLE001 - border to the thread: handed to the one who waits
            outcome.set_exception(problem)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    try:
        return await asyncio.wrap_future(outcome)
    finally:
        if outcome.done():
            thread.join()  # its last line has run
