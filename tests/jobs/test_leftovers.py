"""What a killed engine's job had begun to write is gone with the next engine; others' files stay."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from studio.jobs.leftovers import results_folder, sweep_leftovers, work_folder


def _dead_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as process:
        process.wait()
        return process.pid


def _file(folder: Path) -> Path:
    folder.mkdir(parents=True)
    path = folder / "film.mp4"
    path.write_bytes(b"half")
    return path


def test_sweep_takes_the_dead_engines_files_and_no_others(tmp_path: Path) -> None:
    dead = str(_dead_pid())
    half = _file(tmp_path / "work" / dead / "job")
    mine = _file(work_folder(tmp_path) / "job")
    waiting = _file(tmp_path / "results" / dead)
    forgotten = _file(tmp_path / "results" / f"{dead}0000000")
    ready = _file(results_folder(tmp_path))
    os.utime(forgotten.parent, (0, 0))
    os.utime(ready.parent, (0, 0))
    sweep_leftovers(tmp_path)
    there = [path.exists() for path in (half, mine, waiting, forgotten, ready)]
    assert there == [False, True, True, False, True]


def test_sweep_of_nothing_is_quiet(tmp_path: Path) -> None:
    sweep_leftovers(tmp_path / "nowhere")
