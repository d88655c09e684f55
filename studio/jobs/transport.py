"""Objects across the pipe, their arrays through shared memory. Either side's threads.

Pickle's protocol 5 hands out the arrays' buffers separately; from 64 KiB on they travel in one
shared-memory block that the receiver copies and unlinks. Blocks are numbered, so whoever survives
can `sweep` what the other side left behind. Both sides are ours: nothing else can write into this
pipe. Where a block can't outlive its maker's handle (Windows), or the system's shared memory is
full (64 MB in many containers, and writing past its end is a crash), arrays go through the pipe.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pickle
import shutil
import sys
import threading
from multiprocessing import resource_tracker, shared_memory
from multiprocessing.connection import Connection
from typing import Any

SHARED_FROM_BYTES = 64 * 1024
_BLOCKS_OUTLIVE_HANDLES = sys.platform != "win32"
_SHARED_MEMORY_FOLDER = "/dev/shm"
_KEPT_FREE_BYTES = 1 << 20


class Channel:
    """One end of a duplex pipe; sending is safe from several threads, receiving from one.

    Args:
        name: What both ends' blocks are called; the same on both sides, new for each pipe. Short:
            macOS allows 30 characters in all.
        side: "p" for the parent, "c" for the child.
    """

    def __init__(self, connection: Connection[Any, Any], name: str, side: str) -> None:
        self._connection = connection
        self._own = f"{name}{side}"
        self._other = f"{name}{'c' if side == 'p' else 'p'}"
        self._sending = threading.Lock()
        self._sent_blocks = 0
        self._taken_blocks = 0

    def send(self, message: object) -> None:
        """Raises OSError (BrokenPipeError) when the other side is gone."""
        buffers: list[pickle.PickleBuffer] = []
        body = pickle.dumps(message, protocol=5, buffer_callback=buffers.append)
        views = [buffer.raw() for buffer in buffers]
        sizes = [view.nbytes for view in views]
        with self._sending:
            number = self._put_block(views) if sum(sizes) >= SHARED_FROM_BYTES else None
            try:
                self._connection.send_bytes(pickle.dumps((number, sizes)))
                self._connection.send_bytes(body)
                self._connection.send_bytes(b"".join(views) if number is None else b"")
            except BaseException:
                if number is not None:
                    _unlink(f"{self._own}{number}")
                raise

    def poll(self, timeout_s: float) -> bool:
        return self._connection.poll(timeout_s)

    def receive(self) -> Any:
        """The next message. Raises EOFError or OSError when the other side is gone."""
        number, sizes = pickle.loads(self._connection.recv_bytes())
        body = self._connection.recv_bytes()
        inline = self._connection.recv_bytes()
        data = inline if number is None else self._take_block(number, sum(sizes))
        buffers: list[memoryview] = []
        offset = 0
        for size in sizes:
            buffers.append(memoryview(data)[offset : offset + size])
            offset += size
        return pickle.loads(body, buffers=buffers)

    def sweep(self) -> None:
        """Unlink the blocks that the other side, now dead, did not take or had not sent yet.

        Both sides number and take in order, so each search ends at the first that isn't there.
        """
        if not _BLOCKS_OUTLIVE_HANDLES:
            return
        for number in itertools.count(self._taken_blocks + 1):
            if not _unlink(f"{self._other}{number}"):
                break
        for number in range(self._sent_blocks, 0, -1):
            if not _unlink(f"{self._own}{number}"):
                break

    def close(self) -> None:
        self._connection.close()

    def _put_block(self, views: list[memoryview]) -> int | None:
        """The number of a new block with the views in it; None where there can be none."""
        size = sum(view.nbytes for view in views)
        if not _BLOCKS_OUTLIVE_HANDLES or not _has_room(size):
            return None
        number = self._sent_blocks + 1
        name = f"{self._own}{number}"
        # SharedMemory tells the tracker only once the block is there: a kill of both sides in
        # between would leave the block for good. So it is told before.
        resource_tracker.register(f"/{name}", "shared_memory")
        try:
            block = shared_memory.SharedMemory(name, create=True, size=size)
        except OSError:
            _untrack(name)
            return None
        self._sent_blocks = number
        try:
            assert block.buf is not None
            offset = 0
            for view in views:
                block.buf[offset : offset + view.nbytes] = view
                offset += view.nbytes
        finally:
            block.close()
        return number

    def _take_block(self, number: int, size: int) -> bytes:
        block = shared_memory.SharedMemory(f"{self._other}{number}")
        try:
            assert block.buf is not None
            return bytes(block.buf[:size])
        finally:
            block.close()
            block.unlink()
            self._taken_blocks = number


def _has_room(size: int) -> bool:
    try:
        return shutil.disk_usage(_SHARED_MEMORY_FOLDER).free > size + _KEPT_FREE_BYTES
    except OSError:
        return True  # this system keeps its blocks elsewhere


def _unlink(name: str) -> bool:
    """Whether there was such a block."""
    try:
        block = shared_memory.SharedMemory(name)
    except OSError:
        _untrack(name)  # it may have been announced and not made any more
        return False
    except ValueError:  # its maker died before it had a size: there is nothing to map
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(_SHARED_MEMORY_FOLDER, name))
        _untrack(name)
        return True
    block.close()
    block.unlink()
    return True


def _untrack(name: str) -> None:
    """Python's tracker need not unlink it. It complains of names that it doesn't know: so first in."""
    resource_tracker.register(f"/{name}", "shared_memory")
    resource_tracker.unregister(f"/{name}", "shared_memory")
