"""The window's life: shown first, furnished after the first paint, ended in stages. GUI thread.

Before the first paint only Qt is imported. numpy, pydantic and the plugins come on a thread after
it, so the window answers meanwhile; torch never comes: it lives in the engine's process.
"""

from __future__ import annotations

import importlib
import logging
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from studio.io.paths import user_paths
from studio.ui.first_look import first_look
from studio.ui.main_window import MainWindow
from studio.ui.shutdown import GuiCollector, LastResort, delete_now
from studio.ui.theme import icons
from studio.ui.theme.theme import Theme

if TYPE_CHECKING:
    import asyncio

    from studio.app import Studio
    from studio.ui.reporter import Reporter
    from studio.ui.workbench import Workbench

log = logging.getLogger(__name__)

_PAINT_AT_THE_LATEST_MS = 2000
_WATCH_MS = 10
_SWITCH_S = 0.001
"""How long another thread may keep the interpreter from this one: Python's usual 5 ms are seen."""


def run_window(file: Path | None = None, *, safe_mode: bool = False) -> int:
    """The window, until the person closes it. Returns the exit code."""
    return _Run(file, safe_mode).until_closed()


def run_until_painted() -> None:
    """Start, show, paint, and end: for measuring the start."""
    run = _Run(None, safe_mode=False)
    run.paint()
    run.take_down()


def run_until_furnished() -> None:
    """As `run_until_painted`, with every plugin loaded and every panel built; no engine."""
    _Run(None, safe_mode=False).until_furnished()


def run_scenario(
    scenario: Callable[[Workbench], Coroutine[Any, Any, None]],
    painted: Callable[[], object] = lambda: None,
) -> None:
    """The whole window with its engine, driven by a coroutine and closed at its end.

    `painted` is called right after the first paint. For measuring and for journeys.
    """
    _Run(None, safe_mode=False).through(scenario, painted)


