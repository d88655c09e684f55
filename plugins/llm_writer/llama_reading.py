"""Reads text into llama.cpp without writing, and counts its tokens without reading. GPU thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.api import Context, StudioError

from .rereading import MARK


class ReadingStopped(Exception):
    """The person wants what is there, and there is nothing yet."""


class PromptReader:
    """For one run. `total_tokens` is what progress is told of."""

    def __init__(self, server: Any, ctx: Context, context_tokens: int) -> None:
        self._server = server
        self._ctx = ctx
        self._context_tokens = context_tokens
        self.total_tokens = 0

    def count_tokens(self, text: str) -> int | None:
        """What was read is kept: a prompt that can't fit is counted and refused, not read.

        None: this model makes fewer tokens of what is added, so the prompt was not refused. Nothing is kept.
        """
        call = _Call(self._ctx, None)
        call.make(self._server, text + MARK * self._context_tokens, use_kept=True)
        if call.refused_tokens is None:
            return None
        return call.refused_tokens - self._context_tokens

    def step(self, text: str, use_kept: bool) -> int:
        """Read a text; says how many of its tokens were there already.

        Raises:
            Cancelled, ReadingStopped: between batches.
        """
        call = _Call(self._ctx, self.total_tokens)
        call.make(self._server, text, use_kept=use_kept)
        if self._ctx.stopping:
            raise ReadingStopped
        if call.refused_tokens is not None:
            raise StudioError("llama.cpp refused a part of a text that fits.", where="writer")
        return call.kept_tokens


class _Call:
    """One call of llama.cpp's server; an error of the callback's would be swallowed there.

    Args:
        total_tokens: What progress is told of; None: end the call before anything is read.
    """

    def __init__(self, ctx: Context, total_tokens: int | None) -> None:
        self._ctx = ctx
        self._total_tokens = total_tokens
        self._error: BaseException | None = None
        self.kept_tokens = 0
        self.refused_tokens: int | None = None

    def make(self, server: Any, text: str, *, use_kept: bool) -> None:
        body = {
            "prompt": text, "max_tokens": 0, "stream": True, "return_progress": True,
            "cache_prompt": use_kept, "temperature": 0,
        }  # fmt: skip
        server.handle_completions(body, self._on_chunk)
        if self._error is not None:
            raise self._error

    def _on_chunk(self, chunk: Mapping[str, Any]) -> bool:
        """True ends the call."""
        try:
            return self._take(chunk)
        except BaseException as error:  # noqa: BLE001 - border to C++, which would swallow it
            self._error = error
            return True

    def _take(self, chunk: Mapping[str, Any]) -> bool:
        if "error" in chunk:
            error = chunk["error"]
            if error.get("type") != "exceed_context_size_error":
                raise StudioError(
                    f"llama.cpp refused: {error.get('message', error)}", where="writer"
                )
            self.refused_tokens = int(error["n_prompt_tokens"])
            return True
        if self._total_tokens is None:
            return True
        progress = chunk.get("prompt_progress")
        if progress:
            self.kept_tokens = int(progress["cache"])
            self._ctx.progress(int(progress["processed"]), self._total_tokens, "Reading the text")
        else:
            self._ctx.check()
        return self._ctx.stopping
