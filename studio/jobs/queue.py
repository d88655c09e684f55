"""The queue: what waits, what runs, what ended. Lives on one asyncio loop; all on its thread.

The queue hands one job at a time to the engine's host, so an engine that dies takes one job with it
and no more. Results go to the history before anyone hears of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable

from studio.api.inputs import Given, Inputs
from studio.api.outputs import FileOutput, ImageOutput, LatentOutput
from studio.core.signal import Signal
from studio.jobs.events import (
    ENGINE_DIED,
    EngineStatus,
    ErrorText,
    JobEvent,
    ResultReady,
    StateChanged,
)
from studio.jobs.failure import error_text
from studio.jobs.guarded import emit_guarded, report
from studio.jobs.handle import JobHandle
from studio.jobs.host import EngineHost
from studio.jobs.mailbox import Mailbox
from studio.jobs.off_loop import off_loop
from studio.jobs.pending import PendingJobs
from studio.jobs.spec import JobSpec, JobState

log = logging.getLogger(__name__)

StoreResult = Callable[[JobSpec, ResultReady], Awaitable[str]]
ReadInput = Callable[[str], Given]

_FINISHED_KEPT = 100
_FINISHED_KEPT_BYTES = 64 << 20


class JobQueue:
    """Priorities, replace-latest, cancel, and the memory of what was pending at a crash.

    Args:
        host: Where the engine runs.
        pending: Keeps specs over a crash; None keeps nothing.
        store_result: Puts a result into the history and returns its id; awaited before the
            result and the final state are told.
        read_input: The picture or latent of an input's blob id; called on a thread of its own.
    """

    def __init__(
        self,
        host: EngineHost,
        *,
        pending: PendingJobs | None = None,
        store_result: StoreResult | None = None,
        read_input: ReadInput | None = None,
    ) -> None:
        self._host = host
        self._pending = pending
        self._store_result = store_result
        self._read_input = read_input
        self._waiting: list[JobHandle] = []
        self._running: JobHandle | None = None
        self._reading: dict[str, asyncio.Task[None]] = {}
        self._finished: deque[JobHandle] = deque(maxlen=_FINISHED_KEPT)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._mailbox = Mailbox(self._wake_from_any_thread)
        self._status = EngineStatus("off")
        self._started = False
        self._stopped = False
        self._inbox: asyncio.Queue[JobEvent] | None = None
        self._pump: asyncio.Task[None] | None = None
        self._left_over: list[JobSpec] = pending.all() if pending is not None else []
        self.changed = Signal[[]]()
        self.engine_changed = Signal[[EngineStatus]]()
        self.job_interrupted = Signal[[JobSpec]]()
        self.store_failed = Signal[[ErrorText]]()

    @property
    def jobs(self) -> tuple[JobHandle, ...]:
        """The running one, those that wait in their order, then the ended ones, newest first."""
        running = (self._running,) if self._running is not None else ()
        return (*running, *self._waiting, *reversed(self._finished))

    @property
    def status(self) -> EngineStatus:
        return self._status

    async def start(self) -> None:
        """Bind to the running loop. The engine starts with `start_engine` or the first job."""
        self._loop = asyncio.get_running_loop()
        self._inbox = asyncio.Queue()
        self._pump = self._loop.create_task(self._deliver_in_order(), name="folio-queue")

    def start_engine(self) -> None:
        if not self._started and not self._stopped:
            self._started = True
            self._host.start(self._mailbox)

    def restart_engine(self) -> None:
        if self._started:
            self._host.restart()
        else:
            self.start_engine()

    def free_models(self) -> None:
        if self._started:
            self._host.free_models()

    def submit(self, spec: JobSpec) -> JobHandle:
        """Queue one job.

        Raises:
            RuntimeError: the queue isn't started, or already stopped.
        """
        if self._loop is None or self._stopped:
            raise RuntimeError("the queue does not run")
        if spec.live_key:
            self._replace(spec)
        handle = JobHandle(spec, cancel=self._cancel, finish_early=self._finish_early)
        self._remember(spec)
        self._waiting.append(handle)
        self._waiting.sort(key=lambda waiting: waiting.spec.priority)
        emit_guarded(self.changed)
        self._dispatch()
        return handle

    def left_over(self) -> list[JobSpec]:
        """Jobs that were pending when the last run ended without saying goodbye."""
        return list(self._left_over)

    def forget(self, job_id: str) -> None:
        self._left_over = [spec for spec in self._left_over if spec.job_id != job_id]
        self._unremember(job_id)

    async def stop(self) -> None:
        """Cancel everything, end the engine, store what has arrived. Idempotent."""
        if self._stopped:
            return
        self._stopped = True
        for handle in (*self._waiting, *((self._running,) if self._running else ())):
            handle.cancel()
        await asyncio.gather(*self._reading.values(), return_exceptions=True)
        if self._started:
            # Off the loop, so that a window stays alive while the engine ends.
            await off_loop(self._host.stop, "folio-engine-stop")
            self._drain()
        if self._inbox is not None and self._pump is not None:
            await self._inbox.join()
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        if self._running is not None:
            self._end(self._running, StateChanged(self._running.job_id, JobState.CANCELLED))
        if self._pending is not None:
            self._pending.close()

    def _replace(self, spec: JobSpec) -> None:
        """Cancel what the new job makes pointless. A live picture that is being drawn is finished
        first, or a slider pulled faster than pictures come would show none."""
        for handle in tuple(self._waiting):
            if handle.spec.live_key == spec.live_key:
                handle.cancel()
        running = self._running
        if running is None or running.spec.live_key != spec.live_key:
            return
        if not (running.spec.ephemeral and spec.ephemeral):
            running.cancel()

    def _cancel(self, handle: JobHandle) -> None:
        if handle in self._waiting:
            self._waiting.remove(handle)
            self._end(handle, StateChanged(handle.job_id, JobState.CANCELLED))
        elif handle.job_id in self._reading:
            self._end(handle, StateChanged(handle.job_id, JobState.CANCELLED))
        elif handle is self._running:
            self._host.cancel(handle.job_id)
            emit_guarded(self.changed)

    def _finish_early(self, handle: JobHandle) -> None:
        if handle is self._running and handle.job_id not in self._reading:
            self._host.finish_early(handle.job_id)
        else:
            handle.cancel()

    def _dispatch(self) -> None:
        """Give the engine the next job, once its inputs are read."""
        if self._running is not None or not self._waiting or self._stopped or self._loop is None:
            return
        handle = self._running = self._waiting.pop(0)
        if self._read_input is None or not handle.spec.inputs:
            self._hand_over(handle, Inputs())
            return
        reading = self._loop.create_task(self._read_and_hand_over(handle, self._read_input))
        self._reading[handle.job_id] = reading

    async def _read_and_hand_over(self, handle: JobHandle, read_input: ReadInput) -> None:
        def read() -> Inputs:
            given = handle.spec.inputs
            return Inputs.of({name: [read_input(blob) for blob in given[name]] for name in given})

        try:
            inputs = await off_loop(read, "folio-inputs")
        except Exception as problem:  # noqa: BLE001 - border to the history: the job fails with its reason
            if not handle.state.final:
                self._end(handle, StateChanged(handle.job_id, JobState.FAILED, error_text(problem)))
            return
        finally:
            del self._reading[handle.job_id]
        if not handle.state.final and not self._stopped:
            self._hand_over(handle, inputs)

    def _hand_over(self, handle: JobHandle, inputs: Inputs) -> None:
        self.start_engine()
        self._host.submit(handle.spec, inputs)
        emit_guarded(self.changed)

    def _wake_from_any_thread(self) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop closed while the engine still spoke
                self._loop.call_soon_threadsafe(self._drain)

    def _drain(self) -> None:
        for message in self._mailbox.drain():
            if isinstance(message, EngineStatus):
                self._status = message
                emit_guarded(self.engine_changed, message)
            elif self._inbox is not None:
                self._inbox.put_nowait(message)

    async def _deliver_in_order(self) -> None:
        """Feed events to their handles; a result waits here until the history has it."""
        assert self._inbox is not None
        while True:
            event = await self._inbox.get()
            try:
                await self._deliver(event)
            except Exception as problem:  # noqa: BLE001 - border: whatever one event does, the next is delivered
                report(problem)
            finally:
                self._inbox.task_done()

    async def _deliver(self, event: JobEvent) -> None:
        handle = self._running
        if handle is None or handle.job_id != event.job_id:
            # A late word of a job that ended; nobody else knows of its film's file.
            if isinstance(event, ResultReady):
                _drop_file(event)
            return
        if isinstance(event, ResultReady) and handle.spec.ephemeral:
            _drop_file(event)
        elif isinstance(event, ResultReady) and self._store_result is not None:
            event = await self._stored(handle, event)
            if handle.state.final:
                return
        if isinstance(event, StateChanged) and event.state.final:
            self._end(handle, event)
        else:
            handle.feed(event)
            emit_guarded(self.changed)

    async def _stored(self, handle: JobHandle, event: ResultReady) -> ResultReady:
        assert self._store_result is not None
        try:
            result_id = await self._store_result(handle.spec, event)
        except Exception as problem:  # noqa: BLE001 - border to the history
            # The result still reaches the document; that the history lacks it is said.
            log.warning("a result could not be stored: %s", type(problem).__name__)
            emit_guarded(self.store_failed, error_text(problem))
            return event
        _drop_file(event)  # the history has a copy
        return ResultReady(event.job_id, event.output, event.record, result_id)

    def _end(self, handle: JobHandle, event: StateChanged) -> None:
        if handle is self._running:
            self._running = None
        self._unremember(handle.job_id)
        if not handle.spec.ephemeral:  # or one pull at a slider would drive all others out
            self._finished.append(handle)
            self._forget_oldest()
        unwanted = handle.cancelling
        handle.feed(event)
        if event.error is not None and event.error.kind == ENGINE_DIED and not unwanted:
            emit_guarded(self.job_interrupted, handle.spec)
        emit_guarded(self.changed)
        self._dispatch()

    def _forget_oldest(self) -> None:
        """Finished jobs hold their pictures, which the history has too: only so many bytes."""
        held = 0
        for kept, handle in enumerate(reversed(self._finished)):
            held += sum(_size_of(result) for result in handle.results)
            if held > _FINISHED_KEPT_BYTES and kept > 0:
                while len(self._finished) > kept:
                    self._finished.popleft()
                return

    def _remember(self, spec: JobSpec) -> None:
        if not spec.ephemeral:
            self._with_pending(lambda pending: pending.put(spec))

    def _unremember(self, job_id: str) -> None:
        self._with_pending(lambda pending: pending.remove(job_id))

    def _with_pending(self, action: Callable[[PendingJobs], None]) -> None:
        """A full disk must not keep a job from running; it only won't be offered after a crash."""
        if self._pending is None:
            return
        try:
            action(self._pending)
        except sqlite3.Error as problem:
            log.warning("pending jobs can't be kept: %s", problem)


def _drop_file(event: ResultReady) -> None:
    if isinstance(event.output, FileOutput):
        with contextlib.suppress(OSError):
            event.output.path.unlink()


def _size_of(result: ResultReady) -> int:
    output = result.output
    return output.pixels.nbytes if isinstance(output, ImageOutput | LatentOutput) else 0
