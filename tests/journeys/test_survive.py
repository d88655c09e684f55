"""What must be survived, through the whole studio: the engine killed at any phase, the wrong model."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.api import ModelError, ModelFacts, ParamsError
from studio.api.models import ModelInfo
from studio.app import Studio, build_studio
from studio.jobs.events import Progressed, ResultReady, StateChanged
from studio.jobs.spec import JobState
from tests.support.engines import (
    events_until,
    make_host,
    paths_in,
    run_async,
    running_queue,
    toy_spec,
)


def _endless_model(folder: Path) -> ModelInfo:
    path = folder / "endless.bin"
    path.write_bytes(b"x")
    facts = ModelFacts(family="toy", format="toy")
    return ModelInfo(id="endless", path=path, facts=facts, content_hash="0" * 64, size_bytes=1)


@pytest.mark.parametrize("phase", ["starting", "loading", "running", "delivering"])
def test_engine_killed_in_any_phase_costs_one_job_at_most(phase: str, tmp_path: Path) -> None:
    model = _endless_model(tmp_path)
    jobs: dict[str, dict[str, Any]] = {
        "starting": {"verb": "fault", "fault": "wait"},
        "loading": {"verb": "load", "model": "endless", "models": {"model": model}},
        "running": {"verb": "fault", "fault": "wait"},
        "delivering": {"verb": "paint", "side": 2000, "count": 10, "steps": 1},
    }

    async def main() -> None:
        async with running_queue(make_host("child", tmp_path)) as queue:
            victim = queue.submit(toy_spec(**jobs[phase]))
            after = queue.submit(toy_spec(text="alive"))
            if phase == "starting":
                changed = asyncio.Event()
                queue.engine_changed.connect(lambda status: changed.set())
                while queue.status.pid is None:
                    await changed.wait()
                    changed.clear()
            else:
                await events_until(victim, ResultReady if phase == "delivering" else Progressed)
            pid = queue.status.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            state = await asyncio.wait_for(victim.wait(), 20) if phase != "starting" else None
            if state is not None:
                assert state is JobState.FAILED
                assert victim.error is not None
                assert "signal 9" in victim.error.what
            victim.cancel()
            assert await after.wait() is JobState.DONE

    run_async(main)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return build_studio(engine="in_process", paths=paths_in(tmp_path))


def _closed(studio: Studio, body: Callable[[], None]) -> None:
    async def main() -> None:
        await studio.queue.start()
        try:
            body()
        finally:
            await studio.close()

    run_async(main)


def test_no_model_says_how_to_add_one(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio.models, "_starters", [])

    def body() -> None:
        with pytest.raises(ModelError, match="studio models add"):
            studio.make_spec("images.create", {"prompt": "a fox"})

    _closed(studio, body)


def test_model_of_another_family_is_refused_before_anything_runs(studio: Studio) -> None:
    def body() -> None:
        writer = studio.models.best("language")
        with pytest.raises(ParamsError, match="needs a diffusion model"):
            studio.make_spec("images.create", {"prompt": "a fox", "model": writer.id})

    _closed(studio, body)


def test_result_that_cannot_be_kept_still_reaches_the_person(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    async def main() -> None:
        await studio.queue.start()
        said: list[str] = []
        studio.queue.store_failed.connect(lambda error: said.append(error.what))

        def full(descriptor: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        try:
            spec = studio.make_spec(
                "writer.continue", {"text": "The sea", "max_new_tokens": 3, "seed": 1}
            )
            monkeypatch.setattr(os, "fsync", full)
            handle = studio.queue.submit(spec)
            seen = [event async for event in handle]
            assert any(isinstance(event, ResultReady) for event in seen)
            assert isinstance(seen[-1], StateChanged)
            assert handle.state is JobState.DONE
            assert said == ["The disk is full."]
        finally:
            monkeypatch.undo()
            await studio.close()

    run_async(main)
