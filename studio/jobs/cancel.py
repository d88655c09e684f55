"""One job's two wishes: stop now, or stop soon and keep what is there. Any thread sets, any reads."""

from __future__ import annotations

import threading

from studio.api.errors import Cancelled


class CancelToken:
    """Each job has its own, so a late cancel can't hit the next job."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._finishing = threading.Event()

    def cancel(self) -> None:
        self._cancelled.set()

    def finish_early(self) -> None:
        self._finishing.set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    @property
    def finishing(self) -> bool:
        return self._finishing.is_set()

    def check(self) -> None:
        """Raises Cancelled once `cancel` was called."""
        if self._cancelled.is_set():
            raise Cancelled
