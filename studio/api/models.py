"""What the API says of a model: weights on disk with the facts that identify them. Any thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")


class ModelFacts(BaseModel):
    """What a recogniser learned from a model's bytes, without loading it.

    `family` is what generators ask for ("language", "diffusion", "gan", "vae"); `format` is how it
    is stored ("gguf", "huggingface", "diffusers", "checkpoint"); `architecture` is the publisher's
    word ("LlamaForCausalLM", "sdxl").
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    family: str
    format: str
    architecture: str = ""
    title: str = ""
    licence: str = ""
    parameters: int | None = None
    notes: tuple[str, ...] = ()
    """Sentences for the person: what the model is good for, what it can't do."""
    recommended: dict[str, str | int | float | bool] = Field(default_factory=dict)
    """Values its makers recommend, by the names of the generators' parameters, such as {"steps": 4}.
    They are the defaults once the model is chosen: in the panel, on the command line, in a record."""
    own: dict[str, int] = Field(default_factory=dict)
    """What "the model's own" is, by the names of the generators' parameters whose least value says so, such
    as {"width": 512}: a panel begins there when the person steps away from it."""


class ModelInfo(BaseModel):
    """A model the store knows: `id` is unique on this machine, `content_hash` everywhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    path: Path
    """The file, or the folder, the weights are in."""
    facts: ModelFacts
    content_hash: str
    size_bytes: int
    starter: bool = False


@dataclass(frozen=True)
class Loaded(Generic[T]):
    """What a loader gives back to the cache.

    Args:
        value: The object generators use: a pipeline, a model with its tokenizer.
        size_bytes: Memory it holds on the device (or in RAM on the CPU).
        close: Called once on the GPU thread when the entry is dropped; frees native resources.
    """

    value: T
    size_bytes: int
    close: Callable[[], None] | None = field(default=None, compare=False)


class Loading(Protocol):
    """What a loader sees while it loads. GPU thread."""

    @property
    def model(self) -> ModelInfo: ...

    @property
    def device(self) -> str:
        """The torch device string, such as "cpu", "cuda:0", "mps"."""
        ...

    @property
    def dtype(self) -> str:
        """The floating type to load in: "float32", "float16" or "bfloat16"."""
        ...

    @property
    def cache_dir(self) -> Path:
        """A folder for files converted from this model; survives restarts; may be emptied."""
        ...

    @property
    def data_dir(self) -> Path:
        """As `Context.data_dir`."""
        ...

    def check(self) -> None:
        """A cancel point: call between shards and components. Raises Cancelled."""
        ...

    def progress(self, fraction: float, message: str = "") -> None:
        """Say how far loading is, 0..1. A cancel point too."""
        ...


class Loader(Protocol[T]):
    """Loads a model on the GPU thread. The cache's key is the loader's qualified name, the model's
    content hash, device, dtype and `variant`; so a loader must be a module-level function."""

    def __call__(self, loading: Loading, /) -> Loaded[T]: ...
