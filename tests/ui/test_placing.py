"""Placing on a real queue: what jobs yield reaches the document as one step, or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.api import Context, GeneratorSpec, Inputs, LatentOutput, Output, Params
from studio.api.testing import blank_image
from studio.core.catalogue import RegisteredGenerator
from studio.core.layers import Layer, PaintLayer
from studio.core.store import DocumentStore
from studio.io.executor import IoExecutor
from studio.io.video import open_video
from studio.jobs.events import ResultReady
from studio.jobs.host import Bootstrap, EngineOptions
from studio.jobs.queue import JobQueue
from studio.jobs.spec import JobSpec, JobState
from studio.library.history import History
from studio.paint.regions import Region, read_layer
from studio.ui.canvas.canvas_view import CanvasView
from studio.ui.editor.editor import TextEditor
from studio.ui.placing import Placing
from tests.support import toy_plugin
from tests.support.engines import make_host, running_queue, toy_spec
from tests.support.qt_async import until
from tests.ui.conftest import QtRunner

AT_CARET = {"replace_selection": False}
SELECTION = {"replace_selection": True}


def _pixels(layer: Layer) -> Region:
    assert isinstance(layer, PaintLayer)
    return read_layer(layer)


@dataclass
class Desk:
    """All that placing joins."""

    queue: JobQueue
    store: DocumentStore
    editor: TextEditor
    canvas: CanvasView
    history: History
    placing: Placing

    @property
    def text(self) -> str:
        return self.store.document.text

    async def finish(self, spec: JobSpec) -> JobState:
        """Run a job and wait until it is placed."""
        handle = self.queue.submit(spec)
        await self.placing.follow(handle)
        return handle.state


class Desks:
    def __init__(self, qtbot: QtBot, folder: Path, history: History, io: IoExecutor) -> None:
        self._qtbot, self._folder, self._history, self._io = qtbot, folder, history, io

    @asynccontextmanager
    async def open(self, bootstrap: Bootstrap = toy_plugin.bootstrap) -> AsyncIterator[Desk]:
        history, io = self._history, self._io

        async def store_result(spec: JobSpec, event: ResultReady) -> str:
            item = await io.run(history.add, event.output, event.record)
            return item.id

        store = DocumentStore()
        editor, canvas = TextEditor(store), CanvasView(store)
        self._qtbot.addWidget(editor)
        self._qtbot.addWidget(canvas)
        host = make_host("in_process", self._folder, bootstrap=bootstrap)
        async with running_queue(host, store_result=store_result) as queue:
            placing = Placing(queue, store, editor, canvas, history, io)
            yield Desk(queue, store, editor, canvas, history, placing)
            await placing.stop()


@pytest.fixture
def desks(qtbot: QtBot, tmp_path: Path, history: History, io: IoExecutor) -> Desks:
    return Desks(qtbot, tmp_path, history, io)


def test_text_is_placed_where_the_caret_was_when_asked_in_one_step(
    qt_runner: QtRunner, desks: Desks
) -> None:
    async def main() -> None:
        async with desks.open() as desk:
            desk.editor.insert("before after")
            cursor = desk.editor.area.textCursor()
            cursor.setPosition(6)
            desk.editor.area.setTextCursor(cursor)
            handle = desk.queue.submit(toy_spec("echo", text=" word", repeat=3, target=AT_CARET))
            following = desk.placing.follow(handle)
            await until(lambda: desk.editor.area.ghost.holds(handle.job_id))
            cursor.setPosition(0)
            desk.editor.area.setTextCursor(cursor)
            QTest.keyClicks(desk.editor.area, "I")
            await following
            assert desk.text == "Ibefore word word word after"
            desk.store.undo()
            assert desk.text == "Ibefore after"
            assert desk.editor.area.toPlainText() == desk.text

    qt_runner.run(main)


def test_rewritten_selection_is_one_step(qt_runner: QtRunner, desks: Desks) -> None:
    async def main() -> None:
        async with desks.open() as desk:
            desk.editor.insert("old")
            desk.editor.area.selectAll()
            await desk.finish(toy_spec("echo", text="new\r\nline", target=SELECTION))
            assert desk.text == desk.editor.area.toPlainText() == "new\nline"
            desk.store.undo()
            assert desk.text == "old"

    qt_runner.run(main)


def test_two_texts_asked_for_at_one_caret_come_one_after_the_other(
    qt_runner: QtRunner, desks: Desks
) -> None:
    async def main() -> None:
        async with desks.open() as desk:
            desk.editor.insert("()")
            cursor = desk.editor.area.textCursor()
            cursor.setPosition(1)
            desk.editor.area.setTextCursor(cursor)
            for text in ("one ", "two"):
                handle = desk.queue.submit(toy_spec("echo", text=text, target=AT_CARET))
                last = desk.placing.follow(handle)
            await until(lambda: desk.editor.area.ghost.holds(handle.job_id))
            cursor.setPosition(2)
            desk.editor.area.setTextCursor(cursor)
            await last
            assert desk.text == "(one two)"

    qt_runner.run(main)


def test_text_without_a_place_of_its_own_goes_to_the_caret(
    qt_runner: QtRunner, desks: Desks
) -> None:
    async def main() -> None:
        async with desks.open() as desk:
            desk.editor.insert("so: ")
            assert await desk.finish(toy_spec("echo", text="it is")) is JobState.DONE
            assert desk.text == "so: it is"

    qt_runner.run(main)


def test_another_suggestion_run_again_after_its_ghost_has_ended_waits_at_the_caret(
    qt_runner: QtRunner, desks: Desks
) -> None:
    async def main() -> None:
        async with desks.open() as desk:
            desk.editor.insert("so: ")
            target = {"replace_selection": False, "asks": True, "ghost": "one-that-ended"}
            await desk.finish(toy_spec("echo", text="it is", target=target))
            suggestion = desk.editor.area.ghost.suggestion
            assert suggestion is not None
            assert suggestion.current.text == "it is"
            assert desk.text == "so: "
            desk.editor.accept_suggestion()
            assert desk.text == "so: it is"

    qt_runner.run(main)


def test_a_branch_run_again_comes_to_the_caret_with_the_word_it_went_on_from(
    qt_runner: QtRunner, desks: Desks
) -> None:
    async def main() -> None:
        async with desks.open() as desk:
            desk.editor.insert("The cat")
            await desk.finish(toy_spec("echo", text=" away", target={"lead": " ran"}))
            assert desk.text == desk.editor.area.toPlainText() == "The cat ran away"

    qt_runner.run(main)


def test_cancelled_text_leaves_nothing_behind(qt_runner: QtRunner, desks: Desks) -> None:
    async def main() -> None:
        async with desks.open() as desk:
            desk.editor.insert("mine")
            handle = desk.queue.submit(toy_spec("echo", repeat=1_000_000, target=AT_CARET))
            following = desk.placing.follow(handle)
            await until(lambda: desk.editor.area.ghost.text)
            QTest.keyClick(desk.editor.area, Qt.Key.Key_Escape)
            assert desk.editor.area.toPlainText() == "mine"
            await following
            assert handle.state is JobState.CANCELLED
            assert desk.text == desk.editor.area.toPlainText() == "mine"

    qt_runner.run(main)


def test_stopped_early_text_is_kept(qt_runner: QtRunner, desks: Desks) -> None:
    async def main() -> None:
        async with desks.open() as desk:
            handle = desk.queue.submit(toy_spec("echo", repeat=1_000_000, target=AT_CARET))
            following = desk.placing.follow(handle)
            await until(lambda: desk.editor.area.ghost.text)
            handle.finish_early()
            await following
            assert desk.text == handle.text != ""

    qt_runner.run(main)


def test_failed_job_changes_nothing(qt_runner: QtRunner, desks: Desks) -> None:
    async def main() -> None:
        async with desks.open() as desk:
            spec = toy_spec("fault", fault="raise", target=AT_CARET)
            assert await desk.finish(spec) is JobState.FAILED
            assert not desk.store.can_undo
            assert desk.editor.area.ghost.key is None

    qt_runner.run(main)


def test_pictures_are_placed_side_by_side_each_one_step(qt_runner: QtRunner, desks: Desks) -> None:
    async def main() -> None:
        async with desks.open() as desk:
            await desk.finish(toy_spec("paint", side=20, count=2))
            first, second = desk.store.document.layers
            assert second.bounds.x >= first.bounds.right
            assert desk.canvas.preview_keys == ()
            newest = desk.history.get(second.record_id)
            np.testing.assert_array_equal(_pixels(second), desk.history.pixels(newest))
            desk.store.undo()
            assert desk.store.document.layers == (first,)

    qt_runner.run(main)


def test_stop_while_a_job_runs_ends_the_ghost(qt_runner: QtRunner, desks: Desks) -> None:
    async def main() -> None:
        async with desks.open() as desk:
            handle = desk.queue.submit(toy_spec("echo", repeat=1_000_000, target=AT_CARET))
            following = desk.placing.follow(handle)
            await until(lambda: desk.editor.area.ghost.text)
            await desk.placing.stop()
            assert following.cancelled()
            assert desk.editor.area.toPlainText() == desk.text == ""
            handle.cancel()
            await handle.wait()

    qt_runner.run(main)


class Latents:
    """Without a model, so that the engine beside this window brings no torch into its process."""

    def generate(self, params: Params, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        yield LatentOutput({"w": np.ones(3, np.float32)}, "toy.w", blank_image(32, 32))


def latent_bootstrap(options: EngineOptions) -> dict[str, RegisteredGenerator]:
    spec: GeneratorSpec[Params] = GeneratorSpec(
        "toy.latent", "Latent", "One latent.", Params, Latents, ("latent",), "1"
    )
    return {spec.id: RegisteredGenerator(spec, "toy")}


def test_latent_is_placed_as_its_picture_and_a_film_of_the_history_as_its_first_frame(
    qt_runner: QtRunner, desks: Desks, tmp_path: Path
) -> None:
    async def main() -> None:
        async with desks.open(latent_bootstrap) as desk:
            assert await desk.finish(toy_spec("latent")) is JobState.DONE
            (item,) = desk.history.items()
            assert item.kind == "latent"
            (layer,) = desk.store.document.layers
            np.testing.assert_array_equal(_pixels(layer), desk.history.pixels(item))
            assert layer.record_id == item.id
            with open_video(tmp_path, "film", 20, 10, 10, "gif") as film:
                film.add(np.full((10, 20, 3), 99, np.uint8))
            walk = desk.history.add(film.output(), item.record)
            await desk.placing.place(walk)
            await desk.placing.place(item)
            film_layer, again = desk.store.document.layers[1:]
            assert (film_layer.record_id, film_layer.bounds.width) == (walk.id, 20)
            np.testing.assert_array_equal(_pixels(film_layer), desk.history.pixels(walk))
            assert again.record_id == item.id

    qt_runner.run(main)
