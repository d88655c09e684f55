"""Events from the engine's threads to one consumer, thinned out so that no consumer drowns.

One signal per preview froze a window for seconds in a trial: so only the newest preview and the
newest progress of a job are kept, text is joined, and the consumer is woken once per drain.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from studio.jobs.events import (
    EngineStatus,
    JobEvent,
    Previewed,
    Progressed,
    ResultReady,
    StateChanged,
    TextStreamed,
)

Message = JobEvent | EngineStatus


class Mailbox:
    """Many producers, one consumer.

    Args:
        wake: Called in the producer's thread, at most once between two drains.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._messages: list[Message] = []
        self._woken = False

    def post(self, message: Message) -> None:
        with self._lock:
            self._put(message)
            wake = not self._woken
            self._woken = True
        if wake:
            self._wake()

    def drain(self) -> list[Message]:
        """All messages since the last drain, in order."""
        with self._lock:
            messages, self._messages = self._messages, []
            self._woken = False
        return messages

    def _put(self, message: Message) -> None:
        if isinstance(message, (Previewed, Progressed, TextStreamed)):
            index = self._mergeable(message)
            if index is not None:
                old = self._messages[index]
                if isinstance(message, TextStreamed) and isinstance(old, TextStreamed):
                    text, tokens = old.text + message.text, old.tokens + message.tokens
                    self._messages[index] = TextStreamed(message.job_id, text, tokens)
                else:
                    self._messages[index] = message
                return
        elif isinstance(message, EngineStatus):
            self._messages = [m for m in self._messages if not isinstance(m, EngineStatus)]
        self._messages.append(message)

    def _mergeable(self, message: Previewed | Progressed | TextStreamed) -> int | None:
        """The waiting message of the same job and kind, unless a result or state came between."""
        for index in range(len(self._messages) - 1, -1, -1):
            old = self._messages[index]
            if isinstance(old, EngineStatus) or old.job_id != message.job_id:
                continue
            if type(old) is type(message):
                return index
            if isinstance(old, (StateChanged, ResultReady)):
                return None
        return None
