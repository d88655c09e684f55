"""Saving and opening a large folio beside a plain zip of the same pictures as Pillow writes them.

Twenty layers of mixed modes, 4096 × 4096, painted softly with grain, some sparse. The folio's time
holds the picture of the whole, the thumbnail and the description; the zip's only the layers.
"""

from __future__ import annotations

import gc
import io
import os
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from studio.core.document import Document
from studio.core.layers import BlendMode, PaintLayer
from studio.io.encoded_tiles import EncodedTiles
from studio.io.folio_reader import read_folio
from studio.io.folio_writer import write_folio
from studio.paint.regions import read_layer, tiled, written
from tests.benchmarks.figure import Figure, at_most

SIDE_PX = int(os.environ.get("FOLIO_BENCH_SIDE_PX", "4096"))
LAYERS = 20
PAIRS = 3
_SWITCH_S = 0.001
"""As the window sets it (`ui/run.py`)."""


def figures() -> Iterator[Figure]:
    document = large_document()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        saves, opens = [], []
        for _ in range(PAIRS):
            plain = _timed(lambda: _write_zip(folder / "plain.zip", document))
            saves.append((_timed(lambda: write_folio(folder / "a.folio", document)), plain))
        for _ in range(PAIRS):
            plain = _timed(lambda: _read_zip(folder / "plain.zip"))
            opens.append((_timed(lambda: read_folio(folder / "a.folio")), plain))
        sizes = [(folder / each).stat().st_size for each in ("a.folio", "plain.zip")]
        again, gap_s = _second_save(folder / "a.folio", document)
        what = f"{LAYERS} layers, {SIDE_PX} × {SIDE_PX}"
        for verb, pairs in (("save", saves), ("open", opens)):
            ours, base = (sorted(side)[PAIRS // 2] for side in zip(*pairs, strict=True))
            note = f"{ours:.1f} s beside {base:.1f} s, {what}, medians of {PAIRS}"
            yield at_most(f"{verb} a folio / a plain zip of its PNGs", ours / base, 1.2, "×", note)
        note = f"{sizes[0] / 1e6:.1f} MB beside {sizes[1] / 1e6:.1f} MB"
        yield at_most(
            "size of a folio / a plain zip of its PNGs", sizes[0] / sizes[1], 1.2, "×", note
        )
        first = sorted(ours for ours, _ in saves)[PAIRS // 2]
        note = f"{again:.1f} s beside {first:.1f} s"
        yield at_most("save again after one stroke / first save", again / first, 0.6, "×", note)
        yield at_most("save: longest hold of another thread", 1000 * gap_s, 50, "ms", "two saves")


def large_document() -> Document:
    """Each layer 64 MB of tiles where it is full; every fourth covers a quarter of the canvas."""
    modes = list(BlendMode)
    rows, columns = np.mgrid[:SIDE_PX, :SIDE_PX].astype(np.float32) / SIDE_PX
    layers = []
    for number in range(LAYERS):
        random = np.random.default_rng(number)
        pixels = _soft(rows, columns, number, random)
        if number % 4 == 3:
            pixels = pixels[: SIDE_PX // 2, : SIDE_PX // 2]
        layer = PaintLayer(f"l{number}", f"Layer {number}", tiled(pixels), 0, 0)
        layers.append(replace(layer, blend_mode=modes[number % len(modes)], opacity=0.8))
    return Document("", tuple(layers), SIDE_PX, SIDE_PX)


def _soft(
    rows: npt.NDArray[np.float32],
    columns: npt.NDArray[np.float32],
    number: int,
    random: np.random.Generator,
) -> npt.NDArray[np.uint8]:
    pixels = np.empty((*rows.shape, 4), np.uint8)
    for channel in range(3):
        wave = np.sin(rows * (3 + number) + channel) + np.cos(columns * (5 + channel) + number)
        pixels[..., channel] = 127 + 50 * wave
    pixels[..., :3] += random.integers(0, 4, (*rows.shape, 3), np.uint8)
    distance = np.hypot(rows - 0.5, columns - 0.5)
    pixels[..., 3] = np.clip((0.6 - distance) * 2000, 0, 255)
    pixels[pixels[..., 3] == 0] = 0
    return pixels


def _second_save(path: Path, document: Document) -> tuple[float, float]:
    """Seconds of a save after one stroke, and the longest that two saves kept another thread waiting."""
    encoded = EncodedTiles()
    gap = held(lambda: write_folio(path, document, encoded=encoded))
    layer = document.layers[0]
    assert isinstance(layer, PaintLayer)
    dab = np.full((40, 40, 4), 255, np.uint8)
    stroke = replace(layer, pixels=written(layer.pixels, dab, 100, 100))
    changed = document.with_layers((stroke, *document.layers[1:]))
    seconds: list[float] = []
    again = held(
        lambda: seconds.append(_timed(lambda: write_folio(path, changed, encoded=encoded)))
    )
    return seconds[0], max(gap, again)


def held(work: Callable[[], object]) -> float:
    """The longest time in seconds that work on another thread keeps this one from running."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_S)
    thread = threading.Thread(target=work)
    longest, last = 0.0, time.perf_counter()
    try:
        thread.start()
        while thread.is_alive():
            time.sleep(0.001)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
    finally:
        thread.join()
        sys.setswitchinterval(before)
    return longest


def _timed(work: Callable[[], object]) -> float:
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _write_zip(path: Path, document: Document) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        for layer in document.layers:
            assert isinstance(layer, PaintLayer)
            buffer = io.BytesIO()
            Image.fromarray(read_layer(layer)).save(buffer, "PNG")
            file.writestr(f"{layer.id}.png", buffer.getvalue())


def _read_zip(path: Path) -> list[object]:
    with zipfile.ZipFile(path) as file:
        return [np.asarray(Image.open(io.BytesIO(file.read(name)))) for name in file.namelist()]
