"""Files the program ships, wherever it is installed."""

from __future__ import annotations

from pathlib import Path

import studio_resources


def resource(*parts: str) -> Path:
    """The path of a shipped file or folder; whether it exists is the caller's to ask."""
    # Not importlib.resources: it brings zipfile and tempfile, which the window's start would pay.
    return Path(studio_resources.__path__[0], *parts)
