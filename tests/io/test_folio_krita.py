"""Krita, an independent reader, opens our OpenRaster files with the same pixels, and we open its.

Skipped where Krita or a display for it is missing: it is a program of its own, from the distribution.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from studio.core.document import Document
from studio.core.geometry import Rect
from studio.core.layers import BlendMode, GroupLayer, PaintLayer
from studio.io.folio_reader import read_folio
from studio.io.folio_writer import write_folio
from studio.paint.composing import compose
from studio.paint.regions import tiled
from tests.support.folios import mask_of, paint_layer, painted

TIMEOUT_S = 300
Numbers = npt.NDArray[np.int64]
Exported = Callable[[Path, Path], None]

pytestmark = [
    pytest.mark.timeout(2 * TIMEOUT_S),
    pytest.mark.skipif(shutil.which("krita") is None, reason="Krita isn't installed"),
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Krita needs a display: no Xvfb"),
]


@pytest.fixture(scope="module")
def krita(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exported]:
    """Krita's own export of one file to another, on a display and in a home of its own."""
    home = tmp_path_factory.mktemp("krita")
    reading, writing = os.pipe()
    display = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "800x600x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as numbers:
            number = numbers.readline().strip()
        assert number, "Xvfb found no display"
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("QT_")},
            "DISPLAY": f":{number}",
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(home),
        }

        def export(source: Path, target: Path) -> None:
            done = subprocess.run(
                ["krita", "--export", "--export-filename", str(target), str(source)],
                env=environment,
                capture_output=True,
                text=True,
                timeout=TIMEOUT_S,
            )
            assert target.exists(), done.stderr

        yield export
    finally:
        display.terminate()
        display.wait(TIMEOUT_S)


def _ground(width: int, height: int) -> PaintLayer:
    pixels = painted(1, width, height)
    pixels[..., 3] = 255
    return PaintLayer("ground", "Ground", tiled(pixels))


def _modes() -> tuple[Document, dict[BlendMode, Rect]]:
    """Each blend mode at a place of its own, half transparent, on an opaque ground."""
    places = {
        mode: Rect(5 + 70 * (n % 6), 5 + 50 * (n // 6), 60, 40) for n, mode in enumerate(BlendMode)
    }
    layers = [
        replace(paint_layer(mode.value, 2 + n, *_corner(place)), blend_mode=mode, opacity=0.8)
        for n, (mode, place) in enumerate(places.items())
    ]
    return Document("", (_ground(420, 150), *layers), 420, 150), places


def _corner(place: Rect) -> tuple[int, int]:
    return place.x, place.y


def _nested() -> Document:
    group = GroupLayer(
        "g", "Group", opacity=0.6,
        layers=(paint_layer("x", 3, 5, 5), replace(paint_layer("y", 4, 30, 30), mask=mask_of(5))),
    )  # fmt: skip
    layers = (
        _ground(100, 80),
        group,
        paint_layer("base", 6, 30, 20),
        replace(paint_layer("clip", 7, 40, 25), clipped=True, blend_mode=BlendMode.MULTIPLY),
        replace(paint_layer("hidden", 8), visible=False),
    )
    return Document("", layers, 100, 80)


def _difference(picture: Path, document: Document) -> Numbers:
    seen = np.asarray(Image.open(picture).convert("RGBA")).astype(np.int64)
    shown = compose(document.layers, document.frame).astype(np.int64)
    return np.asarray(np.abs(seen - shown).max(-1), np.int64)


def test_krita_sees_each_blend_mode_as_we_do(krita: Exported, tmp_path: Path) -> None:
    document, places = _modes()
    write_folio(tmp_path / "a.ora", document)
    krita(tmp_path / "a.ora", tmp_path / "a.png")
    difference = _difference(tmp_path / "a.png", document)
    worst = {
        mode: int(difference[p.y : p.bottom, p.x : p.right].max()) for mode, p in places.items()
    }
    # Its addition stops at white before it mixes by opacity; the W3C's plus afterwards.
    assert worst.pop(BlendMode.PLUS) < 64
    assert {mode: by for mode, by in worst.items() if by > 4} == {}


def test_krita_sees_groups_masks_clipping_and_hidden_layers_as_we_do(
    krita: Exported, tmp_path: Path
) -> None:
    document = _nested()
    write_folio(tmp_path / "a.ora", document)
    krita(tmp_path / "a.ora", tmp_path / "a.png")
    assert int(_difference(tmp_path / "a.png", document).max()) <= 2


def test_what_krita_writes_is_opened_with_its_layers_and_pixels(
    krita: Exported, tmp_path: Path
) -> None:
    document, _ = _modes()
    write_folio(tmp_path / "a.ora", document)
    krita(tmp_path / "a.ora", tmp_path / "krita.ora")
    opened = read_folio(tmp_path / "krita.ora")
    assert opened.notices == ()
    assert opened.document.frame == document.frame
    before = [(layer.name, layer.blend_mode, layer.opacity) for layer in document.layers]
    after = [(layer.name, layer.blend_mode, layer.opacity) for layer in opened.document.layers]
    assert [name for name, _, _ in after] == [name for name, _, _ in before]
    assert [mode for _, mode, _ in after] == [mode for _, mode, _ in before]
    assert all(abs(a[2] - b[2]) < 1 / 255 for a, b in zip(after, before, strict=True))
    seen = compose(opened.document.layers, document.frame).astype(np.int64)
    shown = compose(document.layers, document.frame).astype(np.int64)
    assert int(np.abs(seen - shown).max()) <= 2
