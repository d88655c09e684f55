"""Guides pulled out of the rulers, moved, thrown out, locked; each is one step of undo."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core.document import Document
from studio.core.geometry import Rect
from studio.core.guides import Guide, Guides
from studio.core.layers import PaintLayer
from studio.core.store import DocumentStore
from studio.paint.qimages import from_qimage
from studio.paint.regions import tiled
from studio.ui.canvas.canvas_view import CanvasView
from studio.ui.canvas.rulers import RuledCanvas, Ruler
from studio.ui.canvas.selection_commands import cropped_edit
from studio.ui.canvas.tools.crop import CropTool
from studio.ui.canvas.tools.selecting import RectangleSelectTool
from studio.ui.theme.theme import Theme
from tests.ui.canvas.hand import Hand

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def store() -> DocumentStore:
    white = PaintLayer("paper", "Paper", tiled(np.full((200, 200, 4), 255, np.uint8)))
    return DocumentStore(Document(layers=(white,), width_px=200, height_px=200))


@pytest.fixture
def ruled(store: DocumentStore, qtbot: QtBot, theme: Theme) -> RuledCanvas:
    made = RuledCanvas(CanvasView(store))
    qtbot.addWidget(made)
    made.resize(520, 440)
    made.show_rulers(True)
    made.show()
    _canvas(made).zoom_to_actual_size()
    return made


def _canvas(ruled: RuledCanvas) -> CanvasView:
    return ruled.findChildren(CanvasView)[0]


def _guides(store: DocumentStore) -> Guides:
    return store.document.guides


def _at(ruler: Ruler, ruled: RuledCanvas, x: float, y: float) -> QPoint:
    """A canvas place in a ruler's own coordinates."""
    canvas = _canvas(ruled)
    inside = canvas.mapTo(ruled, QPointF(*canvas.view.to_widget(x, y)))
    return ruler.mapFrom(ruled, inside).toPoint()


def _pull(ruled: RuledCanvas, ruler: Ruler, x: float, y: float, *, let_go: bool = True) -> None:
    QTest.mousePress(ruler, LEFT, pos=QPoint(8, 8))
    QTest.mouseMove(ruler, _at(ruler, ruled, x, y))
    if let_go:
        QTest.mouseRelease(ruler, LEFT, pos=_at(ruler, ruled, x, y))


def test_guide_is_pulled_out_of_a_ruler_in_one_step(
    ruled: RuledCanvas, store: DocumentStore
) -> None:
    _pull(ruled, ruled.top, 70, 37, let_go=False)
    canvas = _canvas(ruled)
    assert canvas.compositor.document.guides == (Guide("y", 37),)  # seen while it is pulled
    assert _guides(store) == ()
    QTest.mouseRelease(ruled.top, LEFT, pos=_at(ruled.top, ruled, 70, 37))
    _pull(ruled, ruled.left, 61, 20)
    assert _guides(store) == (Guide("y", 37), Guide("x", 61))
    store.undo()
    assert _guides(store) == (Guide("y", 37),)
    store.undo()
    assert _guides(store) == ()
    assert not store.can_undo


def test_guide_let_go_on_the_ruler_or_given_up_leaves_nothing(
    ruled: RuledCanvas, store: DocumentStore
) -> None:
    _pull(ruled, ruled.top, 70, 37, let_go=False)
    QTest.mouseRelease(ruled.top, LEFT, pos=QPoint(50, 5))
    _pull(ruled, ruled.top, 70, 37, let_go=False)
    QTest.keyClick(ruled.top, Qt.Key.Key_Escape)
    QTest.mouseRelease(ruled.top, LEFT, pos=_at(ruled.top, ruled, 70, 37))
    assert not store.can_undo
    assert _canvas(ruled).compositor.document.guides == ()


