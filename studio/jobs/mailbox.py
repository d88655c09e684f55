"""Events from the engine's threads to one consumer, thinned out so that no consumer drowns.

One signal per preview froze a window for seconds in a trial: so only the newest preview and the
newest progress of a job are kept, text is joined, and the consumer is woken once per drain.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, MutableSequence, Sequence
from typing import TypeVar, cast

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
M = TypeVar("M", bound=Message)


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
            put_coalesced(self._messages, message)
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


def put_coalesced(messages: MutableSequence[M], message: M) -> None:
    """Append, or merge into the one of the same job and kind that still waits to be read.

    Nothing moves across a state or a result of its job. A status replaces older ones, but not one
    that has something to say.
    """
    if isinstance(message, EngineStatus):
        for index in range(len(messages) - 1, -1, -1):
            old = messages[index]
            if isinstance(old, EngineStatus) and not old.message:
                del messages[index]
    elif isinstance(message, (Previewed, Progressed, TextStreamed)):
        mergeable = _mergeable(messages, message)
        if mergeable is not None:
            messages[mergeable] = cast(M, _merged(cast(Message, messages[mergeable]), message))
            return
    messages.append(message)


def _merged(old: Message, new: Message) -> Message:
    if isinstance(old, TextStreamed) and isinstance(new, TextStreamed):
        facts = old.token_facts + new.token_facts
        return TextStreamed(new.job_id, old.text + new.text, old.tokens + new.tokens, facts)
    return new


def _mergeable(
    messages: Sequence[Message], message: Previewed | Progressed | TextStreamed
) -> int | None:
    for index in range(len(messages) - 1, -1, -1):
        old = messages[index]
        if isinstance(old, EngineStatus) or old.job_id != message.job_id:
            continue
        if type(old) is type(message):
            return index
        if isinstance(old, (StateChanged, ResultReady)):
            return None
    return None
