"""The frozen request: everything one run needs. Serialises both ways. Pure; any thread."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from studio.api.models import ModelInfo
from studio.api.params import MAX_SEED
from studio.core.records import InputIds


class Priority(IntEnum):
    """Lower runs first. A live panel's job overtakes a batch, never the one that runs."""

    LIVE = 0
    NORMAL = 10
    BATCH = 20


class JobState(StrEnum):
    QUEUED = "queued"
    LOADING = "loading"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class JobSpec(BaseModel):
    """One run of a generator.

    `params` is the validated params model dumped to JSON values, its seed field already drawn.
    `inputs` maps fields of pictures, masks and latents to blob ids (sha256 hex).
    `models` maps model fields to what the store knew of them when the job was frozen. `target` says
    where in the document the result goes; only the window reads it. Jobs of one `live_key` replace
    each other. An `ephemeral` job's results are shown and not kept: neither in the history nor over
    a crash. `memory_level` is where to begin: above 0 only to make again what was made so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    job_id: str
    generator_id: str
    generator_version: str
    params: dict[str, Any]
    seed: int = Field(ge=0, le=MAX_SEED)
    inputs: InputIds = Field(default_factory=dict)
    models: dict[str, ModelInfo] = Field(default_factory=dict)
    target: dict[str, Any] = Field(default_factory=dict)
    priority: Priority = Priority.NORMAL
    live_key: str = ""
    ephemeral: bool = False
    memory_level: int = Field(0, ge=0)
    title: str = ""
    created_at: str


def new_job_id() -> str:
    return uuid.uuid4().hex


def draw_seed() -> int:
    """A fresh seed, short enough to read aloud: 0..2**32-1."""
    return secrets.randbelow(2**32)


def with_drawn_seed(
    params: Mapping[str, Any], seed_field: str | None
) -> tuple[dict[str, Any], int]:
    """The params with -1 replaced by a drawn seed, and that seed."""
    values = dict(params)
    if seed_field is None:
        return values, draw_seed()
    seed = values.get(seed_field, -1)
    if not isinstance(seed, int) or seed < 0:
        seed = draw_seed()
        values[seed_field] = seed
    return values, seed
