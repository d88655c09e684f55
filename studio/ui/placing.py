"""Brings what jobs yield into the document: ghosts while they run, one undoable edit at the end.

GUI thread. One task per job; a cancelled job's ghost goes, the document stays as it was.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine, Sequence

import numpy as np
from PySide6.QtCore import QObject

from studio.api.outputs import ImageOutput, LatentOutput, Pixels, TextOutput
from studio.core.edits import Edit, PlaceLayer, Several
from studio.core.layers import PaintLayer
from studio.core.store import DocumentStore
from studio.core.tiles import TileMap
from studio.io.executor import IoExecutor
from studio.jobs.events import Previewed, ResultReady, TextStreamed
from studio.jobs.handle import JobHandle
from studio.jobs.queue import JobQueue
from studio.jobs.spec import JobSpec, JobState, draw_seed, new_job_id
from studio.library.history import History, HistoryItem
from studio.paint.regions import tiled
from studio.ui.canvas.canvas_view import CanvasView
from studio.ui.canvas.result_places import ghost_of
from studio.ui.editor.editor import TextEditor

_GAP_PX = 16
_FAN_PX = 32


def new_layer_id() -> str:
    return uuid.uuid4().hex


def _ghost_key(spec: JobSpec) -> str:
    """A job's ghost is its own, unless it was asked for as an alternative to another's."""
    return str(spec.target.get("ghost", spec.job_id))


class Placing(QObject):
    """Args:
    history: Where results and their records are; layers name the record they came from.
    """

    def __init__(
        self,
        queue: JobQueue,
        store: DocumentStore,
        editor: TextEditor,
        canvas: CanvasView,
        history: History,
        io: IoExecutor,
    ) -> None:
        super().__init__()
        self._queue = queue
        self._store = store
        self._editor = editor
        self._canvas = canvas
        self._history = history
        self._io = io
        self._tasks: dict[asyncio.Task[None], str] = {}
        self._waiting_specs: dict[str, JobSpec] = {}
        editor.ghost_cancel_requested.connect(self._on_ghost_cancel_requested)
        editor.ghost_again_requested.connect(self._on_ghost_again_requested)

    def follow(self, handle: JobHandle) -> asyncio.Task[None]:
        """Take a job's events into the document until it ends."""
        return self._start(self._follow(handle), handle.job_id)

    def place(self, item: HistoryItem, middle: tuple[int, int] | None = None) -> asyncio.Task[None]:
        """Put a result of the history into the document.

        Args:
            middle: The canvas pixel a picture's middle goes to; None finds it a free place.
        """
        return self._start(self._place(item, middle), item.id)

    def place_all(
        self, item_ids: Sequence[str], middle: tuple[int, int] | None = None
    ) -> asyncio.Task[None]:
        """As `place`, several at once: their pictures are one step of undo, beside each other.

        Args:
            middle: Where the first one's middle goes; the others are fanned out from it.
        """
        return self._start(self._place_all(tuple(item_ids), middle), " ".join(item_ids))

    async def place_pixels(self, pixels: Pixels, name: str, record_id: str = "") -> None:
        """Put a picture on the canvas: one undo step."""
        self._place_layer(await self._io.run(tiled, pixels), pixels, name, record_id)

    async def stop(self) -> None:
        """End all tasks; nothing touches the document any more."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, work: Coroutine[object, object, None], name: str) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks[task] = name
        task.add_done_callback(lambda done: self._tasks.pop(done, None))
        return task

    async def _follow(self, handle: JobHandle) -> None:
        key, target = _ghost_key(handle.spec), handle.spec.target
        held = self._editor.area.ghost.holds(key)
        if "ghost" in target and held:
            self._editor.area.ghost.restart(key)
        elif "replace_selection" in target and not handle.cancelling:
            replaces = bool(target["replace_selection"])
            self._editor.begin_ghost(key, replace_selection=replaces)
        elif "lead" in target and not held:  # run again: nothing gives way to it any more
            self._editor.begin_ghost(key, replace_selection=False)
            self._editor.append_ghost(key, str(target["lead"]))
        try:
            async for event in handle:
                if handle.cancelling or handle.state is JobState.CANCELLED:
                    continue
                if isinstance(event, TextStreamed):
                    self._editor.append_ghost(key, event.text)
                elif isinstance(event, Previewed):
                    self._canvas.show_preview(key, event.pixels)
                elif isinstance(event, ResultReady):
                    await self._take(handle, event)
        finally:
            self._end_ghost(key)
            self._canvas.clear_preview(key)

    async def _take(self, handle: JobHandle, event: ResultReady) -> None:
        key = _ghost_key(handle.spec)
        output = event.output
        if isinstance(output, TextOutput):
            if "lead" in handle.spec.target:
                if self._editor.area.ghost.holds(key):  # of several results the first
                    text = f"{handle.spec.target['lead']}{output.text}"
                    self._editor.commit_ghost(key, text, event.result_id, "branching")
            elif handle.spec.target.get("asks"):
                self._waiting_specs = {key: handle.spec}
                self._editor.area.ghost.settle(key, output.text, event.result_id)
            elif self._editor.area.ghost.holds(key):
                self._editor.commit_ghost(key, output.text, event.result_id)
            else:
                self._editor.insert(output.text, event.result_id)
        elif isinstance(output, ImageOutput | LatentOutput) and event.result_id:
            item = await self._io.run(self._history.get, event.result_id)
            if places := handle.spec.target.get("places"):
                source = await self._source_of(handle.spec)
                ghost = await self._io.run(
                    lambda: ghost_of(output, places, item.title, item.id, source=source)
                )
                self._canvas.clear_preview(key)
                if handle.spec.target.get("accept"):
                    self._canvas.ghosts.accept_now(ghost)
                else:
                    self._canvas.ghosts.add(ghost)
                return
            tiles = await self._io.run(tiled, output.pixels)
            self._canvas.clear_preview(key)
            self._place_layer(tiles, output.pixels, item.title, item.id)

    async def _source_of(self, spec: JobSpec) -> Pixels | None:
        """The canvas's picture that a job with a mask changed a part of."""
        field = spec.target.get("masked")
        blobs = spec.inputs.get(str(field), ()) if field else ()
        given = await self._io.run(self._history.read_input, blobs[0]) if blobs else None
        return given if isinstance(given, np.ndarray) and given.ndim == 3 else None

    async def _place(self, item: HistoryItem, middle: tuple[int, int] | None) -> None:
        if item.kind == "text":
            text = await self._io.run(self._history.text, item)
            self._editor.insert(text, item.id)
            return
        pixels = await self._io.run(self._history.pixels, item)
        tiles = await self._io.run(tiled, pixels)
        self._place_layer(tiles, pixels, item.title, item.id, middle)

    async def _place_all(self, item_ids: Sequence[str], middle: tuple[int, int] | None) -> None:
        items = [await self._io.run(self._history.get, item_id) for item_id in item_ids]
        pictures = [item for item in items if item.kind != "text"]
        if len(pictures) < 2:
            for item in items:
                await self._place(item, middle)
            return
        read: list[tuple[HistoryItem, TileMap, int, int]] = []
        for item in pictures:
            pixels = await self._io.run(self._history.pixels, item)
            read.append((item, await self._io.run(tiled, pixels), *pixels.shape[1::-1]))
        below = len(self._store.document.layers)
        x, y = self._canvas.place_for(*read[0][2:])
        edits: list[Edit] = []
        for number, (item, tiles, width, height) in enumerate(read):
            if middle is not None and below:
                fan = _FAN_PX * number
                x, y = middle[0] + fan - width // 2, middle[1] + fan - height // 2
            layer = PaintLayer(new_layer_id(), item.title, tiles, x, y, record_id=item.id)
            edits.append(PlaceLayer(layer, below + number))
            x += width + _GAP_PX
        self._store.apply(Several(tuple(edits), f"placing {len(edits)} pictures"))
        for item in items:
            if item.kind == "text":
                await self._place(item, None)

    def _place_layer(
        self,
        tiles: TileMap,
        pixels: Pixels,
        name: str,
        record_id: str,
        middle: tuple[int, int] | None = None,
    ) -> None:
        height, width = pixels.shape[:2]
        x, y = self._canvas.place_for(width, height)
        if middle is not None and self._store.document.layers:
            x, y = middle[0] - width // 2, middle[1] - height // 2
        layer = PaintLayer(new_layer_id(), name, tiles, x, y, record_id=record_id)
        self._store.apply(PlaceLayer(layer, len(self._store.document.layers)))

    def _end_ghost(self, key: str) -> None:
        """A job is over: a ghost that came to be waits for an answer, any other goes."""
        ghost = self._editor.area.ghost
        if ghost.key == key and ghost.suggestion is not None:
            ghost.page(0)
            return
        self._waiting_specs.pop(key, None)
        self._editor.discard_ghost(key)

    def _on_ghost_again_requested(self, key: str) -> None:
        """The same once more with another seed; it becomes an alternative of the same ghost."""
        spec = self._waiting_specs.get(key)
        if spec is None or any(
            _ghost_key(h.spec) == key for h in self._queue.jobs if not h.state.final
        ):
            return
        seed = draw_seed()
        params = {**spec.params, "seed": seed} if "seed" in spec.params else spec.params
        target = {**spec.target, "ghost": key}
        fresh = {"job_id": new_job_id(), "seed": seed, "params": params, "target": target}
        self.follow(self._queue.submit(spec.model_copy(update=fresh)))

    def _on_ghost_cancel_requested(self, key: str) -> None:
        self._waiting_specs.pop(key, None)
        for handle in self._queue.jobs:
            if _ghost_key(handle.spec) == key:
                handle.cancel()
        self._editor.discard_ghost(key)
