"""The header of a GGUF file: its values and where its tensors end, without the tensors and token lists.

Source: ggml's docs/gguf.md and the sizes of its types in ggml.h (MIT); facts of the format only.
Bounded: lists are walked through, not kept; texts are kept up to 64 MiB in all. Any thread.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from studio.api._weights_kind import cut_short, damaged, kind_of, reading, refuse
from studio.api.errors import ModelError

GgufScalar = str | int | float | bool

_FORMATS = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d",
}  # fmt: skip
_TEXT, _LIST = 8, 9
# Of each tensor type: how many elements make a block, and how many bytes that is.
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 40),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110),
    22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8),
    29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
    40: (64, 36), 41: (128, 18),
}  # fmt: skip
_CHUNK_BYTES = 1 << 20
_MOST_VALUES, _MOST_TENSORS, _MOST_DIMENSIONS, _MOST_DEPTH = 1 << 16, 1 << 20, 8, 4
_NAME_LIMIT_BYTES = 1 << 16
_TEXTS_LIMIT_BYTES = 64 << 20


@dataclass(frozen=True)
class GgufHeader:
    """`metadata` has the scalars and texts; lists (of tokens) are skipped, their lengths kept."""

    version: int
    tensor_count: int
    metadata: Mapping[str, GgufScalar]
    array_lengths: Mapping[str, int]
    parameters: int = 0
    """The elements of all tensors in this file."""

    @property
    def architecture(self) -> str:
        return str(self.metadata.get("general.architecture", ""))


def read_gguf_header(path: Path) -> GgufHeader:
    """A GGUF file's metadata, its tensors' places checked against the file's size.

    Raises:
        ModelError: not GGUF, of an unknown version, damaged, or cut short; says which.
    """
    if kind_of(path) != "gguf":
        raise refuse(path, "a GGUF file")
    with reading(path) as (file, size):
        reader = _Reader(file, size, path)
        reader.skip(4)
        version = _checked_version(path, reader.integer("<I"))
        tensor_count, values = reader.integer("<Q"), reader.integer("<Q")
        if values > _MOST_VALUES or tensor_count > _MOST_TENSORS:
            raise damaged(path, f"it claims {tensor_count:,} tensors and {values:,} values")
        metadata: dict[str, GgufScalar] = {}
        lengths: dict[str, int] = {}
        for _ in range(values):
            key = reader.text(_NAME_LIMIT_BYTES)
            if key in metadata or key in lengths:
                raise damaged(path, f"the value {key[:60]!r} stands twice")
            kind = reader.integer("<I")
            if kind == _LIST:
                lengths[key] = reader.skip_list()
            else:
                metadata[key] = reader.value(kind)
        parameters = _check_tensors(reader, tensor_count, metadata.get("general.alignment", 32))
    return GgufHeader(version, tensor_count, metadata, lengths, parameters)


def _checked_version(path: Path, version: int) -> int:
    if version in (2, 3):
        return version
    what = f"This GGUF file has version {version}; versions 2 and 3 can be read."
    if version & 0xFFFF == 0:
        what = "This GGUF file is for machines of the other byte order."
    raise ModelError(what, where=str(path), remedy="Get another file of the model.")


def _check_tensors(reader: _Reader, count: int, alignment: GgufScalar) -> int:
    """How many elements all tensors have, after it is sure that their bytes are there."""
    if type(alignment) is not int or not 0 < alignment <= _CHUNK_BYTES:
        raise damaged(reader.path, f"its alignment is {str(alignment)[:20]}")
    elements_of_all, end = 0, 0
    for _ in range(count):
        name = reader.text(_NAME_LIMIT_BYTES)
        dimensions = reader.integer("<I")
        if dimensions > _MOST_DIMENSIONS:
            raise damaged(reader.path, f"{name[:60]!r} has {dimensions:,} dimensions")
        elements = math.prod(reader.integer("<Q") for _ in range(dimensions))
        per_block, block_bytes = _BLOCKS.get(reader.integer("<I"), (0, 0))
        # Of a type from after this was written only the beginning can be checked.
        size = -(-elements // per_block) * block_bytes if per_block else 0
        end = max(end, reader.integer("<Q") + size)
        elements_of_all += elements
    data_start = -(-reader.position // alignment) * alignment
    if count and data_start + end > reader.size:
        raise cut_short(reader.path, data_start + end, reader.size)
    return elements_of_all


class _Reader:
    """Reads the values one by one through a buffer, never past the file's end."""

    def __init__(self, file: BinaryIO, size: int, path: Path) -> None:
        self.path = path
        self.size = size
        self._file = file
        self._buffer = b""
        self._buffer_start = 0
        self._at = 0
        self._texts_left = _TEXTS_LIMIT_BYTES

    @property
    def position(self) -> int:
        return self._buffer_start + self._at

    def integer(self, form: str) -> int:
        return int(struct.unpack(form, self._take(struct.calcsize(form)))[0])

    def text(self, limit_bytes: int) -> str:
        length = self.integer("<Q")
        if length > limit_bytes:
            raise damaged(self.path, f"a text claims {length:,} bytes")
        self._texts_left -= length
        if self._texts_left < 0:
            raise damaged(self.path, "its texts are longer than any model's")
        return self._take(length).decode("utf-8", "replace")

    def value(self, kind: int) -> GgufScalar:
        if kind == _TEXT:
            return self.text(_TEXTS_LIMIT_BYTES)
        form = self._form(kind)
        scalar: GgufScalar = struct.unpack(form, self._take(struct.calcsize(form)))[0]
        return scalar

    def skip_list(self, depth: int = 0) -> int:
        """Go past a list; returns its length. Each entry takes bytes, so the file bounds the work."""
        kind, length = self.integer("<I"), self.integer("<Q")
        if length > self.size or depth > _MOST_DEPTH:
            raise damaged(self.path, f"a list claims {length:,} entries")
        if kind == _TEXT:
            self._skip_texts(length)
        elif kind == _LIST:
            for _ in range(length):
                self.skip_list(depth + 1)
        else:
            self.skip(length * struct.calcsize(self._form(kind)))
        return length

    def skip(self, size: int) -> None:
        target = self.position + size
        if target > self.size:
            raise cut_short(self.path, target, self.size)
        if self._at + size <= len(self._buffer):
            self._at += size
        else:
            self._file.seek(target)
            self._buffer, self._buffer_start, self._at = b"", target, 0

    def _form(self, kind: int) -> str:
        if kind not in _FORMATS:
            raise damaged(self.path, f"a value has the unknown type {kind}")
        return _FORMATS[kind]

    def _skip_texts(self, count: int) -> None:
        """As many texts as a vocabulary has: within the buffer without a call for each."""
        unpack = struct.Struct("<Q").unpack_from
        while count:
            buffer, at, last = self._buffer, self._at, len(self._buffer) - 8
            while count and at <= last:
                after = at + 8 + unpack(buffer, at)[0]
                if after > last + 8:
                    break
                at, count = after, count - 1
            self._at = at
            if count:
                self.skip(self.integer("<Q"))
                count -= 1

    def _take(self, size: int) -> bytes:
        if self._at + size > len(self._buffer):
            left = self._buffer[self._at :]
            self._buffer_start, self._at = self.position, 0
            self._buffer = left + self._file.read(max(size - len(left), _CHUNK_BYTES))
            if len(self._buffer) < size:
                raise cut_short(self.path, self._buffer_start + size, self.size)
        data = self._buffer[self._at : self._at + size]
        self._at += size
        return data
