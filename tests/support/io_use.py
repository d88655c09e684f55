"""What every event loop must bring back from the I/O threads: results, and every kind of error."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from studio.api import Cancelled, StorageError
from studio.io.executor import IoExecutor

TIMEOUT_S = 10.0


def _fail(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


async def use_executor(executor: IoExecutor) -> None:
    assert await executor.run(sum, [1, 2]) == 3
    assert await executor.run(sorted, [1, 2], reverse=True) == [2, 1]
    for error in (ZeroDivisionError("a"), StorageError("full"), Cancelled(), SystemExit(3)):
        with pytest.raises(type(error)) as caught:
            await executor.run(_fail(error))
        assert caught.value is error
    with pytest.raises(RuntimeError, match="StopIteration"):
        await asyncio.wait_for(executor.run(_fail(StopIteration())), TIMEOUT_S)
