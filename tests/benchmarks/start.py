"""How fast the program starts, beside the least a program of its kind could take."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figure import Figure, at_most, paired, process_seconds, python

_BARE_WINDOW = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication(sys.argv)
window = QMainWindow()
window.resize(1280, 800)
window.show()
QTimer.singleShot(0, app.quit)
app.exec()
"""

_STUDIO_WINDOW = """
import sys
from studio.ui.run import run_until_painted
run_until_painted()
assert "torch" not in sys.modules
"""


def figures() -> Iterator[Figure]:
    yield _command_line()
    yield _window()


def _command_line() -> Figure:
    ours = python("-m", "studio", "--version")
    base = python("-c", "import typer, pydantic")
    ratio, ours_s, base_s = paired(lambda: process_seconds(ours), lambda: process_seconds(base), 11)
    note = f"{ours_s * 1000:.0f} ms beside {base_s * 1000:.0f} ms for importing typer and pydantic"
    return at_most("command line: studio --version", ratio, 2.0, "×", note)


def _window() -> Figure:
    with tempfile.TemporaryDirectory() as folder:
        home = {"FOLIO_HOME": str(Path(folder) / "home")}
        ratio, ours_s, base_s = paired(
            lambda: process_seconds(python("-c", _STUDIO_WINDOW), home),
            lambda: process_seconds(python("-c", _BARE_WINDOW)),
        )
    note = f"{ours_s * 1000:.0f} ms beside {base_s * 1000:.0f} ms for a bare PySide6 window"
    return at_most("window: process start to first paint", ratio, 2.0, "×", note)
