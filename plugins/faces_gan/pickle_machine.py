"""Reads a pickle as data: its opcodes are walked here; nothing in it is imported, called or run. No torch.

Python's own unpickler imports whatever a file names and calls it; even one with a list of allowed names
runs their code. Here a name is only a pair of words, and a call is only asked of `values.call`, which builds
plain values for a few known pairs and refuses all others. Byte strings are not read, only their place is
kept: a file of hundreds of megabytes takes as long as its structure. Any thread.

Source: the opcodes as Python's module `pickletools` documents them; facts of the format only.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from studio.api import ModelError

_TEXT_LIMIT_BYTES = 64 << 20
_MOST_OPERATIONS = 5_000_000
_ONCE_MORE = "Get the file once more."


@dataclass(frozen=True)
class Name:
    """What a pickle calls by module and name; never looked up."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(frozen=True)
class Blob:
    """Bytes that lie in the file, unread."""

    offset: int
    size: int


class Values(Protocol):
    """What names and calls mean."""

    def name(self, name: Name) -> object:
        """What a name stands for. Raises ModelError: it isn't one of those allowed."""

    def call(self, function: object, arguments: tuple[object, ...]) -> object:
        """What a call gives. Raises ModelError: it isn't one of those allowed."""

    def build(self, thing: object, state: object) -> object:
        """The thing with its state set. Raises ModelError: it may not have one."""

    def persistent(self, key: object) -> object:
        """A thing kept outside of the pickle. Raises ModelError."""


class _Mark:
    pass


_MARK = _Mark()


def read_pickle(
    file: BinaryIO, path: Path, values: Values, start: int = 0, end: int | None = None
) -> tuple[object, int]:
    """The one value pickled at `start`, and where its bytes end.

    Args:
        file: Opened for reading; `path` is its name for errors.
        end: Where the file, or the part that may be read, ends.

    Raises:
        ModelError: damaged, cut short, or with something in it that isn't allowed.
    """
    if end is None:
        end = file.seek(0, 2)
    machine = _Machine(file, path, values, start, end)
    try:
        return machine.run(), machine.position
    except (IndexError, KeyError, TypeError, ValueError, struct.error) as error:
        raise ModelError(
            f"The file is damaged: its pickle makes no sense ({type(error).__name__} at byte "
            f"{machine.position:,}).",
            where=str(path),
            remedy=_ONCE_MORE,
        ) from None


class _Machine:
    def __init__(self, file: BinaryIO, path: Path, values: Values, start: int, end: int) -> None:
        self.file, self.path, self.values = file, path, values
        self.position, self.end = start, end
        self.stack: list[object] = []
        self.memo: dict[int, object] = {}
        self.text_left = _TEXT_LIMIT_BYTES
        file.seek(start)

    def run(self) -> object:
        for _ in range(_MOST_OPERATIONS):
            code = self.take(1)
            if code == b".":
                return self.stack.pop()
            action = _ACTIONS.get(code)
            if action is None:
                raise ModelError(
                    f"This pickle has the operation {code!r}, which no model's file needs.",
                    where=str(self.path),
                    remedy="It is another kind of file, or damaged.",
                )
            action(self)
        raise ModelError("This pickle is longer than any model's.", where=str(self.path))

    def take(self, size: int) -> bytes:
        self._must_have(size)
        data = self.file.read(size)
        if len(data) < size:
            raise self._cut_short(self.position + size)
        self.position += size
        return data

    def number(self, form: str) -> int:
        return int(struct.unpack(form, self.take(struct.calcsize(form)))[0])

    def text(self, size: int, encoding: str = "utf-8") -> str:
        self.text_left -= size
        if self.text_left < 0:
            raise ModelError(
                "The texts in this pickle are longer than any model's.", where=str(self.path)
            )
        return self.take(size).decode(
            encoding, "surrogatepass" if encoding == "utf-8" else "strict"
        )

    def line(self) -> str:
        found = bytearray()
        while (character := self.take(1)) != b"\n":
            found += character
            if len(found) > 1000:
                raise ValueError("a name without end")
        return found.decode("utf-8")

    def blob(self, size: int) -> Blob:
        self._must_have(size)
        blob = Blob(self.position, size)
        self.position += size
        self.file.seek(self.position)
        return blob

    def since_mark(self) -> list[object]:
        for index in range(len(self.stack) - 1, -1, -1):
            if self.stack[index] is _MARK:
                items = self.stack[index + 1 :]
                del self.stack[index:]
                return items
        raise ValueError("no mark")

    def pop_tuple(self) -> tuple[object, ...]:
        arguments = self.stack.pop()
        if not isinstance(arguments, tuple):
            raise TypeError("arguments must be a tuple")
        return arguments

    def _must_have(self, size: int) -> None:
        if size < 0 or self.position + size > self.end:
            raise self._cut_short(self.position + size)

    def _cut_short(self, wanted: int) -> ModelError:
        return ModelError(
            f"The file is cut short: it should have at least {wanted:,} bytes and has {self.end:,}.",
            where=str(self.path),
            remedy=f"The download did not finish. {_ONCE_MORE}",
        )


