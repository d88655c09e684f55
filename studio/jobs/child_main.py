"""What runs in the engine's own process: the GpuThread, and this reader of requests.

The process never outlives its parent: the kernel is asked for a signal where it can send one, and
the end of the pipe ends the process everywhere.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import os
import signal
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from studio.api.inputs import Inputs
from studio.io.native_log import LOG_LIMIT_BYTES, open_native_log
from studio.jobs.events import ErrorText
from studio.jobs.failure import error_text
from studio.jobs.gpu_thread import GpuThread
from studio.jobs.host import Bootstrap, EngineOptions
from studio.jobs.mailbox import Message
from studio.jobs.spec import JobSpec
from studio.jobs.transport import Channel

_PR_SET_PDEATHSIG = 1
_STATUS_INTERVAL_S = 2.0
_ENGINE_LOST = 70
_STOP_S = 2.0


@dataclass(frozen=True)
class Submit:
    spec: JobSpec
    inputs: Inputs


@dataclass(frozen=True)
class Cancel:
    job_id: str


@dataclass(frozen=True)
class FinishEarly:
    job_id: str


@dataclass(frozen=True)
class FreeModels:
    pass


@dataclass(frozen=True)
class Stop:
    pass


@dataclass(frozen=True)
class Ready:
    """The generators are up and requests are read."""


@dataclass(frozen=True)
class StartFailed:
    """The generators could not be brought up."""

    error: ErrorText


def main(
    connection: Connection[Any, Any], name: str, bootstrap: Bootstrap, options: EngineOptions
) -> None:
    """The process's whole life. Main thread of the child."""
    _die_with_parent(options.parent_pid)
    # Ctrl-C in a terminal reaches the whole group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _redirect_output(options.paths.logs)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    channel = Channel(connection, name, "c")

    def emit(message: Message) -> None:
        try:
            channel.send(message)
        except OSError:
            os._exit(1)  # nobody listens any more

    try:
        generators = bootstrap(options)
    except BaseException as problem:  # noqa: BLE001 - border: the parent must hear why
        channel.send(StartFailed(error_text(problem)))
        return
    engine = GpuThread(generators, options, emit)
    try:
        channel.send(Ready())
        engine.start()
        _serve(channel, engine, options.paths.logs)
    except (EOFError, OSError):
        os._exit(1)
    if not engine.stop(timeout_s=_STOP_S):
        os._exit(0)


def _serve(channel: Channel, engine: GpuThread, logs: Path) -> None:
    while True:
        while not channel.poll(_STATUS_INTERVAL_S):
            _keep_log_small(logs)
            if not engine.alive:
                os._exit(_ENGINE_LOST)
            if engine.status.state == "busy":
                engine.refresh()
        match channel.receive():
            case Submit(spec, inputs):
                engine.submit(spec, inputs)
            case Cancel(job_id):
                engine.cancel(job_id)
            case FinishEarly(job_id):
                engine.finish_early(job_id)
            case FreeModels():
                engine.free_models()
            case _:
                return


def _die_with_parent(parent_pid: int | None) -> None:
    if not sys.platform.startswith("linux"):
        return
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent_pid is not None and os.getppid() != parent_pid:
        os._exit(1)  # it died before the kernel knew


def _open_log(logs: Path) -> None:
    descriptor = open_native_log(logs)
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    os.close(descriptor)


def _keep_log_small(logs: Path) -> None:
    """A chatty library in an engine that runs for days: begin the log anew when it is long."""
    if os.fstat(2).st_size > LOG_LIMIT_BYTES:
        _open_log(logs)


def _redirect_output(logs: Path) -> None:
    """Native libraries print where they like: into a file, never into a pipe that fills."""
    _open_log(logs)
    sys.stdout = sys.stderr = os.fdopen(
        2, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False
    )
    faulthandler.enable(file=sys.stderr)