class _Run:
    def __init__(self, file: Path | None, safe_mode: bool) -> None:
        self._file = file
        self._safe_mode = safe_mode
        existing = QApplication.instance()
        self._app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
        self._app.setApplicationName("folio")
        self._app.setApplicationDisplayName("Folio")
        self._app.setDesktopFileName("folio")
        # The main coroutine decides when all is ended, not the last window.
        self._app.setQuitOnLastWindowClosed(False)
        self._switch_s = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_S)
        self._stop_log: Callable[[], None] = _no_log
        self._collector = GuiCollector()
        look = first_look(user_paths().settings_file)
        self._theme = Theme(self._app, look.theme)
        self._window = MainWindow(self._theme)
        self._window.restore(look.geometry, look.state)

    def paint(self) -> None:
        """Show the frame and wait for its first paint, in Qt's own loop: asyncio isn't there yet."""
        # exit, not quit: quit asks every window to close first, and ours refuses until all is ended.
        leave = self._window.painted.connect(lambda: self._app.exit())
        self._window.show()
        # A window that starts minimised is never painted.
        QTimer.singleShot(_PAINT_AT_THE_LATEST_MS, self._window, self._window.painted.emit)
        self._app.exec()
        self._window.painted.disconnect(leave)

    def _import_the_rest(self) -> None:
        """All other imports on a thread, while the window already answers: they take half a second."""

        def work() -> None:
            from studio.io.log import start_log

            self._stop_log = start_log(user_paths().logs, "window")
            _import_the_rest()

        rest = threading.Thread(target=work, name="folio-imports")
        rest.start()
        watch = QTimer(self._window)
        watch.setInterval(_WATCH_MS)
        watch.timeout.connect(lambda: None if rest.is_alive() else self._app.exit())
        watch.start()
        self._app.exec()
        watch.stop()
        watch.deleteLater()

    def until_closed(self) -> int:
        return self._with_loop(self._live)

    def until_furnished(self) -> None:
        self._with_loop(self._furnish_and_end)

    def through(
        self,
        scenario: Callable[[Workbench], Coroutine[Any, Any, None]],
        painted: Callable[[], object],
    ) -> None:
        async def live(loop: asyncio.AbstractEventLoop, reporter: Reporter) -> int:
            workbench = await self._furnish(reporter)
            self._collector.settle()
            workbench.studio.queue.start_engine()
            try:
                await scenario(workbench)
            finally:
                await self._end(workbench)
            return 0

        self._window.painted.connect(painted)
        self._with_loop(live)

    def take_down(self) -> None:
        """The window and what Qt holds, while the application still exists."""
        self._collector.stop()
        self._window.allow_closing()
        self._window.close()
        self._window.deleteLater()
        self._theme.deleteLater()
        delete_now()
        icons.forget_pixmaps()
        sys.setswitchinterval(self._switch_s)

    def _with_loop(
        self, main: Callable[[asyncio.AbstractEventLoop, Reporter], Coroutine[Any, Any, int]]
    ) -> int:
        self.paint()
        self._import_the_rest()
        import qasync

        from studio.ui.reporter import Reporter

        loop = qasync.QEventLoop(self._app)
        reporter = Reporter()
        reporter.install(loop)
        try:
            with loop:
                code: int = loop.run_until_complete(main(loop, reporter))
        finally:
            # After the loop: late errors of the stages before are still told.
            reporter.remove()
            reporter.deleteLater()
            self.take_down()
            self._stop_log()
        return code

    async def _live(self, loop: asyncio.AbstractEventLoop, reporter: Reporter) -> int:
        import asyncio

        closing, told = asyncio.Event(), asyncio.Event()
        self._window.close_requested.connect(closing.set)
        restore = _close_on_signals(
            lambda: [loop.call_soon_threadsafe(event.set) for event in (told, closing)]
        )
        try:
            try:
                workbench = await self._furnish(reporter)
            except Exception as error:  # noqa: BLE001 - the loop's border: shown, not lost
                self._say_what_failed(error)
                await closing.wait()
                return 1
            self._collector.settle()
            workbench.studio.queue.start_engine()
            await workbench.recovering.look(opening=self._file is not None)
            if self._file is not None:
                workbench.open_file(self._file)
            await self._until_left(workbench, closing, told)
            await self._end(workbench)
        finally:
            restore()
        return 0

    async def _until_left(
        self, workbench: Workbench, closing: asyncio.Event, told: asyncio.Event
    ) -> None:
        """The person closed and answered what was asked; or the system tells us to end: it can't answer."""
        import asyncio

        async def left() -> None:
            while True:
                await closing.wait()
                if told.is_set() or await workbench.keeping.may_close():
                    return
                closing.clear()

        waiting = [asyncio.ensure_future(work) for work in (left(), told.wait())]
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        for task in done:
            task.result()

    def _say_what_failed(self, error: Exception) -> None:
        """A folder that can't be written, a damaged installation: the window stays to say so."""
        from studio.ui.dialogs.error_details import ErrorDetails
        from studio.ui.message_bar import Message
        from studio.ui.reporter import text_of

        log.error("the window can't be furnished", exc_info=error)
        text = text_of(error)
        details = ("Details…", lambda: ErrorDetails(self._window, text).open())
        self._window.message_bar.show_message(
            Message(str(text), "error", (details, ("Quit", self._window.close)))
        )

    async def _furnish_and_end(self, loop: asyncio.AbstractEventLoop, reporter: Reporter) -> int:
        await self._end(await self._furnish(reporter))
        return 0

    async def _furnish(self, reporter: Reporter) -> Workbench:
        studio, bench = await _in_thread(lambda: _build(self._safe_mode))
        try:
            await studio.queue.start()
            workbench: Workbench = bench(self._window, studio, reporter)
            await workbench.furnish()
        except BaseException:
            await studio.close()
            raise
        return workbench

    async def _end(self, workbench: Workbench) -> None:
        with LastResort():
            # 1. What the person sees goes first, so that closing feels immediate; where it was is kept.
            workbench.keep_layout()
            self._window.hide()
            # 2. Nothing new begins: a task that still places a result would touch dying widgets.
            await workbench.stop()
            # 3. The engine is joined before the loop closes: what it posts to a closed loop is lost,
            #    and a living engine would keep the models' memory. Then files are flushed.
            await workbench.studio.close()


def _no_log() -> None:
    """Ends nothing: before the first paint no log is open."""


def _import_the_rest() -> None:
    """What fails here fails again where it is used, and is told there."""
    for name in ("qasync", "studio.ui.reporter", "studio.app", "studio.ui.workbench"):
        try:
            importlib.import_module(name)
        except Exception:  # border: a broken installation must still get its window
            log.exception("the import of %s failed", name)


def _build(safe_mode: bool) -> tuple[Studio, type[Workbench]]:
    """The imports and the studio; not on the GUI thread: together they take half a second."""
    from studio.app import build_studio
    from studio.ui.workbench import Workbench

    return build_studio(safe_mode=safe_mode, warm_up=True), Workbench


async def _in_thread(call: Callable[[], Any]) -> Any:
    """One call on a thread of its own, before there is an I/O executor."""
    from studio.io.executor import IoExecutor

    starter = IoExecutor(threads=1)
    try:
        return await starter.run(call)
    finally:
        starter.stop()


def _close_on_signals(close: Callable[[], object]) -> Callable[[], None]:
    """Ctrl-C in the terminal and a polite kill close the window as its own button does.

    Python runs its handlers between bytecodes; the collector's timer sees to it that there are some.
    """
    numbers = [signal.SIGINT, signal.SIGTERM]
    before = {number: signal.signal(number, lambda *_: close()) for number in numbers}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    return restore
