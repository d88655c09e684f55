"""One engine process: started, spoken to, listened to, buried. Policy is the host's (`child.py`).

It is made, listened to and buried by one thread, which must outlive it: on Linux the kernel is told
to kill it when the thread that started it ends.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import queue
import secrets
import signal
import threading
from collections.abc import Callable
from dataclasses import replace

from studio.jobs import child_main
from studio.jobs.host import Bootstrap, EngineOptions
from studio.jobs.transport import Channel

log = logging.getLogger(__name__)

_POLL_S = 0.25
_EXIT_S = 1.0


class EngineProcess:
    """`send` and `kill` may come from any thread and never wait: a thread of its own does the
    writing, because a pipe is full long before a starting engine reads from it.

    Raises:
        Exception: the process can't be started.
    """

    def __init__(self, bootstrap: Bootstrap, options: EngineOptions) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        name = f"folio{os.getpid()}x{secrets.token_hex(3)}"
        self._process = context.Process(
            target=child_main.main,
            args=(theirs, name, bootstrap, replace(options, parent_pid=os.getpid())),
            name="folio-engine",
            daemon=True,
        )
        try:
            self._process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        assert self._process.pid is not None
        self.pid = self._process.pid
        self._channel = Channel(ours, name, "p")
        self._outbox: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="folio-engine-writer", daemon=True)
        self._writer.start()

    def send(self, message: object) -> None:
        self._outbox.put(message)

    def kill(self) -> None:
        self._process.kill()

    def listen(self, on_message: Callable[[object], None]) -> None:
        """Hand over what it says until it is gone. Raises when a message can't be read."""
        while True:
            # Asked before looking: what a process said last can come between a look and its death.
            dead = self._process.exitcode is not None
            try:
                there = self._channel.poll(_POLL_S)
                message = self._channel.receive() if there else None
            except (EOFError, OSError):
                return
            if there:
                on_message(message)
            elif dead:
                return  # gone, though a process of its own still holds the pipe open

    def bury(self) -> int | None:
        """Make sure that it is dead and leave nothing of it; its exit code."""
        self._process.join(_EXIT_S)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
        self._outbox.put(None)
        self._writer.join(_EXIT_S)
        self._channel.sweep()
        self._channel.close()
        return self._process.exitcode

    def _write(self) -> None:
        while (message := self._outbox.get()) is not None:
            try:
                self._channel.send(message)
            except OSError:
                return  # it died; whoever listens notices
            except Exception:  # border: an engine that can't be told is of no use
                log.exception("a message could not be sent to the engine, so it is ended")
                self.kill()
                return


def describe_exit(code: int | None) -> str:
    """How a process ended, in words: its exit code, or the signal that ended it (negative)."""
    if code is None or code >= 0:
        return f"The engine ended unexpectedly (exit code {code})."
    if -code == getattr(signal, "SIGKILL", 9):
        return (
            "The engine was killed (signal 9). Systems do that when memory runs out; "
            "or someone ended the process."
        )
    names = {
        int(signal.SIGSEGV): "crashed (segmentation fault)",
        int(signal.SIGABRT): "crashed (aborted)",
        int(signal.SIGTERM): "was asked to end (signal 15)",
    }
    if hasattr(signal, "SIGBUS"):
        names[int(signal.SIGBUS)] = "crashed (bus error; shared memory or a mapped file ran short)"
    return f"The engine {names.get(-code, f'was ended by signal {-code}')}."
