"""Painting on a large folio: 4096 × 4096 pixels, twenty layers that are painted on three tiles in five."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import psutil
from PIL import Image

from studio.core.document import Document
from studio.core.edits import ChangeLayer
from studio.core.geometry import Rect
from studio.core.layers import BlendMode, PaintLayer
from studio.core.store import DocumentStore
from studio.core.tiles import TILE_PX, TileMap
from studio.paint.brush import Brush, StrokePoint
from studio.paint.composing import compose
from studio.paint.compositor import Compositor
from studio.paint.regions import read
from studio.paint.stroke import ColourInk, Stroke
from tests.benchmarks.figure import ROOT, Figure, at_least, at_most, paired, python

SIDE_PX = 4096
LAYERS = 20
FRAME = Rect(0, 0, SIDE_PX, SIDE_PX)
VIEW = Rect(1000, 1200, 1920, 1080)
PAINTED = 0.6
MOVES = 120


def folio(*, mixed: bool, layers: int = LAYERS, side_px: int = SIDE_PX) -> Document:
    """Soft noise with soft alpha, every fourth tile opaque; no tile is in two layers."""
    rng = np.random.default_rng(5)
    patterns = [_pattern(rng, opaque=number % 4 == 0) for number in range(24)]
    modes = list(BlendMode) if mixed else [BlendMode.NORMAL]
    count = side_px // TILE_PX
    found = []
    for number in range(layers):
        tiles = {
            (column, row): patterns[int(rng.integers(len(patterns)))].copy()
            for column in range(count)
            for row in range(count)
            if rng.random() < PAINTED
        }
        mode = modes[number % len(modes)] if number else BlendMode.NORMAL
        found.append(PaintLayer(f"{number}", "", TileMap(tiles), blend_mode=mode))
    return Document("", tuple(found), side_px, side_px)


def _pattern(rng: np.random.Generator, *, opaque: bool) -> np.ndarray:
    small = rng.integers(0, 256, (9, 9, 4), np.uint8)
    tile = np.array(
        Image.fromarray(small).resize((TILE_PX, TILE_PX), Image.Resampling.BICUBIC), np.uint8
    )
    if opaque:
        tile[..., 3] = 255
    return tile


def composing() -> Iterator[Figure]:
    """All of it at once beside Pillow, which composes each layer upon the ones below."""
    document = folio(mixed=False)
    pictures = [
        Image.fromarray(read(layer.pixels, FRAME))
        for layer in document.layers
        if isinstance(layer, PaintLayer)
    ]

    def pillow() -> Image.Image:
        picture = pictures[0]
        for upper in pictures[1:]:
            picture = Image.alpha_composite(picture, upper)
        return picture

    pairs = paired(
        lambda: _seconds(pillow), lambda: _seconds(lambda: compose(document.layers, FRAME)), 3, 7
    )
    note = f"{pairs.second_s:.2f} s, Pillow {pairs.first_s:.2f} s; {pairs}"
    yield at_least("composing 4096² × 20 layers: Pillow's time / ours", pairs.ratio, 2, "", note)
    corner = Rect(0, 0, 1024, 1024)
    exact = _exact(document, corner)
    ours = _farthest(compose(document.layers, corner), exact)
    theirs = _farthest(np.array(pillow().crop((0, 0, 1024, 1024))), exact)
    note = f"from float64, as an eye sees it; Pillow's own {theirs:.2f}"
    yield at_most("composing: farthest from the exact picture", ours, 1, "steps", note)


def stroke() -> Iterator[Figure]:
    """From a move of a 40 px brush to the repainted view, and undoing and redoing the stroke."""
    store = DocumentStore(folio(mixed=True), budget_bytes=1 << 30)
    compositor = Compositor(store.document)
    compositor.read(VIEW)
    moves: list[float] = []
    undos: list[float] = []
    redos: list[float] = []
    for number in range(3):
        layer = store.document.layers[10]
        assert isinstance(layer, PaintLayer)
        brush = Brush(size_px=40)
        ink = ColourInk((200, 30, 60, 255))
        hand = Stroke(layer.pixels, brush, ink)
        for step in range(MOVES):
            point = StrokePoint(1100 + 7 * step, 1300 + 150 * number + 40 * np.sin(step / 9))

            moves.append(_seconds(partial(_move, hand, point, layer, store.document, compositor)))
        store.apply(ChangeLayer(layer, replace(layer, pixels=hand.finish()), "a stroke"))
        compositor.show(store.document)
        compositor.read(VIEW)
        for turn, times in ((store.undo, undos), (store.redo, redos)) * 5:
            times.append(_seconds(partial(_turned, turn, store, compositor)))
    note = f"median {1000 * float(np.median(moves)):.1f} ms, {len(moves)} moves, 20 layers of all modes"
    yield at_most("stroke: move to repainted view, p95", _p95_ms(moves), 16, "ms", note)
    yield at_most("stroke: undo to repainted view, p95", _p95_ms(undos), 16, "ms")
    yield at_most("stroke: redo to repainted view, p95", _p95_ms(redos), 16, "ms")


def panning() -> Iterator[Figure]:
    """A view of 1920 × 1080 pixels moved over the composed folio, near and from afar."""
    compositor = Compositor(folio(mixed=True))
    while compositor.prepare(0.1):
        pass
    for level in (0, 1, 2):
        frames = []
        for step in range(60):
            x, y = (31 * step) % (SIDE_PX >> level), (17 * step) % (SIDE_PX >> level)
            view = Rect(x, y, 1920, 1080)
            frames.append(_seconds(partial(compositor.read, view, level)))
        yield at_most(
            f"panning at 1 : {1 << level}: a frame's pixels, p95", _p95_ms(frames), 16, "ms"
        )


_MEMORY = "from tests.benchmarks.painting import print_memory; print_memory()"


def memory() -> Iterator[Figure]:
    """What the folio takes in a process of its own, beside the tiles that really are painted."""
    done = subprocess.run(
        python("-c", _MEMORY), env=os.environ, capture_output=True, text=True, cwd=ROOT, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-3000:])
    used, tiles, composite = (float(word) / 1e6 for word in done.stdout.split()[-3:])
    note = f"{used:.0f} MB with {tiles:.0f} MB of tiles and {composite:.0f} MB of one composite"
    yield at_most(
        "memory of 4096² × 20 layers / its tiles", (used - composite) / tiles, 1.3, "×", note
    )


def print_memory() -> None:
    """Bytes used, bytes of the painted tiles, bytes of one composite."""
    process = psutil.Process()
    before = process.memory_full_info().uss
    store = DocumentStore(folio(mixed=True))
    compositor = Compositor(store.document)
    compositor.read(FRAME)
    compositor.read(Rect(0, 0, SIDE_PX >> 3, SIDE_PX >> 3), 3)
    for number in range(20):
        layer = store.document.layers[number % LAYERS]
        assert isinstance(layer, PaintLayer)
        hand = Stroke(layer.pixels, Brush(40), ColourInk())
        hand.extend([StrokePoint(100, 150 * number), StrokePoint(900, 150 * number)])
        store.apply(ChangeLayer(layer, replace(layer, pixels=hand.finish())))
        compositor.show(store.document)
        compositor.read(VIEW)
    used = process.memory_full_info().uss - before
    tiles = sum(tile.nbytes for tile in store.document.distinct_tiles().values())
    print(used, tiles + store.kept_bytes, SIDE_PX * SIDE_PX * 4)


def _move(
    hand: Stroke, point: StrokePoint, layer: PaintLayer, document: Document, compositor: Compositor
) -> None:
    shown = replace(layer, pixels=hand.extend([point]))
    layers = tuple(shown if other is layer else other for other in document.layers)
    compositor.show(document.with_layers(layers), settled=False)
    compositor.read(VIEW)


def _turned(turn: Callable[[], None], store: DocumentStore, compositor: Compositor) -> None:
    turn()
    compositor.show(store.document)
    compositor.read(VIEW)


def _exact(document: Document, rect: Rect) -> np.ndarray:
    """Layers in normal mode composed in float64: 0..255, premultiplied."""
    below = np.zeros((rect.height, rect.width, 4))
    for layer in document.layers:
        assert isinstance(layer, PaintLayer)
        below += _premultiplied(read(layer.pixels, rect)) - below * (
            read(layer.pixels, rect)[..., 3:] / 255
        )
    return below


def _premultiplied(pixels: np.ndarray) -> np.ndarray:
    result = pixels.astype(np.float64)
    result[..., :3] *= result[..., 3:] / 255
    return result


def _farthest(pixels: np.ndarray, exact: np.ndarray) -> float:
    return float(np.abs(_premultiplied(pixels) - exact).max())


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _p95_ms(seconds: list[float]) -> float:
    return 1000 * float(np.percentile(seconds, 95))
