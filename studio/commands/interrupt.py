"""Ctrl-C while a job runs: the first cancels it, the second insists. Main thread."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from types import FrameType

from studio.commands import CANCELLED
from studio.jobs.handle import JobHandle


@contextlib.contextmanager
def ctrl_c_cancels(handle: JobHandle) -> Iterator[None]:
    loop = asyncio.get_running_loop()

    def on_interrupt() -> None:
        if handle.cancelling:
            os._exit(CANCELLED)  # the engine doesn't obey; no file is half-written, ever
        print("\nCancelling … (Ctrl-C again ends it at once)", file=sys.stderr, flush=True)
        handle.cancel()

    def on_signal(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(on_interrupt)

    previous = signal.signal(signal.SIGINT, on_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
