"""`studio generate`: one order, run to its end, cancelled cleanly by Ctrl-C. Main thread."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import sys
from pathlib import Path
from typing import Any

from studio.api.outputs import FileOutput, ImageOutput, LatentOutput, TextOutput
from studio.api.tokens import facts_to_json
from studio.app import EngineKind, Studio, build_studio
from studio.commands import CANCELLED, DONE, FAILED, WRONG_USAGE
from studio.commands.interrupt import ctrl_c_cancels
from studio.commands.native_output import send_native_output_to
from studio.commands.order import Order, read_order
from studio.commands.output_files import OutputFiles
from studio.commands.progress import ProgressLine
from studio.io.atomic import atomic_path, write_bytes, write_text
from studio.io.images import encode_png
from studio.io.latents import encode_latent
from studio.jobs.events import ErrorText, Progressed, ResultReady, TextStreamed
from studio.jobs.handle import JobHandle
from studio.jobs.spec import JobState
from studio.library.results import LATENT_SUFFIX, latent_of

log = logging.getLogger(__name__)


def generate(order: Order) -> int:
    """Run it; returns the exit code. Raises StudioError: a wrong order, or no place to write."""
    kinds: dict[str, EngineKind] = {"child": "child", "in_process": "in_process"}
    if order.engine not in kinds:
        print("--engine is in_process or child.", file=sys.stderr)
        return WRONG_USAGE
    studio = build_studio(engine=kinds[order.engine], safe_mode=order.safe_mode)
    send_native_output_to(studio.paths.logs)
    for problem in studio.settings_problems:
        print(problem, file=sys.stderr)
    return asyncio.run(_generate(studio, order))


async def _generate(studio: Studio, order: Order) -> int:
    await studio.queue.start()
    studio.queue.store_failed.connect(_tell_not_kept)
    try:
        registered = studio.generator(order.generator)
        read = read_order(order, registered, studio.history)
        for notice in read.notices:
            print(notice, file=sys.stderr)
        files = OutputFiles(
            order.output,
            registered,
            results=read.results,
            force=order.force,
            film_format=str(read.runs[0].get("format", "")),
        )
        specs = [studio.make_spec(order.generator, run, inputs=read.inputs) for run in read.runs]
        for spec in specs:
            handle = studio.queue.submit(spec)
            with ctrl_c_cancels(handle):
                await _Follower(studio, handle, order, files).follow()
            if handle.state is not JobState.DONE:
                return tell_end(handle)
        return DONE
    finally:
        await studio.close()


class _Follower:
    """Shows and delivers what one job says."""

    def __init__(self, studio: Studio, handle: JobHandle, order: Order, files: OutputFiles) -> None:
        self._studio = studio
        self._handle = handle
        self._order = order
        self._files = files
        self._progress = ProgressLine(wanted=not order.quiet)
        self._streams_text = order.output is None and not order.json_lines
        self._streamed = False

    async def follow(self) -> None:
        try:
            async for event in self._handle:
                if isinstance(event, Progressed):
                    # Words on the same terminal: a line redrawn among them would tear them.
                    if not (self._streamed and sys.stdout.isatty()):
                        self._progress.show(event)
                elif isinstance(event, TextStreamed) and self._streams_text:
                    if not self._streamed:
                        self._progress.clear()
                    self._streamed = True
                    print(event.text, end="", flush=True)
                elif isinstance(event, ResultReady):
                    self._progress.clear()
                    await self._deliver(event)
        finally:
            self._progress.clear()
            if self._streamed and sys.stdout.isatty():
                print(flush=True)  # what is said next begins on a line of its own

    async def _deliver(self, event: ResultReady) -> None:
        path = self._files.next(event.output)
        if path is not None:
            await self._studio.io.run(_write, self._studio, event, path, self._order.force)
        text = event.output.text if isinstance(event.output, TextOutput) else None
        if self._order.json_lines:
            print(_json_line(event, path, text), flush=True)
        elif path is not None:
            if not self._order.quiet:
                print(f"Wrote {path}", file=sys.stderr)
        elif self._streamed:
            self._streamed = False
            print(flush=True)
        elif text is not None:
            print(text, flush=True)
        elif not self._order.quiet and event.result_id:
            short = event.result_id[:8]
            print(f"In the history as {short}: studio history export {short} PATH")


def _write(studio: Studio, event: ResultReady, path: Path, force: bool) -> None:
    """The result as a file. I/O thread."""
    output = event.output
    if event.result_id:
        studio.history.export(studio.history.get(event.result_id), path, force=force)
    elif isinstance(output, TextOutput):
        write_text(path, output.text, force=force)
    elif isinstance(output, LatentOutput) and path.suffix.lower() == LATENT_SUFFIX:
        write_bytes(path, encode_latent(latent_of(output, event.record)), force=force)
    elif isinstance(output, ImageOutput | LatentOutput):
        write_bytes(path, encode_png(output.pixels, record=event.record), force=force)
    elif isinstance(output, FileOutput):
        with atomic_path(path, force=force) as temporary:
            shutil.move(output.path, temporary)


def _json_line(event: ResultReady, path: Path | None, text: str | None) -> str:
    line: dict[str, Any] = {
        "id": event.result_id,
        "path": str(path) if path is not None else None,
        "record": event.record.model_dump(mode="json"),
    }
    if text is not None:
        line["text"] = text
    if isinstance(event.output, TextOutput) and event.output.token_facts:
        line["tokens"] = json.loads(facts_to_json(event.output.token_facts))
    return json.dumps(line, ensure_ascii=False)


def tell_end(handle: JobHandle) -> int:
    """Say how a job ended that was not done; returns the exit code."""
    if handle.state is JobState.CANCELLED:
        print("Cancelled.", file=sys.stderr)
        return CANCELLED
    print(handle.error, file=sys.stderr)
    if handle.error is not None and handle.error.details:
        log.debug("%s", handle.error.details)
    return FAILED


def _tell_not_kept(error: ErrorText) -> None:
    print(f"The result is not kept in the history. {error}", file=sys.stderr)
