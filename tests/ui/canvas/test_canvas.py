"""The canvas: layers are shown where they are, zoom keeps the point, a move is one step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.api.outputs import Pixels
from studio.core.edits import ChangeLayer, PlaceLayer, ReplaceText
from studio.core.layers import PaintLayer
from studio.core.store import DocumentStore
from studio.paint.qimages import from_qimage, to_qimage
from studio.paint.regions import tiled
from studio.ui.canvas.canvas_view import CanvasView
from studio.ui.canvas.view_transform import ViewTransform, fitted


@pytest.fixture
def store() -> DocumentStore:
    return DocumentStore()


@pytest.fixture
def canvas(store: DocumentStore, qtbot: QtBot) -> CanvasView:
    canvas = CanvasView(store)
    qtbot.addWidget(canvas)
    canvas.resize(400, 300)
    canvas.show()
    return canvas


def _place(
    canvas: CanvasView, store: DocumentStore, name: str, pixels: Pixels, x: int = 0, y: int = 0
) -> PaintLayer:
    layer = PaintLayer(name, name, tiled(pixels), x, y)
    store.apply(PlaceLayer(layer, len(store.document.layers)))
    return layer


def _noise(height: int, width: int) -> Pixels:
    pixels = np.random.default_rng(0).integers(0, 255, (height, width, 4), np.uint8)
    pixels[..., 3] = 255
    return pixels


def _screen(canvas: CanvasView) -> Pixels:
    return from_qimage(canvas.grab().toImage())


def test_actual_size_is_exact_to_the_pixel(canvas: CanvasView, store: DocumentStore) -> None:
    pixels = _noise(50, 70)
    _place(canvas, store, "a", pixels)
    canvas.zoom_to_actual_size()
    screen = _screen(canvas)
    found = [
        (y, x)
        for y in range(300 - 50)
        for x in range(400 - 70)
        if (screen[y, x] == pixels[0, 0]).all() and (screen[y : y + 50, x : x + 70] == pixels).all()
    ]
    assert len(found) == 1


def test_enlarged_pixels_stay_sharp(canvas: CanvasView, store: DocumentStore) -> None:
    pixels = _noise(4, 4)
    _place(canvas, store, "a", pixels)
    canvas.zoom_to_fit()
    assert canvas.scale == 8
    screen = _screen(canvas)
    y, x = (300 - 32) // 2, (400 - 32) // 2
    np.testing.assert_array_equal(screen[y : y + 32, x : x + 32], pixels.repeat(8, 0).repeat(8, 1))


def test_typing_does_not_paint_the_canvas_again(canvas: CanvasView, store: DocumentStore) -> None:
    _place(canvas, store, "a", _noise(10, 10))
    canvas.zoom_to_actual_size()
    _screen(canvas)
    QCoreApplication.processEvents()
    painted = _Painted(canvas)
    store.apply(ReplaceText(0, "", "a"))
    QCoreApplication.processEvents()
    assert painted.count == 0
    store.undo()
    store.undo()
    QCoreApplication.processEvents()
    assert painted.count == 1


class _Painted(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def test_layer_under_the_hand_is_shown_where_it_is_dragged(
    canvas: CanvasView, store: DocumentStore
) -> None:
    pixels = _noise(60, 60)
    _place(canvas, store, "a", pixels)
    canvas.zoom_to_actual_size()
    before = _screen(canvas)
    top, left = np.argwhere((before == pixels[0, 0]).all(-1))[0]
    start = QPoint(int(left) + 30, int(top) + 30)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(canvas, start + QPoint(40, 25))
    moved = _screen(canvas)[top + 25 : top + 85, left + 40 : left + 100]
    np.testing.assert_array_equal(moved[3:-3, 3:-3], pixels[3:-3, 3:-3])
    assert store.document.layers[0].bounds.x == 0
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=start + QPoint(40, 25))
    assert store.document.layers[0].bounds.x == 40


def test_locked_layer_is_neither_moved_nor_deleted(
    canvas: CanvasView, store: DocumentStore
) -> None:
    layer = _place(canvas, store, "a", _noise(100, 100))
    locked = replace(layer, locked=True)
    store.apply(ChangeLayer(layer, locked))
    canvas.zoom_to_actual_size()
    start = QPoint(200, 150)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(canvas, start + QPoint(40, 25))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=start + QPoint(40, 25))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Delete):
        QTest.keyClick(canvas, key)
    assert canvas.selected_layer == locked
    assert store.document.layers == (locked,)


def test_live_picture_is_shown_in_its_layers_place_and_cleared(
    canvas: CanvasView, store: DocumentStore
) -> None:
    layer = _place(canvas, store, "a", _noise(50, 70))
    before = _screen(canvas)
    canvas.show_live(layer.id, np.full((50, 70, 4), 255, np.uint8))
    assert not np.array_equal(_screen(canvas), before)
    canvas.clear_live(layer.id)
    np.testing.assert_array_equal(_screen(canvas), before)


def test_click_that_trembles_moves_nothing(canvas: CanvasView, store: DocumentStore) -> None:
    layer = _place(canvas, store, "a", _noise(100, 100))
    canvas.zoom_to_actual_size()
    start = QPoint(200, 150)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(canvas, start + QPoint(2, 1))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=start + QPoint(2, 1))
    assert store.document.layers == (layer,)
    assert canvas.selected_layer == layer


def test_drag_moves_a_layer_in_one_step_and_delete_removes_it(
    canvas: CanvasView, store: DocumentStore
) -> None:
    _place(canvas, store, "a", _noise(100, 100))
    canvas.zoom_to_actual_size()
    start = QPoint(200, 150)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    for step in (5, 12, 20):
        QTest.mouseMove(canvas, start + QPoint(step, step // 2))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=start + QPoint(20, 10))
    bounds = store.document.layers[0].bounds
    assert (bounds.x, bounds.y) == (20, 10)
    store.undo()
    assert store.document.layers[0].bounds.x == 0
    QTest.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert store.document.layers[0].bounds.x == 10
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert store.document.layers == ()


def test_new_pictures_stand_beside_the_others(canvas: CanvasView, store: DocumentStore) -> None:
    assert canvas.place_for(10, 10) == (0, 0)
    _place(canvas, store, "a", _noise(10, 30))
    x, _ = canvas.place_for(10, 10)
    assert x >= 30


def test_preview_is_shown_and_cleared(canvas: CanvasView) -> None:
    empty = _screen(canvas)
    canvas.show_preview("job", _noise(16, 16))
    assert canvas.preview_keys == ("job",)
    assert not np.array_equal(_screen(canvas), empty)
    canvas.clear_preview("job")
    np.testing.assert_array_equal(_screen(canvas), empty)


@given(
    st.floats(-500, 500),
    st.floats(-500, 500),
    st.floats(0, 400),
    st.floats(0, 300),
    st.floats(0.02, 64),
)
def test_zoom_keeps_the_point_under_the_pointer(
    dx: float, dy: float, x: float, y: float, scale: float
) -> None:
    view = ViewTransform().panned(dx, dy)
    before = view.to_canvas(x, y)
    after = view.zoomed(scale, x, y).to_canvas(x, y)
    assert after == pytest.approx(before, abs=1e-6 + 1e-9 * max(map(abs, before)))


@given(st.integers(1, 9000), st.integers(1, 9000))
def test_fitted_shows_all_of_it(width: int, height: int) -> None:
    view = fitted(0, 0, width, height, 800, 600, 48)
    assert width * view.scale <= 800
    assert height * view.scale <= 600


@pytest.mark.parametrize("width", [1, 3, 8, 33])
def test_pixels_survive_the_way_through_qimage(width: int) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (5, width, 4), np.uint8)
    pixels.setflags(write=False)
    np.testing.assert_array_equal(from_qimage(to_qimage(pixels)), pixels)


def test_floats_are_refused() -> None:
    with pytest.raises(TypeError):
        to_qimage(np.zeros((2, 2, 4)))  # type: ignore[arg-type]
