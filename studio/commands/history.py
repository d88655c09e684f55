"""`studio history …`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from studio.app import Studio, build_studio
from studio.commands import DONE, FAILED
from studio.commands.generate import tell_end
from studio.commands.interrupt import ctrl_c_cancels
from studio.commands.native_output import send_native_output_to
from studio.commands.progress import ProgressLine
from studio.core.catalogue import RegisteredGenerator
from studio.core.fields import INPUT_KINDS
from studio.core.records import Record
from studio.io.paths import user_paths
from studio.jobs.events import Progressed, ResultReady
from studio.jobs.handle import JobHandle
from studio.jobs.spec import JobSpec, JobState
from studio.library.history import History, HistoryItem


def _history() -> History:
    paths = user_paths()
    paths.make()
    return History(paths.history)


def list_history(query: str, limit: int, json_lines: bool) -> None:
    items = _history().items(query=query, limit=limit)
    for item in items:
        if json_lines:
            line = {"id": item.id, "kind": item.kind, "title": item.title, "created_at": item.created_at,
                    "rating": item.rating, "record": item.record.model_dump(mode="json")}  # fmt: skip
            print(json.dumps(line, ensure_ascii=False))
        else:
            size = (
                f"{item.width_px}×{item.height_px}"
                if item.width_px
                else f"{len(item.excerpt)} chars"
            )
            print(
                f"{item.id[:8]}  {item.created_at[:16]}  {item.kind:<6} {size:>11}  {item.title[:60]}"
            )
    if not items and not json_lines:
        print("Nothing yet." if not query else "Nothing has all these words.", file=sys.stderr)


def show_item(item_id: str) -> None:
    history = _history()
    item = history.get(item_id)
    print(item.record.model_dump_json(indent=1))
    if item.kind == "text":
        print(f"\n{history.text(item)}")
    elif item.kind == "latent":
        latent = history.latent(item)
        shapes = ", ".join(f"{name} {array.shape}" for name, array in latent.arrays.items())
        print(f"\nA latent of the kind {latent.layout}: {shapes}")


def export_item(item_id: str, path: Path, force: bool) -> None:
    history = _history()
    print(f"Wrote {history.export(history.get(item_id), path, force=force)}")


def again(item_id: str) -> int:
    """Run the record again; says whether the same bytes came out."""
    studio = build_studio(engine="in_process")
    send_native_output_to(studio.paths.logs)
    return asyncio.run(_again(studio, item_id))


async def _again(studio: Studio, item_id: str) -> int:
    await studio.queue.start()
    try:
        item = studio.history.get(item_id)
        record = item.record
        registered = studio.generator(record.generator_id)
        values = again_values(item, registered)
        spec = studio.make_spec(record.generator_id, values, inputs=record.inputs)
        spec = spec.model_copy(update={"memory_level": record.memory_level})
        for difference in _differences(record, spec):
            print(difference, file=sys.stderr)
        handle = studio.queue.submit(spec)
        with ctrl_c_cancels(handle):
            made = await _made_again(handle, record.index)
        if handle.state is not JobState.DONE:
            return tell_end(handle)
        if made is None:
            print(f"It made fewer results than before: number {record.index + 1} did not come.")
            return FAILED
        new = studio.history.get(made.result_id)
        print(f"Made again as {new.id[:8]}: {_compared(studio, item, new)}")
        return DONE
    finally:
        await studio.close()


async def _made_again(handle: JobHandle, index: int) -> ResultReady | None:
    """The result of that number, if it comes."""
    progress = ProgressLine(wanted=True)
    found = None
    async for event in handle:
        if isinstance(event, Progressed):
            progress.show(event)
        elif isinstance(event, ResultReady) and event.record.index == index:
            found = event
    progress.clear()
    return found


def _differences(record: Record, spec: JobSpec) -> Iterator[str]:
    """Why the result may not be the same."""
    if record.generator_version != spec.generator_version:
        yield (
            f"{record.generator_id} was version {record.generator_version}, "
            f"now it is {spec.generator_version}."
        )
    for name, used in record.models.items():
        now = spec.models.get(name)
        if now is not None and now.content_hash != used.content_hash:
            yield f"The model {used.id} is not the one that was used: its content changed."


def again_values(item: HistoryItem, registered: RegisteredGenerator) -> dict[str, object]:
    """A record's parameters, without those the generator no longer has."""
    known = {field.name for field in registered.fields if field.kind not in INPUT_KINDS}
    return {name: value for name, value in item.record.params.items() if name in known}


def _compared(studio: Studio, old: HistoryItem, new: HistoryItem) -> str:
    if old.kind == "image":
        first, second = studio.history.pixels(old), studio.history.pixels(new)
        if first.shape == second.shape and (first == second).all():
            return "the same pixels."
        if first.shape != second.shape:
            return "another size."
        difference = abs(first.astype(int) - second.astype(int)).mean()
        return f"not the same; the pixels differ by {difference:.2f} of 255 on average."
    return "the same bytes." if old.blob_id == new.blob_id else "not the same."
