"""What plugins do wrong, and what the engine makes of it: clear words, nothing twice, nothing kept."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.api import Context, GeneratorSpec, Inputs, Loaded, Output, Params
from studio.api.outputs import FileOutput, TextOutput
from studio.core.catalogue import RegisteredGenerator
from studio.core.records import Record
from studio.jobs import device as devices
from studio.jobs.cache import ModelCache
from studio.jobs.events import Progressed, ResultReady, TextStreamed
from studio.jobs.failure import error_text
from studio.jobs.host import EngineOptions
from studio.jobs.spec import JobSpec, JobState
from tests.support.engines import events_until, make_host, run_async, running_queue, toy_spec


@pytest.fixture(params=["in_process", "child"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(
    ("fault", "said", "kind"),
    [
        ("unshowable", "Unshowable", "in_process"),
        ("unpicklable", "lambda", "in_process"),
        ("unpicklable", "lambda", "child"),
        ("subclass", "yielded OwnText", "child"),
        ("foreign file", "isn't in its folder", "in_process"),
    ],
)
def test_fault_that_would_not_cross_to_the_window_still_ends_the_job(
    fault: str, said: str, kind: str, tmp_path: Path
) -> None:
    async def main() -> None:
        async with running_queue(make_host(kind, tmp_path)) as queue:
            handle = queue.submit(toy_spec("fault", fault=fault))
            assert await handle.wait() is JobState.FAILED
            assert handle.error is not None
            assert said in handle.error.what
            assert await queue.submit(toy_spec()).wait() is JobState.DONE

    run_async(main)


def test_memory_ladder_tells_nothing_twice(kind: str, tmp_path: Path) -> None:
    stored: list[int] = []

    async def store(spec: JobSpec, event: ResultReady) -> str:
        stored.append(event.record.index)
        return str(event.record.index)

    async def main() -> None:
        async with running_queue(make_host(kind, tmp_path), store_result=store) as queue:
            handle = queue.submit(toy_spec("fault", fault="memory late"))
            streamed = [e.text async for e in handle if isinstance(e, TextStreamed)]
            assert handle.state is JobState.DONE
            texts = [r.output.text for r in handle.results if isinstance(r.output, TextOutput)]
            assert texts == ["first", "second"]
            assert "".join(streamed) == "firstsec"
            assert stored == [0, 1]

    run_async(main)


def test_soft_stop_before_anything_was_there_is_no_fault_of_the_plugin(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path)) as queue:
            handle = queue.submit(toy_spec("fault", fault="wait to finish"))
            await events_until(handle, Progressed)
            handle.finish_early()
            assert await handle.wait() is JobState.CANCELLED

    run_async(main)


def test_file_outlives_the_jobs_folder_until_the_history_has_it(kind: str, tmp_path: Path) -> None:
    contents: list[bytes] = []

    async def store(spec: JobSpec, event: ResultReady) -> str:
        assert isinstance(event.output, FileOutput)
        contents.append(event.output.path.read_bytes())
        return "kept"

    async def main() -> None:
        async with running_queue(make_host(kind, tmp_path), store_result=store) as queue:
            handle = queue.submit(toy_spec("fault", fault="file"))
            assert await handle.wait() is JobState.DONE
        assert contents == [b"film"]
        assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]

    run_async(main)


def test_record_comes_back_whole_from_json(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path)) as queue:
            handle = queue.submit(toy_spec("paint", side=8, seed=3))
            await handle.wait()
            record = handle.results[0].record
            assert Record.model_validate_json(record.model_dump_json()) == record
            assert (record.seed, record.result_seed, record.device) == (3, 3, "cpu")
            assert record.versions.keys() >= {"folio", "python", "numpy"}
            assert record.job_id == handle.job_id

    run_async(main)


_held: list[weakref.ref[np.ndarray[Any, Any]]] = []


class Holding:
    def generate(self, params: Params, inputs: Inputs, ctx: Context) -> Iterator[Output]:
        tensor = np.zeros(1000)
        _held.append(weakref.ref(tensor))
        if len(tensor):
            raise ValueError("with a tensor in its frame")
        yield TextOutput("")


def holding_bootstrap(options: EngineOptions) -> dict[str, RegisteredGenerator]:
    spec = GeneratorSpec(
        id="toy.hold", title="Hold", description="Toy.", params=Params, factory=Holding,
        yields=("text",), version="1",
    )  # fmt: skip
    return {spec.id: RegisteredGenerator(spec, "toy")}


def test_failed_job_keeps_no_traceback_and_so_no_tensor(tmp_path: Path) -> None:
    _held.clear()

    async def main() -> None:
        host = make_host("in_process", tmp_path, bootstrap=holding_bootstrap)
        async with running_queue(host) as queue:
            handle = queue.submit(toy_spec("hold"))
            assert await handle.wait() is JobState.FAILED
            assert handle.error is not None
            assert "with a tensor in its frame" in handle.error.details
        gc.collect()
        assert _held[0]() is None

    run_async(main)


def test_frozen_model_with_a_cycle_is_freed_when_dropped() -> None:
    class Model:
        hook: Model

    def load() -> Loaded[Model]:
        model = Model()
        model.hook = model
        models.append(weakref.ref(model))
        return Loaded(model, size_bytes=10)

    models: list[weakref.ref[Model]] = []
    cache = ModelCache(100, lambda: devices.give_memory_back("cpu"))
    try:
        cache.get("a", load)
        devices.freeze_garbage()
        cache.free_all()
        assert models[0]() is None
    finally:
        gc.unfreeze()


def test_error_text_without_a_plugin_blames_none() -> None:
    error = error_text(OSError("no room"))
    assert error.what == "The studio failed: OSError: no room"
    assert error.where == ""


def test_error_text_is_bounded() -> None:
    assert len(error_text(ValueError("x" * 10**6), "toy").what) < 30_000
