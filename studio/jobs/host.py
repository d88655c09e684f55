"""The one small protocol behind which an engine runs, wherever it is hosted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from studio.api.inputs import Inputs
from studio.core.catalogue import RegisteredGenerator
from studio.io.paths import Paths
from studio.jobs.events import EngineStatus
from studio.jobs.mailbox import Mailbox
from studio.jobs.spec import JobSpec


@dataclass(frozen=True)
class EngineOptions:
    """How an engine is set up. Picklable.

    `cancel_grace_s` is how long a cancelled job may take to obey before the engine is killed.
    `warm_up` imports the heavy libraries as soon as the engine runs.
    """

    paths: Paths
    device: str = "auto"
    dtype: str = "auto"
    memory_budget_bytes: int | None = None
    cache_fraction: float = 0.0
    safe_mode: bool = False
    disabled_plugins: tuple[str, ...] = ()
    threads: int | None = None
    cancel_grace_s: float = 10.0
    warm_up: bool = False
    parent_pid: int | None = None


Bootstrap = Callable[[EngineOptions], Mapping[str, RegisteredGenerator]]
"""Gives the generators; a top-level function, so that a spawned process can import it."""


class EngineHost(Protocol):
    """Submit a frozen spec, receive events, cancel, stop. Any thread; calls never block for long."""

    def start(self, deliver: Mailbox) -> None: ...

    def submit(self, spec: JobSpec, inputs: Inputs) -> None: ...

    def cancel(self, job_id: str) -> None: ...

    def finish_early(self, job_id: str) -> None: ...

    def free_models(self) -> None: ...

    def restart(self) -> None: ...

    def stop(self, timeout_s: float = 5.0) -> None: ...

    @property
    def status(self) -> EngineStatus: ...
