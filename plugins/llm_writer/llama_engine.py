"""GGUF files through llama.cpp, in this process: 4-bit weights stay 4-bit. GPU thread.

llama.cpp's server object wants an address; it gets a Unix socket in a private folder, whose name is
removed as soon as it runs: no port is opened, and nobody can connect.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.api import Context, Loaded, Loading, ModelError, ParamsError, StudioError
from studio.api.weights import GgufHeader, read_gguf_header

from .model import Request, Written
from .output import Streamed
from .params import SamplingParams
from .prompts import keep_end

AVAILABLE = importlib.util.find_spec("xllamacpp") is not None
MAX_CONTEXT_TOKENS = 8192
SAMPLERS = ("penalties", "top_k", "typ_p", "top_p", "min_p", "temperature")


class LlamaModel:
    """A WritingModel over llama.cpp's server object; it keeps the last prompt's cache."""

    engine = "llama.cpp"

    def __init__(self, server: Any, context_tokens: int, has_template: bool, where: str) -> None:
        self._server = server
        self._context_tokens = context_tokens
        self._has_template = has_template
        self._where = where

    def write(self, request: Request, ctx: Context) -> Written:
        prompt, cut, tokens = request.prompt, 0, 0
        while True:
            run = _Run(ctx, request)
            body = llama_sampling(request.sampling, ctx.seed, self._context_tokens)
            if request.messages is not None and self._has_template:
                body["messages"] = list(request.messages)
                call = self._server.handle_chat_completions
            else:
                body["prompt"] = prompt
                call = self._server.handle_completions
            call(body, run.on_chunk)
            run.raise_pending()
            if run.too_long is None:
                return run.written(cut)
            if "messages" in body:
                raise ParamsError(
                    f"The text has {run.too_long} tokens; the model reads {self._context_tokens}.",
                    where="text",
                    remedy="Select a shorter passage.",
                )
            room = self._context_tokens - min(
                request.sampling.max_new_tokens, self._context_tokens // 2
            )
            tokens = tokens or run.too_long
            prompt = keep_end(prompt, run.too_long, room)
            cut = tokens - room
            ctx.progress(0, request.sampling.max_new_tokens, f"The first {cut} tokens don't fit")


class _Run:
    """One call: takes chunks on the GPU thread; a callback that raises would be ignored."""

    def __init__(self, ctx: Context, request: Request) -> None:
        self._ctx = ctx
        self._limit = request.sampling.max_new_tokens
        self._streamed = Streamed(ctx, request.stops, self._limit)
        self._error: BaseException | None = None
        self._finish = "length"
        self._prompt_tokens = 0
        self._message = ""
        self.too_long: int | None = None

    def on_chunk(self, chunk: Mapping[str, Any]) -> bool:
        """True ends the call."""
        try:
            return self._take(chunk)
        except BaseException as error:  # noqa: BLE001 - border to C++, which would swallow it
            self._error = error
            return True

    def raise_pending(self) -> None:
        if self._error is not None:
            raise self._error
        if self._message:
            raise StudioError(f"llama.cpp refused: {self._message}", where="writer")

    def written(self, cut: int) -> Written:
        text = self._streamed.finish()
        finish = self._streamed.finish_reason or self._finish
        return Written(text, finish, self._streamed.tokens, self._prompt_tokens, cut)

    def _take(self, chunk: Mapping[str, Any]) -> bool:
        if "error" in chunk:
            error = chunk["error"]
            if error.get("type") == "exceed_context_size_error":
                self.too_long = int(error["n_prompt_tokens"])
            else:
                self._message = str(error.get("message", error))
            return True
        progress = chunk.get("prompt_progress")
        if progress:
            done, total = int(progress["processed"]), int(progress["total"])
            self._prompt_tokens = total
            self._ctx.progress(done, total, "Reading the text")
            return self._ctx.stopping
        usage = chunk.get("usage")
        if usage:
            self._prompt_tokens = int(usage["prompt_tokens"])
        for choice in chunk.get("choices", ()):
            if choice.get("finish_reason") == "stop":
                self._finish = "end of text"
            delta = choice.get("delta")
            text = (delta.get("content") if delta is not None else choice.get("text")) or ""
            if text and self._streamed.push(text):
                return True
        self._ctx.check()
        return False


def llama_sampling(sampling: SamplingParams, seed: int, context_tokens: int) -> dict[str, Any]:
    """The request's body: llama.cpp's own chain, in the order of the fields.

    Raises:
        ParamsError: a setting that llama.cpp doesn't have.
    """
    if sampling.no_repeat_ngram:
        raise ParamsError(
            "llama.cpp can't forbid repeated n-grams.",
            where="no_repeat_ngram",
            remedy="Set it to 0 and raise repetition_penalty, or use a model as a Hugging Face folder.",
        )
    return {
        "max_tokens": sampling.max_new_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
        "return_progress": True,
        "cache_prompt": True,
        "seed": seed % 2**32,
        "samplers": list(SAMPLERS),
        "temperature": sampling.temperature,
        "top_k": sampling.top_k,
        "typical_p": sampling.typical_p,
        "top_p": sampling.top_p,
        "min_p": sampling.min_p,
        "repeat_penalty": sampling.repetition_penalty,
        "repeat_last_n": context_tokens,
    }


def load_gguf(loading: Loading) -> Loaded[LlamaModel]:
    """Load a GGUF file.

    Raises:
        ModelError: damaged, or of an architecture this llama.cpp doesn't know.
    """
    import xllamacpp

    path = loading.model.path
    header = read_gguf_header(path)
    loading.progress(0.1)
    context_tokens = _context_tokens(header)
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = context_tokens
    params.n_parallel = 1
    params.n_threads_http = 1
    threads = _threads()
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    on_cpu = loading.device == "cpu"
    params.n_gpu_layers = 0 if on_cpu else 999
    if on_cpu:
        # A prompt can be cancelled between batches.
        params.n_batch = params.n_ubatch = 128
    folder = Path(tempfile.mkdtemp(prefix="folio-"))
    params.hostnames = [str(folder / "llama.sock")]
    params.port = 0
    try:
        server = xllamacpp.Server(params)
    except RuntimeError:
        raise ModelError(
            f"llama.cpp can't load this file; its architecture is {header.architecture or 'not named'!r}.",
            where=str(path),
            remedy="The file may be damaged, too large for the memory, or newer than this Folio.",
        ) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    loading.progress(1.0)
    has_template = "tokenizer.chat_template" in header.metadata
    model = LlamaModel(server, context_tokens, has_template, str(path))
    del server

    def close() -> None:
        model._server = None

    return Loaded(model, path.stat().st_size + _cache_bytes(header, context_tokens), close)


def _context_tokens(header: GgufHeader) -> int:
    trained = header.metadata.get(f"{header.architecture}.context_length", 2048)
    return min(int(trained), MAX_CONTEXT_TOKENS)


def _cache_bytes(header: GgufHeader, context_tokens: int) -> int:
    """The key-value cache in 16 bit: 2 tensors × layers × key-value heads × head size × tokens."""

    def number(key: str, default: int) -> int:
        return int(header.metadata.get(f"{header.architecture}.{key}", default))

    heads = max(1, number("attention.head_count", 1))
    width = number("embedding_length", 1024) // heads * number("attention.head_count_kv", heads)
    return 2 * 2 * number("block_count", 32) * width * context_tokens


def _threads() -> int:
    """torch's, where it is set up (one core stays with the window); else the same rule."""
    import torch

    return max(1, min(torch.get_num_threads(), os.cpu_count() or 1))
