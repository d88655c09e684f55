"""A moving view never waits for a large picture; once it rests, it shows every pixel as it is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.document import Document
from studio.core.geometry import Rect
from studio.core.layers import BlendMode, Layers, PaintLayer
from studio.core.store import DocumentStore
from studio.core.tiles import TILE_PX, TileMap
from studio.paint import composed_tiles
from studio.paint.composing import compose
from studio.paint.compositor import Compositor
from studio.paint.qimages import from_qimage, to_qimage
from studio.paint.regions import cell, tiled
from studio.ui.canvas.canvas_view import CanvasView
from studio.ui.canvas.navigator import Overview
from studio.ui.canvas.picture_widget import _HURRIED
from studio.ui.canvas.screen_tiles import ScreenTiles

SIDE, LAYERS = 2048, 10


def _document() -> Document:
    """Many layers on every tile, all of one tile's memory."""
    random = np.random.default_rng(3)
    tile = random.integers(0, 256, (TILE_PX, TILE_PX, 4), np.uint8)
    keys = Rect(0, 0, SIDE, SIDE).cells(TILE_PX)
    pixels = TileMap(dict.fromkeys(keys, tile))
    ground = np.full((SIDE, SIDE, 4), (90, 120, 30, 255), np.uint8)
    layers = [PaintLayer("ground", "", tiled(ground))]
    for number in range(LAYERS):
        mode = BlendMode.SOFT_LIGHT if number % 4 == 3 else BlendMode.MULTIPLY
        layers.append(PaintLayer(f"{number}", "", pixels, opacity=0.4, blend_mode=mode))
    return Document("", tuple(layers), SIDE, SIDE)


@pytest.fixture
def canvas(qtbot: QtBot) -> CanvasView:
    view = CanvasView(DocumentStore(_document()))
    qtbot.addWidget(view)
    view.resize(900, 700)
    view.show()
    return view


@pytest.fixture
def composed(monkeypatch: pytest.MonkeyPatch) -> list[Rect]:
    """What is composed from here on."""
    rects: list[Rect] = []

    def watched(layers: Layers, rect: Rect) -> np.ndarray:
        rects.append(rect)
        return compose(layers, rect)

    monkeypatch.setattr(composed_tiles, "compose", watched)
    return rects


def _rested(canvas: CanvasView) -> Callable[[], bool]:
    return lambda: not canvas.composing


@pytest.mark.parametrize("look", [lambda view: view.zoom_to(0.5), lambda view: view.zoom_to(1.0)])
def test_frame_of_a_moving_view_composes_next_to_nothing(
    canvas: CanvasView, composed: list[Rect], qtbot: QtBot, look: Callable[[CanvasView], None]
) -> None:
    canvas.zoom_to(4.0)
    qtbot.waitUntil(_rested(canvas), timeout=60_000)
    composed.clear()
    look(canvas)
    canvas.repaint()
    area = sum(rect.width * rect.height for rect in composed)
    assert area * LAYERS <= _HURRIED * TILE_PX * TILE_PX
    assert canvas._refining.busy


def test_rested_view_shows_every_pixel(canvas: CanvasView, qtbot: QtBot) -> None:
    canvas.zoom_to(4.0)
    canvas.zoom_to_actual_size()
    canvas.set_view(canvas.view.panned(300, 200))
    qtbot.waitUntil(_rested(canvas), timeout=60_000)
    shown = from_qimage(canvas.grab().toImage())
    x, y = canvas.view.to_canvas(100, 100)
    assert (x, y) == (int(x), int(y))
    wanted = compose(canvas.compositor.document.layers, Rect(int(x), int(y), 300, 200))
    np.testing.assert_array_equal(shown[100:300, 100:400, :3], wanted[..., :3])


def test_closed_view_composes_no_more(canvas: CanvasView, composed: list[Rect]) -> None:
    canvas.zoom_to(0.5)
    canvas.repaint()
    assert not _rested(canvas)()
    canvas.hide()
    composed.clear()
    QApplication.processEvents()
    assert composed == []
    assert not canvas._refining.busy


def _drawn(tiles: ScreenTiles, level: int, region: Rect, patience: int) -> np.ndarray:
    side = 1 << level
    image = QImage(region.width * side, region.height * side, QImage.Format.Format_ARGB32)
    image.fill(QColor(0, 0, 0, 0))
    painter = QPainter(image)
    gathered = tiles.gather(level, region, patience)
    tiles.draw(painter, gathered, Rect(0, 0, SIDE, SIDE))
    painter.end()
    return from_qimage(image)


def test_stand_ins_are_what_was_there_then_finer_then_coarser() -> None:
    red = np.full((512, 512, 4), (200, 0, 0, 255), np.uint8)
    blue = np.full((512, 512, 4), (0, 0, 200, 255), np.uint8)
    whole, half = Rect(0, 0, 512, 512), Rect(0, 0, 256, 256)
    source = Compositor(Document("", (PaintLayer("a", "", tiled(red)),), 512, 512))
    tiles = ScreenTiles(source)
    assert not _drawn(tiles, 1, half, 0).any()  # nothing is known yet
    near = ScreenTiles(source)
    np.testing.assert_array_equal(_drawn(near, 0, whole, 100), red)
    np.testing.assert_array_equal(_drawn(near, 1, half, 0), red)  # from finer ones
    some = ScreenTiles(source)
    _drawn(some, 0, half, 100)
    partly = _drawn(some, 1, half, 0)
    assert (partly[:256, :256] == red[:256, :256]).all()  # where there are any
    assert not partly[256:].any()
    far = ScreenTiles(Compositor(source.document))
    np.testing.assert_array_equal(_drawn(far, 1, half, 100), red)
    far._images = type(far._images)({k: v for k, v in far._images.items() if k[0] == 1})
    far._compositor._tiles._levels[0].clear()
    np.testing.assert_array_equal(_drawn(far, 0, whole, 0), red)  # from a coarser one
    near.soil(source.show(Document("", (PaintLayer("a", "", tiled(blue)),), 512, 512)))
    assert not near.gather(0, whole, 0).whole
    np.testing.assert_array_equal(_drawn(near, 0, whole, 0), red)  # as it was
    np.testing.assert_array_equal(_drawn(near, 0, whole, 100), blue)


def test_stand_in_is_the_finer_level_that_covers_most() -> None:
    red = np.full((SIDE, SIDE, 4), (200, 0, 0, 255), np.uint8)
    source = Compositor(Document("", (PaintLayer("a", "", tiled(red)),), SIDE, SIDE))
    tiles = ScreenTiles(source)
    for key in ((0, 0), (1, 0), (0, 1)):  # three quarters of it, halved once
        tiles.gather(1, cell(key), 100)
    tiles.gather(0, Rect(0, 0, 512, 512), 100)  # one quarter, in four tiles
    drawn = _drawn(tiles, 2, Rect(0, 0, 256, 256), 0)
    assert (drawn[:512, 512:1024] == red[:512, 512:1024]).all()


def test_overview_composes_in_pieces_and_then_shows_all(
    canvas: CanvasView, composed: list[Rect], qtbot: QtBot
) -> None:
    canvas.zoom_to(8.0)
    overview = Overview(canvas)
    qtbot.addWidget(overview)
    overview.resize(220, 160)
    overview.show()
    composed.clear()
    overview.repaint()
    assert composed == []
    qtbot.waitUntil(lambda: not overview._old, timeout=120_000)
    assert overview._picture is not None
    level, region, image = overview._picture
    fresh = Compositor(canvas.compositor.document)
    assert image == to_qimage(fresh.read(region, level))
