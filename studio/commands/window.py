"""`studio [FILE]`: the window, or a word on why there is none."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from studio.commands import FAILED, WRONG_USAGE

NO_DISPLAY = """\
There is no display here, so the window can't open. Without one you can

  studio generate writer.continue --set text="It was a dark night"    write and paint from the command line
  make demo                                                           make one of everything into out/
  studio doctor                                                       see what this machine offers

or open the window on a virtual display: xvfb-run studio"""


def has_display() -> bool:
    """Whether Qt will find a screen; always yes where a system has one by itself."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def open_window(file: Path | None, safe_mode: bool) -> int:
    if file is not None and not file.exists():
        print(f"There is no file {file}.", file=sys.stderr)
        return WRONG_USAGE
    if not has_display():
        print(NO_DISPLAY, file=sys.stderr)
        return FAILED
    try:
        from studio.ui.run import run_window
    except ImportError as error:
        if (error.name or "").startswith("studio"):
            raise  # a fault of ours, not a missing library
        print(
            f"The window can't open, Qt does not load: {error}\n"
            "See 'studio doctor' for what to install; 'studio generate …' works without it.",
            file=sys.stderr,
        )
        return FAILED
    return run_window(file, safe_mode=safe_mode)
