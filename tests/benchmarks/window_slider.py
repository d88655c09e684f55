"""A process of its own: the whole window with its engine, and a hand on a slider of the faces panel.

Prints one JSON line: milliseconds from each change of the slider's value to the end of the paint that
shows its face: in the grid, with an empty canvas; and on the canvas, which is painted together with the
grid, so that both appear at once. Run by `sliders`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from studio.ui.run import run_scenario

if TYPE_CHECKING:  # what the window imports after its first paint must not be here before
    from studio.api.outputs import Pixels
    from studio.ui.workbench import Workbench

EXPLORER = "faces.explore"
CHANGES, UNCOUNTED = 40, 5
_AT_MOST_S = 300.0
_REST_S = 0.02
"""Between two changes: what follows a paint, such as the window's own bookkeeping, is over."""


class Repaint(QObject):
    """When a widget had painted what it was waited for."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.done = asyncio.Event()
        self.at = 0.0
        self._is_shown: Callable[[], bool] = lambda: False
        widget.installEventFilter(self)

    def wait_for(self, is_shown: Callable[[], bool]) -> None:
        self.done.clear()
        self._is_shown = is_shown

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and not self.done.is_set() and self._is_shown():
            # The event is only about to be painted: its end is when Qt comes back to its loop.
            QTimer.singleShot(0, self, self._on_painted)
        return False

    def _on_painted(self) -> None:
        if not self.done.is_set():
            self.at = time.perf_counter()
            self.done.set()


async def _until(condition: Callable[[], object]) -> None:
    ends = time.monotonic() + _AT_MOST_S
    while not condition():
        if time.monotonic() > ends:
            raise TimeoutError("the window did not come so far")
        await asyncio.sleep(0.01)


async def measured(bench: Workbench) -> dict[str, list[float]]:
    """Make two faces and pull the first slider of one to and fro, before it is on the canvas and after."""
    found = bench.explorers.all[EXPLORER]
    panel = found.panel
    bench.window.show_dock(bench.window.added_docks[EXPLORER])
    await _until(panel.make.isEnabled)
    panel.count.setValue(2)
    panel.submit()
    await _until(lambda: all(handle.state.final for handle in bench.studio.queue.jobs))
    await _until(lambda: found.exploration.chosen)
    (tile,) = found.exploration.chosen
    weights = panel.slider_box.weights
    assert weights is not None
    await _until(lambda: weights.rows)
    slider = next(iter(weights.rows.values())).slider
    shown = {"grid": 0, "canvas": 0}
    show_on = bench.live_layers.show_on

    def counting(record_id: str, pixels: Pixels) -> None:
        shown["canvas"] += 1
        show_on(record_id, pixels)

    def count_in_grid() -> None:
        now = found.exploration.tile(tile.key)
        shown["grid"] = now.picture_number if now is not None else 0

    bench.live_layers.show_on = counting  # type: ignore[method-assign]
    found.exploration.changed.connect(count_in_grid)
    count_in_grid()

    async def pulled(place: str, widget: QWidget) -> list[float]:
        repaint, times = Repaint(widget), []
        slider.setSliderDown(True)
        for number in range(CHANGES + UNCOUNTED):
            repaint.wait_for(partial(_is_newer, shown, place, shown[place]))
            started = time.perf_counter()
            slider.setValue(slider.maximum() * (1 + number % 9) // 10)
            await asyncio.wait_for(repaint.done.wait(), _AT_MOST_S)
            if number >= UNCOUNTED:
                times.append(1000 * (repaint.at - started))
            await asyncio.sleep(_REST_S)
        slider.setSliderDown(False)
        await _until(lambda: not found.live.busy)
        return times

    grid = await pulled("grid", panel.grid.viewport())
    if bench.store.document.layers:
        raise RuntimeError("there is a face on the canvas that nobody placed")
    panel.place_requested.emit([found.exploration.chosen[0]])
    await _until(lambda: bench.store.document.layers)
    return {"grid": grid, "canvas": await pulled("canvas", bench.canvas)}


def _is_newer(shown: dict[str, int], name: str, before: int) -> bool:
    return shown[name] > before


def main() -> None:
    app = QApplication(sys.argv[:1])
    taken: dict[str, list[float]] = {}

    async def scenario(bench: Workbench) -> None:
        await _until(lambda: bench.studio.queue.status.torch_ready)
        taken.update(await measured(bench))

    run_scenario(scenario)
    del app
    print(json.dumps(taken))


if __name__ == "__main__":
    main()
