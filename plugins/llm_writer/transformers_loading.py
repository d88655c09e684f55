"""Loads a Hugging Face folder through transformers: safetensors only, no network. GPU thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from studio.api import Loaded, Loading, ModelError
from studio.api.weights import folder_weights

from .precision import in_best_precision
from .transformers_engine import TransformersModel


def load_folder(loading: Loading) -> Loaded[TransformersModel]:
    """Load a Hugging Face folder from safetensors, nothing else, without a network.

    Raises:
        ModelError: files are missing, damaged, or need code of their own.
    """
    return load_from(loading.model.path, loading)


def load_full(loading: Loading) -> Loaded[TransformersModel]:
    """As load_folder, in full precision."""
    return load_from(loading.model.path, loading, "full")


def load_bf16(loading: Loading) -> Loaded[TransformersModel]:
    """As load_folder, in bfloat16."""
    return load_from(loading.model.path, loading, "bf16")


def load_int8(loading: Loading) -> Loaded[TransformersModel]:
    """As load_folder, with int8 weights in the linear layers."""
    return load_from(loading.model.path, loading, "int8")


LOADERS = {"auto": load_folder, "full": load_full, "bf16": load_bf16, "int8": load_int8}
"""A loader for each way: the studio keeps what each has loaded apart."""


def load_from(path: Path, loading: Loading, precision: str = "auto") -> Loaded[TransformersModel]:
    """As load_folder, from any folder."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    loading.progress(0.05, "Loading the tokenizer")
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            path, local_files_only=True, trust_remote_code=False
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"Its tokenizer can't be loaded: {_first_line(error)}",
            where=str(path),
            remedy="Put tokenizer.json (or its parts) from the model's page into the folder.",
        ) from None
    loading.progress(0.1, "Loading the weights")
    try:
        with cancel_points(loading, 0.1, 0.9):
            model, told = AutoModelForCausalLM.from_pretrained(
                path,
                local_files_only=True,
                use_safetensors=True,
                variant=folder_weights(path, "This model").variant,
                trust_remote_code=False,
                dtype=getattr(torch, loading.dtype),
                output_loading_info=True,
            )
    except ModelError:
        raise
    except Exception as error:
        if isinstance(error, MemoryError) or "memory" in str(error).lower():
            raise
        raise ModelError(
            f"The model can't be loaded: {_first_line(error)}",
            where=str(path),
            remedy="Its files may be damaged or of a newer kind; 'studio models verify' reads them again.",
        ) from None
    missing = sorted(told["missing_keys"])
    if missing:
        # transformers would fill them with noise and write on.
        raise ModelError(
            f"The folder lacks {len(missing)} of the model's weights, such as {missing[0]}.",
            where=str(path),
            remedy="Download the model once more, all its files.",
        )
    loading.progress(0.9)
    model = model.to(loading.device).eval()
    name = loading.dtype
    if loading.device == "cpu":
        model, name = in_best_precision(model, tokenizer, loading, precision)
    size = sum(p.numel() * p.element_size() for p in model.parameters())
    if name == "int8":  # quantised weights are no parameters
        size += _weights_bytes(path) // 2
    return Loaded(TransformersModel(model, tokenizer, name), size)


def _weights_bytes(path: Path) -> int:
    """Bytes of the weights on the disk."""
    return sum(file.stat().st_size for file in folder_weights(path, "This model").files)


@contextmanager
def cancel_points(loading: Loading, start: float, end: float) -> Iterator[None]:
    """Makes each tensor that transformers loads a step of progress, and so a cancel point.

    transformers lets its progress bars be replaced; the one around its tensors is ours for a while.
    """
    from transformers.utils import logging as bars

    def bar(factory: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        steps: Iterable[Any] | None = args[0] if args else kwargs.get("iterable")
        if steps is None or not hasattr(steps, "__len__"):
            return factory(*args, **{**kwargs, "disable": True})
        return _told(list(steps), loading, start, end)

    if not hasattr(bars, "set_tqdm_hook"):  # transformers 5.0
        yield
        return
    previous = bars.set_tqdm_hook(bar)
    try:
        yield
    finally:
        bars.set_tqdm_hook(previous)


def _told(steps: list[Any], loading: Loading, start: float, end: float) -> Iterator[Any]:
    for number, step in enumerate(steps):
        loading.progress(start + (end - start) * number / len(steps))
        yield step


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__
