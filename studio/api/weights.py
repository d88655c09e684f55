"""What a weights file is, read from its first bytes: never its suffix, never unpickled. Any thread.

Sources: the safetensors format page (huggingface/safetensors README, Apache-2.0) and the GGUF
specification (ggml docs/gguf.md, MIT); facts of the formats only.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from studio.api.errors import ModelError

WeightsKind = Literal[
    "safetensors", "gguf", "pickle", "zip", "html", "git-lfs pointer", "empty", "unknown"
]
_HEADER_LIMIT_BYTES = 100 << 20
_STRING_LIMIT_BYTES = 16 << 20
_DTYPE_BITS = {
    "F64": 64, "F32": 32, "F16": 16, "BF16": 16, "I64": 64, "I32": 32, "I16": 16, "I8": 8, "U8": 8,
    "U16": 16, "U32": 32, "U64": 64, "BOOL": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F4": 4,
    "F6_E2M3": 6, "F6_E3M2": 6, "C64": 64,
}  # fmt: skip

Scalar = str | int | float | bool


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


@dataclass(frozen=True)
class GgufHeader:
    """`metadata` has the scalars and strings; arrays (token lists) are skipped, their lengths kept."""

    version: int
    tensor_count: int
    metadata: Mapping[str, Scalar]
    array_lengths: Mapping[str, int]

    @property
    def architecture(self) -> str:
        return str(self.metadata.get("general.architecture", ""))


def kind_of(path: Path) -> WeightsKind:
    """What the file is by content.

    Raises:
        ModelError: it can't be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        raise ModelError(f"The file can't be read: {error.strerror}.", where=str(path)) from None
    if not head:
        return "empty"
    if head.startswith(b"GGUF"):
        return "gguf"
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if head.startswith(b"\x80") and head[1:2] in b"\x02\x03\x04\x05":
        return "pickle"
    if head.startswith(b"version https://git-lfs"):
        return "git-lfs pointer"
    if head.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
        return "html"
    if len(head) > 8 and head[8:9] == b"{" and struct.unpack("<Q", head[:8])[0] < 1 << 40:
        return "safetensors"
    return "unknown"


def is_pickle(path: Path) -> bool:
    """Whether the file is a Python pickle, bare or in PyTorch's zip."""
    return kind_of(path) in ("pickle", "zip")


def refuse(path: Path, wanted: str) -> ModelError:
    """The error for a file that is not what its name says: what it really is, and what to do."""
    kind = kind_of(path)
    what, remedy = {
        "pickle": (
            f"This is a Python pickle, not {wanted}; a pickle can run any program when it is opened.",
            "Get the model as safetensors or GGUF.",
        ),
        "zip": (
            f"This is a PyTorch or zip archive, not {wanted}; it may hold a pickle that runs programs.",
            "Get the model as safetensors or GGUF.",
        ),
        "html": (
            f"This is a web page, not {wanted}.",
            "The download failed: get the file once more.",
        ),
        "git-lfs pointer": (
            f"This is only a pointer to {wanted}, of a few bytes.",
            "Fetch the real file with 'git lfs pull' or download it once more.",
        ),
        "empty": ("The file is empty.", "Get the file once more."),
        "gguf": (
            f"This is a GGUF file, not {wanted}.",
            "Give it the suffix .gguf and add it again.",
        ),
        "safetensors": (f"This is a safetensors file, not {wanted}.", "Rename it to .safetensors."),
        "unknown": (f"This is not {wanted}.", "Models come as safetensors or GGUF files."),
    }[kind]
    return ModelError(what, where=str(path), remedy=remedy)


def read_safetensors_header(path: Path) -> SafetensorsHeader:
    """The names, types and shapes of all tensors, checked against the file's size.

    Raises:
        ModelError: not safetensors, damaged, or cut short; says which.
    """
    if kind_of(path) != "safetensors":
        raise refuse(path, "a safetensors file")
    size = path.stat().st_size
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > _HEADER_LIMIT_BYTES:
            raise _damaged(path, f"its header claims {length} bytes")
        if 8 + length > size:
            raise _cut_short(path, 8 + length, size)
        text = file.read(length)
    try:
        entries = json.loads(text.decode("utf-8"), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, f"its header is no JSON ({error})") from None
    if not isinstance(entries, dict):
        raise _damaged(path, "its header is no table")
    metadata = entries.pop("__metadata__", {})
    tensors: dict[str, TensorFact] = {}
    end = 0
    for name, entry in entries.items():
        fact, (start, stop) = _tensor(path, name, entry)
        if start > stop or (stop - start) != _size_bytes(path, name, fact):
            raise _damaged(path, f"the size of {name!r} doesn't fit its shape")
        tensors[name] = fact
        end = max(end, stop)
    if 8 + length + end > size:
        raise _cut_short(path, 8 + length + end, size)
    words = {str(k): str(v) for k, v in metadata.items()} if isinstance(metadata, dict) else {}
    return SafetensorsHeader(tensors, words, size)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a name stands twice")
    return table


