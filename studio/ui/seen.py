"""Whether a panel can be seen, so that what it shows is worth finding out. GUI thread."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def is_seen(widget: QWidget) -> bool:
    """Whether any of it can be seen: a dock behind others calls itself visible too."""
    return widget.isVisible() and not widget.visibleRegion().isEmpty()
