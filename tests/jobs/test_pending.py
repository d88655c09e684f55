"""Pending jobs on disk: kept over a crash, and never what keeps the studio from starting."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from studio.jobs.pending import PendingJobs
from tests.support.engines import toy_spec


def test_all_gives_specs_in_order_of_submission(tmp_path: Path) -> None:
    specs = [toy_spec(text=str(number)) for number in range(3)]
    pending = PendingJobs(tmp_path / "jobs.sqlite")
    for spec in specs:
        pending.put(spec)
    pending.remove(specs[1].job_id)
    pending.close()
    again = PendingJobs(tmp_path / "jobs.sqlite")
    assert again.all() == [specs[0], specs[2]]
    again.close()


def test_spec_that_can_not_be_read_is_dropped_and_the_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite"
    spec = toy_spec()
    pending = PendingJobs(path)
    pending.put(spec)
    pending.close()
    database = sqlite3.connect(path)
    with database:
        database.execute("INSERT INTO pending VALUES ('old', '{\"format\": \"of another day\"}')")
    database.close()
    again = PendingJobs(path)
    assert again.all() == [spec]
    again.close()


@pytest.mark.parametrize("cut", ["garbage", "damaged page"])
def test_damaged_file_is_moved_aside_and_begun_anew(cut: str, tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite"
    if cut == "garbage":
        path.write_bytes(b"no database " * 1000)
    else:
        whole = PendingJobs(path)
        whole.put(toy_spec(text="x" * 20_000))
        whole.close()
        content = bytearray(path.read_bytes())
        content[4096:] = b"\xff" * (len(content) - 4096)
        path.write_bytes(content)
    pending = PendingJobs(path)
    assert pending.all() == []
    spec = toy_spec()
    pending.put(spec)
    assert pending.all() == [spec]
    pending.close()
    assert (tmp_path / "jobs.sqlite.damaged").exists()


def test_folder_that_can_not_be_used_keeps_jobs_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    pending = PendingJobs(tmp_path / "file" / "jobs.sqlite")
    spec = toy_spec()
    pending.put(spec)
    assert pending.all() == [spec]
    pending.close()
