"""Cancel: how far a job still goes, and that a thousand leave nothing behind. Counts, not times."""

from __future__ import annotations

import asyncio
import gc
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil

from studio.app import Studio, build_studio
from studio.jobs.context import JobContext
from studio.jobs.events import Progressed
from studio.jobs.queue import JobQueue
from studio.jobs.spec import JobState
from tests.benchmarks.figure import Figure, at_most
from tests.support.engines import make_host, paths_in, toy_spec
from tests.support.tiny_diffusion import tiny_pipeline

PAIRS = 1000


def in_mid_run() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        yield from asyncio.run(_real_generators(Path(folder)))


def pairs() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        yield from asyncio.run(_pairs(Path(folder)))


async def _real_generators(folder: Path) -> list[Figure]:
    studio = build_studio(engine="in_process", paths=paths_in(folder))
    await studio.queue.start()
    try:
        model = studio.models.add(tiny_pipeline(folder / "pipeline", base=64))
        values = {"model": model.id, "steps": 150, "prompt": "a fox", "seed": 1}
        steps = [await _units_after_cancel(studio, "images.create", values) for _ in range(10)]
        text = {"text": "Once", "max_new_tokens": 4000, "seed": 1}
        tokens = [await _units_after_cancel(studio, "writer.continue", text) for _ in range(10)]
    finally:
        await studio.close()
    note = "worst of 10 cancels in mid-run"
    return [
        at_most("cancel to idle: denoising steps", max(steps), 1, "steps", note),
        at_most("cancel to idle: tokens", max(tokens), 1, "tokens", note),
    ]


async def _units_after_cancel(studio: Studio, generator: str, values: dict[str, object]) -> int:
    """Steps or tokens whose cancel point the engine still came to once it was told."""
    reached = 0
    check = JobContext.check

    def counting(self: JobContext) -> None:
        nonlocal reached
        reached += self.cancelled
        check(self)

    JobContext.check = counting  # type: ignore[method-assign]
    try:
        handle = studio.queue.submit(studio.make_spec(generator, values))
        async for event in handle:
            if isinstance(event, Progressed) and handle.state is JobState.RUNNING:
                handle.cancel()
    finally:
        JobContext.check = check  # type: ignore[method-assign]
    if handle.state is not JobState.CANCELLED:
        raise RuntimeError(f"{generator} went on after its cancel: {handle.state}")
    return reached


async def _pairs(folder: Path) -> list[Figure]:
    threads = threading.active_count()
    queue = JobQueue(make_host("in_process", folder))
    await queue.start()
    process = psutil.Process()
    await _submit_and_cancel(queue, PAIRS // 10)
    gc.collect()
    before = process.memory_info().rss
    await _submit_and_cancel(queue, PAIRS)
    gc.collect()
    grown = (process.memory_info().rss - before) / 1e6
    live = sum(not job.state.final for job in queue.jobs)
    await queue.stop()
    name = f"{PAIRS} submit and cancel pairs"
    return [
        at_most(f"{name}: jobs left", live, 0, "jobs"),
        at_most(f"{name}: threads left", threading.active_count() - threads, 0, "threads"),
        at_most(
            f"{name}: memory grown", grown, 5, "MB", "resident memory after a tenth as warm-up"
        ),
    ]


async def _submit_and_cancel(queue: JobQueue, pairs: int) -> None:
    for _ in range(pairs):
        handle = queue.submit(toy_spec("fault", fault="wait"))
        handle.cancel()
        await handle.wait()
