"""Queues on real engines for tests: build, run, and leave nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from studio.api.models import ModelFacts, ModelInfo
from studio.core.catalogue import RegisteredGenerator
from studio.core.records import utc_now
from studio.io.paths import Paths
from studio.jobs.child import ChildHost
from studio.jobs.events import JobEvent
from studio.jobs.handle import JobHandle
from studio.jobs.host import Bootstrap, EngineHost, EngineOptions
from studio.jobs.in_process import InProcessHost
from studio.jobs.pending import PendingJobs
from studio.jobs.queue import JobQueue
from studio.jobs.spec import JobSpec, new_job_id
from tests.support import toy_faces, toy_plugin

TIMEOUT_S = 120.0
"""A bound, not a measure: on a busy machine an engine alone takes many seconds to start."""


def paths_in(folder: Path) -> Paths:
    return Paths(config=folder / "config", data=folder / "data", cache=folder / "cache")


def make_host(
    kind: str, folder: Path, *, bootstrap: Bootstrap = toy_plugin.bootstrap, **options: Any
) -> EngineHost:
    made = EngineOptions(paths=paths_in(folder), **options)
    hosts: dict[str, type[InProcessHost] | type[ChildHost]] = {
        "in_process": InProcessHost,
        "child": ChildHost,
    }
    return hosts[kind](bootstrap, made)


def shared_blocks(pid: int) -> list[str]:
    """The blocks of shared memory that engines of a process have left behind."""
    return [path.name for path in Path("/dev/shm").glob(f"folio{pid}x*")]


def toy_spec(verb: str = "echo", **values: Any) -> JobSpec:
    """A spec for a toy; names that are a spec's own fields go to the spec, the rest to the params."""
    own = {name: values.pop(name) for name in tuple(values) if name in JobSpec.model_fields}
    own.setdefault("seed", 7)
    return JobSpec(
        job_id=new_job_id(), generator_id=f"toy.{verb}", generator_version="1", params=values,
        created_at=utc_now(), **own,
    )  # fmt: skip


def faces_bootstrap(options: EngineOptions) -> dict[str, RegisteredGenerator]:
    """The toys and the toy faces."""
    made = [RegisteredGenerator(spec, "faces") for spec in toy_faces.specs()]
    return toy_plugin.bootstrap(options) | {entry.spec.id: entry for entry in made}


def face_spec(folder: Path, verb: str, **values: Any) -> JobSpec:
    """A spec for a toy face, with a model of its own in `folder`."""
    path = toy_faces.write_model(folder / "plain.face")
    facts = ModelFacts(family="toy-face", format="toy")
    info = ModelInfo(id="plain", path=path, facts=facts, content_hash="0" * 64, size_bytes=1)
    spec = toy_spec(verb, models={"model": info}, model="plain", **values)
    return spec.model_copy(update={"generator_id": f"face.{verb}"})


@asynccontextmanager
async def running_queue(
    host: EngineHost, *, pending: PendingJobs | None = None, **callbacks: Any
) -> AsyncIterator[JobQueue]:
    queue = JobQueue(host, pending=pending, **callbacks)
    await queue.start()
    try:
        yield queue
    finally:
        await queue.stop()


def run_async(main: Callable[[], Awaitable[None]]) -> None:
    """Run a coroutine function to its end, within a bound."""

    async def bounded() -> None:
        await asyncio.wait_for(main(), TIMEOUT_S)

    asyncio.run(bounded())


async def events_until(handle: JobHandle, kind: type[JobEvent]) -> list[JobEvent]:
    """The job's events up to the first of a kind."""
    seen: list[JobEvent] = []
    async for event in handle:
        seen.append(event)
        if isinstance(event, kind):
            break
    return seen
