"""Files the program ships, wherever it is installed."""

from __future__ import annotations

import importlib.resources
from pathlib import Path


def resource(*parts: str) -> Path:
    """The path of a shipped file or folder; whether it exists is the caller's to ask."""
    return Path(str(importlib.resources.files("studio_resources").joinpath(*parts)))
