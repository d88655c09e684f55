"""One line on the error stream that says how far a job is; silent where nobody looks."""

from __future__ import annotations

import sys

from studio.jobs.events import Progressed

_WIDTH = 28


class ProgressLine:
    """Redrawn in place on a terminal; nothing at all in a file or pipe."""

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted and sys.stderr.isatty()
        self._shown = False

    def show(self, event: Progressed) -> None:
        if not self._wanted:
            return
        if event.total:
            done = min(_WIDTH, round(_WIDTH * event.step / event.total))
            bar = "█" * done + "░" * (_WIDTH - done)
            line = f"{bar} {event.step}/{event.total} {event.message}"
        else:
            line = f"{event.step} {event.message}"
        sys.stderr.write(f"\r\x1b[2K{line[:100]}")
        sys.stderr.flush()
        self._shown = True

    def clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
            self._shown = False
