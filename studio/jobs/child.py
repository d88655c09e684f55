"""The engine in a process of its own, watched: the window's default host.

One thread here ("folio-engine-link") starts the process, reads what it says, notices when it dies
and starts it anew. What to do about a death, a job that doesn't obey, and an engine that dies again
and again is decided here.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from dataclasses import dataclass, replace

from studio.api.inputs import Inputs
from studio.jobs import child_main
from studio.jobs.engine_process import EngineProcess, describe_exit
from studio.jobs.events import ENGINE_DIED, EngineStatus, ErrorText, StateChanged
from studio.jobs.failure import words_of
from studio.jobs.grace import Grace
from studio.jobs.host import Bootstrap, EngineOptions
from studio.jobs.mailbox import Mailbox, Message
from studio.jobs.spec import JobSpec, JobState

log = logging.getLogger(__name__)

_DEATHS_ALLOWED = 3
_DEATHS_WINDOW_S = 60.0
_RUN_AGAIN = "Nothing in the document is lost; run it again, perhaps with a smaller size or model."
_START_AGAIN = "Restart the engine, then run the job again."
_GAVE_UP = "The engine stopped again and again, so it was not started anymore."


@dataclass
class _Current:
    """The one job the queue gave us.

    `handed` to a process that is ready for it; `begun` once that process spoke of it. A job that
    hadn't begun when its process died is simply handed to the next one.
    """

    request: child_main.Submit
    handed: bool = False
    begun: bool = False
    cancelled: bool = False
    finishing: bool = False

    @property
    def job_id(self) -> str:
        return self.request.spec.job_id


class ChildHost:
    """See EngineHost. All methods from any thread; none waits for the process but `stop`."""

    def __init__(self, bootstrap: Bootstrap, options: EngineOptions) -> None:
        self._bootstrap = bootstrap
        self._options = options
        self._lock = threading.RLock()
        self._deliver: Mailbox | None = None
        self._link: threading.Thread | None = None
        self._engine: EngineProcess | None = None
        self._ready = False
        self._current: _Current | None = None
        self._stopping = threading.Event()
        self._wanted = threading.Event()
        self._restart_asked = False
        self._start_error: ErrorText | None = None
        self._deaths: deque[float] = deque()
        self._status = EngineStatus("off")
        self._grace = Grace(options.cancel_grace_s, self._on_overdue)

    @property
    def status(self) -> EngineStatus:
        return self._status

    @property
    def pid(self) -> int | None:
        """The process's id while it lives."""
        engine = self._engine
        return engine.pid if engine is not None else None

    def start(self, deliver: Mailbox) -> None:
        with self._lock:
            if self._link is not None or self._stopping.is_set():
                return
            self._deliver = deliver
            self._wanted.set()
            self._link = threading.Thread(
                target=self._run_link, name="folio-engine-link", daemon=True
            )
            self._link.start()

    def submit(self, spec: JobSpec, inputs: Inputs) -> None:
        with self._lock:
            self._current = _Current(child_main.Submit(spec, inputs))
            if self._status.state == "broken":
                self._fail_current(self._status.message or _GAVE_UP, _START_AGAIN)
            else:
                self._hand_over()

    def cancel(self, job_id: str) -> None:
        with self._lock:
            current = self._current
            if current is None or current.job_id != job_id:
                return
            if current.handed and self._engine is not None:
                current.cancelled = True
                self._engine.send(child_main.Cancel(job_id))
                self._grace.begin(job_id)
            else:
                self._cancel_current()

    def finish_early(self, job_id: str) -> None:
        with self._lock:
            current = self._current
            if current is None or current.job_id != job_id:
                return
            current.finishing = True
            if current.handed and self._engine is not None:
                self._engine.send(child_main.FinishEarly(job_id))

    def free_models(self) -> None:
        with self._lock:
            if self._engine is not None:
                self._engine.send(child_main.FreeModels())

    def restart(self) -> None:
        with self._lock:
            self._deaths.clear()
            self._restart_asked = True
            if self._engine is not None:
                self._engine.kill()
            self._wanted.set()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Ask the process to end, then make it; join the link. Idempotent."""
        self._stopping.set()
        self._wanted.set()
        with self._lock:
            link = self._link
            if self._engine is not None:
                self._engine.send(child_main.Stop())
        self._grace.stop()
        if link is None or link is threading.current_thread():
            return
        link.join(timeout_s)
        if link.is_alive():
            log.warning("the engine did not end within %.1f s and was killed", timeout_s)
            with self._lock:
                if self._engine is not None:
                    self._engine.kill()
            link.join(timeout_s)

    # The link's thread.

    def _run_link(self) -> None:
        while True:
            self._wanted.wait()
            if self._stopping.is_set():
                break
            self._live_once()
        with self._lock:
            self._cancel_current()
        self._set_status("off")

    def _live_once(self) -> None:
        """One process from its start to its burial."""
        with self._lock:
            self._restart_asked = False
            self._start_error = None
        try:
            engine = EngineProcess(self._bootstrap, self._options)
        except Exception as problem:  # border to the system: why it can't start must be said
            log.exception("the engine's process could not be started")
            with self._lock:
                self._give_up(f"The engine could not be started: {words_of(problem)}")
            return
        with self._lock:
            self._engine = engine
            if self._stopping.is_set():
                engine.kill()
        self._set_status("starting")
        try:
            engine.listen(self._on_message)
        except Exception:  # border: a message that can't be read must not end the link
            log.exception("the engine said something that can't be read, so it is restarted")
            engine.kill()
        code = engine.bury()
        with self._lock:
            self._engine = None
            self._ready = False
            if not self._stopping.is_set():
                self._settle(describe_exit(code))

    def _on_message(self, message: object) -> None:
        if isinstance(message, EngineStatus):
            self._status = replace(message, pid=self.pid)
            self._post(self._status)
        elif isinstance(message, child_main.Ready):
            with self._lock:
                self._ready = True
                self._hand_over()
        elif isinstance(message, child_main.StartFailed):
            self._start_error = message.error
        elif isinstance(message, Message):
            self._note(message)
            self._post(message)

    def _note(self, message: Message) -> None:
        """What a job's event means for what we know of the job at the engine."""
        with self._lock:
            current = self._current
            if current is None or isinstance(message, EngineStatus):
                return
            if message.job_id != current.job_id:
                return
            current.begun = True
            if isinstance(message, StateChanged) and message.state.final:
                self._forget_current()
                if message.state is JobState.DONE:
                    self._deaths.clear()

    def _on_overdue(self, job_id: str) -> None:
        """The grace's thread: a cancelled job still runs."""
        with self._lock:
            current = self._current
            if current is None or current.job_id != job_id or self._engine is None:
                return
            log.warning("a cancelled job did not obey within its grace; the engine is restarted")
            self._engine.kill()

    # All below with the lock held.

    def _settle(self, what: str) -> None:
        """The process is gone: settle its job, decide whether to start another."""
        current = self._current
        disobeyed = current is not None and current.cancelled
        if self._start_error is not None:
            self._give_up(self._start_error.what)
            return
        if self._restart_asked:
            what = "The engine was restarted."
        elif disobeyed:
            what = "A job did not stop when asked, so the engine was restarted."
        else:
            self._deaths.append(time.monotonic())
            while self._deaths[0] < time.monotonic() - _DEATHS_WINDOW_S:
                self._deaths.popleft()
        if disobeyed:
            self._cancel_current()
        elif current is not None and current.begun:
            self._fail_current(what, _RUN_AGAIN)
        elif current is not None:
            current.handed = False
        if len(self._deaths) >= _DEATHS_ALLOWED:
            self._give_up(what)
        else:
            self._set_status("restarting", what)

    def _give_up(self, what: str) -> None:
        """Start no other process until someone asks for it."""
        if not self._restart_asked:
            self._wanted.clear()
        self._set_status("broken", what)
        self._fail_current(what, _START_AGAIN)

    def _hand_over(self) -> None:
        current = self._current
        if current is None or current.handed or not self._ready or self._engine is None:
            return
        current.handed = True
        self._engine.send(current.request)
        if current.finishing:
            self._engine.send(child_main.FinishEarly(current.job_id))

    def _fail_current(self, what: str, remedy: str) -> None:
        current = self._forget_current()
        if current is not None:
            error = ErrorText(what, remedy=remedy, kind=ENGINE_DIED)
            self._post(StateChanged(current.job_id, JobState.FAILED, error))

    def _cancel_current(self) -> None:
        current = self._forget_current()
        if current is not None:
            self._post(StateChanged(current.job_id, JobState.CANCELLED))

    def _forget_current(self) -> _Current | None:
        current, self._current = self._current, None
        if current is not None:
            self._grace.end(current.job_id)
        return current

    def _set_status(self, state: str, message: str = "") -> None:
        self._status = EngineStatus(state, message=message, pid=self.pid)
        self._post(self._status)

    def _post(self, message: Message) -> None:
        if self._deliver is not None:
            self._deliver.post(message)
