"""The engine in the caller's own process: for the command line and for tests."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace

from studio.api.inputs import Inputs
from studio.jobs.events import EngineStatus, ErrorText, StateChanged
from studio.jobs.failure import error_text
from studio.jobs.gpu_thread import GpuThread
from studio.jobs.grace import Grace
from studio.jobs.host import Bootstrap, EngineOptions
from studio.jobs.mailbox import Mailbox, Message
from studio.jobs.spec import JobSpec, JobState

log = logging.getLogger(__name__)

_NOT_OBEYING = (
    "The job was told to stop but hasn't yet. It can't be ended by force here, because the engine "
    "has no process of its own; close the program if it takes too long."
)


class InProcessHost:
    """One GpuThread beside the caller. A job that never yields can't be stopped here: only told."""

    def __init__(self, bootstrap: Bootstrap, options: EngineOptions) -> None:
        self._bootstrap = bootstrap
        self._options = options
        self._engine: GpuThread | None = None
        self._deliver: Mailbox | None = None
        self._start_error: ErrorText | None = None
        self._lock = threading.Lock()
        self._grace = Grace(options.cancel_grace_s, self._on_overdue)

    @property
    def status(self) -> EngineStatus:
        if self._start_error is not None:
            return EngineStatus("broken", message=self._start_error.what)
        return self._engine.status if self._engine is not None else EngineStatus("off")

    def start(self, deliver: Mailbox) -> None:
        with self._lock:
            if self._engine is None:
                self._deliver = deliver
                self._start(after=None)

    def submit(self, spec: JobSpec, inputs: Inputs) -> None:
        if self._deliver is None:
            raise RuntimeError("start the engine before submitting to it")
        if self._engine is not None:
            self._engine.submit(spec, inputs)
        else:
            failed = StateChanged(spec.job_id, JobState.FAILED, self._start_error)
            self._deliver.post(failed)

    def cancel(self, job_id: str) -> None:
        if self._engine is not None:
            self._grace.begin(job_id)
            self._engine.cancel(job_id)

    def finish_early(self, job_id: str) -> None:
        if self._engine is not None:
            self._engine.finish_early(job_id)

    def free_models(self) -> None:
        if self._engine is not None:
            self._engine.free_models()

    def restart(self) -> None:
        """Cancel all and start anew; a job that doesn't obey holds the new engine up till it ends."""
        with self._lock:
            if self._deliver is None:
                return
            engine, self._engine = self._engine, None
            if engine is not None:
                engine.ask_to_stop()
            self._start(after=engine)

    def stop(self, timeout_s: float = 5.0) -> None:
        with self._lock:
            engine, self._engine = self._engine, None
        ended = engine is None or engine.stop(timeout_s)
        self._grace.stop()
        if engine is not None and not ended:
            log.warning("the engine's thread did not end within %.1f s", timeout_s)
            self._hear(replace(engine.status, state="broken", message=_NOT_OBEYING))

    def _start(self, after: GpuThread | None) -> None:
        """With the lock held."""
        self._start_error = None
        try:
            generators = self._bootstrap(self._options)
        except Exception as problem:  # border: the person must hear why
            log.exception("the engine could not be started")
            self._start_error = error_text(problem)
            self._hear(self.status)
            return
        self._engine = GpuThread(generators, self._options, self._hear, after)
        self._engine.start()

    def _hear(self, message: Message) -> None:
        """Any thread."""
        if isinstance(message, StateChanged) and message.state.final:
            self._grace.end(message.job_id)
        if self._deliver is not None:
            self._deliver.post(message)

    def _on_overdue(self, job_id: str) -> None:
        engine = self._engine
        if engine is not None:
            self._hear(replace(engine.status, message=_NOT_OBEYING))
