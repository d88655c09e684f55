"""The engine in the caller's own process: for the command line and for tests."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import replace

from studio.api.outputs import Pixels
from studio.jobs.events import EngineStatus
from studio.jobs.gpu_thread import GpuThread
from studio.jobs.host import Bootstrap, EngineOptions
from studio.jobs.mailbox import Mailbox
from studio.jobs.spec import JobSpec

log = logging.getLogger(__name__)


class InProcessHost:
    """One GpuThread beside the caller. A job that never yields can't be stopped here: only told."""

    def __init__(self, bootstrap: Bootstrap, options: EngineOptions) -> None:
        self._bootstrap = bootstrap
        self._options = options
        self._engine: GpuThread | None = None
        self._deliver: Mailbox | None = None
        self._lock = threading.Lock()

    @property
    def status(self) -> EngineStatus:
        return self._engine.status if self._engine is not None else EngineStatus("off")

    def start(self, deliver: Mailbox) -> None:
        with self._lock:
            if self._engine is not None:
                return
            self._deliver = deliver
            self._engine = GpuThread(self._bootstrap(self._options), self._options, deliver.post)
            self._engine.start()

    def submit(self, spec: JobSpec, inputs: Mapping[str, Pixels]) -> None:
        if self._engine is None:
            raise RuntimeError("start the engine before submitting to it")
        self._engine.submit(spec, inputs)

    def cancel(self, job_id: str) -> None:
        if self._engine is not None:
            self._engine.cancel(job_id)

    def finish_early(self, job_id: str) -> None:
        if self._engine is not None:
            self._engine.finish_early(job_id)

    def free_models(self) -> None:
        if self._engine is not None:
            self._engine.free_models()

    def restart(self) -> None:
        """Stop and start anew; a job that doesn't obey keeps its thread until it ends."""
        deliver = self._deliver
        self.stop()
        if deliver is not None:
            self.start(deliver)

    def stop(self, timeout_s: float = 5.0) -> None:
        with self._lock:
            engine, self._engine = self._engine, None
        if engine is not None and not engine.stop(timeout_s):
            log.warning("the engine's thread did not end within %.1f s", timeout_s)
            if self._deliver is not None:
                self._deliver.post(replace(engine.status, state="broken"))
