"""Keys and values of what a transformers model read, for the next prompt that begins alike. GPU thread.

A prompt is read in portions of `PORTION_TOKENS` that begin at multiples of it, and only whole portions are
used again. So each number is the same as if all had been read anew: the same seed gives the same text, as
the first job or later. Models that keep a state or a window instead of all keys are read by `generate`.
"""

from __future__ import annotations

import inspect
from typing import Any

from studio.api import Context

PORTION_TOKENS = 128
MAX_KEPT_BYTES = 512 << 20


class PromptCache:
    """For one model. Not kept: what would take more than `MAX_KEPT_BYTES`."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._ids: list[int] = []
        self._cache: Any = None
        known = inspect.signature(model.forward).parameters
        self._last_only = {"logits_to_keep": 1} if "logits_to_keep" in known else {}

    def read(self, ids: list[int], ctx: Context) -> Any:
        """A cache that holds all whole portions before the last token; None: read it without.

        Raises:
            Cancelled, StoppedReading: between portions.
        """
        import torch

        end = (len(ids) - 1) // PORTION_TOKENS * PORTION_TOKENS
        if not end:
            return None
        kept = self._shared(ids, end)
        cache = self._cache if kept else _new_cache(self._model)
        if cache is None:
            return None
        if kept:
            _shorten(cache, kept)
        self.forget()
        for at in range(kept, end, PORTION_TOKENS):
            if ctx.stopping:
                raise StoppedReading
            ctx.progress(at, len(ids), "Reading the text")
            piece = torch.tensor([ids[at : at + PORTION_TOKENS]], device=self._model.device)
            with torch.inference_mode():
                self._model(piece, past_key_values=cache, use_cache=True, **self._last_only)
        return cache

    def keep(self, cache: Any, ids: list[int]) -> None:
        """After writing: what was read stays, what was written goes."""
        end = (len(ids) - 1) // PORTION_TOKENS * PORTION_TOKENS
        _shorten(cache, end)
        if _bytes(cache) <= MAX_KEPT_BYTES:
            self._cache, self._ids = cache, ids[:end]

    def forget(self) -> None:
        self._cache, self._ids = None, []

    def _shared(self, ids: list[int], end: int) -> int:
        pairs = enumerate(zip(self._ids, ids[:end], strict=False))
        shared = next((at for at, (a, b) in pairs if a != b), min(len(self._ids), end))
        return shared // PORTION_TOKENS * PORTION_TOKENS


class StoppedReading(Exception):
    """The person wants what is there, and there is nothing yet."""


def _new_cache(model: Any) -> Any:
    """None for a model whose cache can't be cut anywhere: one with a state, or a sliding window."""
    from transformers import DynamicCache
    from transformers.cache_utils import DynamicLayer

    if getattr(model, "_is_stateful", False):
        return None
    cache = DynamicCache(config=model.config)
    return cache if all(type(layer) is DynamicLayer for layer in cache.layers) else None


def _shorten(cache: Any, length: int) -> None:
    excess = int(cache.get_seq_length()) - length
    if excess > 0:
        cache.crop(-excess)


def _bytes(cache: Any) -> int:
    return sum(
        tensor.numel() * tensor.element_size()
        for layer in cache.layers
        for tensor in (layer.keys, layer.values)
    )
