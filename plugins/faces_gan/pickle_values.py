"""The few names a StyleGAN2 pickle may use, as plain values; every other is refused. No torch; any thread.

A tensor becomes a `TensorPlace`, where its numbers lie in the file; a network becomes a `Persistent`, its
attributes; the program text that NVIDIA's files carry along is dropped unread.

Source: how PyTorch reduces tensors and storages, and how NVIDIA's files are described publicly; facts of the
formats only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from studio.api import ModelError

from .pickle_machine import Blob, Name, read_pickle

_STORAGES = {
    "FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2", "BFloat16Storage": "bf16",
    "LongStorage": "<i8", "IntStorage": "<i4", "ShortStorage": "<i2", "CharStorage": "i1",
    "ByteStorage": "u1", "BoolStorage": "?",
}  # fmt: skip
_MAGIC = 0x1950A86A20F9469CFC6C
_PLAIN = {
    ("collections", "OrderedDict"): dict, ("builtins", "dict"): dict, ("builtins", "list"): list,
    ("builtins", "set"): set, ("builtins", "frozenset"): frozenset, ("builtins", "tuple"): tuple,
    ("__builtin__", "set"): set, ("dnnlib.util", "EasyDict"): dict, ("dnnlib", "EasyDict"): dict,
    ("torch", "Size"): tuple,
}  # fmt: skip
_CALLS = {
    ("torch_utils.persistence", "_reconstruct_persistent_obj"),
    ("torch._utils", "_rebuild_tensor_v2"),
    ("torch._utils", "_rebuild_parameter"),
    ("torch.storage", "_load_from_bytes"),
    ("torch", "device"),
    ("numpy", "dtype"),
    *((f"numpy.{core}.multiarray", "_reconstruct") for core in ("core", "_core")),
}
_WORDS = {("numpy", "ndarray"), *(("torch", kind) for kind in _STORAGES)} | {
    ("torch", name)
    for name in ("float16", "float32", "float64", "bfloat16", "uint8", "int64", "int32", "bool",
                 "contiguous_format", "channels_last")
}  # fmt: skip
_ELSEWHERE = "Nothing in the file was run. Get the model as safetensors, or from its publisher."


@dataclass(frozen=True)
class TensorPlace:
    """A tensor's numbers, unread: in a storage that begins at `offset` of the file."""

    offset: int
    dtype: str
    """As numpy writes it, or "bf16"."""
    storage_elements: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]
    start: int

    @property
    def elements(self) -> int:
        return math.prod(self.shape)

    def read(self, file: BinaryIO) -> npt.NDArray[np.float32]:
        """A contiguous float32 copy."""
        code = "<u2" if self.dtype == "bf16" else self.dtype
        kind = np.dtype(code)
        file.seek(self.offset)
        raw = np.frombuffer(file.read(self.storage_elements * kind.itemsize), kind)
        if self.dtype == "bf16":
            raw = (raw.astype(np.uint32) << 16).view(np.float32)
        strides = tuple(step * raw.itemsize for step in self.stride)
        view = np.lib.stride_tricks.as_strided(raw[self.start :], self.shape, strides)
        return np.array(view, np.float32, order="C")


@dataclass(frozen=True)
class Persistent:
    """One of NVIDIA's persistent objects: the name of its class, and its attributes."""

    class_name: str
    state: dict[str, object]


@dataclass(frozen=True)
class _Storage:
    dtype: str
    elements: int
    offset: int = 0


@dataclass
class _Array:
    """A numpy array or type in the making; no network needs its numbers."""

    state: list[object] = field(default_factory=list)


