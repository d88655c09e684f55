"""The engine is killed while something waits in the text: what was written stays, and can be answered."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core.store import DocumentStore
from studio.io.executor import IoExecutor
from studio.jobs.events import ResultReady
from studio.jobs.queue import JobQueue
from studio.jobs.spec import JobSpec, JobState
from studio.library.history import History
from studio.ui.canvas.canvas_view import CanvasView
from studio.ui.editor.editor import TextEditor
from studio.ui.editor.review_card import ReviewCard
from studio.ui.editor.reviewing import Reviewing
from studio.ui.placing import Placing
from tests.support.engines import make_host, running_queue, toy_spec
from tests.support.qt_async import until
from tests.ui.conftest import QtRunner

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL"),
    pytest.mark.timeout(300),
]


@dataclass
class Desk:
    queue: JobQueue
    store: DocumentStore
    editor: TextEditor
    placing: Placing
    reviewing: Reviewing

    async def kill_engine(self) -> None:
        """And wait until another one has taken its place."""
        pid = self.queue.status.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await until(lambda: self.queue.status.pid not in (None, pid))
        await until(lambda: self.queue.status.state == "idle")


@asynccontextmanager
async def desk_on_a_process(
    qtbot: QtBot, folder: Path, history: History, io: IoExecutor
) -> AsyncIterator[Desk]:
    async def store_result(spec: JobSpec, event: ResultReady) -> str:
        return (await io.run(history.add, event.output, event.record)).id

    store = DocumentStore()
    editor, canvas, card = TextEditor(store), CanvasView(store), ReviewCard()
    editor.show_below(card)
    qtbot.addWidget(editor)
    qtbot.addWidget(canvas)
    async with running_queue(make_host("child", folder), store_result=store_result) as queue:
        placing = Placing(queue, store, editor, canvas, history, io)
        reviewing = Reviewing(store, editor.area, card, io)
        yield Desk(queue, store, editor, placing, reviewing)
        await placing.stop()
        await reviewing.stop()


def test_suggestion_that_waits_outlives_the_engine_and_another_comes_from_the_next(
    qt_runner: QtRunner, qtbot: QtBot, tmp_path: Path, history: History, io: IoExecutor
) -> None:
    async def main() -> None:
        async with desk_on_a_process(qtbot, tmp_path, history, io) as desk:
            desk.editor.insert("Once")
            target = {"replace_selection": False, "asks": True}
            handle = desk.queue.submit(toy_spec("echo", text=" more", seed=3, target=target))
            await desk.placing.follow(handle)
            ghost = desk.editor.area.ghost
            assert ghost.suggestion is not None
            await desk.kill_engine()
            assert ghost.text == " more"
            assert desk.store.document.text == "Once"
            QTest.keyClick(desk.editor.area, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
            await until(lambda: ghost.suggestion is not None and len(ghost.suggestion.offers) == 2)
            await until(lambda: all(job.state.final for job in desk.queue.jobs))
            QTest.keyClick(desk.editor.area, Qt.Key.Key_Tab)
            assert desk.store.document.text == "Once more"
            assert len({history.get(item.id).record.seed for item in history.items()}) == 2

    qt_runner.run(main)


def test_ghost_in_the_making_goes_with_the_engine_and_the_text_stays(
    qt_runner: QtRunner, qtbot: QtBot, tmp_path: Path, history: History, io: IoExecutor
) -> None:
    async def main() -> None:
        async with desk_on_a_process(qtbot, tmp_path, history, io) as desk:
            desk.editor.insert("Once")
            target = {"replace_selection": False, "asks": True}
            spec = toy_spec("echo", text=" more", repeat=1_000_000, target=target)
            handle = desk.queue.submit(spec)
            following = desk.placing.follow(handle)
            await until(lambda: desk.editor.area.ghost.text)
            await desk.kill_engine()
            await following
            assert handle.state is JobState.FAILED
            assert desk.store.document.text == desk.editor.area.toPlainText() == "Once"

    qt_runner.run(main)


def test_changes_that_wait_outlive_the_engine(
    qt_runner: QtRunner, qtbot: QtBot, tmp_path: Path, history: History, io: IoExecutor
) -> None:
    async def main() -> None:
        async with desk_on_a_process(qtbot, tmp_path, history, io) as desk:
            desk.editor.insert("One two")
            handle = desk.queue.submit(toy_spec("echo", text="One three"))
            await desk.reviewing.follow(handle, "One two", 0, "Vivid")
            await desk.kill_engine()
            desk.reviewing.answer("accept")
            assert desk.store.document.text == "One three"

    qt_runner.run(main)
