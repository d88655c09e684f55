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


def command_line() -> Iterator[Figure]:
    ours = python("-m", "studio", "--version")
    base = python("-c", "import typer, pydantic")
    pairs = paired(lambda: process_seconds(ours), lambda: process_seconds(base), 11)
    times = f"{pairs.first_s * 1000:.0f} ms beside {pairs.second_s * 1000:.0f} ms"
    note = f"{times} for importing typer and pydantic, {pairs}"
    yield at_most("command line: studio --version", pairs.ratio, 2.0, "×", note)


def window() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        home = {"FOLIO_HOME": str(Path(folder) / "home")}
        pairs = paired(
            lambda: process_seconds(python("-c", _STUDIO_WINDOW), home),
            lambda: process_seconds(python("-c", _BARE_WINDOW)),
        )
    times = f"{pairs.first_s * 1000:.0f} ms beside {pairs.second_s * 1000:.0f} ms"
    note = f"{times} for a bare PySide6 window, {pairs}"
    yield at_most("window: process start to first paint", pairs.ratio, 2.0, "×", note)
