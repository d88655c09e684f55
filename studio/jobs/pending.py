"""Jobs that wait or run, on disk, so that a crash doesn't forget them. Event-loop thread."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

from pydantic import ValidationError

from studio.jobs.spec import JobSpec

log = logging.getLogger(__name__)


class PendingJobs:
    """A table of specs: put at submission, removed at the final state.

    Raises:
        sqlite3.Error: from any method, when the disk is full or the file is damaged.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Opened on whatever thread builds the studio, then used on the loop's alone.
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        # A power cut may lose the last moments; a killed process loses nothing.
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS pending (job_id TEXT PRIMARY KEY, spec TEXT NOT NULL)"
        )

    def put(self, spec: JobSpec) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO pending VALUES (?, ?)", (spec.job_id, spec.model_dump_json())
        )

    def remove(self, job_id: str) -> None:
        self._database.execute("DELETE FROM pending WHERE job_id = ?", (job_id,))

    def all(self) -> list[JobSpec]:
        """Every spec in the order of submission; one that can't be read any more is dropped."""
        specs: list[JobSpec] = []
        rows = self._database.execute("SELECT job_id, spec FROM pending ORDER BY rowid").fetchall()
        for job_id, text in rows:
            try:
                specs.append(JobSpec.model_validate_json(text))
            except ValidationError:
                log.warning("dropped a pending job that can't be read: %s", job_id)
                self.remove(job_id)
        return specs

    def close(self) -> None:
        self._database.close()