def _push(value: Callable[[_Machine], object]) -> Callable[[_Machine], None]:
    def act(machine: _Machine) -> None:
        machine.stack.append(value(machine))

    return act


def _append(machine: _Machine) -> None:
    item = machine.stack.pop()
    _put_items(machine.stack[-1], [item])


def _appends(machine: _Machine) -> None:
    items = machine.since_mark()
    _put_items(machine.stack[-1], items)


def _put_items(target: object, items: list[object]) -> None:
    if isinstance(target, list):
        target.extend(items)
    elif isinstance(target, set):
        target.update(items)
    else:
        raise TypeError("no list")


def _set_items(machine: _Machine, items: list[object]) -> None:
    target = machine.stack[-1]
    if not isinstance(target, dict) or len(items) % 2:
        raise TypeError("no table")
    target.update(zip(items[::2], items[1::2], strict=True))


def _set_item(machine: _Machine) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    _set_items(machine, [key, value])


def _remember(machine: _Machine, index: int) -> None:
    machine.memo[index] = machine.stack[-1]


def _stack_global(machine: _Machine) -> object:
    name, module = machine.stack.pop(), machine.stack.pop()
    if not isinstance(name, str) or not isinstance(module, str):
        raise TypeError("names must be texts")
    return machine.values.name(Name(module, name))


def _reduce(machine: _Machine) -> object:
    arguments = machine.pop_tuple()
    made = machine.values.call(machine.stack.pop(), arguments)
    machine.file.seek(machine.position)  # it may have read elsewhere
    return made


def _new_with_keywords(machine: _Machine) -> object:
    if machine.stack.pop():
        raise ValueError("keywords are not expected")
    return _reduce(machine)


def _build(machine: _Machine) -> object:
    state = machine.stack.pop()
    return machine.values.build(machine.stack.pop(), state)


def _tuple_of(count: int) -> Callable[[_Machine], None]:
    def act(machine: _Machine) -> None:
        if len(machine.stack) < count:
            raise IndexError("too few")
        items = tuple(machine.stack[len(machine.stack) - count :])
        del machine.stack[len(machine.stack) - count :]
        machine.stack.append(items)

    return act


def _pop(machine: _Machine) -> None:
    machine.stack.pop()


def _nothing(size: int) -> Callable[[_Machine], None]:
    def act(machine: _Machine) -> None:
        machine.take(size)

    return act


_ACTIONS: dict[bytes, Callable[[_Machine], None]] = {
    b"\x80": _nothing(1),
    b"\x95": _nothing(8),
    b"(": _push(lambda m: _MARK),
    b"0": _pop,
    b"1": lambda m: m.since_mark().clear(),
    b"2": _push(lambda m: m.stack[-1]),
    b"N": _push(lambda m: None),
    b"\x88": _push(lambda m: True),
    b"\x89": _push(lambda m: False),
    b"J": _push(lambda m: m.number("<i")),
    b"K": _push(lambda m: m.number("<B")),
    b"M": _push(lambda m: m.number("<H")),
    b"\x8a": _push(lambda m: int.from_bytes(m.take(m.number("<B")), "little", signed=True)),
    b"G": _push(lambda m: struct.unpack(">d", m.take(8))[0]),
    b"X": _push(lambda m: m.text(m.number("<I"))),
    b"\x8c": _push(lambda m: m.text(m.number("<B"))),
    b"\x8d": _push(lambda m: m.text(m.number("<Q"))),
    b"U": _push(lambda m: m.text(m.number("<B"), "latin-1")),
    b"T": _push(lambda m: m.text(m.number("<i"), "latin-1")),
    b"B": _push(lambda m: m.blob(m.number("<I"))),
    b"C": _push(lambda m: m.blob(m.number("<B"))),
    b"\x8e": _push(lambda m: m.blob(m.number("<Q"))),
    b"\x96": _push(lambda m: m.blob(m.number("<Q"))),
    b")": _push(lambda m: ()),
    b"t": _push(lambda m: tuple(m.since_mark())),
    b"\x85": _tuple_of(1),
    b"\x86": _tuple_of(2),
    b"\x87": _tuple_of(3),
    b"]": _push(lambda m: []),
    b"l": _push(lambda m: m.since_mark()),
    b"a": _append,
    b"e": _appends,
    b"}": _push(lambda m: {}),
    b"s": _set_item,
    b"u": lambda m: _set_items(m, m.since_mark()),
    b"\x8f": _push(lambda m: set()),
    b"\x90": _appends,
    b"\x91": _push(lambda m: frozenset(m.since_mark())),
    b"q": lambda m: _remember(m, m.number("<B")),
    b"r": lambda m: _remember(m, m.number("<I")),
    b"\x94": lambda m: _remember(m, len(m.memo)),
    b"h": _push(lambda m: m.memo[m.number("<B")]),
    b"j": _push(lambda m: m.memo[m.number("<I")]),
    b"c": _push(lambda m: m.values.name(Name(m.line(), m.line()))),
    b"\x93": _push(_stack_global),
    b"R": _push(_reduce),
    b"\x81": _push(_reduce),
    b"\x92": _push(_new_with_keywords),
    b"b": _push(_build),
    b"Q": _push(lambda m: m.values.persistent(m.stack.pop())),
}
