"""What the engine says of a job, and what it is told. Frozen, picklable; any thread or process."""

from __future__ import annotations

from dataclasses import dataclass

from studio.api.outputs import Output, Pixels
from studio.api.tokens import TokenFact
from studio.core.records import Record
from studio.jobs.spec import JobState

ENGINE_DIED = "EngineDied"
"""The `kind` of the error of a job whose engine died under it."""


@dataclass(frozen=True)
class ErrorText:
    """An error after it became text (the exception itself is dropped: it would pin tensors)."""

    what: str
    where: str = ""
    remedy: str = ""
    details: str = ""
    """The traceback, for copying; empty for errors that are no bug."""
    plugin: str = ""
    kind: str = "StudioError"

    def __str__(self) -> str:
        where = f" ({self.where})" if self.where else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{self.what}{where}{remedy}"


@dataclass(frozen=True)
class StateChanged:
    job_id: str
    state: JobState
    error: ErrorText | None = None
    """Set when failed."""
    seconds: float = 0.0


@dataclass(frozen=True)
class Progressed:
    """`step` of `total` (None: unknown); while loading, step is per mille of 1000."""

    job_id: str
    step: int
    total: int | None
    message: str = ""


@dataclass(frozen=True)
class Previewed:
    job_id: str
    pixels: Pixels


@dataclass(frozen=True)
class TextStreamed:
    job_id: str
    text: str
    tokens: int
    token_facts: tuple[TokenFact, ...] = ()
    """See `TextDelta.token_facts`."""


@dataclass(frozen=True)
class ResultReady:
    """One result. `result_id` is the history's id once it is stored, "" on its way there."""

    job_id: str
    output: Output
    record: Record
    result_id: str = ""


JobEvent = StateChanged | Progressed | Previewed | TextStreamed | ResultReady


@dataclass(frozen=True)
class EngineStatus:
    """How the engine is: "off", "starting", "idle", "busy", "restarting" or "broken".

    Bytes of memory; `torch_ready` once the libraries are imported.
    """

    state: str
    device: str = ""
    device_name: str = ""
    memory_used: int = 0
    memory_total: int = 0
    message: str = ""
    torch_ready: bool = False
    pid: int | None = None
