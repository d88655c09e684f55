"""The record: what really ran. Frozen, serialises to JSON and back. Pure; any thread."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class ModelUse(BaseModel):
    """One model a job used."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str = ""
    content_hash: str


class Record(BaseModel):
    """How one result came to be. With the same machine and files it can be made again.

    Times are seconds; `created_at` is UTC in ISO 8601.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    record_version: int = 1
    generator_id: str
    generator_version: str
    params: dict[str, Any]
    seed: int
    index: int = 0
    """Which of the job's results this is, from 0."""
    result_seed: int | None = None
    inputs: dict[str, str] = Field(default_factory=dict)
    models: dict[str, ModelUse] = Field(default_factory=dict)
    versions: dict[str, str] = Field(default_factory=dict)
    device: str = ""
    dtype: str = ""
    seconds: float = 0.0
    job_id: str = ""
    created_at: str = ""
    extras: dict[str, str | int | float | bool | None] = Field(default_factory=dict)


def utc_now() -> str:
    """The time now as records write it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
