"""The reporter: every road an uncaught error can take ends in it, and it lets go again."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer, qWarning
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot

from studio.api.errors import StudioError
from studio.jobs.events import ErrorText
from studio.ui.reporter import Reporter, text_of
from tests.support.qt_async import until
from tests.ui.conftest import QtRunner


class _Told(list[ErrorText]):
    def words(self) -> str:
        return " ".join(error.what for error in self)


@pytest.fixture
def reporter(qt_runner: QtRunner) -> Iterator[Reporter]:
    made = Reporter()
    with capture_exceptions():  # pytest-qt's own hook, out of the way while ours is in
        made.install(qt_runner.loop)
        yield made
        made.remove()
    made.deleteLater()


@pytest.fixture
def told(reporter: Reporter) -> _Told:
    heard = _Told()
    reporter.reported.connect(heard.append)
    return heard


def test_reporter_hears_of_slots(told: _Told, qt_runner: QtRunner) -> None:
    def fail() -> None:
        raise ZeroDivisionError("in a slot")

    async def main() -> None:
        QTimer.singleShot(0, fail)
        await until(lambda: told)

    qt_runner.run(main)
    assert "in a slot" in told.words()
    assert "ZeroDivisionError" in told[0].details


def test_reporter_hears_of_tasks(told: _Told, qt_runner: QtRunner) -> None:
    async def fail() -> None:
        raise ZeroDivisionError("in a task")

    async def main() -> None:
        task = asyncio.get_running_loop().create_task(fail())
        await until(task.done)
        del task
        gc.collect()
        await until(lambda: told)

    qt_runner.run(main)
    assert "in a task" in told.words()


def test_reporter_hears_of_threads(told: _Told, qt_runner: QtRunner) -> None:
    def fail() -> None:
        raise ZeroDivisionError("in a thread")

    async def main() -> None:
        thread = threading.Thread(target=fail)
        thread.start()
        await until(lambda: told)
        thread.join()

    qt_runner.run(main)
    assert "in a thread" in told.words()


def test_reporter_hears_of_destructors(told: _Told, qt_runner: QtRunner) -> None:
    class Fails:
        def __del__(self) -> None:
            raise ZeroDivisionError("in a destructor")

    async def main() -> None:
        Fails()
        gc.collect()
        await until(lambda: told)

    qt_runner.run(main)
    assert "in a destructor" in told.words()


def test_reporter_logs_what_qt_says(
    told: _Told, qt_runner: QtRunner, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "studio.qt"):
        qWarning("a word of Qt's")
    assert "a word of Qt's" in caplog.text
    assert not told


def test_reporter_lets_go_of_every_road(qtbot: QtBot) -> None:
    before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    reporter = Reporter()
    reporter.install()
    assert sys.excepthook != before[0]
    reporter.remove()
    reporter.remove()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before
    reporter.deleteLater()


def test_text_of_a_studio_error_has_no_traceback() -> None:
    error = text_of(StudioError("The disk is full.", where="/data", remedy="Free some space."))
    assert str(error) == "The disk is full. (/data) Free some space."
    assert error.details == ""
