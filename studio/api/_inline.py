"""A generator's run in place, without a studio: in the calling thread, on the CPU."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_origin

import numpy as np

from studio.api.errors import Cancelled, ModelError
from studio.api.generator import Generator, GeneratorSpec
from studio.api.inputs import GivenByName, Inputs
from studio.api.models import Loader, ModelInfo
from studio.api.outputs import (
    Output,
    Pixels,
    TextDelta,
)
from studio.api.params import Params
from studio.api.tokens import TokenFact
from studio.api.video import FrameWriter, VideoFormat

if TYPE_CHECKING:
    import torch

T = TypeVar("T")


@dataclass
class InlineLoading:
    """What a loader sees; cancels at the `cancel_at`-th check."""

    model: ModelInfo
    cache_dir: Path
    device: str = "cpu"
    dtype: str = "float32"
    cancel_at: int | None = None
    checks: int = 0
    data_folder: Path | None = None

    @property
    def data_dir(self) -> Path:
        return _made(self.data_folder or self.cache_dir / "data")

    def check(self) -> None:
        self.checks += 1
        if self.cancel_at is not None and self.checks >= self.cancel_at:
            raise Cancelled

    def progress(self, fraction: float, message: str = "") -> None:
        self.check()


@dataclass
class InlineContext:
    """A context that runs in place and writes down what it was told.

    Args:
        models: Models by id.
        cancel_at: Raise Cancelled at this many cancel points; None never.
        stop_at: Ask to stop and keep what is there after this many cancel points.
        loaded: The models in memory; share one between contexts to load only once.
        cache_dir: For loaders; a folder in `work_dir` if None.
        data_folder: What `data_dir` gives; a folder in `work_dir` if None.
    """

    work_dir: Path
    seed: int = 0
    models: Mapping[str, ModelInfo] = field(default_factory=dict)
    device: str = "cpu"
    dtype: str = "float32"
    cancel_at: int | None = None
    stop_at: int | None = None
    wants_preview: bool = True
    memory_level: int = 0
    checks: int = 0
    steps: list[tuple[int, int | None, str]] = field(default_factory=list)
    previews: list[Pixels] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    loaded: dict[tuple[str, str, str], object] = field(default_factory=dict)
    cache_dir: Path | None = None
    data_folder: Path | None = None
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("folio.plugin"))
    _rng: torch.Generator | None = None

    @property
    def rng(self) -> torch.Generator:
        if self._rng is None:
            import torch

            self._rng = torch.Generator("cpu").manual_seed(self.seed)
        return self._rng

    @property
    def data_dir(self) -> Path:
        return _made(self.data_folder or self.work_dir / "data")

    @property
    def stopping(self) -> bool:
        return self.stop_at is not None and self.checks >= self.stop_at

    def check(self) -> None:
        self.checks += 1
        if self.cancel_at is not None and self.checks >= self.cancel_at:
            raise Cancelled

    def progress(self, step: int, total: int | None = None, message: str = "") -> None:
        self.steps.append((step, total, message))
        self.check()

    def stream(self, text: str, tokens: int = 1, token_facts: tuple[TokenFact, ...] = ()) -> None:
        self.outputs.append(TextDelta(text, tokens, token_facts))
        self.check()

    def preview(self, pixels: Pixels) -> None:
        self.previews.append(pixels)
        self.check()

    def video(
        self,
        name: str,
        width: int,
        height: int,
        frames_per_second: float = 25,
        format: VideoFormat = "mp4",
    ) -> FrameWriter:
        from studio.io.video import open_video  # the real one: what it writes can be looked at

        self.check()
        return open_video(self.work_dir, name, width, height, frames_per_second, format, self.check)

    def model_info(self, model_id: str) -> ModelInfo:
        if model_id not in self.models:
            raise ModelError("There is no such model.", where=model_id or "no model chosen")
        return self.models[model_id]

    def model(self, model_id: str, loader: Loader[T], *, variant: str = "") -> T:
        key = (getattr(loader, "__qualname__", repr(loader)), model_id, variant)
        if key not in self.loaded:
            loading = InlineLoading(
                self.model_info(model_id),
                self.cache_dir or self.work_dir / "cache",
                self.device,
                self.dtype,
                cancel_at=None if self.cancel_at is None else self.cancel_at - self.checks,
                data_folder=self.data_folder or self.work_dir / "data",
            )
            loading.cache_dir.mkdir(parents=True, exist_ok=True)
            try:
                self.loaded[key] = loader(loading).value
            finally:
                self.checks += loading.checks
        return cast(T, self.loaded[key])


def run(
    spec: GeneratorSpec[Any],
    values: Mapping[str, Any],
    *,
    inputs: GivenByName | Inputs | None = None,
    ctx: InlineContext | None = None,
    models: Mapping[str, ModelInfo] | None = None,
) -> list[Output]:
    """All outputs of one run.

    Args:
        values: Parameters; fields of pictures and latents need none when `inputs` has their things.
        inputs: Pictures, masks and latents by field: one thing, or several in a list.
        ctx: Give one to look at what was told, or to cancel; its `work_dir` keeps files that were
            made, which are gone otherwise once this returns.

    Raises:
        pydantic.ValidationError: the values don't fit the params.
        Cancelled: `ctx.cancel_at` was reached.
    """
    with tempfile.TemporaryDirectory() as folder:
        if ctx is None:
            ctx = InlineContext(Path(folder), seed=seed_in(values), models=models or {})
        return run_on(spec.factory(), spec, values, inputs, ctx)


def run_on(
    generator: Generator[Any],
    spec: GeneratorSpec[Any],
    values: Mapping[str, Any],
    inputs: GivenByName | Inputs | None,
    ctx: InlineContext,
) -> list[Output]:
    """As `run`, on a generator that was made before, as the engine does."""
    given = inputs if isinstance(inputs, Inputs) else Inputs.of(inputs or {})
    params: Params = spec.params.model_validate({**_ids(spec, given), **values})
    outputs = iter(generator.generate(params, given, ctx))
    try:
        for output in outputs:
            ctx.outputs.append(output)
            ctx.check()
    finally:
        # A cancel at a yield reaches the generator's own `with` and `finally`.
        close = getattr(outputs, "close", None)
        if close is not None:
            close()
    return ctx.outputs


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def seed_in(values: Mapping[str, Any]) -> int:
    """The seed that a run with these values has; 0 where none is given."""
    seed = values.get("seed", 0)
    return max(0, seed) if isinstance(seed, int) else 0


def _ids(spec: GeneratorSpec[Any], given: Inputs) -> dict[str, object]:
    """Values for the fields whose things are given, as the studio fills in blob ids."""
    ids: dict[str, object] = {}
    for name, declared in spec.params.model_fields.items():
        things = given.images(name) or given.latents(name)
        several = get_origin(declared.annotation) is tuple
        if things:
            ids[name] = tuple(f"{name}-{n}" for n in range(len(things))) if several else name
    return ids


def blank_image(width_px: int = 64, height_px: int = 64) -> Pixels:
    """A grey picture to feed to generators."""
    return np.full((height_px, width_px, 4), (128, 128, 128, 255), np.uint8)
