"""What the trainers share: where things are kept, averaging of weights, the learning rate, resuming."""

from __future__ import annotations

import contextlib
import copy
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[3]
WORK = Path(os.environ.get("FOLIO_TRAINING_DIR", ROOT / ".training"))
MODEL = ROOT / "resources" / "models" / "portrait-diffusion"


class Average:
    """An exponential moving average of a module's weights."""

    def __init__(self, module: torch.nn.Module, decay: float = 0.998) -> None:
        self.module = copy.deepcopy(module).eval().requires_grad_(False)
        self._decay = decay
        self._updates = 0

    @torch.no_grad()
    def update(self, module: torch.nn.Module) -> None:
        self._updates += 1
        decay = min(self._decay, (1 + self._updates) / (10 + self._updates))
        ours, theirs = list(self.module.parameters()), list(module.parameters())
        torch._foreach_lerp_(ours, theirs, 1 - decay)


def quick_floats() -> contextlib.AbstractContextManager[Any]:
    """bfloat16 where the processor computes it (twice as fast); elsewhere it would be emulated."""
    if (
        torch.backends.cpu.get_cpu_capability() == "AVX512"
        and torch.cpu._is_avx512_bf16_supported()
    ):
        return torch.autocast("cpu", torch.bfloat16)
    return contextlib.nullcontext()


def learning_rate(step: int, steps: int, peak: float) -> float:
    """A short warm-up, then a cosine down to 3 %."""
    fraction = step / steps
    return (
        peak
        * min(1.0, step / 200 + 0.01)
        * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * fraction)))
    )


def load_pixels(name: str) -> tuple[torch.Tensor, np.ndarray]:
    """(N, 3, S, S) uint8, and the attributes as JSON lines."""
    with np.load(WORK / f"{name}.npz") as data:
        return torch.from_numpy(data["pixels"]).permute(0, 3, 1, 2).contiguous(), data["attributes"]


def to_float(pixels: torch.Tensor) -> torch.Tensor:
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
