"""GGUF without llama.cpp: transformers reads it by dequantising, once, into a cached folder. GPU thread."""

from __future__ import annotations

import shutil

import psutil

from studio.api import Loaded, Loading, MemoryShortage, ModelError
from studio.api.weights import read_gguf_header

from .transformers_engine import TransformersModel
from .transformers_loading import cancel_points, load_from

_BYTES_PER_QUANTISED_BYTE = 8
"""Measured on 4-bit files: 4 to 8 times the file's size while it converts."""


def load_converted(loading: Loading) -> Loaded[TransformersModel]:
    """Convert at the first use (slow, large), then load the converted folder.

    Raises:
        MemoryShortage: converting would need more memory than is free; says how much.
        ModelError: transformers doesn't know the architecture.
    """
    folder = loading.cache_dir / "from-gguf"
    if not (folder / "config.json").exists():
        _convert(loading)
    return load_from(folder, loading)


def _convert(loading: Loading) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    path = loading.model.path
    needed = path.stat().st_size * _BYTES_PER_QUANTISED_BYTE
    free = psutil.virtual_memory().available
    if needed > free:
        raise MemoryShortage(
            f"Without llama.cpp this file needs about {needed / 1e9:.1f} GB of memory; "
            f"{free / 1e9:.1f} GB are free.",
            where=str(path),
            remedy="Install the package xllamacpp, or choose a smaller model.",
        )
    loading.progress(0.0, f"Converting once, with about {needed / 1e9:.1f} GB of memory")
    where = {"gguf_file": path.name, "local_files_only": True}
    try:
        tokenizer = AutoTokenizer.from_pretrained(path.parent, **where)
        loading.check()
        with cancel_points(loading, 0.1, 0.8):
            model = AutoModelForCausalLM.from_pretrained(path.parent, dtype=torch.bfloat16, **where)
    except (ValueError, KeyError, OSError, NotImplementedError) as error:
        architecture = read_gguf_header(path).architecture
        raise ModelError(
            f"transformers can't read a GGUF file of the architecture {architecture!r}: {error}",
            where=str(path),
            remedy="Install the package xllamacpp.",
        ) from None
    loading.check()
    # What remembers the quantisation would make save_pretrained refuse the plain weights.
    model.hf_quantizer = None
    model.is_quantized = False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    beside = loading.cache_dir / "from-gguf.part"
    shutil.rmtree(beside, ignore_errors=True)
    try:
        model.save_pretrained(beside, safe_serialization=True)
        tokenizer.save_pretrained(beside)
        beside.rename(loading.cache_dir / "from-gguf")
    finally:
        shutil.rmtree(beside, ignore_errors=True)
