"""Runs that follow a hand: while one is on its way only the newest wish waits behind it. GUI thread.

A wish does not cancel the run before it: a hand that never rests would then never see a picture. The
queue's own replacement (`live_key`) still holds between two panels that share a key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.jobs.events import ErrorText, ResultReady
from studio.jobs.handle import JobHandle

Start = Callable[[Coroutine[Any, Any, Any]], object]


@dataclass(frozen=True)
class Wish:
    """What to run now. A stored one goes into the history; others are only shown.

    Args:
        about: Whose wish it is, such as a tile's key; comes back with the result.
    """

    generator_id: str
    values: Mapping[str, Any]
    inputs: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""
    stored: bool = False


class LiveRuns:
    """Args:
    submit: Freezes and queues a wish; None when it can't be (it said why).
    shown: Told of each result, live or stored.
    failed: Told once per failing series of wishes.
    """

    def __init__(
        self,
        start: Start,
        submit: Callable[[Wish], Awaitable[JobHandle | None]],
        shown: Callable[[Wish, ResultReady], object],
        failed: Callable[[Wish, ErrorText], object],
    ) -> None:
        self._start = start
        self._submit = submit
        self._shown = shown
        self._failed = failed
        self._next: Wish | None = None
        self._busy = False
        self._broken = False
        self.handle: JobHandle | None = None

    @property
    def busy(self) -> bool:
        """Whether a wish is on its way or waits."""
        return self._busy

    def want(self, wish: Wish) -> None:
        """As soon as can be; a wish that still waits gives way, but for a stored one of another's."""
        kept = self._next
        if kept is not None and kept.stored and kept.about != wish.about:
            self._start(self._run_aside(kept))
        self._next = wish
        if not self._busy:
            self._busy = True
            self._start(self._run())

    def drop(self) -> None:
        """Nothing more: what waits is forgotten, what runs is cancelled."""
        self._next = None
        if self.handle is not None:
            self.handle.cancel()

    async def _run(self) -> None:
        try:
            while self._next is not None:
                wish, self._next = self._next, None
                await self._run_one(wish)
        finally:
            self._busy = False

    async def _run_aside(self, wish: Wish) -> None:
        await self._run_one(wish)

    async def _run_one(self, wish: Wish) -> None:
        handle = await self._submit(wish)
        if handle is None:
            return
        self.handle = handle
        try:
            async for event in handle:
                if isinstance(event, ResultReady):
                    self._shown(wish, event)
                    self._broken = False
        except asyncio.CancelledError:
            handle.cancel()
            raise
        finally:
            if self.handle is handle:
                self.handle = None
        if handle.error is not None and (wish.stored or not self._broken):
            self._broken = True
            self._failed(wish, handle.error)
