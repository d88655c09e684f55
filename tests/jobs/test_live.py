"""Live panels' jobs: shown and not kept; latents and films on both hosts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from studio.api import FileOutput, Latent, LatentOutput
from studio.api.inputs import Given
from studio.jobs.events import Progressed, ResultReady
from studio.jobs.pending import PendingJobs
from studio.jobs.spec import JobSpec, JobState
from tests.support import engines, toy_faces
from tests.support.engines import (
    events_until,
    faces_bootstrap,
    make_host,
    run_async,
    running_queue,
    toy_spec,
)


@pytest.fixture(params=["in_process", "child"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def face_spec(tmp_path: Path) -> Callable[..., JobSpec]:
    return partial(engines.face_spec, tmp_path)


def _read(blob_id: str) -> Given:
    return Latent({"w": np.full(3, float(blob_id), np.float32)}, toy_faces.LAYOUT)


def test_latents_go_in_and_out_of_the_engine(
    kind: str, tmp_path: Path, face_spec: Callable[..., JobSpec]
) -> None:
    async def main() -> None:
        host = make_host(kind, tmp_path, bootstrap=faces_bootstrap)
        async with running_queue(host, read_input=_read) as queue:
            spec = face_spec("edit", inputs={"face": ("2",)}, face="2", directions={"age": 1.0})
            handle = queue.submit(spec)
            assert await handle.wait() is JobState.DONE, handle.error
        (result,) = handle.results
        assert isinstance(result.output, LatentOutput)
        assert result.output.arrays["w"].tolist() == [2, 3, 2]
        assert result.output.pixels[0, 0].tolist() == [208, 248, 208, 255]
        assert not result.output.arrays["w"].flags.writeable
        assert result.record.inputs == {"face": ("2",)}

    run_async(main)


def test_film_is_handed_over_and_its_folder_is_gone(
    kind: str, tmp_path: Path, face_spec: Callable[..., JobSpec]
) -> None:
    stored: list[bytes] = []

    async def store(spec: JobSpec, event: ResultReady) -> str:
        assert isinstance(event.output, FileOutput)
        stored.append(event.output.path.read_bytes())
        return "kept"

    async def main() -> None:
        host = make_host(kind, tmp_path, bootstrap=faces_bootstrap)
        async with running_queue(host, read_input=_read, store_result=store) as queue:
            handle = queue.submit(
                face_spec("walk", inputs={"faces": ("0", "1")}, faces=["0", "1"], format="gif")
            )
            assert await handle.wait() is JobState.DONE, handle.error
        assert stored[0].startswith(b"GIF89a")
        assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]

    run_async(main)


def test_cancel_in_the_middle_of_a_film_leaves_no_file(
    kind: str, tmp_path: Path, face_spec: Callable[..., JobSpec]
) -> None:
    async def main() -> None:
        host = make_host(kind, tmp_path, bootstrap=faces_bootstrap)
        async with running_queue(host, read_input=_read) as queue:
            inputs = {"faces": ("0", "1")}
            film = queue.submit(
                face_spec("walk", inputs=inputs, faces=["0", "1"], frames=100, format="png")
            )
            async for event in film:
                if isinstance(event, Progressed) and event.total == 100:  # a frame is written
                    break
            film.cancel()
            assert await film.wait() is JobState.CANCELLED
            after = queue.submit(face_spec("sample"))
            assert await after.wait() is JobState.DONE
        assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]

    run_async(main)


def test_ephemeral_results_are_told_and_not_kept(
    tmp_path: Path, face_spec: Callable[..., JobSpec]
) -> None:
    stored: list[str] = []

    async def store(spec: JobSpec, event: ResultReady) -> str:
        stored.append(spec.generator_id)
        return "kept"

    async def main() -> None:
        pending = PendingJobs(tmp_path / "jobs.sqlite")
        host = make_host("in_process", tmp_path, bootstrap=faces_bootstrap)
        async with running_queue(
            host, read_input=_read, store_result=store, pending=pending
        ) as queue:
            live = queue.submit(face_spec("sample", ephemeral=True))
            film = queue.submit(
                face_spec("walk", inputs={"faces": ("0", "1")}, faces=["0", "1"], ephemeral=True)
            )
            assert pending.all() == []
            assert await film.wait() is JobState.DONE, film.error
            assert [result.result_id for result in live.results] == [""]
            (shown,) = film.results
            assert isinstance(shown.output, FileOutput)
            assert not shown.output.path.exists()
            assert shown.output.preview is not None
            assert queue.jobs == ()
            kept = queue.submit(face_spec("sample"))
            assert await kept.wait() is JobState.DONE
        assert stored == ["face.sample"]

    run_async(main)


def test_live_picture_being_drawn_is_finished_and_only_the_newest_waits(tmp_path: Path) -> None:
    """Or a slider that is pulled faster than pictures come would show none."""

    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path)) as queue:
            running = queue.submit(
                toy_spec("echo", repeat=1_000_000, live_key="panel", ephemeral=True)
            )
            await events_until(running, Progressed)
            skipped = [
                queue.submit(toy_spec("paint", seed=n, live_key="panel", ephemeral=True))
                for n in (1, 2)
            ]
            newest = queue.submit(toy_spec("paint", seed=3, live_key="panel", ephemeral=True))
            running.finish_early()
            assert await newest.wait() is JobState.DONE
            assert running.state is JobState.DONE
            assert {handle.state for handle in skipped} == {JobState.CANCELLED}

    run_async(main)


def test_release_of_a_slider_cancels_the_live_picture_and_is_kept(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_queue(make_host("in_process", tmp_path)) as queue:
            live = queue.submit(toy_spec("fault", fault="wait", live_key="panel", ephemeral=True))
            await events_until(live, Progressed)
            released = queue.submit(toy_spec("paint", live_key="panel"))
            assert await released.wait() is JobState.DONE
            assert live.state is JobState.CANCELLED
            assert queue.jobs == (released,)

    run_async(main)


def test_old_specs_with_one_input_a_field_are_still_read(tmp_path: Path) -> None:
    spec = toy_spec(inputs={"picture": ("a" * 64,)})
    old = spec.model_dump_json().replace('["' + "a" * 64 + '"]', '"' + "a" * 64 + '"')
    assert JobSpec.model_validate_json(old) == spec
