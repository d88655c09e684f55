"""`studio generate`: one order, run to its end, cancelled cleanly by Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.api.errors import ParamsError, StudioError
from studio.api.outputs import Pixels
from studio.app import EngineKind, Studio, build_studio
from studio.commands.native_output import send_native_output_to
from studio.commands.progress import ProgressLine
from studio.core.catalogue import RegisteredGenerator
from studio.core.fields import Field, parse_value
from studio.io.atomic import write_text
from studio.io.images import read_image
from studio.jobs.events import Progressed, ResultReady, TextStreamed
from studio.jobs.handle import JobHandle
from studio.jobs.spec import JobState
from studio.library.history import suffix_of

_TEXT_LIMIT_BYTES = 16 << 20


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


def generate(order: Order) -> int:
    """Run it; returns the exit code. Raises StudioError for wrong orders before anything runs."""
    kinds: dict[str, EngineKind] = {"child": "child", "in_process": "in_process"}
    if order.engine not in kinds:
        print("--engine is in_process or child.", file=sys.stderr)
        return 2
    studio = build_studio(engine=kinds[order.engine], safe_mode=order.safe_mode)
    send_native_output_to(studio.paths.logs)
    return asyncio.run(_generate(studio, order))


async def _generate(studio: Studio, order: Order) -> int:
    await studio.queue.start()
    try:
        try:
            registered = studio.generator(order.generator)
            values, pictures = read_order(order, registered)
            _refuse_to_overwrite(order)
            runs = _runs(order, registered, values)
            specs = [studio.make_spec(order.generator, run, inputs=pictures) for run in runs]
        except ParamsError as error:
            print(error, file=sys.stderr)
            return 2
        paths = _OutputPaths(order)
        for spec in specs:
            handle = studio.queue.submit(spec)
            with _ctrl_c(handle):
                state = await _follow(studio, handle, order, paths)
            if state is JobState.CANCELLED:
                print("\nCancelled.", file=sys.stderr)
                return 130
            if state is JobState.FAILED:
                print(handle.error, file=sys.stderr)
                return 1
        return 0
    finally:
        await studio.close()


def read_order(
    order: Order, registered: RegisteredGenerator
) -> tuple[dict[str, Any], dict[str, Pixels]]:
    """The values and pictures an order names.

    Raises:
        ParamsError: an unknown or unreadable one; says which are near.
        StorageError: a file can't be read.
    """
    fields = {field.name: field for field in registered.fields}
    values: dict[str, Any] = {}
    pictures: dict[str, Pixels] = {}
    for setting in order.settings:
        name, value = _split(setting, "--set")
        values[name] = parse_value(_field(name, fields), value)
    for entry in order.inputs:
        name, path = _split(entry, "--input")
        field = _field(name, fields)
        if field.kind in ("image", "mask"):
            picture = read_image(Path(path))
            pictures[name] = picture[..., 0] if field.kind == "mask" else picture
        else:
            values[name] = _read_text(path)
    if order.model:
        values[_named(registered, "model", "--model").name] = order.model
    if order.seed is not None:
        values[_named(registered, "seed", "--seed").name] = order.seed
    return values, pictures


def _named(registered: RegisteredGenerator, kind: str, option: str) -> Field:
    field = registered.field_of_kind(kind)
    if field is None:
        raise ParamsError(f"{registered.spec.id} takes no {kind}.", where=option)
    return field


def _split(text: str, option: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ParamsError(f"{text!r} should read NAME=VALUE.", where=option)
    return name.strip(), value


def _field(name: str, fields: dict[str, Field]) -> Field:
    if name in fields:
        return fields[name]
    near = difflib.get_close_matches(name, fields, 1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise ParamsError(
        f"There is no parameter {name!r}.", where=name, remedy=f"{hint}Known: {', '.join(fields)}."
    )


def _read_text(path: str) -> str:
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise StudioError(f"The text can't be read: {error.strerror}.", where=path) from None
    if len(data) > _TEXT_LIMIT_BYTES:
        raise StudioError("The text is larger than 16 MB.", where=path)
    return data.decode("utf-8-sig", "replace")


def _runs(
    order: Order, registered: RegisteredGenerator, values: dict[str, Any]
) -> list[dict[str, Any]]:
    """One run with the generator's own count, or as many runs with seeds that follow each other."""
    if any(field.name == "count" for field in registered.fields):
        return [{**values, "count": order.count} if order.count > 1 else values]
    seed = registered.field_of_kind("seed")
    if order.count == 1 or seed is None or order.seed is None:
        return [values] * order.count
    return [{**values, seed.name: order.seed + index} for index in range(order.count)]


