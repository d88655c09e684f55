"""The record: what really ran. Frozen, serialises to JSON and back. Pure; any thread."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from studio.api.outputs import Placement


def _listed(inputs: object) -> object:
    """Before version 2 a field had exactly one input."""
    if not isinstance(inputs, Mapping):
        return inputs
    return {name: (ids,) if isinstance(ids, str) else ids for name, ids in inputs.items()}


InputIds: TypeAlias = Annotated[dict[str, tuple[str, ...]], BeforeValidator(_listed)]
"""Blob ids (sha256 hex) of pictures, masks and latents by field name, in the person's order."""


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

    record_version: int = 2
    generator_id: str
    generator_version: str
    params: dict[str, Any]
    seed: int
    index: int = 0
    """Which of the job's results this is, from 0."""
    result_seed: int | None = None
    inputs: InputIds = Field(default_factory=dict)
    models: dict[str, ModelUse] = Field(default_factory=dict)
    versions: dict[str, str] = Field(default_factory=dict)
    device: str = ""
    dtype: str = ""
    memory_level: int = 0
    """How far memory forced the work to be cut smaller; 0 is the full path."""
    seconds: float = 0.0
    job_id: str = ""
    created_at: str = ""
    extras: dict[str, str | int | float | bool | None] = Field(default_factory=dict)
    placement: Placement | None = None
    """Where the result belongs, relative to one of the inputs."""


def utc_now() -> str:
    """The time now as records write it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
