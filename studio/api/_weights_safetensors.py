"""The header of a safetensors file, checked as its own library does, without reading a tensor.

Source: the format page in huggingface/safetensors' README (Apache-2.0); facts of the format only.
Bounded: at most 100 MiB of header with so many things in it as any model has. Any thread.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from studio.api._weights_kind import (
    HEADER_LIMIT_BYTES,
    cut_short,
    damaged,
    kind_of,
    reading,
    refuse,
)
from studio.api.errors import ModelError

_DTYPE_BITS = {
    "F64": 64, "F32": 32, "F16": 16, "BF16": 16, "I64": 64, "I32": 32, "I16": 16, "I8": 8, "U8": 8,
    "U16": 16, "U32": 32, "U64": 64, "BOOL": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F4": 4,
    "F6_E2M3": 6, "F6_E3M2": 6, "C64": 64, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8,
}  # fmt: skip
# The biggest published models have some 100,000 tensors, over many files.
_MOST_ENTRIES = 500_000
_MOST_COMMAS = 5_000_000
_MOST_DIMENSIONS = 32


@dataclass(frozen=True)
class TensorFact:
    dtype: str
    shape: tuple[int, ...]

    @property
    def elements(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True)
class SafetensorsHeader:
    tensors: Mapping[str, TensorFact]
    metadata: Mapping[str, str]
    size_bytes: int

    @property
    def parameters(self) -> int:
        return sum(fact.elements for fact in self.tensors.values())


def read_safetensors_header(path: Path) -> SafetensorsHeader:
    """The names, types and shapes of all tensors, checked against the file's size.

    Raises:
        ModelError: not safetensors, damaged, or cut short; says which.
    """
    if kind_of(path) != "safetensors":
        raise refuse(path, "a safetensors file")
    with reading(path) as (file, size):
        (length,) = struct.unpack("<Q", file.read(8).ljust(8, b"\0"))
        if length > HEADER_LIMIT_BYTES:
            raise damaged(path, f"its header claims {length:,} bytes")
        text = file.read(length) if 8 + length <= size else b""
    if len(text) < length:
        raise cut_short(path, 8 + length, size)
    entries = _parsed(path, text)
    metadata = entries.pop("__metadata__", {})
    if not isinstance(metadata, dict):
        raise damaged(path, "its metadata is no table")
    tensors: dict[str, TensorFact] = {}
    spans: list[tuple[int, int, str]] = []
    for name, entry in entries.items():
        tensors[name], (start, stop) = _tensor(path, name, entry)
        spans.append((start, stop, name))
    end = 8 + length + _end_of(path, spans)
    if end > size:
        raise cut_short(path, end, size)
    if end < size:
        raise damaged(path, f"{size - end:,} bytes at its end belong to no tensor")
    return SafetensorsHeader(tensors, {str(k): str(v) for k, v in metadata.items()}, size)


def _parsed(path: Path, text: bytes) -> dict[str, object]:
    if text.count(b"{") + text.count(b"[") // 2 > _MOST_ENTRIES or text.count(b",") > _MOST_COMMAS:
        raise damaged(path, "its header lists more than any model has")
    try:
        entries = json.loads(text.decode("utf-8"), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        why = str(error) or type(error).__name__
        raise damaged(path, f"its header is no JSON ({why[:100]})") from None
    if not isinstance(entries, dict):
        raise damaged(path, "its header is no table")
    return entries


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a name stands twice")
    return table


def _tensor(path: Path, name: str, entry: object) -> tuple[TensorFact, tuple[int, int]]:
    """One entry's facts and where its bytes are; all that can be wrong with it alone is refused."""
    shown = f"{name[:60]!r}"
    try:
        dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]  # type: ignore[index]
        start, stop = offsets
        numbers = (*shape, start, stop)
    except (KeyError, TypeError, ValueError):
        raise damaged(path, f"the entry of {shown} makes no sense") from None
    sane = all(type(number) is int and 0 <= number < 1 << 63 for number in numbers)
    if not sane or not isinstance(shape, list) or len(shape) > _MOST_DIMENSIONS:
        raise damaged(path, f"the entry of {shown} makes no sense")
    if not isinstance(dtype, str) or dtype not in _DTYPE_BITS:
        raise ModelError(
            f"The tensor {shown} is of the type {str(dtype)[:20]!r}, which is not known here.",
            where=str(path),
            remedy="Get the model in another precision.",
        )
    fact = TensorFact(dtype, tuple(shape))
    if start > stop or (stop - start) * 8 != fact.elements * _DTYPE_BITS[dtype]:
        raise damaged(path, f"the size of {shown} doesn't fit its shape")
    return fact, (start, stop)


def _end_of(path: Path, spans: list[tuple[int, int, str]]) -> int:
    """Where the last tensor ends: they follow each other without gap or overlap."""
    end = 0
    for start, stop, name in sorted(spans):
        if start != end:
            what = "a gap before" if start > end else "other bytes within"
            raise damaged(path, f"there are {what} {name[:60]!r}")
        end = stop
    return end
