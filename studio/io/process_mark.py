"""A process's mark: its number and when it began, for things on the disk that belong to whoever lives.

A number alone is used again after a while; with the time it isn't mistaken for the old one. Any thread.
"""

from __future__ import annotations

import psutil

_CLOCKS_DIFFER_S = 2.0


def own_mark() -> str:
    """This process's, such as "4711-1700000000"."""
    process = psutil.Process()
    return f"{process.pid}-{int(process.create_time())}"


def lives(mark: str) -> bool:
    """Whether the process of a mark is still there; False for what is no mark."""
    pid, _, began = mark.partition("-")
    try:
        since = float(psutil.Process(int(pid)).create_time()) - int(began)
    except (psutil.Error, ValueError, OverflowError):
        return False
    return abs(since) < _CLOCKS_DIFFER_S