def test_guide_snaps_to_middles_and_is_moved_and_thrown_out_by_the_move_tool(
    ruled: RuledCanvas, store: DocumentStore
) -> None:
    _pull(ruled, ruled.top, 70, 97)
    assert _guides(store) == (Guide("y", 100),)  # the canvas's middle
    canvas = _canvas(ruled)
    hand = Hand(canvas)
    hand.drag((30, 101), (30, 60), (30, 40))
    assert _guides(store) == (Guide("y", 40),)
    assert store.document.layers[0].bounds == Rect(0, 0, 200, 200)
    assert store.undo_label == "moving a guide"
    top = canvas.view.to_canvas(0, -9)[1]
    hand.drag((30, 40), (30, 20), (30, top))
    assert _guides(store) == ()
    store.undo()
    store.undo()
    assert _guides(store) == (Guide("y", 100),)


def test_what_is_drawn_near_a_guide_ends_on_it_and_with_ctrl_where_the_hand_is(
    ruled: RuledCanvas, store: DocumentStore
) -> None:
    _pull(ruled, ruled.left, 61, 20)
    _pull(ruled, ruled.top, 20, 131)
    canvas = _canvas(ruled)
    hand = Hand(canvas)
    canvas.set_tool(RectangleSelectTool(canvas.easel))
    hand.drag((20, 30), (40, 100), (64, 128))
    assert store.document.selection is not None
    assert store.document.selection.bounds == Rect(20, 30, 41, 101)
    hand.drag((20, 30), (40, 100), (64, 128), keys=Qt.KeyboardModifier.ControlModifier)
    free = store.document.selection.bounds
    assert (free.right, free.bottom) == (64, 128)
    crop = CropTool(canvas.easel)
    canvas.set_tool(crop)
    hand.drag((58, 30), (90, 100), (150, 128))
    assert crop.frame == Rect(61, 30, 89, 101)
    hand.drag((75, 131), (75, 150), (75, 170))
    assert crop.frame == Rect(61, 30, 89, 140)
    hand.drag((75, 170), (75, 150), (75, 134))
    assert crop.frame == Rect(61, 30, 89, 101)


def test_locked_guides_stay_and_the_layer_is_moved(
    ruled: RuledCanvas, store: DocumentStore
) -> None:
    _pull(ruled, ruled.left, 61, 20)
    canvas = _canvas(ruled)
    canvas.easel.guides_locked = True
    canvas.easel.snapping = False
    Hand(canvas).drag((61, 50), (75, 50), (81, 50))
    assert _guides(store) == (Guide("x", 61),)
    assert store.document.layers[0].bounds.x == 20


def test_view_turned_by_a_right_angle_gives_the_other_guides(
    ruled: RuledCanvas, store: DocumentStore
) -> None:
    canvas = _canvas(ruled)
    canvas.turn(90)
    canvas.easel.snapping = False
    _pull(ruled, ruled.top, 61, 90)
    assert _guides(store) == (Guide("x", 61),)


def test_ruler_shows_numbers_and_where_the_pointer_is(ruled: RuledCanvas) -> None:
    canvas = _canvas(ruled)
    before = from_qimage(ruled.top.grab().toImage())
    assert len(np.unique(before.reshape(-1, 4), axis=0)) > 4
    Hand(canvas).move(50, 80)
    assert (ruled.top.mark, ruled.left.mark) == (50, 80)
    after = from_qimage(ruled.top.grab().toImage())
    columns = np.flatnonzero((before != after).any((0, 2)))
    x = ruled.top.mapFrom(ruled, canvas.mapTo(ruled, QPointF(*canvas.view.to_widget(50.5, 0)))).x()
    assert abs(columns.mean() - x) <= 2
    assert len(columns) <= 5
    ruled.show_rulers(False)
    assert not ruled.top.isVisible()
    assert canvas.isVisible()


def test_guides_go_along_when_the_canvas_is_cropped(
    ruled: RuledCanvas, store: DocumentStore
) -> None:
    _pull(ruled, ruled.left, 61, 20)
    canvas = _canvas(ruled)
    canvas.easel.commit(cropped_edit(canvas.easel, Rect(50, 0, 100, 100), "cropping"))
    assert _guides(store) == (Guide("x", 11),)
