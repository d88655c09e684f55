"""The furnished window over a real studio: what a creator does, from prompt to document."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from studio.core.records import utc_now
from studio.io.images import encode_png, read_image
from studio.io.paths import Paths, user_paths
from studio.jobs.events import EngineStatus
from studio.jobs.pending import PendingJobs
from studio.jobs.spec import JobSpec, JobState, new_job_id
from studio.ui.dialogs.settings import SettingsDialog
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support.furnished import Run, bar_text, runner
from tests.support.qt_async import QtRunner, until

PLUGIN = """
from typing import Annotated
import numpy as np
from pydantic import Field
from studio.api import (GeneratorSpec, ImageOutput, Params, PromptHint, Seed, StudioError, TextDelta,
    TextInputHint, TextOutput, hookimpl, seed_field)

FOLIO_API = 1

class SheetParams(Params):
    prompt: Annotated[str, PromptHint()] = Field("", max_length=50)
    side: int = Field(16, ge=1, le=64)
    seed: Seed = seed_field()

class Sheet:
    def generate(self, params, inputs, ctx):
        if params.prompt == "tear":
            raise StudioError("The paper is torn.", remedy="Take another.")
        yield ImageOutput(np.full((params.side, params.side, 4), ctx.seed % 256, np.uint8))

class LineParams(Params):
    text: Annotated[str, TextInputHint("before_caret")] = ""

class Line:
    def generate(self, params, inputs, ctx):
        for word in (" and", " more"):
            yield TextDelta(word)
        yield TextOutput(" and more")

class ForeverParams(Params):
    pass

class Forever:
    def generate(self, params, inputs, ctx):
        while True:
            ctx.progress(1, 2)
        yield

@hookimpl
def folio_generators():
    def spec(verb, params, factory, yields):
        return GeneratorSpec(id="a_paper." + verb, title=verb, description=verb, params=params,
            factory=factory, yields=(yields,), version="1")
    return [spec("sheet", SheetParams, Sheet, "image"), spec("line", LineParams, Line, "text"),
        spec("forever", ForeverParams, Forever, "text")]
