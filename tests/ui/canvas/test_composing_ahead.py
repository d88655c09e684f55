"""What is out of view is composed while nothing else happens, and the timer rests afterwards."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from studio.core.edits import PlaceLayer
from studio.core.geometry import Rect
from studio.core.layers import PaintLayer
from studio.core.store import DocumentStore
from studio.paint import composed_tiles
from studio.paint.regions import tiled
from studio.ui.canvas.canvas_view import CanvasView
from studio.ui.canvas.composing_ahead import ComposingAhead


def test_all_of_the_canvas_is_composed_in_idle_moments(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DocumentStore()
    canvas = CanvasView(store)
    qtbot.addWidget(canvas)
    ahead = ComposingAhead(canvas)
    canvas.resize(200, 160)
    canvas.show()
    pixels = np.random.default_rng(0).integers(0, 256, (900, 900, 4), np.uint8)
    pixels[..., 3] = 255
    store.apply(PlaceLayer(PaintLayer("a", "a", tiled(pixels)), 0))
    assert ahead.busy
    qtbot.waitUntil(lambda: not ahead.busy, timeout=60_000)
    composed: list[Rect] = []
    monkeypatch.setattr(composed_tiles, "compose", lambda layers, rect: composed.append(rect))
    np.testing.assert_array_equal(canvas.compositor.read(Rect(0, 0, 900, 900)), pixels)
    assert composed == []
    assert not canvas.compositor.prepare(0)
