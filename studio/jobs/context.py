"""What a generator sees while it runs: the API's Context, made anew for each job. GPU thread only."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np

from studio.api.errors import ModelError
from studio.api.models import Loaded, Loader, ModelInfo
from studio.api.outputs import Pixels, as_pixels
from studio.api.tokens import TokenFact
from studio.api.video import FrameWriter, VideoFormat
from studio.io.video import open_video
from studio.jobs.cache import ModelCache
from studio.jobs.cancel import CancelToken
from studio.jobs.device import DeviceChoice, freeze_garbage
from studio.jobs.events import Previewed, Progressed, StateChanged
from studio.jobs.spec import JobSpec, JobState
from studio.jobs.telling import Telling

if TYPE_CHECKING:
    import torch

T = TypeVar("T")

PREVIEW_SIDE_PX = 256
PREVIEW_INTERVAL_S = 1 / 15


def shrunk(pixels: Pixels, side_px: int = PREVIEW_SIDE_PX) -> Pixels:
    """Every n-th pixel, so that the longest side is at most `side_px`."""
    step = -(-max(pixels.shape[:2]) // side_px)
    return pixels if step <= 1 else np.ascontiguousarray(pixels[::step, ::step])


class JobLoading:
    """What a loader sees: the API's Loading."""

    def __init__(self, model: ModelInfo, context: JobContext, cache_dir: Path) -> None:
        self.model = model
        self.device = context.device
        self.dtype = context.dtype
        self._context = context
        self._cache_dir = cache_dir

    @property
    def cache_dir(self) -> Path:
        self._cache_dir.mkdir(parents=True, exist_ok=True)
        return self._cache_dir

    @property
    def data_dir(self) -> Path:
        return self._context.data_dir

    def check(self) -> None:
        self._context.check()

    def progress(self, fraction: float, message: str = "") -> None:
        step = round(1000 * min(max(fraction, 0.0), 1.0))
        self._context.progress(step, 1000, message or f"Loading {self.model.id}")


class JobContext:
    """One run's context. After `close()` every call raises, so a leaked one can do no harm."""

    def __init__(
        self,
        spec: JobSpec,
        token: CancelToken,
        choice: DeviceChoice,
        cache: ModelCache,
        telling: Telling,
        *,
        prepare_torch: Callable[[], None],
        work_dir: Path,
        data_dir: Path,
        conversions_dir: Path,
        memory_level: int = 0,
    ) -> None:
        self.seed = spec.seed
        self.device = choice.device
        self.dtype = choice.dtype
        self.log = logging.getLogger(f"folio.plugin.{spec.generator_id}")
        self.memory_level = memory_level
        self.spec = spec
        self._token = token
        self._cache = cache
        self._telling = telling
        self._emit = telling.emit
        self._prepare_torch = prepare_torch
        self._work_dir = work_dir
        self._data_dir = data_dir
        self._conversions_dir = conversions_dir
        self._next_preview_at = 0.0
        self._rng: torch.Generator | None = None
        self._closed = False
        self.used_models: set[str] = set()

    @property
    def rng(self) -> torch.Generator:
        if self._rng is None:
            self._prepare_torch()
            import torch

            self._rng = torch.Generator("cpu").manual_seed(self.seed)
        return self._rng

    @property
    def work_dir(self) -> Path:
        self._work_dir.mkdir(parents=True, exist_ok=True)
        return self._work_dir

    @property
    def data_dir(self) -> Path:
        self._data_dir.mkdir(parents=True, exist_ok=True)
        return self._data_dir

    @property
    def stopping(self) -> bool:
        return self._token.finishing

    @property
    def cancelled(self) -> bool:
        """Whether the cancel was asked for; the next cancel point raises."""
        return self._token.cancelled

    @property
    def wants_preview(self) -> bool:
        return time.monotonic() >= self._next_preview_at

    def check(self) -> None:
        if self._closed:
            raise RuntimeError("this job has ended; its context can't be used any more")
        self._token.check()

    def progress(self, step: int, total: int | None = None, message: str = "") -> None:
        self.check()
        self._emit(Progressed(self.spec.job_id, int(step), total, message))

    def stream(self, text: str, tokens: int = 1, token_facts: tuple[TokenFact, ...] = ()) -> None:
        self.check()
        self._telling.text(text, tokens, token_facts)

    def preview(self, pixels: Pixels) -> None:
        self.check()
        if not self.wants_preview:
            return
        self._next_preview_at = time.monotonic() + PREVIEW_INTERVAL_S
        self._emit(Previewed(self.spec.job_id, as_pixels(shrunk(pixels))))

    def video(
        self,
        name: str,
        width: int,
        height: int,
        frames_per_second: float = 25,
        format: VideoFormat = "mp4",
    ) -> FrameWriter:
        self.check()
        return open_video(self.work_dir, name, width, height, frames_per_second, format, self.check)

    def model_info(self, model_id: str) -> ModelInfo:
        for info in self.spec.models.values():
            if info.id == model_id:
                return info
        raise ModelError(
            "This job has no such model." if model_id else "No model was chosen.",
            where=model_id or self.spec.generator_id,
            remedy="Add one with 'studio models add PATH' and choose it.",
        )

    def model(self, model_id: str, loader: Loader[T], *, variant: str = "") -> T:
        self.check()
        info = self.model_info(model_id)
        if not info.path.exists():
            raise ModelError(
                "The model's files are gone.",
                where=str(info.path),
                remedy="Put them back, or remove the model from the list and add it anew.",
            )
        name = f"{loader.__module__}.{getattr(loader, '__qualname__', repr(loader))}"
        key = (name, info.content_hash, self.device, self.dtype, variant)
        self.used_models.add(model_id)
        if key in self._cache:
            return cast(T, self._cache.get(key, _never))
        self._emit(StateChanged(self.spec.job_id, JobState.LOADING))
        loading = JobLoading(info, self, self._conversions_dir / info.content_hash[:16])
        value = self._cache.get(key, lambda: loader(loading), expected_bytes=info.size_bytes)
        freeze_garbage()
        self.check()
        self._emit(StateChanged(self.spec.job_id, JobState.RUNNING))
        return cast(T, value)

    def close(self) -> None:
        self._closed = True


def _never() -> Loaded[object]:
    raise AssertionError("a cached model needs no loader")
