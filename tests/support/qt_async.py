"""A qasync loop per test whose unhandled errors fail the test, and a check for forgotten windows."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import pytest
import qasync
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QWidget

T = TypeVar("T")
TIMEOUT_S = 60.0


class QtRunner:
    """`run(main)` runs a coroutine function on the test's own loop, within a bound."""

    def __init__(self, app: QApplication) -> None:
        self.loop = qasync.QEventLoop(app)
        self.errors: list[str] = []
        # pytest-qt sees errors in slots, not those of tasks.
        self.loop.set_exception_handler(self._on_error)

    def run(self, main: Callable[[], Coroutine[Any, Any, T]]) -> T:
        async def bounded() -> T:
            return await asyncio.wait_for(main(), TIMEOUT_S)

        asyncio.set_event_loop(self.loop)
        result: T = self.loop.run_until_complete(bounded())
        return result

    def close(self) -> None:
        asyncio.set_event_loop(self.loop)
        pending = asyncio.all_tasks(self.loop)
        for task in pending:
            task.cancel()
        if pending:
            self.loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        self.loop.close()
        asyncio.set_event_loop(None)

    def _on_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        what = context.get("task") or context.get("future")
        self.errors.append(f"{context.get('message')}: {context.get('exception')!r} {what!r}")


@pytest.fixture
def qt_runner(qapp: QApplication) -> Iterator[QtRunner]:
    runner = QtRunner(qapp)
    yield runner
    runner.close()
    assert not runner.errors, runner.errors


@pytest.fixture
def garbage_on_this_thread() -> Iterator[None]:
    """Python's collector runs only here, as in the window.

    Left to itself it runs on whatever thread allocates, an I/O thread for one, and destroys the
    widgets of earlier tests there: a crash some tests later.
    """
    gc.disable()
    yield
    delete_deferred()
    gc.collect()
    gc.enable()


async def until(condition: Callable[[], object]) -> None:
    """Return when the condition holds; the runner's bound ends a wait for ever."""
    while not condition():
        await asyncio.sleep(0.005)


def delete_deferred() -> None:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def no_windows_left(qapp: QApplication) -> Iterator[None]:
    """Every top-level widget a test shows is gone after it."""
    before = _shown(qapp)
    yield
    delete_deferred()
    left = _shown(qapp) - before
    assert not left, f"windows left over: {left}"


def _shown(app: QApplication) -> set[QWidget]:
    return {widget for widget in app.topLevelWidgets() if widget.isVisible()}
