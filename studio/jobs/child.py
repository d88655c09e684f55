"""The engine in a process of its own, watched: the window's default host.

One thread here ("folio-engine-link") starts the process, reads what it says, notices when it dies
or doesn't obey a cancel, and starts it anew. It must outlive the child: on Linux the child is told
to die with the thread that started it.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from multiprocessing.context import SpawnProcess

from studio.api.outputs import Pixels
from studio.jobs import child_main
from studio.jobs.events import ENGINE_DIED, EngineStatus, ErrorText, StateChanged
from studio.jobs.host import Bootstrap, EngineOptions
from studio.jobs.mailbox import Mailbox
from studio.jobs.spec import JobSpec, JobState
from studio.jobs.transport import Channel

log = logging.getLogger(__name__)

_POLL_S = 0.25
_DEATHS_ALLOWED = 3
_DEATHS_WINDOW_S = 60.0


@dataclass
class _Current:
    """The one job that is at the engine."""

    request: child_main.Submit
    sent: bool = False
    cancel_deadline: float | None = None


class ChildHost:
    """See EngineHost. All methods from any thread; none waits for the child but `stop`."""

    def __init__(self, bootstrap: Bootstrap, options: EngineOptions) -> None:
        self._bootstrap = bootstrap
        self._options = options
        self._lock = threading.RLock()
        self._deliver: Mailbox | None = None
        self._link: threading.Thread | None = None
        self._process: SpawnProcess | None = None
        self._channel: Channel | None = None
        self._current: _Current | None = None
        self._stopping = threading.Event()
        self._wanted = threading.Event()
        self._restart_asked = False
        self._deaths: deque[float] = deque()
        self._status = EngineStatus("off")

    @property
    def status(self) -> EngineStatus:
        return self._status

    @property
    def pid(self) -> int | None:
        """The child's process id while it lives."""
        process = self._process
        return process.pid if process is not None and process.is_alive() else None

    def start(self, deliver: Mailbox) -> None:
        with self._lock:
            if self._link is not None:
                return
            self._deliver = deliver
            self._wanted.set()
            self._link = threading.Thread(
                target=self._run_link, name="folio-engine-link", daemon=True
            )
            self._link.start()

    def submit(self, spec: JobSpec, inputs: Mapping[str, Pixels]) -> None:
        with self._lock:
            self._current = _Current(child_main.Submit(spec, inputs))
            if self._status.state == "broken":
                self._fail_current(
                    "The engine stopped again and again, so it was not started anymore."
                )
                return
            self._send_current()

    def cancel(self, job_id: str) -> None:
        with self._lock:
            current = self._current
            if current is None or current.request.spec.job_id != job_id:
                return
            if current.sent:
                current.cancel_deadline = time.monotonic() + self._options.cancel_grace_s
                self._send(child_main.Cancel(job_id))
            else:
                self._current = None
                self._post(StateChanged(job_id, JobState.CANCELLED))

    def finish_early(self, job_id: str) -> None:
        with self._lock:
            self._send(child_main.FinishEarly(job_id))

    def free_models(self) -> None:
        with self._lock:
            self._send(child_main.FreeModels())

    def restart(self) -> None:
        with self._lock:
            self._deaths.clear()
            self._restart_asked = True
            self._kill()
            self._wanted.set()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Ask the child to end, then make it; join the link. Idempotent."""
        self._stopping.set()
        self._wanted.set()
        with self._lock:
            self._send(child_main.Stop())
            link = self._link
        if link is None or link is threading.current_thread():
            return
        # The link alone waits for the process: of two threads that do, one is told it still lives.
        link.join(timeout_s)
        if link.is_alive():
            log.warning("the engine did not end within %.1f s and was killed", timeout_s)
            with self._lock:
                self._kill()
            link.join(timeout_s)

    # The link's thread.

    def _run_link(self) -> None:
        while not self._stopping.is_set():
            self._wanted.wait()
            if self._stopping.is_set():
                break
            self._restart_asked = False
            self._start_process()
            self._listen()
            self._bury()
        self._set_status("off")

    def _start_process(self) -> None:
        self._set_status("starting")
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        options = replace(self._options, parent_pid=os.getpid())
        process = context.Process(
            target=child_main.main,
            args=(theirs, self._bootstrap, options),
            name="folio-engine",
            daemon=True,
        )
        process.start()
        theirs.close()
        with self._lock:
            self._process, self._channel = process, Channel(ours)
            if self._stopping.is_set():
                self._kill()
                return
            self._send_current()

    def _listen(self) -> None:
        channel = self._channel
        assert channel is not None
        while True:
            try:
                if channel.poll(_POLL_S):
                    self._on_message(channel.receive())
                else:
                    self._enforce_grace()
            except (EOFError, OSError):
                return

    def _on_message(self, message: object) -> None:
        if isinstance(message, EngineStatus):
            self._status = replace(message, pid=self.pid)
            self._post(self._status)
            return
        if isinstance(message, child_main.StartFailed):
            self._deaths.extend([time.monotonic()] * _DEATHS_ALLOWED)
            self._set_status("broken", message.error.what)
            return
        if isinstance(message, StateChanged) and message.state.final:
            with self._lock:
                if self._current and self._current.request.spec.job_id == message.job_id:
                    self._current = None
            if message.state is JobState.DONE:
                self._deaths.clear()
        self._post(message)
        self._enforce_grace()

    def _enforce_grace(self) -> None:
        with self._lock:
            current = self._current
            if current is None or current.cancel_deadline is None:
                return
            if time.monotonic() >= current.cancel_deadline:
                log.warning(
                    "a cancelled job did not obey within its grace; the engine is restarted"
                )
                self._kill()

    def _bury(self) -> None:
        """The child is gone: say so, settle its job, decide whether to start another."""
        process = self._process
        assert process is not None
        process.join()
        with self._lock:
            if self._channel is not None:
                self._channel.close()
            self._process = self._channel = None
            what = describe_exit(process.exitcode)
            if self._stopping.is_set():
                self._drop_current()
                return
            disobeyed = self._current is not None and self._current.cancel_deadline is not None
            if not (disobeyed or self._restart_asked):
                self._deaths.append(time.monotonic())
            self._settle_current(what)
            while self._deaths and self._deaths[0] < time.monotonic() - _DEATHS_WINDOW_S:
                self._deaths.popleft()
            if len(self._deaths) >= _DEATHS_ALLOWED:
                self._wanted.clear()
                message = self._status.message if self._status.state == "broken" else what
                self._set_status("broken", message)
                self._fail_current(message)
            elif disobeyed:
                self._set_status(
                    "restarting", "A job did not stop when asked, so the engine was restarted."
                )
            else:
                self._set_status("restarting", "" if self._restart_asked else what)

    def _settle_current(self, what: str) -> None:
        """The job that was at the child is over; one that never reached it goes to the next child."""
        current = self._current
        if current is None or not current.sent:
            return
        if current.cancel_deadline is not None:
            self._current = None
            self._post(StateChanged(current.request.spec.job_id, JobState.CANCELLED))
        else:
            self._fail_current(what)

    def _fail_current(self, what: str) -> None:
        current, self._current = self._current, None
        if current is not None:
            remedy = "Nothing in the document is lost; run it again, perhaps with a smaller size or model."
            error = ErrorText(what, remedy=remedy, kind=ENGINE_DIED)
            self._post(StateChanged(current.request.spec.job_id, JobState.FAILED, error))

    def _drop_current(self) -> None:
        current, self._current = self._current, None
        if current is not None:
            self._post(StateChanged(current.request.spec.job_id, JobState.CANCELLED))

    def _send_current(self) -> None:
        current = self._current
        if current is not None and not current.sent and self._channel is not None:
            current.sent = self._send(current.request)

    def _send(self, message: object) -> bool:
        if self._channel is None:
            return False
        try:
            self._channel.send(message)
        except OSError:
            return False  # it died; the link notices and settles
        return True

    def _kill(self) -> None:
        process = self._process
        if process is not None:
            process.kill()

    def _set_status(self, state: str, message: str = "") -> None:
        self._status = EngineStatus(
            state, message=message, pid=self.pid if state != "off" else None
        )
        self._post(self._status)

    def _post(self, message: object) -> None:
        if self._deliver is not None:
            self._deliver.post(message)  # type: ignore[arg-type]


def describe_exit(code: int | None) -> str:
    """How a process ended, in words: its exit code, or the signal that ended it (negative)."""
    if code is None or code >= 0:
        return f"The engine ended unexpectedly (exit code {code})."
    if -code == getattr(signal, "SIGKILL", 9):
        return (
            "The engine was killed (signal 9). Systems do that when memory runs out; "
            "or someone ended the process."
        )
    names = {
        int(signal.SIGSEGV): "crashed (segmentation fault)",
        int(signal.SIGABRT): "crashed (aborted)",
        int(signal.SIGTERM): "was asked to end (signal 15)",
    }
    return f"The engine {names.get(-code, f'was ended by signal {-code}')}."
