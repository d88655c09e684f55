"""Folders of jobs whose engine died under them: swept by the next engine. GPU thread.

Each engine's process has folders of its own, so that one never takes another's.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from pathlib import Path

import psutil

_RESULTS_WAIT_S = 3600.0
"""A result of an engine that died may still be on its way into the history."""


def work_folder(cache: Path) -> Path:
    """Where this process's jobs write; not made yet."""
    return cache / "work" / str(os.getpid())


def results_folder(cache: Path) -> Path:
    """Where this process's finished files wait for the history; not made yet."""
    return cache / "results" / str(os.getpid())


def sweep_leftovers(cache: Path) -> None:
    """Remove what engines left that are no more. What can't be removed stays."""
    for folder, wait_s in ((cache / "work", 0.0), (cache / "results", _RESULTS_WAIT_S)):
        with contextlib.suppress(OSError):
            for path in folder.iterdir():
                if not _runs(path.name) and time.time() - path.stat().st_mtime >= wait_s:
                    shutil.rmtree(path, ignore_errors=True)


def _runs(name: str) -> bool:
    """Whether a folder's name is the number of a process that is there."""
    try:
        return bool(psutil.pid_exists(int(name)))
    except (ValueError, OverflowError):
        return False
