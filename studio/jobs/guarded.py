"""Keeps a listener's bug from stopping the queue: it is reported, and the queue goes on."""

from __future__ import annotations

import sys
from typing import ParamSpec

from studio.core.signal import Signal

P = ParamSpec("P")


def emit_guarded(signal: Signal[P], *args: P.args, **kwargs: P.kwargs) -> None:
    try:
        signal.emit(*args, **kwargs)
    except Exception as problem:  # noqa: BLE001 - border: listeners are the window's, or a plugin author's
        report(problem)


def report(problem: Exception) -> None:
    """To whoever reports uncaught errors in this process."""
    sys.excepthook(type(problem), problem, problem.__traceback__)
