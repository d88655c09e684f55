"""One reporter for every uncaught error, whichever of Python's and Qt's roads it takes.

Slots and timers reach `sys.excepthook`; tasks the loop's handler; threads `threading.excepthook`;
destructors `sys.unraisablehook`; Qt's own words its message handler. All end here: in the log, and
in the window's message bar. Any thread may report; listeners are called on the GUI thread.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import Any

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    Qt,
    QtMsgType,
    Signal,
    Slot,
    qInstallMessageHandler,
)

from studio.api.errors import StudioError
from studio.jobs.events import ErrorText

log = logging.getLogger(__name__)


class Reporter(QObject):
    """Hooks in with `install`, out with `remove`. `reported` carries an ErrorText."""

    reported = Signal(ErrorText)
    _arrived = Signal(ErrorText)

    def __init__(self) -> None:
        super().__init__()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._before: tuple[Any, Any, Any] | None = None
        self._qt_before: Any = None
        # Queued: a report from another thread, or from within a paint, is told from the event loop.
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    def install(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self._from_slot
        threading.excepthook = self._from_thread
        sys.unraisablehook = self._from_destructor
        self._qt_before = qInstallMessageHandler(self._from_qt)
        if loop is not None:
            self.watch_loop(loop)

    def watch_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        loop.set_exception_handler(self._from_loop)

    def remove(self) -> None:
        """Put back what was there. Idempotent."""
        if self._before is not None:
            sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
            self._before = None
            qInstallMessageHandler(self._qt_before)
        if self._loop is not None:
            self._loop.set_exception_handler(None)
            self._loop = None

    def report(self, error: BaseException) -> None:
        """Log and show one error. Any thread."""
        if isinstance(error, (KeyboardInterrupt, SystemExit, asyncio.CancelledError)):
            return
        if isinstance(error, StudioError):
            log.info("%s", error.what)
        else:
            log.error("uncaught", exc_info=(type(error), error, error.__traceback__))
        self._arrived.emit(text_of(error))

    @Slot(ErrorText)
    def _on_arrived(self, error: ErrorText) -> None:
        self.reported.emit(error)

    def _from_slot(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        self.report(error)

    def _from_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.report(args.exc_value)

    def _from_destructor(self, args: sys.UnraisableHookArgs) -> None:
        if args.exc_value is not None:
            self.report(args.exc_value)

    def _from_loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.report(error)
        else:
            log.error("event loop: %s", context.get("message", "unknown trouble"))

    def _from_qt(self, kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
        levels = {
            QtMsgType.QtDebugMsg: logging.DEBUG,
            QtMsgType.QtInfoMsg: logging.INFO,
            QtMsgType.QtWarningMsg: logging.WARNING,
        }
        logging.getLogger("studio.qt").log(levels.get(kind, logging.ERROR), "%s", message)


def text_of(error: BaseException) -> ErrorText:
    """The error as text: kept tracebacks would pin what their frames hold."""
    if isinstance(error, StudioError):
        return ErrorText(error.what, error.where, error.remedy, kind=type(error).__name__)
    details = "".join(traceback.format_exception(error))
    return ErrorText(
        f"Something went wrong: {error or type(error).__name__}",
        remedy="Your work is kept. The details help to mend it.",
        details=details,
        kind=type(error).__name__,
    )
