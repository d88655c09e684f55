"""What was typed after `studio generate`, read against the generator's fields. Main thread."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from studio.api.errors import ParamsError, StorageError
from studio.core.catalogue import RegisteredGenerator
from studio.core.fields import INPUT_KINDS, LATENT_KINDS, Field
from studio.core.values import parse_value, unknown_parameter
from studio.freezing import InputValue, InputValues
from studio.io.images import read_image
from studio.io.latents import read_latent
from studio.io.text import read_text_stream
from studio.io.video import SUFFIXES
from studio.library.history import History
from studio.library.results import LATENT_SUFFIX

HISTORY_PREFIX = "history:"


@dataclass(frozen=True)
class Order:
    """What was typed."""

    generator: str
    model: str = ""
    seed: int | None = None
    settings: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    count: int = 1
    output: Path | None = None
    json_lines: bool = False
    force: bool = False
    quiet: bool = False
    engine: str = "in_process"
    safe_mode: bool = False


@dataclass(frozen=True)
class ReadOrder:
    """An order in the generator's terms: one set of values for each run, the same inputs for all."""

    runs: tuple[Mapping[str, Any], ...]
    inputs: InputValues
    results: int
    """How many results are expected of all runs together."""
    notices: tuple[str, ...] = ()
    """What the person should look at, such as an encoding that was guessed."""


def read_order(order: Order, registered: RegisteredGenerator, history: History) -> ReadOrder:
    """What an order asks for.

    Raises:
        ParamsError: an unknown or unreadable name or value; says which are near.
        StorageError: a file can't be read.
    """
    fields = {field.name: field for field in registered.fields}
    values: dict[str, Any] = {}
    given: dict[str, list[InputValue]] = {}
    notices: list[str] = []
    for setting in order.settings:
        field, text = _split(setting, "--set", fields)
        values[field.name] = parse_value(field, text)
    for entry in order.inputs:
        field, path = _split(entry, "--input", fields)
        if field.kind in INPUT_KINDS:
            given.setdefault(field.name, []).append(_read_thing(field, path, history))
        elif field.kind in ("integer", "number", "boolean", "seed", "choice", "model", "weights"):
            raise ParamsError(
                f"{field.name!r} is neither a picture nor a text.",
                where="--input",
                remedy="Give it with --set.",
            )
        else:
            values[field.name] = _read_words(path, history, notices)
    format = _film_format(order, fields)
    if format and "video" in registered.spec.yields:
        values.setdefault("format", format)
    if order.model:
        values[_named(registered, "model", "--model").name] = order.model
    if order.seed is not None:
        values[_named(registered, "seed", "--seed").name] = order.seed
    return replace(_repeated(order, registered, values, given), notices=tuple(notices))


def _read_thing(field: Field, path: str, history: History) -> InputValue:
    """A picture or latent of a file, or the blob of a result of the history."""
    if path.startswith(HISTORY_PREFIX):
        item = history.get(path.removeprefix(HISTORY_PREFIX))
        latent = field.kind in LATENT_KINDS and item.kind == "latent"
        if latent or item.picture_id:
            return item.blob_id if latent else item.picture_id
        raise ParamsError(
            f"{path} is a {item.kind}, and {field.name!r} takes none.", where="--input"
        )
    file = Path(path).expanduser()
    if field.kind in LATENT_KINDS and file.suffix.lower() == LATENT_SUFFIX:
        return read_latent(file)
    return read_image(file)


def _read_words(path: str, history: History, notices: list[str]) -> str:
    if not path.startswith(HISTORY_PREFIX):
        return _read_text(path, notices)
    item = history.get(path.removeprefix(HISTORY_PREFIX))
    if item.kind != "text":
        raise ParamsError(f"{path} is no text: it is a {item.kind}.", where="--input")
    return history.text(item)


def _film_format(order: Order, fields: Mapping[str, Field]) -> str:
    """What the name after -o asks for, where the generator has a choice of formats; else ""."""
    choice = fields.get("format")
    if order.output is None or choice is None or choice.kind != "choice":
        return ""
    suffix = order.output.suffix.lower()
    wanted = next((format for format, known in SUFFIXES.items() if known == suffix), "")
    return wanted if wanted in choice.choices else ""


def _repeated(
    order: Order,
    registered: RegisteredGenerator,
    values: dict[str, Any],
    given: dict[str, list[InputValue]],
) -> ReadOrder:
    """The generator's own count where it has one, else as many runs, with seeds that follow."""
    own = next((f for f in registered.fields if f.name == "count" and f.kind == "integer"), None)
    if own is not None:
        if order.count > 1:
            values = {**values, own.name: order.count}
        return ReadOrder((values,), given, int(values.get(own.name, own.default) or 1))
    seed = registered.field_of_kind("seed")
    if seed is None or order.seed is None:
        return ReadOrder((values,) * order.count, given, order.count)
    runs = tuple({**values, seed.name: order.seed + n} for n in range(order.count))
    return ReadOrder(runs, given, order.count)


def _named(registered: RegisteredGenerator, kind: str, option: str) -> Field:
    field = registered.field_of_kind(kind)
    if field is None:
        raise ParamsError(f"{registered.spec.id} takes no {kind}.", where=option)
    return field


def _split(entry: str, option: str, fields: Mapping[str, Field]) -> tuple[Field, str]:
    name, equals, value = entry.partition("=")
    name = name.strip()
    if not equals or not name:
        what = "NAME=PATH" if option == "--input" else "NAME=VALUE"
        raise ParamsError(f"{entry!r} should read {what}.", where=option)
    if name not in fields:
        raise unknown_parameter(name, fields)
    return fields[name], value


def _read_text(path: str, notices: list[str]) -> str:
    """A text file's words, as the window reads them; "-" is the standard input, and a pipe will do."""
    where = "standard input" if path == "-" else path
    try:
        if path == "-":
            read = read_text_stream(sys.stdin.buffer, where)
        else:
            with Path(path).expanduser().open("rb") as file:
                read = read_text_stream(file, where)
    except OSError as error:
        raise StorageError(f"The text can't be read: {error.strerror}.", where=where) from None
    if read.notice:
        notices.append(read.notice)
    return read.text
