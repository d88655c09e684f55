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

from studio.jobs.child import ChildHost, describe_exit
from studio.jobs.events import Progressed
from studio.jobs.queue import JobQueue
from studio.jobs.spec import JobSpec, JobState
from tests.support.engines import events_until, make_host, run_async, running_queue, toy_spec


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


def test_kill_while_idle_restarts_and_runs(tmp_path: Path) -> None:
    async def main() -> None:
        async with running_queue(make_host("child", tmp_path)) as queue:
            assert await queue.submit(toy_spec()).wait() is JobState.DONE
            first = await _engine_pid(queue)
            os.kill(first, signal.SIGKILL)
            assert await queue.submit(toy_spec()).wait() in (JobState.DONE, JobState.FAILED)
            assert await queue.submit(toy_spec()).wait() is JobState.DONE
            assert await _engine_pid(queue) != first

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
from tests.support.engines import events_until, make_host, toy_spec
from studio.jobs.events import Progressed
from studio.jobs.queue import JobQueue

async def main():
    queue = JobQueue(make_host("child", Path(sys.argv[1])))
    await queue.start()
    handle = queue.submit(toy_spec("fault", fault="never yield"))
    await events_until(handle, Progressed)
    print(queue.status.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_parent_killed_takes_the_engine_with_it(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(_PARENT)
    root = Path(__file__).parents[2]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(root), os.environ["PYTHONPATH"]]),
    }
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    pid = int(done.stdout)
    _, alive = psutil.wait_procs(
        [psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=10
    )
    assert not alive


def test_describe_exit_names_signals_and_codes() -> None:
    assert "memory" in describe_exit(-9)
    assert "segmentation fault" in describe_exit(-11)
    assert "exit code 3" in describe_exit(3)
