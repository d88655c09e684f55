"""Pending jobs on disk: kept over a crash, and never what keeps the studio from starting."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import psutil
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
        database.execute(
            "INSERT INTO pending (job_id, spec) VALUES ('old', '{\"format\": \"of another day\"}')"
        )
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


def test_jobs_of_another_window_that_lives_are_not_offered(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite"
    theirs, gone, ours = (toy_spec(text=text) for text in ("theirs", "gone", "ours"))
    pending = PendingJobs(path)
    for spec in (theirs, gone, ours):
        pending.put(spec)
    pending.close()
    parent = psutil.Process(os.getppid())
    began = int(parent.create_time())
    database = sqlite3.connect(path)
    with database:
        for spec, owner in (
            (theirs, f"{parent.pid}-{began}"),
            (gone, f"{parent.pid}-{began - 60}"),
        ):
            update = "UPDATE pending SET owner = ? WHERE job_id = ?"
            database.execute(update, (owner, spec.job_id))
    database.close()
    again = PendingJobs(path)
    assert again.all() == [gone, ours]
    again.close()


def test_file_of_an_older_version_is_brought_up_to_this_one(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite"
    spec = toy_spec()
    database = sqlite3.connect(path)
    with database:
        database.execute("CREATE TABLE pending (job_id TEXT PRIMARY KEY, spec TEXT NOT NULL)")
        row = (spec.job_id, spec.model_dump_json())
        database.execute("INSERT INTO pending VALUES (?, ?)", row)
    database.close()
    pending = PendingJobs(path)
    assert pending.all() == [spec]
    pending.put(toy_spec(text="new"))
    assert len(pending.all()) == 2
    pending.close()