def _tensor(path: Path, name: str, entry: object) -> tuple[TensorFact, tuple[int, int]]:
    try:
        dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]  # type: ignore[index]
        start, stop = offsets
        if not all(type(n) is int and n >= 0 for n in (*shape, start, stop)):
            raise ValueError
        return TensorFact(str(dtype), tuple(shape)), (start, stop)
    except (KeyError, TypeError, ValueError):
        raise _damaged(path, f"the entry of {name!r} makes no sense") from None


def _size_bytes(path: Path, name: str, fact: TensorFact) -> int:
    if fact.dtype not in _DTYPE_BITS:
        raise _damaged(path, f"{name!r} has the unknown type {fact.dtype!r}")
    return fact.elements * _DTYPE_BITS[fact.dtype] // 8


def read_gguf_header(path: Path) -> GgufHeader:
    """A GGUF file's metadata without its tensors and token lists.

    Raises:
        ModelError: not GGUF, of an unknown version, damaged, or cut short.
    """
    if kind_of(path) != "gguf":
        raise refuse(path, "a GGUF file")
    with path.open("rb") as file:
        reader = _GgufReader(file, path)
        file.read(4)
        version = reader.integer("<I")
        if version not in (2, 3):
            raise ModelError(
                f"This GGUF file has version {version}; versions 2 and 3 can be read.",
                where=str(path),
                remedy="Get a newer file of the model.",
            )
        tensor_count, pairs = reader.integer("<Q"), reader.integer("<Q")
        if pairs > 1 << 20 or tensor_count > 1 << 24:
            raise _damaged(path, "its counts make no sense")
        metadata: dict[str, Scalar] = {}
        lengths: dict[str, int] = {}
        for _ in range(pairs):
            key = reader.string()
            kind = reader.integer("<I")
            if kind == 9:
                lengths[key] = reader.skip_array()
            else:
                metadata[key] = reader.value(kind)
    return GgufHeader(version, tensor_count, metadata, lengths)


class _GgufReader:
    """Reads GGUF's values one by one, bounded."""

    _FORMATS: Mapping[int, str] = {
        0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q",
        12: "<d",
    }  # fmt: skip

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._path = path
        self._size = path.stat().st_size

    def _take(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) != size:
            raise _cut_short(self._path, self._file.tell() + size - len(data), self._size)
        return data

    def integer(self, form: str) -> int:
        return int(struct.unpack(form, self._take(struct.calcsize(form)))[0])

    def string(self) -> str:
        length = self.integer("<Q")
        if length > _STRING_LIMIT_BYTES:
            raise _damaged(self._path, f"a text claims {length} bytes")
        return self._take(length).decode("utf-8", "replace")

    def value(self, kind: int) -> Scalar:
        if kind == 8:
            return self.string()
        if kind not in self._FORMATS:
            raise _damaged(self._path, f"a value has the unknown type {kind}")
        form = self._FORMATS[kind]
        scalar: Scalar = struct.unpack(form, self._take(struct.calcsize(form)))[0]
        return scalar

    def skip_array(self, depth: int = 0) -> int:
        kind, length = self.integer("<I"), self.integer("<Q")
        if length > self._size or depth > 4:
            raise _damaged(self._path, f"a list claims {length} entries")
        if kind in self._FORMATS:
            self._skip(length * struct.calcsize(self._FORMATS[kind]))
        elif kind == 8:
            for _ in range(length):
                self._skip(self.integer("<Q"))
        elif kind == 9:
            for _ in range(length):
                self.skip_array(depth + 1)
        else:
            raise _damaged(self._path, f"a list has the unknown type {kind}")
        return length

    def _skip(self, size: int) -> None:
        position = self._file.tell() + size
        if position > self._size:
            raise _cut_short(self._path, position, self._size)
        self._file.seek(size, 1)


def _damaged(path: Path, why: str) -> ModelError:
    return ModelError(
        f"The file is damaged: {why}.", where=str(path), remedy="Get the file once more."
    )


def _cut_short(path: Path, wanted: int, there: int) -> ModelError:
    return ModelError(
        f"The file is cut short: it should have at least {wanted:,} bytes and has {there:,}.",
        where=str(path),
        remedy="The download did not finish: get the file once more.",
    )
