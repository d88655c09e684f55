"""How long a cancelled job may go on before somebody is told. One thread, made when first needed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Grace:
    """Calls `on_overdue(job_id)` once for a job that was begun and not ended in time.

    Methods from any thread; `on_overdue` runs on this object's own. Apart from the thread that
    listens to an engine, because that one may hang in the middle of a message.
    """

    def __init__(self, seconds: float, on_overdue: Callable[[str], None]) -> None:
        self._seconds = seconds
        self._on_overdue = on_overdue
        self._deadlines: dict[str, float] = {}
        self._changed = threading.Condition()
        self._stopped = False
        self._thread: threading.Thread | None = None

    def begin(self, job_id: str) -> None:
        """Start the job's grace, unless it has begun already."""
        with self._changed:
            if self._stopped:
                return
            self._deadlines.setdefault(job_id, time.monotonic() + self._seconds)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._watch, name="folio-engine-grace", daemon=True
                )
                self._thread.start()
            self._changed.notify()

    def end(self, job_id: str) -> None:
        with self._changed:
            self._deadlines.pop(job_id, None)

    def stop(self) -> None:
        """End and join. Idempotent. Not while holding a lock that `on_overdue` takes."""
        with self._changed:
            self._stopped = True
            thread = self._thread
            self._changed.notify()
        if thread is not None:
            thread.join()

    def _watch(self) -> None:
        while True:
            with self._changed:
                while not self._stopped and not self._overdue():
                    nearest = min(self._deadlines.values(), default=None)
                    self._changed.wait(None if nearest is None else nearest - time.monotonic())
                if self._stopped:
                    return
                overdue = self._overdue()
                for job_id in overdue:
                    del self._deadlines[job_id]
            for job_id in overdue:
                self._on_overdue(job_id)

    def _overdue(self) -> list[str]:
        now = time.monotonic()
        return [job_id for job_id, deadline in self._deadlines.items() if deadline <= now]
