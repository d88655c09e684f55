"""A fresh window shows a generator that can be used at once, not one that lacks its model."""

from __future__ import annotations

import pytest

from studio.app import build_studio
from studio.library.starters import starter_models
from studio.ui.main_window import MainWindow
from studio.ui.reporter import Reporter
from studio.ui.shutdown import delete_now
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support.qt_async import QtRunner, until


def test_first_generator_shown_has_its_model(
    qt_runner: QtRunner, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_language = [path for path in starter_models() if path.suffix == ".gguf"]
    monkeypatch.setattr("studio.app.starter_models", lambda: only_language)

    async def main() -> None:
        studio = build_studio(engine="in_process")
        await studio.queue.start()
        window, reporter = MainWindow(theme), Reporter()
        bench = Workbench(window, studio, reporter)
        try:
            await bench.furnish()
            # images.create comes first in the list and has no model here.
            assert next(iter(studio.plugins.generators)) == "images.create"
            await until(lambda: bench.shelf.loaded)
            await until(lambda: bench.generate.generator_id == "writer.continue")
        finally:
            await bench.stop()
            await studio.close()
            window.allow_closing()
            window.close()
            window.deleteLater()
            reporter.deleteLater()
            delete_now()

    qt_runner.run(main)