"""


@pytest.fixture
def paths() -> Paths:
    made = user_paths()
    made.make()
    (made.plugins / "a_paper.py").write_text(PLUGIN, encoding="utf-8")
    return made


@pytest.fixture
def run(qt_runner: QtRunner, paths: Paths, theme: Theme) -> Run:
    return runner(qt_runner, paths, theme, "a_paper.")


def test_prompt_becomes_a_layer_a_history_item_and_one_undo_step(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.generate.choose("a_paper.sheet")
        form = bench.generate.form
        assert form is not None
        form.set_values({"prompt": "a sheet", "side": 20})
        bench.window.actions_by_name["generate"].trigger()
        await until(lambda: bench.store.document.layers)
        (layer,) = bench.store.document.layers
        assert (layer.bounds.width, layer.bounds.height) == (20, 20)
        await until(lambda: bench.history.model.rowCount() == 1)
        assert form.values()["seed"] == -1
        bench.window.actions_by_name["undo"].trigger()
        assert bench.store.document.layers == ()

    run(test)


def test_control_enter_in_the_text_writes_on(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.editor.replace_all("Once")
        area = bench.editor.area
        area.moveCursor(area.textCursor().MoveOperation.End)
        bench.window.actions_by_name["continue_writing"].trigger()
        await until(lambda: bench.editor.area.ghost.suggestion)
        assert bench.store.document.text == "Once"
        QTest.keyClick(area, Qt.Key.Key_Tab)
        assert bench.store.document.text == "Once and more"
        assert [(span.start, span.end) for span in bench.store.document.spans] == [(4, 13)]
        assert bench.generate.generator_id == "a_paper.line"

    run(test)


def test_bad_value_marks_the_field_and_queues_nothing(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.generate.choose("a_paper.sheet")
        form = bench.generate.form
        assert form is not None
        form.set_values({"prompt": "x" * 60})
        bench.generate.submit()
        await asyncio.sleep(0)
        assert bench.studio.queue.jobs == ()
        assert not form.rows["prompt"].problem.isHidden()

    run(test)


def test_escape_cancels_the_running_job(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.generate.choose("a_paper.forever")
        bench.generate.submit()
        await until(lambda: bench.studio.queue.jobs)
        (handle,) = bench.studio.queue.jobs
        await until(lambda: handle.state is JobState.RUNNING)
        assert not bench.generate.cancel.isHidden()
        bench.window.activateWindow()
        bench.window.actions_by_name["cancel"].trigger()
        assert handle.cancelling
        assert await handle.wait() is JobState.CANCELLED
        await until(lambda: bench.generate.cancel.isHidden())

    run(test)


def test_failed_job_is_said_in_the_bar_and_the_queue(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.generate.fill("a_paper.sheet", {"prompt": "tear"})
        bench.generate.submit()
        await until(lambda: "The paper is torn." in bar_text(bench))
        assert "Take another." in bar_text(bench)

    run(test)


def test_history_item_fills_the_panel_to_make_it_again(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.generate.fill("a_paper.sheet", {"prompt": "first", "seed": 77})
        bench.generate.submit()
        await until(lambda: bench.history.model.rowCount() == 1)
        bench.generate.fill("a_paper.sheet", {"prompt": "second", "seed": -1})
        (item,) = bench.studio.history.items()
        bench.history.again_requested.emit(item)
        form = bench.generate.form
        assert form is not None
        assert form.values() == {"prompt": "first", "side": 16, "seed": 77}

    run(test)


def test_rating_and_deleting_reach_the_history(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.generate.choose("a_paper.sheet")
        bench.generate.submit()
        await until(lambda: bench.history.model.rowCount() == 1)
        (item,) = bench.studio.history.items()
        bench.history.rate_requested.emit(item, 4)
        await until(lambda: bench.studio.history.get(item.id).rating == 4)
        bench.history.delete_requested.emit(item)
        assert bench.studio.history.items()
        bench.window.message_bar.buttons[0].click()
        await until(lambda: bench.history.model.rowCount() == 0)
        assert bench.studio.history.items() == []

    run(test)


def _left_over(paths: Paths) -> None:
    pending = PendingJobs(paths.jobs_db)
    pending.put(
        JobSpec(
            job_id=new_job_id(), generator_id="a_paper.sheet", generator_version="1",
            params={"prompt": "old", "side": 8, "seed": 3}, seed=3, title="old",
            created_at=utc_now(),
        )
    )  # fmt: skip
    pending.close()


@pytest.mark.parametrize(("button", "layers"), [(0, 1), (1, 0)], ids=["run", "forget"])
def test_jobs_left_by_a_crash_are_offered(run: Run, paths: Paths, button: int, layers: int) -> None:
    _left_over(paths)

    async def test(bench: Workbench) -> None:
        assert bar_text(bench) == "1 job was waiting when Folio last closed."
        bench.window.message_bar.buttons[button].click()
        assert bench.studio.queue.left_over() == []
        await until(lambda: len(bench.store.document.layers) == layers)

    run(test)


def test_interrupted_job_is_offered_and_runs_again(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.generate.choose("a_paper.sheet")
        bench.generate.submit()
        await until(lambda: bench.store.document.layers)
        bench.studio.queue.job_interrupted.emit(bench.studio.queue.jobs[0].spec)
        assert "not finished" in bar_text(bench)
        bench.window.message_bar.buttons[0].click()
        await until(lambda: len(bench.store.document.layers) == 2)

    run(test)


def test_broken_engine_shows_in_status_and_bar(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.studio.queue.engine_changed.emit(EngineStatus("broken", message="It won't start."))
        assert bench.window.status_line.state.text() == "It won't start."
        assert not bench.window.status_line.restart.isHidden()
        assert "It won't start." in bar_text(bench)
        bench.studio.queue.engine_changed.emit(
            EngineStatus("idle", "cpu", "A fast CPU", 2 * 10**9, 8 * 10**9)
        )
        assert bar_text(bench) == ""
        assert bench.window.status_line.device.text() == "A fast CPU"
        assert bench.window.status_line.memory.text() == "2.0 GB of 8.0 GB"

    run(test)


def test_memory_for_undo_holds_as_soon_as_it_is_chosen(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.window.actions_by_name["settings"].trigger()
        dialog = bench.window.findChild(SettingsDialog)
        assert dialog is not None
        dialog.undo.setValue(77)
        dialog.undo.editingFinished.emit()
        assert bench.store.budget_bytes == 77 << 20
        dialog.accept()

    run(test)


def test_files_open_where_they_belong(run: Run, tmp_path: Path) -> None:
    (tmp_path / "song.md").write_text("La la\n", encoding="utf-8")
    (tmp_path / "odd.txt").write_bytes(b"\xff\xfe\x00\xd8")
    (tmp_path / "old.txt").write_bytes("déjà vu".encode("cp1252"))

    async def test(bench: Workbench) -> None:
        pixels = (await bench.studio.io.run(_grey_png, tmp_path / "grey.png"))[0]
        bench.open_file(tmp_path / "song.md")
        await until(lambda: bench.store.document.text == "La la\n")
        assert bench.window.windowTitle().startswith("song.md")
        bench.open_file(tmp_path / "grey.png")
        await until(lambda: bench.store.document.layers)
        assert bench.store.document.layers[0].bounds.width == pixels
        bench.open_file(tmp_path / "old.txt")
        await until(lambda: "Windows-1252" in bar_text(bench))
        assert bench.store.document.text == "déjà vu"
        bench.window.message_bar.dismiss()
        bench.window.files_dropped.emit([tmp_path / "odd.txt"])
        await until(lambda: "The file is no text" in bar_text(bench))

    run(test)


def _grey_png(path: Path) -> tuple[int, int]:
    import numpy as np

    path.write_bytes(encode_png(np.full((9, 12, 4), 90, np.uint8)))
    return 12, 9


async def _choose(bench: Workbench, action: str, path: Path) -> None:
    def shown() -> list[QFileDialog]:
        return [w for w in bench.window.findChildren(QFileDialog) if w.isVisible()]

    bench.window.actions_by_name[action].trigger()
    await until(lambda: bool(shown()))
    dialog = shown()[0]
    dialog.fileSelected.emit(str(path))
    dialog.reject()


def test_text_and_picture_are_saved(run: Run, tmp_path: Path) -> None:
    _grey_png(tmp_path / "grey.png")

    async def test(bench: Workbench) -> None:
        bench.window.actions_by_name["export_picture"].trigger()
        assert "empty" in bar_text(bench)
        bench.editor.replace_all("Words")
        await _choose(bench, "save_as", tmp_path / "out.md")
        await until((tmp_path / "out.md").exists)
        assert (tmp_path / "out.md").read_text(encoding="utf-8") == "Words"
        bench.open_file(tmp_path / "grey.png")
        await until(lambda: bench.store.document.layers)
        await _choose(bench, "export_picture", tmp_path / "out.png")
        await until((tmp_path / "out.png").exists)
        exported = read_image(tmp_path / "out.png")
        assert exported.shape == (9, 12, 4)
        assert int(exported[0, 0, 0]) == 90

    run(test)


def test_theme_chosen_is_kept(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.window.actions_by_name["theme_dark"].trigger()
        assert bench.window.theme.tokens.name == "dark"
        assert bench.studio.settings_file.load()[0].theme == "dark"

    run(test)


def test_palette_knows_the_actions_and_opens_by_key(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.window.actions_by_name["palette"].trigger()
        overlay = bench.window.palette_overlay
        assert overlay is not None
        assert overlay.isVisible()
        QTest.keyClicks(overlay.line, "keyboard")
        assert overlay.list.item(0).text() == "Keyboard shortcuts"
        QTest.keyClick(overlay.line, Qt.Key.Key_Escape)

    run(test)


def test_every_control_has_an_accessible_name(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.generate.choose("a_paper.sheet")
        nameless = []
        for widget in QApplication.allWidgets():
            if not bench.window.isAncestorOf(widget) or not widget.isVisible():
                continue
            takes_focus = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            spoken = widget.accessibleName() or getattr(widget, "text", lambda: "")()
            if takes_focus and not spoken and widget.focusProxy() is None:
                nameless.append(widget)
        assert nameless == []

    run(test)
