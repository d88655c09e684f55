"""The furnished window over a real studio whose only generators are a test's own plugin."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from pytestqt.exceptions import capture_exceptions

from studio.app import build_studio
from studio.io.paths import Paths
from studio.ui.main_window import MainWindow
from studio.ui.reporter import Reporter
from studio.ui.shutdown import delete_now
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support.qt_async import QtRunner, until

Scene = Callable[[Workbench], Awaitable[None]]
Run = Callable[[Scene], None]


def runner(qt_runner: QtRunner, paths: Paths, theme: Theme, prefix: str) -> Run:
    """Runs a coroutine function on a furnished window; afterwards all of it is gone.

    Args:
        prefix: What the ids of the generators that stay begin with.
    """

    @asynccontextmanager
    async def furnished() -> AsyncIterator[Workbench]:
        studio = build_studio(engine="in_process", paths=paths)
        # As generators are found in order, a test's own must be the only ones.
        generators: dict[str, object] = studio.plugins.generators  # type: ignore[assignment]
        for name in [name for name in generators if not name.startswith(prefix)]:
            del generators[name]
        await studio.queue.start()
        window, reporter = MainWindow(theme), Reporter()
        window.show()
        bench = Workbench(window, studio, reporter)
        try:
            await bench.furnish()
            await until(lambda: bench.shelf.loaded)
            yield bench
        finally:
            await bench.stop()
            await studio.close()
            window.allow_closing()
            window.close()
            window.deleteLater()
            reporter.deleteLater()
            delete_now()

    def go(scene: Scene) -> None:
        async def main() -> None:
            async with furnished() as bench:
                await scene(bench)

        with capture_exceptions() as slips:
            qt_runner.run(main)
        assert not slips

    return go


def bar_text(bench: Workbench) -> str:
    """What the message bar says."""
    bar = bench.window.message_bar
    return bar.current.text if bar.current is not None else ""
