"""The queue on both hosts: order, results, cancel, faults, and nothing left behind."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import numpy as np
import pytest

from studio.api.errors import StorageError
from studio.api.models import ModelFacts, ModelInfo
from studio.api.outputs import ImageOutput, TextOutput
from studio.jobs.events import Progressed, ResultReady, StateChanged, TextStreamed
from studio.jobs.pending import PendingJobs
from studio.jobs.spec import JobSpec, JobState, Priority
from tests.support.engines import events_until, make_host, run_async, running_queue, toy_spec


@pytest.fixture(params=["in_process", "child"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_job_streams_text_and_ends_done(kind: str, tmp_path: Path) -> None:
    async def main() -> None:
        async with running_queue(make_host(kind, tmp_path)) as queue:
            handle = queue.submit(toy_spec(text="ab", repeat=3))
            events = [event async for event in handle]
        assert handle.state is JobState.DONE
        assert "".join(e.text for e in events if isinstance(e, TextStreamed)) == "ababab"
        (result,) = handle.results
        assert isinstance(result.output, TextOutput)
        assert result.output.text == "ababab"
        assert result.record.generator_id == "toy.echo"
        assert result.record.params == {"text": "ab", "repeat": 3}
        assert result.record.versions["folio"]

    run_async(main)


def test_job_pixels_arrive_whole_and_previews_small(kind: str, tmp_path: Path) -> None:
    async def main() -> None:
        async with running_queue(make_host(kind, tmp_path)) as queue:
            handle = queue.submit(toy_spec("paint", side=600, count=2, seed=5))
            assert await handle.wait() is JobState.DONE
        for index, result in enumerate(handle.results):
            assert isinstance(result.output, ImageOutput)
            expected = np.random.default_rng(5 + index).integers(0, 255, (600, 600, 4), np.uint8)
            np.testing.assert_array_equal(result.output.pixels, expected)
            assert not result.output.pixels.flags.writeable
            assert result.record.result_seed == 5 + index

    run_async(main)


def test_cancel_of_running_job_ends_it_and_the_next_runs(kind: str, tmp_path: Path) -> None:
    async def main() -> None:
        async with running_queue(make_host(kind, tmp_path)) as queue:
            endless = queue.submit(toy_spec("fault", fault="wait"))
            after = queue.submit(toy_spec(text="x"))
            await events_until(endless, Progressed)
            endless.cancel()
            assert endless.cancelling
            assert await endless.wait() is JobState.CANCELLED
            assert await after.wait() is JobState.DONE

    run_async(main)


def test_cancel_of_waiting_job_ends_it_at_once(kind: str, tmp_path: Path) -> None:
    async def main() -> None:
        async with running_queue(make_host(kind, tmp_path)) as queue:
            queue.submit(toy_spec("fault", fault="wait"))
            waiting = queue.submit(toy_spec())
            waiting.cancel()
            assert waiting.state is JobState.CANCELLED

    run_async(main)


def test_cancel_while_loading_stops_between_shards(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "endless.bin"
    path.write_bytes(b"x")
    facts = ModelFacts(family="toy", format="toy")
    info = ModelInfo(id="endless", path=path, facts=facts, content_hash="0" * 64, size_bytes=1)

    async def main() -> None:
        async with running_queue(make_host(kind, tmp_path)) as queue:
            handle = queue.submit(toy_spec("load", model="endless", models={"model": info}))
            states = [
                e.state
                for e in await events_until(handle, Progressed)
                if isinstance(e, StateChanged)
            ]
            assert states[-1] is JobState.LOADING
            handle.cancel()
            assert await handle.wait() is JobState.CANCELLED

    run_async(main)


def test_finish_early_keeps_what_is_there(kind: str, tmp_path: Path) -> None:
    async def main() -> None:
        async with running_queue(make_host(kind, tmp_path)) as queue:
            handle = queue.submit(toy_spec(text="x", repeat=1_000_000))
            await events_until(handle, TextStreamed)
            handle.finish_early()
            assert await handle.wait() is JobState.DONE
            (result,) = handle.results
            assert isinstance(result.output, TextOutput)
            assert 0 < len(result.output.text) < 1_000_000

    run_async(main)


@pytest.mark.parametrize(
    ("fault", "kind_of_error", "said"),
    [
        ("raise", "ZeroDivisionError", "a bug of the plugin's"),
        ("studio error", "StudioError", "The paper is torn."),
        ("nonsense", "PluginError", "yielded int"),
        ("nothing", "PluginError", "without a result"),
        ("memory", "MemoryShortage", "did not suffice"),
        ("exit", "SystemExit", "3"),
    ],
)
def test_fault_fails_the_job_with_its_reason_and_the_engine_goes_on(
    fault: str, kind_of_error: str, said: str, tmp_path: Path
) -> None:
    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path)) as queue:
            handle = queue.submit(toy_spec("fault", fault=fault))
            assert await handle.wait() is JobState.FAILED
            assert handle.error is not None
            assert handle.error.kind == kind_of_error
            assert said in handle.error.what
            assert handle.error.plugin == "toy"
            assert await queue.submit(toy_spec()).wait() is JobState.DONE

    run_async(main)


def test_factory_that_raises_fails_the_job_and_names_the_plugin(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path)) as queue:
            handle = queue.submit(toy_spec("unmade"))
            assert await handle.wait() is JobState.FAILED
            assert handle.error is not None
            assert "no such library" in handle.error.what
            assert "toy" in handle.error.what
            assert "Traceback" in handle.error.details

    run_async(main)


def test_error_while_tidying_up_after_a_cancel_counts_as_cancelled(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path)) as queue:
            handle = queue.submit(toy_spec("fault", fault="in cancel"))
            await events_until(handle, Progressed)
            handle.cancel()
            assert await handle.wait() is JobState.CANCELLED

    run_async(main)


def test_memory_ladder_runs_again_with_less(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path)) as queue:
            handle = queue.submit(toy_spec("fault", fault="memory once"))
            assert await handle.wait() is JobState.DONE
            assert isinstance(handle.results[0].output, TextOutput)
            assert handle.results[0].output.text == "level 1"
            assert handle.results[0].record.memory_level == 1

    run_async(main)


def test_results_told_before_memory_ran_out_keep_their_level(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path)) as queue:
            handle = queue.submit(toy_spec("fault", fault="memory late"))
            assert await handle.wait() is JobState.DONE
            assert [result.record.memory_level for result in handle.results] == [0, 1]

    run_async(main)


def test_job_may_begin_at_the_level_of_an_older_result(tmp_path: Path) -> None:
    """So that what was made with less memory can be made again alike."""

    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path)) as queue:
            spec = toy_spec("fault", fault="memory once").model_copy(update={"memory_level": 2})
            handle = queue.submit(spec)
            assert await handle.wait() is JobState.DONE
            assert isinstance(handle.results[0].output, TextOutput)
            assert handle.results[0].output.text == "level 2"
            assert handle.results[0].record.memory_level == 2

    run_async(main)


def test_priorities_live_overtakes_what_waits(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path)) as queue:
            first = queue.submit(toy_spec("fault", fault="wait"))
            batch = queue.submit(toy_spec(priority=Priority.BATCH))
            normal = queue.submit(toy_spec())
            live = queue.submit(toy_spec(priority=Priority.LIVE))
            assert queue.jobs == (first, live, normal, batch)

    run_async(main)


def test_live_key_newest_replaces_waiting_and_running(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path)) as queue:
            running = queue.submit(toy_spec("fault", fault="wait", live_key="panel"))
            await events_until(running, Progressed)
            waiting = queue.submit(toy_spec(live_key="panel"))
            newest = queue.submit(toy_spec(live_key="panel"))
            assert waiting.state is JobState.CANCELLED
            assert await running.wait() is JobState.CANCELLED
            assert await newest.wait() is JobState.DONE

    run_async(main)


def test_result_is_stored_before_it_is_told(tmp_path: Path) -> None:
    stored: list[str] = []

    async def store(spec: JobSpec, event: ResultReady) -> str:
        await asyncio.sleep(0)
        stored.append(event.record.job_id)
        return "history-1"

    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path), store_result=store) as queue:
            handle = queue.submit(toy_spec())
            async for event in handle:
                if isinstance(event, ResultReady):
                    assert stored == [handle.job_id]
                    assert event.result_id == "history-1"

    run_async(main)


def test_history_that_fails_is_said_and_the_result_still_arrives(tmp_path: Path) -> None:
    async def store(spec: JobSpec, event: ResultReady) -> str:
        raise StorageError("The disk is full.")

    async def main() -> None:
        said: list[str] = []
        async with running_queue(make_host("in_process", tmp_path), store_result=store) as queue:
            queue.store_failed.connect(lambda error: said.append(error.what))
            handle = queue.submit(toy_spec())
            assert await handle.wait() is JobState.DONE
            assert len(handle.results) == 1
        assert said == ["The disk is full."]

    run_async(main)


def test_many_submits_and_cancels_leave_nothing(kind: str, tmp_path: Path) -> None:
    before = threading.active_count()

    async def main() -> None:
        async with running_queue(make_host(kind, tmp_path)) as queue:
            for number in range(1000):
                handle = queue.submit(toy_spec("fault", fault="wait"))
                if number % 10 == 0:
                    await events_until(handle, Progressed)
                handle.cancel()
                assert await handle.wait() is JobState.CANCELLED
            assert [job for job in queue.jobs if not job.state.final] == []
            assert len(queue.jobs) <= 100
            assert await queue.submit(toy_spec()).wait() is JobState.DONE

    run_async(main)
    assert threading.active_count() == before


def test_pending_jobs_are_offered_again_after_a_crash(tmp_path: Path) -> None:
    spec = toy_spec(text="unfinished")
    crashed = PendingJobs(tmp_path / "jobs.sqlite")
    crashed.put(spec)
    crashed.close()

    async def main() -> None:
        pending = PendingJobs(tmp_path / "jobs.sqlite")
        async with running_queue(make_host("in_process", tmp_path), pending=pending) as queue:
            (left,) = queue.left_over()
            assert left == spec
            queue.forget(left.job_id)
            assert queue.left_over() == []
            assert await queue.submit(left).wait() is JobState.DONE
        again = PendingJobs(tmp_path / "jobs.sqlite")
        assert again.all() == []
        again.close()

    run_async(main)
