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
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from studio.api.outputs import Pixels
from studio.io.native_log import open_native_log
from studio.jobs.events import ErrorText
from studio.jobs.gpu_thread import GpuThread, Message, error_text
from studio.jobs.host import Bootstrap, EngineOptions
from studio.jobs.spec import JobSpec
from studio.jobs.transport import Channel

_PR_SET_PDEATHSIG = 1
_STATUS_INTERVAL_S = 2.0


@dataclass(frozen=True)
class Submit:
    spec: JobSpec
    inputs: Mapping[str, Pixels]


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
class StartFailed:
    """The generators could not be brought up."""

    error: ErrorText


def main(connection: Connection[Any, Any], bootstrap: Bootstrap, options: EngineOptions) -> None:
    """The process's whole life. Main thread of the child."""
    _die_with_parent(options.parent_pid)
    # Ctrl-C in a terminal reaches the whole group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _redirect_output(options.paths.logs)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    channel = Channel(connection)

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
    engine.start()
    try:
        _serve(channel, engine)
    except (EOFError, OSError):
        os._exit(1)
    if not engine.stop(timeout_s=3.0):
        os._exit(0)


def _serve(channel: Channel, engine: GpuThread) -> None:
    while True:
        while not channel.poll(_STATUS_INTERVAL_S):
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


def _redirect_output(logs: Path) -> None:
    """Native libraries print where they like: into a file, never into a pipe that fills."""
    descriptor = open_native_log(logs)
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    os.close(descriptor)
    sys.stdout = sys.stderr = os.fdopen(
        2, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False
    )
    faulthandler.enable(file=sys.stderr)
