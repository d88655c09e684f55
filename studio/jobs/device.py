"""All that depends on the device: which one, which floating type, how much memory, how many threads.

torch is imported lazily and only on the GPU thread; decisions take the facts as arguments, so that
they can be tested for machines that aren't here.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from dataclasses import dataclass
from typing import Any

import psutil

from studio.api.errors import StudioError
from studio.jobs.allocator import return_freed_memory
from studio.jobs.failure import words_of

GIB = 1 << 30
_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")


@dataclass(frozen=True)
class DeviceFacts:
    """What a machine offers. Bytes; `cuda_bf16` is about the first CUDA device."""

    cuda_names: tuple[str, ...] = ()
    cuda_bytes: tuple[int, ...] = ()
    cuda_bf16: bool = False
    mps: bool = False
    ram_bytes: int = 0
    cores: int = 1


@dataclass(frozen=True)
class DeviceChoice:
    """A torch device string, the floating type to load in, a name to show, bytes it has."""

    device: str
    dtype: str
    title: str
    total_bytes: int


def limit_threads(cores: int, wanted: int | None = None) -> int:
    """Threads for the engine: one core stays with the window; at least one."""
    return max(1, wanted if wanted is not None else cores - 1)


def physical_cores() -> int:
    """Cores this process may use: the affinity where the system tells it."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return psutil.cpu_count(logical=False) or os.cpu_count() or 1


def facts_without_torch() -> DeviceFacts:
    return DeviceFacts(ram_bytes=int(psutil.virtual_memory().total), cores=physical_cores())


def facts_from_torch() -> DeviceFacts:
    """The machine's facts. Imports torch: GPU thread only."""
    import torch

    names: list[str] = []
    sizes: list[int] = []
    bf16 = False
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            properties = torch.cuda.get_device_properties(index)
            names.append(str(properties.name))
            sizes.append(int(properties.total_memory))
        bf16 = bool(torch.cuda.is_bf16_supported())
    plain = facts_without_torch()
    return DeviceFacts(
        cuda_names=tuple(names),
        cuda_bytes=tuple(sizes),
        cuda_bf16=bf16,
        mps=bool(torch.backends.mps.is_available()),
        ram_bytes=plain.ram_bytes,
        cores=plain.cores,
    )


def choose_device(facts: DeviceFacts, wanted: str = "auto", dtype: str = "auto") -> DeviceChoice:
    """CUDA before MPS before the CPU, unless one is asked for.

    Raises:
        StudioError: the device asked for isn't there; says what is.
    """
    there = [f"cuda:{i}" for i in range(len(facts.cuda_names))]
    there += ["mps"] * facts.mps + ["cpu"]
    device = {"cuda": "cuda:0", "auto": there[0]}.get(wanted, wanted)
    if device not in there:
        raise StudioError(
            f"The device {wanted!r} is not on this machine.",
            where="settings: device",
            remedy=f"Choose one of: auto, {', '.join(there)}.",
        )
    if device == "cpu":
        noun = "core" if facts.cores == 1 else "cores"
        title, total = f"CPU, {facts.cores} {noun}", facts.ram_bytes
    elif device == "mps":
        title, total = "Apple GPU", facts.ram_bytes
    else:
        index = int(device.partition(":")[2])
        title, total = facts.cuda_names[index], facts.cuda_bytes[index]
    return DeviceChoice(device, dtype_for(device, facts, dtype), title, total)


def dtype_for(device: str, facts: DeviceFacts, wanted: str = "auto") -> str:
    """bfloat16 on a CUDA device that computes it, else float16; float16 on MPS; float32 on the CPU."""
    if wanted != "auto":
        return wanted
    if device.startswith("cuda"):
        return "bfloat16" if facts.cuda_bf16 else "float16"
    return "float16" if device == "mps" else "float32"


def cache_budget(choice: DeviceChoice, fraction: float = 0.0) -> int:
    """Bytes the loaded models may hold: 80 % of a CUDA device, half of memory that is shared."""
    if fraction <= 0:
        fraction = 0.8 if choice.device.startswith("cuda") else 0.5
    return int(choice.total_bytes * min(fraction, 0.95))


def memory_used(device: str) -> int:
    """Bytes in use: allocated on the CUDA device, else this process's resident memory."""
    torch = sys.modules.get("torch")
    if device.startswith("cuda") and torch is not None:
        return int(torch.cuda.memory_allocated(device))
    return int(psutil.Process().memory_info().rss)


def give_memory_back(device: str) -> None:
    """Collect garbage and return freed blocks to the device.

    Models with cycles among them (hooks, callbacks) die only in a collection, and one that
    `freeze_garbage` has frozen not even there: so all is thawed first.
    """
    if _may_collect():
        gc.unfreeze()
        freeze_garbage()
    return_freed_memory()
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return
    if device.startswith("cuda"):
        torch.cuda.empty_cache()
    elif device == "mps":
        torch.mps.empty_cache()


def prepare_torch(threads: int) -> None:
    """Import torch with the studio's thread settings. GPU thread only; call before any other use."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch

    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)


def warm_up() -> None:
    """Import the libraries that the first job would wait for. GPU thread only."""
    import diffusers  # noqa: F401
    import transformers  # noqa: F401


def freeze_garbage() -> None:
    """After a model load: a later full collection took 0.24 s holding the GIL, 0.5 ms after this."""
    if _may_collect():
        gc.collect()
        gc.freeze()


def _may_collect() -> bool:
    """Not where automatic collection is off: there another thread, a window's, does all of it.

    Its garbage may hold Qt objects; destroyed on this thread, their timers crash its event loop.
    """
    return gc.isenabled()


def inference() -> contextlib.AbstractContextManager[Any]:
    """torch's inference mode where torch is loaded (it is a thread-local), else nothing."""
    torch: Any = sys.modules.get("torch")
    return torch.inference_mode() if torch is not None else contextlib.nullcontext()


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception means that memory ran out: Python's, CUDA's, MPS's, the allocator's."""
    if isinstance(error, MemoryError):
        return True
    torch: Any = sys.modules.get("torch")
    if torch is not None and isinstance(error, torch.OutOfMemoryError):
        return True
    if not isinstance(error, RuntimeError):
        return False
    text = words_of(error).lower()
    return any(phrase in text for phrase in _OUT_OF_MEMORY)
