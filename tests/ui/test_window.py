"""The window's life in processes of its own: shown without torch, ended without a trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

TIMEOUT_S = 60

PAINTED = """
import sys
from studio.ui.run import run_until_painted
run_until_painted()
print(*(name for name in ("torch", "numpy", "pydantic", "asyncio") if name in sys.modules))
"""

FURNISHED = """
import gc, sys, threading
from studio.ui.run import run_until_furnished
run_until_furnished()
from PySide6.QtWidgets import QApplication
import linecache
print("torch" in sys.modules, threading.active_count(), len(QApplication.topLevelWidgets()),
      gc.isenabled(), sys.excepthook is sys.__excepthook__, len(linecache.cache) < 20)
"""

CLOSED = """
import sys, threading
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from studio.ui import run
window = None
class Watched(run.MainWindow):
    def set_document(self, *widgets):
        super().set_document(*widgets)
        QTimer.singleShot(0, self.close)
run.MainWindow = Watched
code = run.run_window()
import psutil
# Python's own tracker of shared memory goes with the process, not before.
left = [child for child in psutil.Process().children(recursive=True)
        if "resource_tracker" not in " ".join(child.cmdline())]
print(code, threading.active_count(), len(left))
"""


def _python(code: str, home: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", code],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        env={**os.environ, "FOLIO_HOME": str(home)},
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    assert "destroyed" not in done.stderr, done.stderr
    return done.stdout.split()


def test_window_is_painted_before_anything_heavy_is_imported(tmp_path: Path) -> None:
    assert _python(PAINTED, tmp_path) == []


def test_window_furnished_leaves_no_thread_no_widget_no_hook(tmp_path: Path) -> None:
    assert _python(FURNISHED, tmp_path) == ["False", "1", "0", "True", "True", "True"]


def test_window_closed_ends_its_engine_and_keeps_its_place(tmp_path: Path) -> None:
    assert _python(CLOSED, tmp_path) == ["0", "1", "0"]
    settings = (tmp_path / "config" / "settings.json").read_text(encoding="utf-8")
    assert '"window_geometry": ""' not in settings


BROKEN = """
from studio.ui import run
run._import_the_rest = lambda: run.log.error("the import failed")
run.run_until_furnished()
"""


def test_what_the_window_reports_is_in_its_log(tmp_path: Path) -> None:
    _python(BROKEN, tmp_path)
    assert "the import failed" in (tmp_path / "data" / "logs" / "window.log").read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send politely")
def test_window_ends_on_a_polite_kill(tmp_path: Path) -> None:
    code = (
        "import sys; from studio.ui import run\n"
        "class Told(run.MainWindow):\n"
        "    def set_document(self, *widgets):\n"
        "        super().set_document(*widgets); print('furnished', flush=True)\n"
        "run.MainWindow = Told\n"
        "sys.exit(run.run_window())\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "FOLIO_HOME": str(tmp_path)},
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "furnished"
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0, errors


def test_window_says_that_its_folder_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")
    code = (
        "from studio.ui import run\n"
        "from studio.ui.message_bar import MessageBar\n"
        "real = MessageBar.show_message\n"
        "def show(self, message):\n"
        "    real(self, message); print(message.tone); message.actions[-1][1]()\n"
        "MessageBar.show_message = show\n"
        "print(run.run_window())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        env={**os.environ, "FOLIO_HOME": str(tmp_path)},
    )
    assert done.stdout.split() == ["error", "1"], done.stderr
