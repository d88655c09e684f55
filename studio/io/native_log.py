"""A log file for what native libraries print; rotated at 1 MiB."""

from __future__ import annotations

import os
from pathlib import Path

LOG_LIMIT_BYTES = 1 << 20


def open_native_log(logs: Path) -> int:
    """A file descriptor to write to: `engine.log`, or nowhere when that can't be opened."""
    path = logs / "engine.log"
    try:
        logs.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
            path.replace(logs / "engine.1.log")
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)
