"""No work is lost by closing: it is asked about, and what can't ask leaves a journal that comes back."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QPushButton

from studio.core.edits import PlaceLayer
from studio.io.folio_writer import write_folio
from studio.io.paths import Paths, user_paths
from studio.io.recovery import LeftBehind, find_left_behind
from studio.ui.dialogs.recovery import Recovery, when
from studio.ui.dialogs.unsaved import Unsaved
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support.folios import paint_layer, rich_document
from tests.support.furnished import Run, bar_text, runner
from tests.support.qt_async import QtRunner, until

TIMEOUT_S = 60


@pytest.fixture
def paths() -> Paths:
    paths = user_paths()
    paths.make()
    return paths


@pytest.fixture
def run(qt_runner: QtRunner, paths: Paths, theme: Theme) -> Run:
    return runner(qt_runner, paths, theme, "none.")


def _asked(bench: Workbench) -> Unsaved | None:
    shown = (w for w in bench.window.findChildren(Unsaved) if w.isVisible())
    return next(shown, None)


async def _closing(bench: Workbench, answer: str) -> asyncio.Task[bool]:
    """Ask to close, and press a button of what is asked."""
    closing = asyncio.ensure_future(bench.keeping.may_close())
    await until(lambda: _asked(bench) is not None)
    dialog = _asked(bench)
    assert dialog is not None
    button = getattr(dialog, answer)
    assert isinstance(button, QPushButton)
    button.click()
    return closing


def test_window_without_a_text_or_with_a_saved_one_closes_unasked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "song.md").write_text("La la")

    async def test(bench: Workbench) -> None:
        assert await bench.keeping.may_close()
        bench.open_file(tmp_path / "song.md")
        await until(lambda: bench.store.document.text == "La la")
        assert await bench.keeping.may_close()

    run(test)


def test_cancel_keeps_the_window_open(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        bench.editor.replace_all("Words")
        assert not await (await _closing(bench, "cancel"))
        assert await (await _closing(bench, "discard"))

    run(test)


def test_save_writes_the_changed_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "song.md"
    path.write_text("La la")

    async def test(bench: Workbench) -> None:
        bench.open_file(path)
        await until(lambda: bench.store.document.text == "La la")
        bench.editor.replace_all("La la la")
        assert await (await _closing(bench, "save"))
        assert path.read_text() == "La la la"

    run(test)


@pytest.mark.parametrize("named", [True, False])
def test_save_of_a_text_without_a_name_asks_for_one(run: Run, tmp_path: Path, named: bool) -> None:
    async def test(bench: Workbench) -> None:
        bench.editor.replace_all("Words")
        closing = await _closing(bench, "save")
        await until(lambda: any(d.isVisible() for d in bench.window.findChildren(QFileDialog)))
        dialog = next(d for d in bench.window.findChildren(QFileDialog) if d.isVisible())
        if named:
            dialog.fileSelected.emit(str(tmp_path / "out.md"))
        dialog.reject()
        assert await closing is named
        assert (tmp_path / "out.md").exists() is named

    run(test)


def test_save_that_fails_keeps_the_window_open(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "song.md"
    path.write_text("La la")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async def test(bench: Workbench) -> None:
        bench.open_file(path)
        await until(lambda: bench.store.document.text == "La la")
        bench.editor.replace_all("La la la")
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            assert not await (await _closing(bench, "save"))
        assert "disk is full" in bar_text(bench)
        assert path.read_text() == "La la"
        assert await (await _closing(bench, "discard"))

    run(test)


def _left(paths: Paths) -> list[LeftBehind]:
    found, problems = find_left_behind(paths.journals)
    assert problems == []
    return found


def _offered(bench: Workbench) -> Recovery | None:
    shown = (w for w in bench.window.findChildren(Recovery) if w.isVisible())
    return next(shown, None)


async def _looked(bench: Workbench) -> Recovery:
    await bench.recovering.look(opening=False)
    dialog = _offered(bench)
    assert dialog is not None
    return dialog


async def _types_words(bench: Workbench) -> None:
    bench.editor.replace_all("Words")


def test_work_is_kept_while_it_is_unsaved_and_no_longer(
    run: Run, paths: Paths, tmp_path: Path
) -> None:
    async def test(bench: Workbench) -> None:
        bench.editor.replace_all("Words – 狐")
        await until(lambda: list(paths.journals.glob("*/journal.sqlite")))
        await bench.keeping.keep()
        closing = await _closing(bench, "save")
        await until(lambda: any(d.isVisible() for d in bench.window.findChildren(QFileDialog)))
        dialog = next(d for d in bench.window.findChildren(QFileDialog) if d.isVisible())
        dialog.fileSelected.emit(str(tmp_path / "out.folio"))
        dialog.reject()
        assert await closing
        await bench.keeping.let_go()

    run(test)
    assert (tmp_path / "out.folio").exists()
    assert _left(paths) == []
    assert list(paths.journals.iterdir()) == []


def test_discarded_work_does_not_come_back(run: Run, paths: Paths) -> None:
    async def test(bench: Workbench) -> None:
        bench.editor.replace_all("Words")
        await bench.keeping.keep()
        assert await (await _closing(bench, "discard"))
        await bench.keeping.let_go()

    run(test)
    assert _left(paths) == []


def test_unsaved_work_is_offered_with_a_preview_and_comes_back(run: Run, paths: Paths) -> None:
    async def first(bench: Workbench) -> None:
        bench.editor.replace_all("Words")
        bench.store.apply(PlaceLayer(paint_layer("a", 1), 0))

    async def second(bench: Workbench) -> None:
        dialog = await _looked(bench)
        assert dialog.list.count() == 1
        said = dialog.list.item(0).text()
        assert said.startswith("Untitled")
        assert "ago" in said or "just now" in said
        assert "1 layer, “Words”" in said
        assert not dialog.list.item(0).icon().isNull()
        dialog.bring_back.click()
        await until(lambda: bench.store.document.text == "Words")
        assert [layer.id for layer in bench.store.document.layers] == ["a"]
        assert bench.editor.area.toPlainText() == "Words"
        await until(lambda: "isn't saved yet" in bar_text(bench))
        assert bench.filing.unsaved
        assert len(list(paths.journals.iterdir())) == 1

    run(first)
    run(second)
    assert [left.document.text for left in _left(paths)] == ["Words"]


def test_unsaved_changes_of_a_folio_come_back_with_its_name(
    run: Run, paths: Paths, tmp_path: Path
) -> None:
    path = tmp_path / "a.folio"
    write_folio(path, rich_document())

    async def first(bench: Workbench) -> None:
        bench.open_file(path)
        await until(lambda: bench.store.document.layers)
        bench.editor.replace_all("Changed")

    async def second(bench: Workbench) -> None:
        dialog = await _looked(bench)
        assert dialog.list.item(0).text().startswith("a.folio")
        dialog.bring_back.click()
        await until(lambda: bench.store.document.text == "Changed")
        await until(lambda: "isn't saved yet" in bar_text(bench))
        assert bench.filing.path == path
        assert bench.window.isWindowModified()
        await bench.filing.save()
        assert not bench.filing.unsaved

    run(first)
    run(second)
    assert _left(paths) == []


def test_unsaved_work_thrown_away_is_gone(run: Run, paths: Paths) -> None:
    async def second(bench: Workbench) -> None:
        dialog = await _looked(bench)
        dialog.throw_away.click()
        await until(lambda: not list(paths.journals.iterdir()))
        assert _offered(bench) is None

    run(_types_words)
    run(second)


def test_unsaved_work_waits_when_a_file_is_opened_or_the_person_says_so(
    run: Run, paths: Paths
) -> None:
    async def second(bench: Workbench) -> None:
        await bench.recovering.look(opening=True)
        assert _offered(bench) is None
        assert "unsaved work" in bar_text(bench)
        bench.window.message_bar.buttons[0].click()
        dialog = _offered(bench)
        assert dialog is not None
        dialog.later.click()

    run(_types_words)
    run(second)
    assert [left.document.text for left in _left(paths)] == ["Words"]


def test_draft_of_an_older_version_is_offered_too(run: Run, paths: Paths) -> None:
    (paths.data / "draft.md").write_text("From before")

    async def test(bench: Workbench) -> None:
        dialog = await _looked(bench)
        dialog.bring_back.click()
        await until(lambda: bench.store.document.text == "From before")
        await until(lambda: not (paths.data / "draft.md").exists())

    run(test)
    assert [left.document.text for left in _left(paths)] == ["From before"]


@pytest.mark.parametrize(
    ("ago_s", "words"),
    [(5, "just now"), (61, "1 minute ago"), (7200, "2 hours ago"), (200_000, "2 days ago")],
)
def test_time_of_unsaved_work_is_told_in_words(ago_s: float, words: str) -> None:
    assert f"({words})" in when(1_700_000_000, now=1_700_000_000 + ago_s)


WRITES = """
import sys
from studio.ui import run
from studio.ui.recovering import Recovering
real = Recovering.look
async def look(self, *, opening):
    await real(self, opening=opening)
    if not self.found:
        from studio.core.edits import ReplaceText
        self._filing._store.apply(ReplaceText(0, "", "Words", label="typing"))
    print("found:", *(left.document.text for left in self.found), flush=True)
Recovering.look = look
sys.exit(run.run_window())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send politely")
def test_window_that_is_ended_from_outside_offers_its_work_next_time(tmp_path: Path) -> None:
    for expected in ("found:", "found: Words"):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITES], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "FOLIO_HOME": str(tmp_path)},
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline().strip() == expected
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=TIMEOUT_S)
        assert process.returncode == 0, errors
