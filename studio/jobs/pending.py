"""Jobs that wait or run, on disk, so that a crash doesn't forget them. Event-loop thread."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from pathlib import Path

from pydantic import ValidationError

from studio.io.process_mark import lives, own_mark
from studio.jobs.spec import JobSpec

log = logging.getLogger(__name__)


class PendingJobs:
    """A table of specs: put at submission, removed at the final state. Several windows share it: each
    row says whose it is, and nobody is told of what another that lives is still busy with.

    A damaged file is moved aside and begun anew; where none can be opened the jobs are kept in
    memory, and are not offered after a crash: neither keeps the studio from starting.

    Raises:
        sqlite3.Error: from `put` and `remove`, when the disk is full.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._owner = own_mark()
        self._database = self._open()

    def put(self, spec: JobSpec) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO pending (job_id, spec, owner) VALUES (?, ?, ?)",
            (spec.job_id, spec.model_dump_json(), self._owner),
        )

    def remove(self, job_id: str) -> None:
        self._database.execute("DELETE FROM pending WHERE job_id = ?", (job_id,))

    def all(self) -> list[JobSpec]:
        """This process's specs and those of processes that are gone, in the order of submission; one
        that can't be read any more is dropped."""
        specs: list[JobSpec] = []
        for job_id, text, owner in self._rows():
            if owner != self._owner and lives(owner):
                continue
            try:
                specs.append(JobSpec.model_validate_json(text))
            except ValidationError:
                log.warning("dropped a pending job that can't be read: %s", job_id)
                self.remove(job_id)
        return specs

    def close(self) -> None:
        self._database.close()

    def _rows(self) -> list[tuple[str, str, str]]:
        query = "SELECT job_id, spec, owner FROM pending ORDER BY rowid"
        try:
            return self._database.execute(query).fetchall()
        except sqlite3.DatabaseError as problem:
            log.warning("the pending jobs can't be read: %s", problem)
            self._database.close()
            self._move_aside()
            self._database = self._open()
            return []

    def _open(self) -> sqlite3.Connection:
        try:
            return _connect(self._path)
        except (sqlite3.OperationalError, OSError) as problem:
            log.warning("the pending jobs can't be kept: %s", problem)
        except sqlite3.DatabaseError as problem:
            log.warning("the pending jobs are damaged and were moved aside: %s", problem)
            self._move_aside()
            with contextlib.suppress(sqlite3.Error):
                return _connect(self._path)
        return _connect(":memory:")

    def _move_aside(self) -> None:
        for ending in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                os.replace(f"{self._path}{ending}", f"{self._path}.damaged{ending}")


def _connect(path: Path | str) -> sqlite3.Connection:
    if isinstance(path, Path):
        path.parent.mkdir(parents=True, exist_ok=True)
    # Opened on whatever thread builds the studio, then used on the loop's alone.
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        # A power cut may lose the last moments; a killed process loses nothing.
        database.execute("PRAGMA synchronous=NORMAL")
        database.execute(
            "CREATE TABLE IF NOT EXISTS pending"
            " (job_id TEXT PRIMARY KEY, spec TEXT NOT NULL, owner TEXT NOT NULL DEFAULT '')"
        )
        if "owner" not in {row[1] for row in database.execute("PRAGMA table_info(pending)")}:
            database.execute("ALTER TABLE pending ADD COLUMN owner TEXT NOT NULL DEFAULT ''")
    except BaseException:
        database.close()
        raise
    return database
