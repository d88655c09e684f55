"""Loads a GGUF file into llama.cpp, in this process: 4-bit weights stay 4-bit. GPU thread.

llama.cpp's server object wants an address; it gets a Unix socket in a private folder, and a key
(`llama_tokens.py`): no port is opened, and nobody else can ask it anything.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any

import psutil

from studio.api import Loaded, Loading, MemoryShortage, ModelError
from studio.api.weights import GgufHeader, read_gguf_header

from .llama_engine import LlamaModel
from .llama_tokens import PrivateSocket
from .model import MAX_CONTEXT_TOKENS

AVAILABLE = importlib.util.find_spec("xllamacpp") is not None
MAX_CACHE_BYTES = 1536 << 20
"""For keys and values, so that a 4-bit model of 7 billion parameters runs in 6 GB."""
MIN_CONTEXT_TOKENS = 512
_CONTEXT_STEP = 256
_CHUNK_BYTES = 16 << 20
_QUIET = -1


def load_gguf(loading: Loading) -> Loaded[LlamaModel]:
    """Load a GGUF file.

    Raises:
        ModelError: damaged, or of an architecture this llama.cpp doesn't know.
        MemoryShortage: the weights are larger than the memory that is free.
    """
    import xllamacpp

    path = loading.model.path
    header = read_gguf_header(path)
    size, free = path.stat().st_size, _free_bytes(loading.device)
    if size > free:
        raise MemoryShortage(
            f"This model needs {size / 1e9:.1f} GB of memory; {free / 1e9:.1f} GB are free.",
            where=str(path),
            remedy="Close other programs, or choose a smaller model.",
        )
    context_tokens = context_that_fits(header, free - size)
    _read_ahead(path, loading)
    params = _params(path, context_tokens, on_cpu=loading.device == "cpu")
    where = PrivateSocket.new()
    params.hostnames, params.port, params.api_keys = [str(where.path)], 0, [where.key]
    try:
        server = xllamacpp.Server(params)
        _wait_until_it_runs(server)
        loading.progress(1.0)
    except BaseException as error:
        where.close()
        if isinstance(error, RuntimeError):
            raise _refused(path, header.architecture) from None
        raise
    has_template = "tokenizer.chat_template" in header.metadata
    model = LlamaModel(server, where, context_tokens, has_template)
    return Loaded(model, size + context_tokens * _token_bytes(header), model.close)


def context_that_fits(header: GgufHeader, spare_bytes: int) -> int:
    """How many tokens to read at once: the trained length, unless memory or time set a limit.

    Args:
        spare_bytes: Memory left beside the weights; half of it may be used.
    """
    wanted = min(_number(header, "context_length", 2048), MAX_CONTEXT_TOKENS)
    room = min(MAX_CACHE_BYTES, spare_bytes // 2) // _token_bytes(header)
    if wanted <= room:
        return wanted
    return min(wanted, max(MIN_CONTEXT_TOKENS, room // _CONTEXT_STEP * _CONTEXT_STEP))


def _token_bytes(header: GgufHeader) -> int:
    """Keys and values of one token, 16 bit: layers × key-value heads × both head sizes × 2 bytes."""
    heads = _number(header, "attention.head_count", 1)
    head = _number(header, "embedding_length", 1024) // heads
    keys = _number(header, "attention.key_length", head)
    values = _number(header, "attention.value_length", head)
    shared = _number(header, "attention.head_count_kv", heads)
    return 2 * (keys + values) * shared * _number(header, "block_count", 32)


def _number(header: GgufHeader, key: str, default: int) -> int:
    """A count of the architecture's; the default where a file has none, one per layer, or nonsense."""
    value = header.metadata.get(f"{header.architecture}.{key}", default)
    return max(1, value if isinstance(value, int) else default)


def _free_bytes(device: str) -> int:
    """Memory for weights: the larger of what RAM and the CUDA device have; llama.cpp splits layers."""
    free = int(psutil.virtual_memory().available)
    if device.startswith("cuda"):
        import torch

        free = max(free, int(torch.cuda.mem_get_info(device)[0]))
    return free


def _read_ahead(path: Path, loading: Loading) -> None:
    """Read the file once into the system's cache: llama.cpp's own loading can't be cancelled."""
    size, buffer, done = path.stat().st_size, bytearray(_CHUNK_BYTES), 0
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            done += count
            loading.progress(0.9 * min(1.0, done / size))


def _params(path: Path, context_tokens: int, *, on_cpu: bool) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.verbosity = _QUIET
    params.n_ctx = context_tokens
    params.n_parallel = 1
    params.n_threads_http = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = _threads()
    # Copies of earlier prompts would take up to 8 GB that no budget knows of.
    params.cache_ram_mib = 0
    params.n_ctx_checkpoints = 1
    if on_cpu:
        params.n_gpu_layers = 0
        # A prompt can be cancelled between batches.
        params.n_batch = params.n_ubatch = 128
    return params


def _wait_until_it_runs(server: Any) -> None:
    """Have it read one token: a server that is closed before its loop began waits for it for ever."""
    server.handle_completions(
        {"prompt": "a", "max_tokens": 0, "stream": True, "cache_prompt": False}, lambda chunk: False
    )


def _threads() -> int:
    """torch's, where it is set up (one core stays with the window); else the same rule."""
    import torch

    return max(1, min(torch.get_num_threads(), os.cpu_count() or 1))


def _refused(path: Path, architecture: str) -> ModelError:
    from gguf.constants import MODEL_ARCH_NAMES

    if architecture not in MODEL_ARCH_NAMES.values():
        return ModelError(
            f"llama.cpp doesn't know the architecture {architecture or 'without a name'!r} of this file.",
            where=str(path),
            remedy="Choose another model, or install a newer xllamacpp if the architecture is new.",
        )
    return ModelError(
        f"llama.cpp can't load this file, though it knows its architecture {architecture!r}.",
        where=str(path),
        remedy="The file is damaged or cut short: get it once more. Or it is newer than this llama.cpp.",
    )
