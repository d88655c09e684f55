"""The I/O threads under the window's event loop."""

from __future__ import annotations

from studio.io.executor import IoExecutor
from tests.support.io_use import use_executor
from tests.support.qt_async import QtRunner


def test_results_and_errors_reach_qts_loop(qt_runner: QtRunner) -> None:
    executor = IoExecutor()
    qt_runner.run(lambda: use_executor(executor))
    executor.stop()
