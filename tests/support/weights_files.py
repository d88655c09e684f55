"""Weights files of a few hundred bytes, written byte by byte: whole ones, and ones that lie."""

from __future__ import annotations

import json
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy


def write_safetensors(path: Path) -> Path:
    """Two tensors, 17 elements, by the format's own library."""
    safetensors.numpy.save_file(
        {"a": np.zeros((3, 4), np.float32), "b": np.zeros(5, np.float16)}, path, {"format": "pt"}
    )
    return path


def write_safetensors_raw(path: Path, header: object, data: bytes = b"", length: int = -1) -> Path:
    """Any header, padded with blanks to `length` if that is given."""
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    head = head.ljust(length) if length >= 0 else head
    path.write_bytes(struct.pack("<Q", len(head)) + head + data)
    return path


def gguf_text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def gguf_pair(key: str, kind: int, value: bytes) -> bytes:
    return gguf_text(key) + struct.pack("<I", kind) + value


def gguf_tensor(name: str, shape: tuple[int, ...], kind: int, offset: int) -> bytes:
    dimensions = b"".join(struct.pack("<Q", size) for size in shape)
    return (
        gguf_text(name)
        + struct.pack("<I", len(shape))
        + dimensions
        + struct.pack("<IQ", kind, offset)
    )


def write_gguf(path: Path, architecture: str = "llama", **raw: Any) -> Path:
    """A file with scalars, lists and two tensors (F32 of 8, Q4_0 of 64), 72 elements.

    Args:
        raw: `version`, `pairs`, `tensors` or `data` in place of the sound ones.
    """
    pairs = raw.get("pairs") or [
        gguf_pair("general.architecture", 8, gguf_text(architecture)),
        gguf_pair("llama.context_length", 4, struct.pack("<I", 2048)),
        gguf_pair("llama.rope.freq_base", 6, struct.pack("<f", 10000.0)),
        gguf_pair("general.file", 7, b"\x01"),
        gguf_pair(
            "tokenizer.ggml.tokens", 9, struct.pack("<IQ", 8, 2) + gguf_text("a") + gguf_text("b")
        ),
        gguf_pair("tokenizer.ggml.scores", 9, struct.pack("<IQff", 6, 2, 0, 1)),
        gguf_pair("nested", 9, struct.pack("<IQ", 9, 1) + struct.pack("<IQ", 0, 3) + b"abc"),
    ]
    tensors = raw.get("tensors") or [gguf_tensor("t", (8,), 0, 0), gguf_tensor("q", (32, 2), 2, 32)]
    head = b"GGUF" + struct.pack("<IQQ", raw.get("version", 3), len(tensors), len(pairs))
    head += b"".join(pairs) + b"".join(tensors)
    path.write_bytes(head + bytes(-len(head) % 32) + raw.get("data", bytes(32 + 36)))
    return path


def write_torch_archive(path: Path, *, weights_bytes: int = 64) -> Path:
    """What `torch.save` writes: a zip whose first file is a pickle."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({}))
        archive.writestr("archive/data/0", bytes(weights_bytes))
    return path
