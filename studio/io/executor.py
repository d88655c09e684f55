"""A small pool of threads for files. Never asyncio's own executor: under Qt that starts ten threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class IoExecutor:
    """`await io.run(function, …)` on one of a few threads. The threads start when first needed."""

    def __init__(self, threads: int = 2) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="folio-io")

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What the function returns or raises. Cancelling the wait doesn't stop the function."""

        def call() -> R:
            try:
                return function(*args, **kwargs)
            except StopIteration as error:  # a future can't carry it: who waits would wait for ever
                raise RuntimeError(f"{function!r} raised StopIteration") from error

        return await asyncio.wrap_future(self._pool.submit(call))

    def stop(self) -> None:
        """Finish what was begun and join. Idempotent."""
        self._pool.shutdown(wait=True, cancel_futures=False)
