"""The channel between window and engine: arrays whole, and never a block left behind."""

from __future__ import annotations

import multiprocessing
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from studio.api.outputs import ImageOutput
from studio.jobs.transport import SHARED_FROM_BYTES, Channel

NAME = "foliotest"
SMALL, LARGE = 8, 400


@pytest.fixture
def channels(request: pytest.FixtureRequest) -> tuple[Channel, Channel]:
    ours, theirs = multiprocessing.Pipe()
    name = f"{NAME}{abs(hash(request.node.name)) % 10**6}"
    return Channel(ours, name, "p"), Channel(theirs, name, "c")


def _picture(side: int) -> ImageOutput:
    return ImageOutput(np.random.default_rng(0).integers(0, 255, (side, side, 4), np.uint8))


def _blocks(channel: Channel) -> list[str]:
    return [path.name for path in Path("/dev/shm").glob(f"{channel._own[:-1]}*")]


@pytest.mark.parametrize("side", [SMALL, LARGE])
def test_send_carries_pixels_whole_read_only_and_leaves_no_block(
    side: int, channels: tuple[Channel, Channel]
) -> None:
    ours, theirs = channels
    picture = _picture(side)
    ours.send(picture)
    assert len(_blocks(ours)) == (picture.pixels.nbytes >= SHARED_FROM_BYTES)
    received = theirs.receive()
    np.testing.assert_array_equal(received.pixels, picture.pixels)
    assert not received.pixels.flags.writeable
    assert _blocks(ours) == []


def test_send_in_order_keeps_messages_apart(channels: tuple[Channel, Channel]) -> None:
    ours, theirs = channels
    pictures = [_picture(side) for side in (LARGE, SMALL, LARGE)]
    for picture in pictures:
        ours.send(picture)
    for picture in pictures:
        np.testing.assert_array_equal(theirs.receive().pixels, picture.pixels)
    assert _blocks(ours) == []


@pytest.mark.parametrize("taken", [0, 1])
def test_sweep_after_the_sender_died_unlinks_what_was_not_read(
    taken: int, channels: tuple[Channel, Channel]
) -> None:
    ours, theirs = channels
    for _ in range(3):
        theirs.send(_picture(LARGE))
    for _ in range(taken):
        ours.receive()
    theirs.close()
    assert len(_blocks(ours)) == 3 - taken
    ours.sweep()
    assert _blocks(ours) == []


def test_sweep_after_the_receiver_died_unlinks_what_it_did_not_take(
    channels: tuple[Channel, Channel],
) -> None:
    ours, theirs = channels
    for _ in range(3):
        ours.send(_picture(LARGE))
    theirs.receive()
    theirs.close()
    assert len(_blocks(ours)) == 2
    ours.sweep()
    assert _blocks(ours) == []


def test_sweep_block_without_a_size_is_unlinked(channels: tuple[Channel, Channel]) -> None:
    ours, theirs = channels
    empty = Path("/dev/shm") / f"{theirs._own}1"
    empty.touch()
    ours.sweep()
    assert not empty.exists()


def test_send_to_a_closed_end_raises_and_leaves_no_block(
    channels: tuple[Channel, Channel],
) -> None:
    ours, theirs = channels
    theirs.close()
    with pytest.raises(BrokenPipeError):
        ours.send(_picture(LARGE))
    assert _blocks(ours) == []


def test_send_without_room_in_shared_memory_goes_through_the_pipe(
    channels: tuple[Channel, Channel], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = channels
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=0))
    picture = _picture(130)  # more than a block's least, less than a pipe holds
    assert picture.pixels.nbytes >= SHARED_FROM_BYTES
    ours.send(picture)
    assert _blocks(ours) == []
    np.testing.assert_array_equal(theirs.receive().pixels, picture.pixels)


_KILLED_WHILE_MAKING = """
import mmap, multiprocessing, os, signal, sys
from multiprocessing import resource_tracker
import numpy as np
from studio.jobs.transport import Channel

resource_tracker.ensure_running()
print(os.getpid(), resource_tracker._resource_tracker._pid, flush=True)
ours, theirs = multiprocessing.Pipe()
mmap.mmap = lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL)  # the block is there by now
Channel(ours, f"folio{os.getpid()}x", "c").send(np.zeros(10**6, np.uint8))
"""


def test_send_killed_while_making_a_block_leaves_none_to_the_tracker() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _KILLED_WHILE_MAKING],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    killed, tracker = map(int, done.stdout.split())
    if psutil.pid_exists(tracker):
        psutil.wait_procs([psutil.Process(tracker)], timeout=10)
    left = list(Path("/dev/shm").glob(f"folio{killed}x*"))
    for path in left:
        path.unlink()
    assert left == []
