"""A process of its own: the whole window with its engine, a 16 ms heartbeat, and what is asked for.

Prints one JSON line of gaps in milliseconds by phase. Run by `heartbeat`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from studio.ui.run import run_scenario

if TYPE_CHECKING:  # what the window imports after its first paint must not be here before
    from studio.jobs.handle import JobHandle
    from studio.ui.workbench import Workbench

INTERVAL_MS = 16
IDLE_S = 4.0


class Heartbeat:
    """How much later than 16 ms after the last each beat came."""

    def __init__(self) -> None:
        self.phase = "start"
        self.gaps: dict[str, list[float]] = {}
        self._last = 0.0
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._on_timer_timeout)

    def start(self) -> None:
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _on_timer_timeout(self) -> None:
        now = time.perf_counter()
        self.gaps.setdefault(self.phase, []).append((now - self._last) * 1000)
        self._last = now


def main(model: Path) -> None:
    app = QApplication(sys.argv[:1])
    beat = Heartbeat()

    async def scenario(bench: Workbench) -> None:
        queue = bench.studio.queue
        while not queue.status.torch_ready:
            await asyncio.sleep(0.05)
        beat.phase = "idle"
        await asyncio.sleep(IDLE_S)
        beat.phase = "text"
        bench.editor.replace_all("The lighthouse keeper climbed the stairs and ")
        text = _submit(bench, "writer.continue", max_new_tokens=200, text="The keeper", seed=1)
        await text.wait()
        beat.phase = "idle"
        info = await bench.studio.io.run(bench.studio.models.add, model)
        await asyncio.sleep(0.5)
        beat.phase = "picture"
        picture = _submit(
            bench, "images.create", model=info.id, steps=60, width=128, height=128, seed=1
        )
        await picture.wait()
        assert text.error is None, text.error
        assert picture.error is None, picture.error
        beat.stop()

    run_scenario(scenario, beat.start)
    del app
    print(json.dumps(beat.gaps))


def _submit(bench: Workbench, generator: str, **values: object) -> JobHandle:
    target = {"replace_selection": False} if generator.startswith("writer") else {}
    spec = bench.studio.make_spec(generator, values, target=target)
    handle = bench.studio.queue.submit(spec)
    bench.placing.follow(handle)
    return handle


if __name__ == "__main__":
    main(Path(sys.argv[1]))
