"""The canvas at 1920 × 1080 on a folio of 4096 × 4096 with 20 layers: a stroke, its undo, panning, zooming.

Each time is taken from the event to the end of the paint it causes, in the widget itself, on this machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from studio.core.document import Document
from studio.core.layers import BlendMode, PaintLayer
from studio.core.store import DocumentStore
from studio.paint.regions import tiled
from studio.ui.canvas.canvas_view import CanvasView
from studio.ui.canvas.tools.strokes import BrushTool
from studio.ui.theme import icons
from tests.benchmarks.figure import Figure, at_most

SIDE, LAYERS = 4096, 20
WIDTH, HEIGHT = 1920, 1080
MOVES, FRAMES = 120, 60
MODES = (
    BlendMode.NORMAL,
    BlendMode.MULTIPLY,
    BlendMode.SCREEN,
    BlendMode.OVERLAY,
    BlendMode.SOFT_LIGHT,
)
_FRAME_MS = 16.0
_NOTE = f"{SIDE} × {SIDE}, {LAYERS} layers of mixed modes, window {WIDTH} × {HEIGHT}"


def folio() -> Document:
    """Layers of soft blots all over, in mixed modes: every tile of the canvas has several."""
    random = np.random.default_rng(4)
    layers = []
    for number in range(LAYERS):
        pixels = np.empty((SIDE, SIDE, 4), np.uint8)
        coarse = random.integers(0, 256, (64, 64, 4), np.uint8)
        pixels[:] = coarse.repeat(SIDE // 64, 0).repeat(SIDE // 64, 1)
        pixels[..., 3] //= 2
        if number == 0:
            pixels[..., 3] = 255
        layers.append(
            PaintLayer(
                f"layer-{number}", f"Layer {number}", tiled(pixels),
                blend_mode=MODES[number % len(MODES)] if number else BlendMode.NORMAL, opacity=0.8,
            )
        )  # fmt: skip
    return Document(layers=tuple(layers), width_px=SIDE, height_px=SIDE)


def figures() -> Iterator[Figure]:
    app = QApplication.instance() or QApplication([])
    canvas = CanvasView(DocumentStore(folio()))
    canvas.resize(WIDTH, HEIGHT)
    canvas.show()
    tool = BrushTool(canvas.easel)
    tool.set_option("size_px", 40.0)
    canvas.set_tool(tool)
    canvas.easel.choose(f"layer-{LAYERS // 2}")
    canvas.easel.inks.take((200, 40, 60, 255))
    canvas.zoom_to_actual_size()
    _rest(canvas)
    yield _figure("stroke of 40 px: move to repaint", _stroke(canvas))
    turns = (canvas.easel.store.undo, canvas.easel.store.redo) * 10
    yield _figure("stroke of 40 px: undo or redo to repaint", [_timed(turn) for turn in turns])
    for seen in ("was never seen", "was composed before"):
        for name, step in (("pan", _panned), ("zoom", _zoomed)):
            frames = _frames(canvas, step)
            yield _figure(f"{name}: frame; what comes into view {seen}", frames)
        while canvas.compositor.prepare(1):
            pass
        for _, step in (("pan", _panned), ("zoom", _zoomed)):
            _frames(canvas, step)  # the screen's own images
    canvas.close()
    canvas.deleteLater()
    app.processEvents()
    icons.forget_pixmaps()


def _rest(canvas: CanvasView) -> None:
    """Until all that is in view is composed."""
    while canvas.composing:
        QApplication.processEvents()


def _stroke(canvas: CanvasView) -> list[Frame]:
    times: list[Frame] = []
    turns = np.linspace(0, 4 * np.pi, MOVES)
    points = [QPointF(WIDTH / 2 + 500 * np.sin(t), HEIGHT / 2 + 300 * np.sin(2 * t)) for t in turns]
    _send(canvas, QEvent.Type.MouseButtonPress, points[0])
    canvas.repaint()
    for point in points[1:]:
        times.append(_timed(partial(_send, canvas, QEvent.Type.MouseMove, point)))
    _send(canvas, QEvent.Type.MouseButtonRelease, points[-1])
    QApplication.processEvents()
    return times


@dataclass(frozen=True)
class Frame:
    """Milliseconds until what an act changed is painted; `own` is what of it this process computed.

    On a busy machine the difference is other programs' time.
    """

    whole: float
    own: float


def _timed(act: Callable[[], object]) -> Frame:
    started, own = time.perf_counter(), time.process_time()
    act()
    QApplication.processEvents()
    return Frame((time.perf_counter() - started) * 1000, (time.process_time() - own) * 1000)


def _figure(name: str, frames: list[Frame]) -> Figure:
    whole, own = [frame.whole for frame in frames], [frame.own for frame in frames]
    return at_most(
        f"{name}, p95", float(np.percentile(whole, 95)), _FRAME_MS, "ms",
        f"{_NOTE}; median {np.median(whole):.1f} ms, longest {max(whole):.1f} ms of {len(whole)}; "
        f"the process's own time: p95 {np.percentile(own, 95):.1f} ms, median {np.median(own):.1f} ms, "
        f"longest {max(own):.1f} ms",
    )  # fmt: skip


def _frames(canvas: CanvasView, step: Callable[[CanvasView, int], object]) -> list[Frame]:
    return [_timed(partial(step, canvas, n)) for n in range(FRAMES)]


def _panned(canvas: CanvasView, number: int) -> None:
    by = 17 if number < FRAMES // 2 else -17
    canvas.set_view(canvas.view.panned(by, by / 2))


def _zoomed(canvas: CanvasView, number: int) -> None:
    factor = 1 / 1.07 if number < FRAMES // 2 else 1.07
    canvas.zoom_to(canvas.scale * factor)


def _send(canvas: CanvasView, kind: QEvent.Type, at: QPointF) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    event = QMouseEvent(
        kind, at, QPointF(canvas.mapToGlobal(at)),
        none if kind == QEvent.Type.MouseMove else left,
        none if kind == QEvent.Type.MouseButtonRelease else left,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)