class AllowedValues:
    """Names and calls of one file; see `pickle_machine.Values`."""

    def __init__(self, file: BinaryIO, path: Path, size: int) -> None:
        self._file, self._path, self._size = file, path, size

    def name(self, name: Name) -> object:
        pair = (name.module, name.name)
        if pair in _PLAIN or pair in _CALLS or pair in _WORDS:
            return name
        if name.module.startswith("dnnlib.tflib"):
            raise ModelError(
                "This is a pickle of StyleGAN2's TensorFlow edition, which carries its network as a program.",
                where=str(self._path),
                remedy="Convert it with the script legacy.py of NVIDIA's stylegan2-ada-pytorch "
                "(--source=THIS.pkl --dest=NEW.pkl), and add the new file.",
            )
        raise self._refused(f"it asks for {str(name)[:80]!r}, which no model's file needs")

    def call(self, function: object, arguments: tuple[object, ...]) -> object:
        if not isinstance(function, Name):
            raise self._refused("it calls something that has no name")
        pair = (function.module, function.name)
        if pair in _PLAIN:
            kind = _PLAIN[pair]
            return kind(*arguments) if kind is not dict else self._table(arguments)
        match function.name:
            case "_reconstruct_persistent_obj":
                return self._persistent(arguments)
            case "_load_from_bytes":
                return self._storage(arguments)
            case "_rebuild_tensor_v2":
                return self._tensor(arguments)
            case "_rebuild_parameter":
                return arguments[0]
            case "device":
                return ":".join(str(part) for part in arguments)
            case "dtype" | "_reconstruct":
                return _Array()
        raise self._refused(f"it calls {str(function)[:80]!r}, which no model's file needs")

    def build(self, thing: object, state: object) -> object:
        if isinstance(thing, _Array):
            thing.state.append(state)
        elif isinstance(thing, Persistent):
            if state is not None:
                raise self._refused(f"it changes {thing.class_name!r} after it was made")
        elif not (isinstance(thing, dict) and isinstance(state, dict)):
            raise self._refused(f"it sets the state of a {type(thing).__name__}")
        return thing

    def persistent(self, key: object) -> object:
        """A storage, named within a storage's own pickle."""
        if not isinstance(key, tuple) or len(key) < 5 or key[0] != "storage":
            raise self._refused("it refers to something outside of the file")
        kind, elements = key[1], key[4]
        if not isinstance(kind, Name) or not isinstance(elements, int) or elements < 0:
            raise ValueError("a storage without type or size")
        if len(key) > 5 and key[5] is not None:
            raise ValueError("a view of a storage is not expected")
        return _Storage(_STORAGES[kind.name], elements)

    def _table(self, arguments: tuple[object, ...]) -> dict[object, object]:
        if not arguments:
            return {}
        (given,) = arguments
        if isinstance(given, dict):
            return dict(given)
        if isinstance(given, list):
            return {pair[0]: pair[1] for pair in given}
        raise TypeError("no table")

    def _persistent(self, arguments: tuple[object, ...]) -> Persistent:
        (meta,) = arguments
        if not isinstance(meta, dict) or not isinstance(meta.get("state"), dict):
            raise ValueError("a persistent object without state")
        if meta.get("type") != "class":
            raise self._refused("one of its objects is made by a program of its own")
        return Persistent(str(meta.get("class_name", "")), meta["state"])

    def _storage(self, arguments: tuple[object, ...]) -> _Storage:
        """The header of a storage in PyTorch's older format: four pickles, keys, then the numbers."""
        (blob,) = arguments
        if not isinstance(blob, Blob):
            raise TypeError("a storage must be bytes")
        end = blob.offset + blob.size
        at, parts = blob.offset, []
        for _ in range(5):
            value, at = read_pickle(self._file, self._path, self, at, end)
            parts.append(value)
        magic, _, _, storage, keys = parts
        if magic != _MAGIC or not isinstance(storage, _Storage) or not isinstance(keys, list):
            raise ValueError("no storage")
        width = 2 if storage.dtype == "bf16" else np.dtype(storage.dtype).itemsize
        if at + 8 + storage.elements * width > end:
            raise ValueError("a storage shorter than it says")
        return _Storage(storage.dtype, storage.elements, at + 8)

    def _tensor(self, arguments: tuple[object, ...]) -> TensorPlace:
        storage, start, shape, stride = arguments[:4]
        if not isinstance(storage, _Storage) or not isinstance(start, int):
            raise TypeError("a tensor without storage")
        sides, steps = _whole(shape), _whole(stride)
        last = start + sum((side - 1) * step for side, step in zip(sides, steps, strict=True))
        if start < 0 or (0 not in sides and last >= storage.elements):
            raise ValueError("a tensor beyond its storage")
        if math.prod(sides) > storage.elements:
            raise ValueError("a tensor larger than its storage")
        return TensorPlace(storage.offset, storage.dtype, storage.elements, sides, steps, start)

    def _refused(self, why: str) -> ModelError:
        return ModelError(
            f"This pickle is refused: {why}.", where=str(self._path), remedy=_ELSEWHERE
        )


def _whole(numbers: object) -> tuple[int, ...]:
    if not isinstance(numbers, tuple) or len(numbers) > 8:
        raise TypeError("no shape")
    sides = tuple(number for number in numbers if type(number) is int and number >= 0)
    if len(sides) != len(numbers):
        raise ValueError("no shape")
    return sides
