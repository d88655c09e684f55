"""The engine's own process: its deaths are noticed, said, mended; it never outlives its parent."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from multiprocessing.context import SpawnProcess
from pathlib import Path

import psutil
import pytest

from studio.api.models import ModelFacts, ModelInfo
from studio.api.outputs import TextOutput
from studio.jobs.child import ChildHost
from studio.jobs.events import Progressed, ResultReady
from studio.jobs.queue import JobQueue
from studio.jobs.spec import JobSpec, JobState
from tests.support import toy_plugin
from tests.support.engines import (
    events_until,
    make_host,
    run_async,
    running_queue,
    shared_blocks,
    toy_spec,
)


async def _engine_pid(queue: JobQueue) -> int:
    changed = asyncio.Event()
    disconnect = queue.engine_changed.connect(lambda status: changed.set())
    while queue.status.pid is None:
        await changed.wait()
        changed.clear()
    disconnect()
    return queue.status.pid


@pytest.mark.parametrize(
    ("fault", "said"), [("segfault", "segmentation fault"), ("kill", "signal 9")]
)
def test_death_mid_job_is_said_offered_again_and_the_next_runs(
    fault: str, said: str, tmp_path: Path
) -> None:
    async def main() -> None:
        interrupted: list[JobSpec] = []
        async with running_queue(make_host("child", tmp_path)) as queue:
            queue.job_interrupted.connect(interrupted.append)
            dying = queue.submit(toy_spec("fault", fault=fault))
            after = queue.submit(toy_spec())
            assert await dying.wait() is JobState.FAILED
            assert dying.error is not None
            assert said in dying.error.what
            assert interrupted == [dying.spec]
            assert await after.wait() is JobState.DONE

    run_async(main)


def test_kill_while_idle_is_said_and_no_job_fails(tmp_path: Path) -> None:
    async def main() -> None:
        said: list[str] = []
        async with running_queue(make_host("child", tmp_path)) as queue:
            assert await queue.submit(toy_spec()).wait() is JobState.DONE
            queue.engine_changed.connect(lambda status: said.append(status.message))
            first = await _engine_pid(queue)
            os.kill(first, signal.SIGKILL)
            # It comes before anyone has noticed the death.
            assert await queue.submit(toy_spec()).wait() is JobState.DONE
            assert await _engine_pid(queue) != first
        assert any("signal 9" in message for message in said)

    run_async(main)


def test_kill_while_starting_hands_the_job_to_the_next_engine(tmp_path: Path) -> None:
    hold = tmp_path / "cache" / "hold"
    hold.parent.mkdir()
    hold.touch()

    async def main() -> None:
        host = make_host("child", tmp_path, bootstrap=toy_plugin.held_bootstrap)
        async with running_queue(host) as queue:
            handle = queue.submit(toy_spec())
            first = await _engine_pid(queue)
            hold.unlink()
            os.kill(first, signal.SIGKILL)
            assert await handle.wait() is JobState.DONE

    run_async(main)


@pytest.mark.parametrize("phase", ["loading", "running", "streaming"])
def test_kill_in_a_job_fails_it_frees_its_memory_and_the_next_runs(
    phase: str, tmp_path: Path
) -> None:
    path = tmp_path / "endless.bin"
    path.write_bytes(b"x")
    facts = ModelFacts(family="toy", format="toy")
    info = ModelInfo(id="endless", path=path, facts=facts, content_hash="0" * 64, size_bytes=1)
    spec, until = {
        "loading": (toy_spec("load", model="endless", models={"model": info}), Progressed),
        "running": (toy_spec("fault", fault="wait"), Progressed),
        "streaming": (toy_spec("paint", side=400, steps=1, count=1000), ResultReady),
    }[phase]

    async def main() -> None:
        interrupted: list[JobSpec] = []
        async with running_queue(make_host("child", tmp_path)) as queue:
            queue.job_interrupted.connect(interrupted.append)
            handle = queue.submit(spec)
            await events_until(handle, until)
            os.kill(await _engine_pid(queue), signal.SIGKILL)
            assert await handle.wait() is JobState.FAILED
            assert interrupted == [spec]
            assert await queue.submit(toy_spec()).wait() is JobState.DONE
            assert shared_blocks(os.getpid()) == []

    run_async(main)


def test_engine_that_starts_blocks_neither_submit_nor_cancel(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "hold").touch()

    async def main() -> None:
        host = make_host("child", tmp_path, bootstrap=toy_plugin.held_bootstrap)
        async with running_queue(host) as queue:
            queue.start_engine()
            await _engine_pid(queue)
            # More than a pipe holds: a write would wait until the engine reads, which is never.
            handle = queue.submit(toy_spec(text="x" * 1_000_000))
            handle.cancel()
            assert await handle.wait() is JobState.CANCELLED
            os.kill(await _engine_pid(queue), signal.SIGKILL)

    run_async(main)


def test_stopped_in_the_middle_of_a_message_the_engine_is_killed_after_the_grace(
    tmp_path: Path,
) -> None:
    async def main() -> None:
        async with running_queue(make_host("child", tmp_path, cancel_grace_s=0.2)) as queue:
            handle = queue.submit(toy_spec("paint", side=400, steps=1, count=1000))
            await events_until(handle, ResultReady)
            os.kill(await _engine_pid(queue), signal.SIGSTOP)
            handle.cancel()
            assert await handle.wait() is JobState.CANCELLED
            assert await queue.submit(toy_spec()).wait() is JobState.DONE

    run_async(main)


def test_restart_is_no_death_and_offers_the_running_job_again(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_queue(make_host("child", tmp_path)) as queue:
            for _ in range(3):  # three deaths would be too many
                handle = queue.submit(toy_spec("fault", fault="wait"))
                await events_until(handle, Progressed)
                queue.restart_engine()
                assert await handle.wait() is JobState.FAILED
                assert handle.error is not None
                assert "restarted" in handle.error.what
            assert await queue.submit(toy_spec()).wait() is JobState.DONE

    run_async(main)


def test_engine_imports_neither_qt_nor_torch_by_itself(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_queue(make_host("child", tmp_path)) as queue:
            handle = queue.submit(toy_spec("fault", fault="modules"))
            assert await handle.wait() is JobState.DONE
            output = handle.results[0].output
            assert isinstance(output, TextOutput)
            assert output.text == ""

    run_async(main)


def test_job_that_never_yields_is_killed_after_its_grace(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_queue(make_host("child", tmp_path, cancel_grace_s=0.3)) as queue:
            stuck = queue.submit(toy_spec("fault", fault="never yield"))
            after = queue.submit(toy_spec())
            await events_until(stuck, Progressed)
            stuck.cancel()
            assert await stuck.wait() is JobState.CANCELLED
            assert await after.wait() is JobState.DONE

    run_async(main)


def test_engine_that_dies_again_and_again_is_given_up_and_can_be_restarted(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_queue(make_host("child", tmp_path)) as queue:
            for _ in range(3):
                assert await queue.submit(toy_spec("fault", fault="kill")).wait() is JobState.FAILED
            refused = queue.submit(toy_spec())
            assert await refused.wait() is JobState.FAILED
            assert refused.error is not None
            assert "Restart the engine" in refused.error.remedy
            assert queue.status.state == "broken"
            queue.restart_engine()
            await _engine_pid(queue)
            assert await queue.submit(toy_spec()).wait() is JobState.DONE

    run_async(main)


def test_stop_of_an_obedient_engine_kills_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    waiting: set[str] = set()
    join = SpawnProcess.join

    def noted(process: SpawnProcess, timeout: float | None = None) -> None:
        waiting.add(threading.current_thread().name)
        join(process, timeout)

    monkeypatch.setattr(SpawnProcess, "join", noted)
    host = make_host("child", tmp_path)

    async def main() -> None:
        async with running_queue(host) as queue:
            assert await queue.submit(toy_spec("echo")).wait() is JobState.DONE

    run_async(main)
    assert waiting == {"folio-engine-link"}  # two that wait: one is told the process still lives
    assert "killed" not in caplog.text


def test_stop_leaves_no_process(tmp_path: Path) -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    host = make_host("child", tmp_path)

    async def main() -> None:
        async with running_queue(host) as queue:
            handle = queue.submit(toy_spec("fault", fault="never yield"))
            await events_until(handle, Progressed)

    run_async(main)
    assert isinstance(host, ChildHost)
    assert host.pid is None
    after = [
        child
        for child in psutil.Process().children(recursive=True)
        if child.pid not in before and "resource_tracker" not in " ".join(child.cmdline())
    ]
    assert after == []


_PARENT = """
import asyncio, os, signal, sys
from pathlib import Path
import psutil
from tests.support.engines import events_until, make_host, toy_spec
from studio.jobs.events import Progressed, ResultReady
from studio.jobs.queue import JobQueue

SPECS = {
    "hung": (toy_spec("fault", fault="never yield"), Progressed),
    "streaming": (toy_spec("paint", side=400, steps=1, count=1000), ResultReady),
}

async def main():
    spec, until = SPECS[sys.argv[2]]
    queue = JobQueue(make_host("child", Path(sys.argv[1])))
    await queue.start()
    await events_until(queue.submit(spec), until)
    print(os.getpid(), *(child.pid for child in psutil.Process().children()), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.mark.parametrize("doing", ["hung", "streaming"])
def test_parent_killed_takes_the_engine_and_its_memory_with_it(doing: str, tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(_PARENT)
    root = Path(__file__).parents[2]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(root), os.environ["PYTHONPATH"]]),
    }
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path), doing],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    parent, *children = map(int, done.stdout.split())
    assert len(children) == 2  # the engine, and Python's own tracker of shared memory
    left = [psutil.Process(pid) for pid in children if psutil.pid_exists(pid)]
    _, alive = psutil.wait_procs(left, timeout=10)
    assert not alive
    assert shared_blocks(parent) == []
