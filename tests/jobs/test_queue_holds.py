"""What must not hold the queue up or fill it: listeners' bugs, slow readers, big inputs, restarts."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.api import Context, GeneratorSpec, Inputs, Output, Params
from studio.api.errors import StorageError
from studio.api.outputs import FileOutput, ImageOutput, Pixels, TextOutput
from studio.core.catalogue import RegisteredGenerator
from studio.jobs.events import EngineStatus, Previewed, Progressed, ResultReady
from studio.jobs.host import EngineOptions
from studio.jobs.mailbox import Mailbox
from studio.jobs.spec import JobSpec, JobState
from tests.support import toy_plugin
from tests.support.engines import events_until, make_host, run_async, running_queue, toy_spec

PIXELS = np.zeros((4, 4, 4), np.uint8)


def test_listener_that_raises_is_reported_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, problem, trace: reported.append(kind))

    def broken(*args: object) -> None:
        raise LookupError("a bug in a panel")

    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path)) as queue:
            queue.changed.connect(broken)
            queue.engine_changed.connect(broken)
            first = queue.submit(toy_spec())
            first.changed.connect(broken)
            assert await first.wait() is JobState.DONE
            stuck = queue.submit(toy_spec("fault", fault="wait"))
            await events_until(stuck, Progressed)
        assert stuck.state is JobState.CANCELLED

    run_async(main)
    assert set(reported) == {LookupError}


def test_store_that_fails_oddly_loses_no_result_and_stops_nothing(tmp_path: Path) -> None:
    async def store(spec: JobSpec, event: ResultReady) -> str:
        raise ZeroDivisionError("a bug in the history")

    async def main() -> None:
        said: list[str] = []
        async with running_queue(make_host("in_process", tmp_path), store_result=store) as queue:
            queue.store_failed.connect(lambda error: said.append(error.what))
            for _ in range(2):
                handle = queue.submit(toy_spec())
                assert await handle.wait() is JobState.DONE
                assert len(handle.results) == 1
        assert len(said) == 2
        assert "a bug in the history" in said[0]

    run_async(main)


def test_film_that_comes_after_its_job_ended_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"film")
    host = make_host("in_process", tmp_path)
    mailboxes: list[Mailbox] = []
    start = host.start

    def overheard(deliver: Mailbox) -> None:
        mailboxes.append(deliver)
        start(deliver)

    monkeypatch.setattr(host, "start", overheard)

    async def main() -> None:
        async with running_queue(host) as queue:
            ended = queue.submit(toy_spec())
            assert await ended.wait() is JobState.DONE
            late = replace(ended.results[0], output=FileOutput(film, "video/mp4", PIXELS))
            mailboxes[0].post(late)
            after = queue.submit(toy_spec())
            assert await after.wait() is JobState.DONE
        assert len(ended.results) == 1

    run_async(main)
    assert not film.exists()


def test_inputs_are_read_beside_the_loop_and_reach_the_engine(tmp_path: Path) -> None:
    threads: list[str] = []

    def read(blob: str) -> Pixels:
        threads.append(threading.current_thread().name)
        return PIXELS

    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path), read_input=read) as queue:
            handle = queue.submit(toy_spec(inputs={"picture": ("b" * 64,)}))
            assert await handle.wait() is JobState.DONE
            assert handle.results[0].record.inputs == {"picture": ("b" * 64,)}
        assert threads == ["folio-inputs"]

    run_async(main)


def test_cancel_while_inputs_are_read_is_immediate_and_the_next_runs(tmp_path: Path) -> None:
    go_on = threading.Event()

    def read(blob: str) -> Pixels:
        go_on.wait(10)
        return PIXELS

    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path), read_input=read) as queue:
            slow = queue.submit(toy_spec(inputs={"picture": ("b" * 64,)}))
            after = queue.submit(toy_spec())
            slow.cancel()
            assert slow.state is JobState.CANCELLED
            assert await after.wait() is JobState.DONE
            go_on.set()

    run_async(main)


def test_input_that_is_gone_fails_the_job_with_its_reason(tmp_path: Path) -> None:
    def read(blob: str) -> Pixels:
        raise StorageError("The picture is gone.", where=blob)

    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path), read_input=read) as queue:
            handle = queue.submit(toy_spec(inputs={"picture": ("b" * 64,)}))
            assert await handle.wait() is JobState.FAILED
            assert handle.error is not None
            assert handle.error.what == "The picture is gone."
            assert await queue.submit(toy_spec()).wait() is JobState.DONE

    run_async(main)


def test_slow_reader_finds_only_the_newest_preview(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path)) as queue:
            handle = queue.submit(toy_spec("fault", fault="wait"))
            events = handle.__aiter__()
            await anext(events)
            for shade in range(1000):
                handle.feed(Previewed(handle.job_id, np.full((2, 2, 4), shade % 256, np.uint8)))
            handle.cancel()
            await handle.wait()
            previews = [event async for event in events if isinstance(event, Previewed)]
            assert [int(p.pixels[0, 0, 0]) for p in previews] == [999 % 256]

    run_async(main)


def test_finished_jobs_are_forgotten_by_their_size(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path)) as queue:
            for _ in range(6):
                await queue.submit(toy_spec("paint", side=2000, steps=1)).wait()
            pictures = [result.output for job in queue.jobs for result in job.results]
            held = sum(p.pixels.nbytes for p in pictures if isinstance(p, ImageOutput))
            assert 0 < held <= 64 << 20
            assert len(queue.jobs) < 6

    run_async(main)


def test_generators_that_do_not_come_up_fail_the_job_and_say_why(tmp_path: Path) -> None:
    async def main() -> None:
        for kind in ("in_process", "child"):
            host = make_host(kind, tmp_path, bootstrap=toy_plugin.broken_bootstrap)
            async with running_queue(host) as queue:
                handle = queue.submit(toy_spec())
                assert await handle.wait() is JobState.FAILED
                assert handle.error is not None
                assert "no such generators" in handle.error.what
                assert queue.status.state == "broken"

    run_async(main)


def test_in_process_job_that_does_not_obey_is_said_and_cancelled_once_it_ends(
    tmp_path: Path,
) -> None:
    async def main() -> None:
        said = asyncio.Event()

        def on_status(status: EngineStatus) -> None:
            if "by force" in status.message:
                said.set()

        host = make_host("in_process", tmp_path, bootstrap=stubborn_bootstrap, cancel_grace_s=0.05)
        async with running_queue(host) as queue:
            queue.engine_changed.connect(on_status)
            handle = queue.submit(toy_spec("stubborn"))
            await asyncio.to_thread(_STARTED.wait, 10)
            handle.cancel()
            await said.wait()
            assert handle.cancelling
            _GO_ON.set()
            assert await handle.wait() is JobState.CANCELLED

    run_async(main)


def test_in_process_restart_runs_on_one_thread_at_a_time(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path)) as queue:
            stuck = queue.submit(toy_spec("fault", fault="wait"))
            after = queue.submit(toy_spec())
            await events_until(stuck, Progressed)
            queue.restart_engine()
            assert await stuck.wait() is JobState.CANCELLED
            assert await after.wait() is JobState.DONE
            engines = [t for t in threading.enumerate() if t.name == "folio-gpu"]
            assert len(engines) == 1

    run_async(main)


_STARTED, _GO_ON = threading.Event(), threading.Event()


class Stubborn:
    """Comes to no cancel point before it is let go."""

    def generate(self, params: Params, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        _STARTED.set()
        _GO_ON.wait(10)
        yield TextOutput("")


def stubborn_bootstrap(options: EngineOptions) -> dict[str, RegisteredGenerator]:
    spec = GeneratorSpec(
        id="toy.stubborn", title="Stubborn", description="Toy.", params=Params, factory=Stubborn,
        yields=("text",), version="1",
    )  # fmt: skip
    return {spec.id: RegisteredGenerator(spec, "toy")}
