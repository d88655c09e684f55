"""An engine in this process with the starters, for measuring what its jobs cost beside bare networks.

With the engine's thread setting (one thread on two cores). Results are not stored: what the history
writes on its own threads is no part of what the engine takes, and would share its core here.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.app import Studio, build_studio
from studio.core.records import Record
from studio.io.resources import resource
from studio.jobs import device as devices
from studio.jobs.events import ResultReady
from studio.jobs.spec import JobState
from tests.support.engines import paths_in


@dataclass(frozen=True)
class Done:
    """`seconds` at the engine, from the job's beginning to its end; the last result's record."""

    seconds: float
    record: Record


@dataclass(frozen=True)
class BenchEngine:
    studio: Studio
    folder: Path
    threads: int
    runner: asyncio.Runner

    def run(self, generator: str, inputs: Mapping[str, Any] | None = None, **values: Any) -> Done:
        """Raises RuntimeError: the job failed; says why."""
        spec = self.studio.make_spec(generator, values, inputs=dict(inputs or {}), ephemeral=True)

        async def run() -> Done:
            handle = self.studio.queue.submit(spec)
            record: Record | None = None
            async for event in handle:
                if isinstance(event, ResultReady):
                    record = event.record
            if handle.state is not JobState.DONE or record is None:
                raise RuntimeError(f"{generator}: {handle.error or handle.state}")
            return Done(handle.seconds, record)

        return self.runner.run(run())

    def seconds(
        self, generator: str, inputs: Mapping[str, Any] | None = None, **values: Any
    ) -> float:
        return self.run(generator, inputs, **values).seconds


@contextmanager
def bench_engine() -> Iterator[BenchEngine]:
    threads = devices.limit_threads(devices.physical_cores())
    devices.prepare_torch(threads)
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        studio = build_studio(engine="in_process", paths=paths_in(Path(folder)))
        runner.run(studio.queue.start())
        try:
            yield BenchEngine(studio, Path(folder), threads, runner)
        finally:
            runner.run(studio.close())


def has_starter(name: str) -> bool:
    """Whether a model is among the starters; says so if not."""
    there = (resource("models") / name).is_dir()
    if not there:
        print(f"(no {name} among the starters: nothing to measure)")
    return there
