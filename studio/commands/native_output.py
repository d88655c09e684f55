"""Keeps the chatter of native libraries off the terminal while our own words stay on it."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from studio.io.native_log import open_native_log


def send_native_output_to(logs: Path) -> None:
    """From now on descriptor 2 is a log file; `sys.stderr` still is the terminal.

    Does nothing where the error stream is no real file (in tests that capture it), and with
    --debug, which wants to see everything.
    """
    if logging.getLogger("studio").isEnabledFor(logging.DEBUG):
        return
    try:
        own = os.dup(sys.stderr.fileno())
    except (OSError, ValueError):
        return
    log = open_native_log(logs)
    os.dup2(log, 2)
    os.close(log)
    sys.stderr = os.fdopen(own, "w", buffering=1, encoding="utf-8", errors="replace")
