"""Objects across the pipe, their arrays through shared memory. Either side's threads.

Pickle's protocol 5 hands out the arrays' buffers separately; from 64 KiB on they travel in one
shared-memory block that the receiver copies and unlinks. Both sides are ours: nothing else can
write into this pipe.
"""

from __future__ import annotations

import pickle
import threading
from multiprocessing import shared_memory
from multiprocessing.connection import Connection
from typing import Any

SHARED_FROM_BYTES = 64 * 1024


class Channel:
    """One end of a duplex pipe; sending is safe from several threads, receiving from one."""

    def __init__(self, connection: Connection[Any, Any]) -> None:
        self._connection = connection
        self._sending = threading.Lock()

    def send(self, message: object) -> None:
        """Raises OSError (BrokenPipeError) when the other side is gone."""
        buffers: list[pickle.PickleBuffer] = []
        body = pickle.dumps(message, protocol=5, buffer_callback=buffers.append)
        views = [buffer.raw() for buffer in buffers]
        sizes = [view.nbytes for view in views]
        if sum(sizes) < SHARED_FROM_BYTES:
            header = pickle.dumps((None, sizes))
            blocks = [header, body, b"".join(views)]
            self._send_blocks(blocks)
            return
        block = shared_memory.SharedMemory(create=True, size=sum(sizes))
        try:
            assert block.buf is not None
            offset = 0
            for view in views:
                block.buf[offset : offset + view.nbytes] = view
                offset += view.nbytes
            self._send_blocks([pickle.dumps((block.name, sizes)), body, b""])
        except BaseException:
            block.unlink()
            raise
        finally:
            block.close()

    def _send_blocks(self, blocks: list[bytes]) -> None:
        with self._sending:
            for block in blocks:
                self._connection.send_bytes(block)

    def poll(self, timeout_s: float) -> bool:
        return self._connection.poll(timeout_s)

    def receive(self) -> Any:
        """The next message. Raises EOFError or OSError when the other side is gone."""
        name, sizes = pickle.loads(self._connection.recv_bytes())
        body = self._connection.recv_bytes()
        inline = self._connection.recv_bytes()
        data = inline if name is None else _take_block(name, sum(sizes))
        buffers: list[memoryview] = []
        offset = 0
        for size in sizes:
            buffers.append(memoryview(data)[offset : offset + size])
            offset += size
        return pickle.loads(body, buffers=buffers)

    def close(self) -> None:
        self._connection.close()


def _take_block(name: str, size: int) -> bytes:
    block = shared_memory.SharedMemory(name=name)
    try:
        assert block.buf is not None
        return bytes(block.buf[:size])
    finally:
        block.close()
        block.unlink()
