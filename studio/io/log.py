"""The log file of one process, small and rotated, so that a fault can be looked into later.

What the studio logs above DEBUG holds no prompt and no path of the person's, and the file takes nothing
below INFO; of other libraries, only warnings. Any thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path

LIMIT_BYTES = 1 << 20
_KEPT_FILES = 3
_OURS = ("studio", "studio_plugins")


class _QuietHandler(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:
        """A full disk must neither stop what was being done nor fill the terminal."""


def start_log(folder: Path, name: str) -> Callable[[], None]:
    """Log to `folder/name.log` from now on; where that can't be written, to nowhere.

    Returns:
        What ends it. Idempotent.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = _QuietHandler(
            folder / f"{name}.log", maxBytes=LIMIT_BYTES, backupCount=_KEPT_FILES, encoding="utf-8"
        )
    except OSError:
        return lambda: None
    handler.setLevel(logging.INFO)
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s")
    )
    root = logging.getLogger()
    root.addHandler(handler)
    for ours in map(logging.getLogger, _OURS):
        if ours.getEffectiveLevel() > logging.INFO:
            ours.setLevel(logging.INFO)

    def stop() -> None:
        root.removeHandler(handler)
        handler.close()

    return stop
