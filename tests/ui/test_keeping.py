"""No text is lost by closing: it is asked about, and what can't ask leaves a draft that comes back."""

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

from studio.io.drafts import Drafts
from studio.io.paths import Paths, user_paths
from studio.ui.dialogs.unsaved_text import UnsavedText
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
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


def _asked(bench: Workbench) -> UnsavedText | None:
    shown = (w for w in bench.window.findChildren(UnsavedText) if w.isVisible())
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


def test_text_is_kept_while_it_is_unsaved_and_no_longer(
    run: Run, paths: Paths, tmp_path: Path
) -> None:
    draft = Drafts(paths.data).own

    async def test(bench: Workbench) -> None:
        bench.editor.replace_all("Words – 狐")
        await until(draft.exists)
        assert draft.read_text(encoding="utf-8") == "Words – 狐"
        closing = await _closing(bench, "save")
        await until(lambda: any(d.isVisible() for d in bench.window.findChildren(QFileDialog)))
        dialog = next(d for d in bench.window.findChildren(QFileDialog) if d.isVisible())
        dialog.fileSelected.emit(str(tmp_path / "out.md"))
        dialog.reject()
        await closing
        await bench.keeping.keep()
        assert not draft.exists()

    run(test)


def test_discarded_text_does_not_come_back(run: Run, paths: Paths) -> None:
    async def test(bench: Workbench) -> None:
        bench.editor.replace_all("Words")
        await bench.keeping.keep()
        assert await (await _closing(bench, "discard"))
        await bench.keeping.let_go()

    run(test)
    assert not Drafts(paths.data).own.exists()


def test_unsaved_text_comes_back_as_one_step(run: Run, paths: Paths) -> None:
    async def first(bench: Workbench) -> None:
        bench.editor.replace_all("Words")

    async def second(bench: Workbench) -> None:
        await bench.keeping.bring_back(opening=False)
        assert bench.store.document.text == "Words"
        assert "not saved" in bar_text(bench)
        assert bench.keeping.unsaved

    run(first)
    run(second)


def test_unsaved_text_is_put_aside_when_another_is_opened(run: Run, paths: Paths) -> None:
    async def test(bench: Workbench) -> None:
        for text in ("one", "two"):
            (paths.data / "draft.md").write_text(text)
            await bench.keeping.bring_back(opening=True)
        assert bench.store.document.text == ""
        assert "unsaved-2.md" in bar_text(bench)

    run(test)
    assert (paths.data / "unsaved-1.md").read_text() == "one"
    assert (paths.data / "unsaved-2.md").read_text() == "two"


def test_texts_of_several_windows_that_are_gone_come_back_or_are_put_aside(
    run: Run, paths: Paths
) -> None:
    for pid, text in ((2**22 + 7, "older"), (2**22 + 9, "newer")):
        (paths.data / f"draft-{pid}-1.md").write_text(text)
        os.utime(paths.data / f"draft-{pid}-1.md", (pid, pid))

    async def test(bench: Workbench) -> None:
        await bench.keeping.bring_back(opening=False)
        assert bench.store.document.text == "newer"
        assert "unsaved-1.md" in bar_text(bench)
        assert (paths.data / "unsaved-1.md").read_text() == "older"
        assert Drafts(paths.data).own.read_text() == "newer"

    run(test)


WRITES = """
import sys
from studio.ui import run
from studio.ui.keeping import Keeping
real = Keeping.bring_back
async def back(self, *, opening):
    await real(self, opening=opening)
    text = self._store.document.text
    if not text:
        from studio.core.edits import ReplaceText
        self._store.apply(ReplaceText(0, "", "Words", label="typing"))
    print(f"text: {text}", flush=True)
Keeping.bring_back = back
sys.exit(run.run_window())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send politely")
def test_window_that_is_ended_from_outside_brings_its_text_back(tmp_path: Path) -> None:
    for expected in ("text:", "text: Words"):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITES], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "FOLIO_HOME": str(tmp_path)},
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline().strip() == expected
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=TIMEOUT_S)
        assert process.returncode == 0, errors
