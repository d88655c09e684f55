"""One job as its owner sees it: what it said so far, and an asynchronous stream of what it says.

Made and fed by the queue; event-loop thread only.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable

from studio.api.outputs import Pixels
from studio.core.signal import Signal
from studio.jobs.events import (
    ErrorText,
    JobEvent,
    Previewed,
    Progressed,
    ResultReady,
    StateChanged,
    TextStreamed,
)
from studio.jobs.guarded import emit_guarded
from studio.jobs.mailbox import put_coalesced
from studio.jobs.spec import JobSpec, JobState


class JobHandle:
    """`async for event in handle` ends after the final state; several iterators may run at once.

    A slow reader finds the newest preview and progress, and text joined: it can't fall behind.
    """

    def __init__(
        self,
        spec: JobSpec,
        *,
        cancel: Callable[[JobHandle], None],
        finish_early: Callable[[JobHandle], None],
    ) -> None:
        self.spec = spec
        self.state = JobState.QUEUED
        self.cancelling = False
        self.finishing = False
        self.error: ErrorText | None = None
        self.results: tuple[ResultReady, ...] = ()
        self.progress: Progressed | None = None
        self.preview: Pixels | None = None
        self.text = ""
        self.seconds = 0.0
        self.changed = Signal[[]]()
        self._cancel = cancel
        self._finish_early = finish_early
        self._tokens = 0
        self._first_token_at = 0.0
        self._last_token_at = 0.0
        self._streams: list[deque[JobEvent]] = []
        self._waiters: list[asyncio.Future[None]] = []

    @property
    def job_id(self) -> str:
        return self.spec.job_id

    @property
    def tokens_per_second(self) -> float:
        """Over the text streamed so far; the first piece starts the clock and isn't counted."""
        elapsed = self._last_token_at - self._first_token_at
        return self._tokens / elapsed if elapsed > 0 else 0.0

    def cancel(self) -> None:
        """Stop. `cancelling` shows at once; the final state follows within a step or a token."""
        if not self.state.final and not self.cancelling:
            self.cancelling = True
            self._cancel(self)
            emit_guarded(self.changed)

    def finish_early(self) -> None:
        """Stop soon and keep what is there."""
        if not self.state.final and not self.finishing:
            self.finishing = True
            self._finish_early(self)
            emit_guarded(self.changed)

    async def wait(self) -> JobState:
        """The final state."""
        while not self.state.final:
            await self._next_event()
        return self.state

    async def __aiter__(self) -> AsyncIterator[JobEvent]:
        stream: deque[JobEvent] = deque()
        if self.state.final:
            yield StateChanged(self.job_id, self.state, self.error, self.seconds)
            return
        self._streams.append(stream)
        try:
            while True:
                while stream:
                    event = stream.popleft()
                    yield event
                    if isinstance(event, StateChanged) and event.state.final:
                        return
                await self._next_event()
        finally:
            self._streams.remove(stream)

    def feed(self, event: JobEvent) -> None:
        """Take in one event. Called by the queue; events after the final state are dropped."""
        if self.state.final:
            return
        if isinstance(event, StateChanged):
            self.state = event.state
            if event.state.final:
                self.error, self.seconds = event.error, event.seconds
                self.cancelling = self.finishing = False
                self.preview = None
        elif self.cancelling and not isinstance(event, ResultReady):
            return
        elif isinstance(event, Progressed):
            self.progress = event
        elif isinstance(event, Previewed):
            self.preview = event.pixels
        elif isinstance(event, TextStreamed):
            self._count_tokens(event.tokens)
            self.text += event.text
        else:
            self.results += (event,)
        for stream in self._streams:
            put_coalesced(stream, event)
        self._wake()
        emit_guarded(self.changed)

    def _count_tokens(self, tokens: int) -> None:
        now = time.monotonic()
        if self._first_token_at == 0.0:
            self._first_token_at = now
        else:
            self._tokens += tokens
        self._last_token_at = now

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def _next_event(self) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        await waiter
