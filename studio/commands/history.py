"""`studio history …`."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from studio.app import Studio, build_studio
from studio.commands.native_output import send_native_output_to
from studio.core.catalogue import RegisteredGenerator
from studio.io.paths import user_paths
from studio.jobs.events import ResultReady
from studio.jobs.spec import JobState
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
        registered = studio.generator(item.record.generator_id)
        values = again_values(item, registered)
        pictures = {
            name: studio.history.read_input(blob) for name, blob in item.record.inputs.items()
        }
        handle = studio.queue.submit(
            studio.make_spec(item.record.generator_id, values, inputs=pictures)
        )
        async for event in handle:
            if isinstance(event, ResultReady) and event.record.index == item.record.index:
                new = studio.history.get(event.result_id)
                print(f"Made again as {new.id[:8]}: {_compared(studio, item, new)}")
        if handle.state is not JobState.DONE:
            print(handle.error or "Cancelled.", file=sys.stderr)
            return 1
        return 0
    finally:
        await studio.close()


def again_values(item: HistoryItem, registered: RegisteredGenerator) -> dict[str, object]:
    """A record's parameters, without those the generator no longer has."""
    known = {field.name for field in registered.fields if field.kind not in ("image", "mask")}
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
    same = studio.history.data(old) == studio.history.data(new)
    return "the same bytes." if same else "not the same."
