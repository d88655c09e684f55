"""What the trainers share: where things are kept, averaged weights, the learning rate, resuming."""

from __future__ import annotations

import contextlib
import copy
import json
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[3]
WORK = Path(os.environ.get("FOLIO_TRAINING_DIR", ROOT / ".training"))
MODELS = ROOT / "resources" / "models"
SIDE_PX = 128


class Average:
    """An exponential moving average of a module's weights."""

    def __init__(self, module: torch.nn.Module, decay: float = 0.998) -> None:
        self.module = copy.deepcopy(module).eval().requires_grad_(False)
        self._decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, module: torch.nn.Module) -> None:
        self.updates += 1
        decay = min(self._decay, (1 + self.updates) / (10 + self.updates))
        ours, theirs = list(self.module.parameters()), list(module.parameters())
        torch._foreach_lerp_(ours, theirs, 1 - decay)


class Clock:
    """How much of a run's minutes is spent, over all its restarts.

    Schedules follow the time, not the steps, so that a run fits the hour it was given on any machine.
    """

    def __init__(self, minutes: float, spent_s: float = 0.0) -> None:
        self._budget_s = minutes * 60
        self._started = time.monotonic() - spent_s

    @property
    def spent_s(self) -> float:
        return time.monotonic() - self._started

    @property
    def fraction(self) -> float:
        """0 at the begin, 1 at the end."""
        return min(1.0, self.spent_s / self._budget_s)


def learning_rate(fraction: float, step: int, peak: float) -> float:
    """A short warm-up, then a cosine down to 2 %."""
    return (
        peak * min(1.0, step / 60 + 0.02) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * fraction)))
    )


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate


@contextlib.contextmanager
def quick_floats() -> Iterator[None]:
    """bfloat16 where the processor computes it (twice as fast); elsewhere it would be emulated."""
    if (
        torch.backends.cpu.get_cpu_capability() == "AVX512"
        and torch.cpu._is_avx512_bf16_supported()
    ):
        with torch.autocast("cpu", torch.bfloat16):
            yield
    else:
        yield


def load_split(name: str) -> tuple[torch.Tensor, list[dict[str, Any]]]:
    """(N, 3, S, S) uint8 over a memory map of (N, S, S, 3), and each portrait's attributes."""
    pixels = np.load(WORK / name / "pixels.npy", mmap_mode="r+")
    lines = (WORK / name / "attributes.jsonl").read_text().splitlines()
    return torch.from_numpy(pixels).permute(0, 3, 1, 2), [json.loads(line) for line in lines]


def to_float(pixels: torch.Tensor) -> torch.Tensor:
    """uint8 to -1..1."""
    return pixels.float().div_(127.5).sub_(1)


def save_checkpoint(path: Path, **state: Any) -> None:
    beside = path.with_suffix(".part")
    torch.save(state, beside)
    beside.replace(path)


def save_half(module: Any, folder: Path) -> None:
    """A diffusers or transformers folder in float16, readable by all."""
    copy.deepcopy(module).half().save_pretrained(folder, safe_serialization=True)
    for file in folder.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)