class _OutputPaths:
    """Where each result goes: the path itself for the first, numbered for those after."""

    def __init__(self, order: Order) -> None:
        self._output = order.output
        self._index = 0

    def next(self, suffix: str) -> Path | None:
        if self._output is None:
            return None
        self._index += 1
        path = self._output if self._output.suffix else self._output.with_suffix(suffix)
        return (
            path if self._index == 1 else path.with_name(f"{path.stem}-{self._index}{path.suffix}")
        )


def _refuse_to_overwrite(order: Order) -> None:
    """Before anything runs: an hour's work must not end at a file that exists."""
    path = order.output
    if path is None:
        return
    if not path.parent.is_dir():
        raise StudioError(
            "The folder doesn't exist.", where=str(path.parent), remedy="Create it first."
        )
    names = [
        path,
        *(path.with_name(f"{path.stem}-{n}{path.suffix}") for n in range(2, order.count + 1)),
    ]
    for name in names:
        if name.exists() and not order.force:
            raise StudioError(
                "There is a file of that name already.",
                where=str(name),
                remedy="Use --force to overwrite it.",
            )


async def _follow(studio: Studio, handle: JobHandle, order: Order, paths: _OutputPaths) -> JobState:
    to_terminal = order.output is None and not order.json_lines
    progress = ProgressLine(not order.quiet and not to_terminal_text(to_terminal, studio, handle))
    streamed = False
    async for event in handle:
        if isinstance(event, Progressed):
            progress.show(event)
        elif isinstance(event, TextStreamed) and to_terminal:
            print(event.text, end="", flush=True)
            streamed = True
        elif isinstance(event, ResultReady):
            progress.clear()
            await _deliver(studio, event, order, paths, streamed)
    progress.clear()
    return handle.state


def to_terminal_text(to_terminal: bool, studio: Studio, handle: JobHandle) -> bool:
    """Whether text is being streamed to the same terminal: then a progress line would tear it."""
    return to_terminal and "text" in studio.generator(handle.spec.generator_id).spec.yields


async def _deliver(
    studio: Studio, event: ResultReady, order: Order, paths: _OutputPaths, streamed: bool
) -> None:
    item = studio.history.get(event.result_id) if event.result_id else None
    text = getattr(event.output, "text", None)
    path = paths.next(suffix_of(item) if item is not None else ".md")
    if path is not None:
        if item is not None:
            await studio.io.run(studio.history.export, item, path, force=order.force)
        elif text is not None:
            await studio.io.run(write_text, path, text, force=order.force)
    if order.json_lines:
        line: dict[str, Any] = {
            "id": event.result_id,
            "path": str(path) if path else None,
            "record": event.record.model_dump(mode="json"),
        }
        if text is not None:
            line["text"] = text
        print(json.dumps(line, ensure_ascii=False), flush=True)
    elif path is not None:
        if not order.quiet:
            print(f"Wrote {path}", file=sys.stderr)
    elif streamed:
        print(flush=True)
    elif text is not None:
        print(text, flush=True)
    elif not order.quiet:
        print(
            f"In the history as {event.result_id[:8]}: studio history export {event.result_id[:8]} PATH"
        )


@contextlib.contextmanager
def _ctrl_c(handle: JobHandle) -> Iterator[None]:
    """The first Ctrl-C cancels, the second insists."""
    loop = asyncio.get_running_loop()

    def on_interrupt() -> None:
        if handle.cancelling:
            os._exit(130)
        handle.cancel()

    def from_signal(number: int, frame: Any) -> None:
        loop.call_soon_threadsafe(on_interrupt)

    previous: Callable[[int, Any], Any] | int | None = signal.signal(signal.SIGINT, from_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
