"""One engine process: buried whole, whatever it was doing."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from studio.api import Inputs
from studio.jobs import child_main
from studio.jobs.engine_process import EngineProcess, describe_exit
from studio.jobs.host import EngineOptions
from tests.support import toy_plugin
from tests.support.engines import TIMEOUT_S, paths_in, shared_blocks, toy_spec


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EngineProcess]:
    threads = threading.active_count()
    made = EngineProcess(toy_plugin.bootstrap, EngineOptions(paths=paths_in(tmp_path)))
    yield made
    made.kill()
    made.bury()
    assert not psutil.pid_exists(made.pid)
    assert threading.active_count() == threads


def _until_blocks_wait(engine: EngineProcess) -> None:
    """Nobody reads, so the engine makes blocks until its pipe is full."""
    deadline = time.monotonic() + TIMEOUT_S
    while not shared_blocks(os.getpid()):
        assert time.monotonic() < deadline
        engine._channel.poll(0.01)


def test_bury_after_a_kill_unlinks_what_nobody_read(engine: EngineProcess) -> None:
    spec = toy_spec("paint", side=400, steps=1, count=1000)
    engine.send(child_main.Submit(spec, Inputs()))
    _until_blocks_wait(engine)
    engine.kill()
    assert describe_exit(engine.bury()).startswith("The engine was killed (signal 9)")
    assert shared_blocks(os.getpid()) == []


def test_stop_ends_it_by_itself_with_code_0(engine: EngineProcess) -> None:
    heard: list[object] = []
    engine.send(child_main.Stop())
    engine.listen(heard.append)
    assert engine.bury() == 0
    assert child_main.Ready() in heard


def test_last_words_are_heard_though_it_died_while_nobody_looked(
    engine: EngineProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll = engine._channel.poll
    looked: list[float] = []

    def late(timeout_s: float) -> bool:
        looked.append(timeout_s)
        if len(looked) > 1:
            return poll(timeout_s)
        engine._process.join(TIMEOUT_S)
        return False

    monkeypatch.setattr(engine._channel, "poll", late)
    engine.send(child_main.Stop())
    heard: list[object] = []
    engine.listen(heard.append)
    assert child_main.Ready() in heard


def test_describe_exit_names_signals_and_codes() -> None:
    assert "memory" in describe_exit(-9)
    assert "segmentation fault" in describe_exit(-11)
    assert "exit code 3" in describe_exit(3)
