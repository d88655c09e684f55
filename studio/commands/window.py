"""`studio [FILE]`: the window, or a word on why there is none."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from studio.commands import FAILED, WRONG_USAGE

NO_DISPLAY = "There is no display here, so the window can't open."
WITHOUT_A_WINDOW = """\
Without one you can

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
        print(f"{NO_DISPLAY} {WITHOUT_A_WINDOW}", file=sys.stderr)
        return FAILED
    try:
        from studio.ui.run import run_window

        _explain_qt_giving_up()
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


def _explain_qt_giving_up() -> None:
    """Say how to go on where Qt finds no screen; by itself it would abort the process.

    Holds until the window's reporter hears Qt's messages. On Qt's thread.
    """
    from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

    def on_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        print(text.strip(), file=sys.stderr)
        if kind == QtMsgType.QtFatalMsg:
            print(f"\nSo the window can't open. {WITHOUT_A_WINDOW}", file=sys.stderr)
            sys.stderr.flush()
            os._exit(FAILED)

    qInstallMessageHandler(on_message)
