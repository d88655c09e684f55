"""The tools, driven by mouse and keys: what they do to the document, and that each is one undo step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.api.outputs import Pixels
from studio.core.document import Document
from studio.core.edits import ChangeCanvas, ChangeLayer
from studio.core.geometry import Rect
from studio.core.layers import Mask, PaintLayer, TextLayer
from studio.core.store import DocumentStore
from studio.core.tiles import TileMap
from studio.paint.composing import compose
from studio.paint.regions import read, read_layer, tiled
from studio.ui.canvas.canvas_view import CanvasView
from studio.ui.canvas.tools.crop import CropTool
from studio.ui.canvas.tools.fills import BucketTool, GradientTool, PickerTool
from studio.ui.canvas.tools.move import MoveTool
from studio.ui.canvas.tools.outlining import LassoTool, PolygonTool
from studio.ui.canvas.tools.selecting import EllipseSelectTool, RectangleSelectTool, WandTool
from studio.ui.canvas.tools.shapes import ShapeTool
from studio.ui.canvas.tools.strokes import BrushTool, EraserTool, StampTool
from studio.ui.canvas.tools.text_tool import TextTool
from studio.ui.canvas.tools.transform import TransformTool
from tests.ui.canvas.hand import NONE, Hand

SIDE = 200
RED, BLUE = (220, 20, 30, 255), (20, 30, 220, 255)
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def store() -> DocumentStore:
    white = PaintLayer("paper", "Paper", tiled(np.full((SIDE, SIDE, 4), 255, np.uint8)))
    clear = PaintLayer("ink", "Ink")
    return DocumentStore(Document(layers=(white, clear), width_px=SIDE, height_px=SIDE))


@pytest.fixture
def canvas(store: DocumentStore, qtbot: QtBot) -> CanvasView:
    canvas = CanvasView(store)
    qtbot.addWidget(canvas)
    canvas.resize(500, 420)
    canvas.show()
    canvas.zoom_to_actual_size()
    canvas.easel.choose("ink")
    canvas.easel.inks.take(RED)
    return canvas


@pytest.fixture
def hand(canvas: CanvasView) -> Hand:
    return Hand(canvas)


def _ink(store: DocumentStore, layer_id: str = "ink") -> Pixels:
    layer = store.document.layer(layer_id)
    assert isinstance(layer, PaintLayer)
    return read_layer(layer, Rect(0, 0, SIDE, SIDE))


def _selected(store: DocumentStore) -> Pixels:
    selection = store.document.selection
    if selection is None:
        return np.zeros((SIDE, SIDE), np.uint8)
    return read(selection, Rect(0, 0, SIDE, SIDE))


def _undo_all(store: DocumentStore) -> int:
    steps = 0
    while store.can_undo:
        store.undo()
        steps += 1
    return steps


def test_stroke_is_seen_while_it_goes_on_and_is_one_step(
    canvas: CanvasView, store: DocumentStore, hand: Hand
) -> None:
    canvas.set_tool(BrushTool(canvas.easel))
    hand.press(50, 100)
    hand.move(90, 100)
    hand.move(150, 100)
    assert not store.can_undo
    at = hand.at(60, 100)
    assert canvas.grab().toImage().pixelColor(at).getRgb() == RED
    hand.release(150, 100)
    ink = _ink(store)
    assert tuple(ink[100, 60]) == tuple(ink[100, 140]) == RED
    assert not ink[60].any()
    np.testing.assert_array_equal(
        compose(canvas.compositor.document.layers, Rect(0, 0, SIDE, SIDE)),
        compose(store.document.layers, Rect(0, 0, SIDE, SIDE)),
    )
    assert canvas.easel.inks.recent == (RED,)
    assert _undo_all(store) == 1
    assert not _ink(store).any()


def test_stroke_is_given_up_with_escape(
    canvas: CanvasView, store: DocumentStore, hand: Hand
) -> None:
    canvas.set_tool(BrushTool(canvas.easel))
    hand.press(50, 100)
    hand.move(90, 100)
    hand.key(Qt.Key.Key_Escape)
    hand.release(90, 100)
    assert not store.can_undo
    assert not canvas.easel.trying


def test_first_stroke_on_an_empty_canvas_makes_a_sheet_and_a_layer_in_one_step(
    qtbot: QtBot,
) -> None:
    store = DocumentStore()
    canvas = CanvasView(store)
    qtbot.addWidget(canvas)
    canvas.resize(500, 420)
    canvas.show()
    canvas.set_tool(BrushTool(canvas.easel))
    hand = Hand(canvas)
    hand.drag((300, 300), (700, 500))
    assert (store.document.width_px, store.document.height_px) == (1024, 1024)
    (layer,) = store.document.layers
    assert layer.name == "Layer 1"
    assert canvas.easel.current == layer
    hand.drag((300, 600), (700, 600))
    assert len(store.document.layers) == 1
    assert _undo_all(store) == 2
    assert store.document == Document()


def test_stroke_keeps_to_the_selection_and_to_locked_transparency(
    canvas: CanvasView, store: DocumentStore, hand: Hand
) -> None:
    canvas.set_tool(RectangleSelectTool(canvas.easel))
    hand.drag((40, 40), (100, 160))
    canvas.set_tool(BrushTool(canvas.easel))
    hand.drag((20, 100), (180, 100))
    ink = _ink(store)
    assert ink[100, 60, 3] == 255
    assert not ink[:, 100:].any()
    assert not ink[:, :40].any()
    layer = store.document.layer("ink")
    assert isinstance(layer, PaintLayer)
    store.apply(ChangeLayer(layer, replace(layer, alpha_locked=True)))
    store.apply(ChangeCanvas(store.document, replace(store.document, selection=None), "all"))
    canvas.easel.inks.take(BLUE)
    hand.drag((20, 100), (180, 100))
    after = _ink(store)
    np.testing.assert_array_equal(after[..., 3], ink[..., 3])
    assert tuple(after[100, 60]) == BLUE


def test_locked_or_hidden_layer_is_not_painted_and_it_is_said_why(
    canvas: CanvasView, store: DocumentStore, hand: Hand
) -> None:
    said: list[str] = []
    canvas.easel.refused.connect(said.append)
    layer = store.document.layer("ink")
    assert layer is not None
    store.apply(ChangeLayer(layer, replace(layer, locked=True)))
    canvas.set_tool(BrushTool(canvas.easel))
    hand.drag((20, 100), (180, 100))
    assert not _ink(store).any()
    assert "locked" in said[-1]


def test_eraser_takes_away_and_mask_painting_hides(
    canvas: CanvasView, store: DocumentStore, hand: Hand
) -> None:
    canvas.easel.choose("paper")
    canvas.set_tool(EraserTool(canvas.easel))
    hand.drag((20, 50), (180, 50))
    assert _ink(store, "paper")[50, 100, 3] == 0
    paper = store.document.layer("paper")
    assert paper is not None
    shown = replace(paper, mask=Mask(TileMap(channels=1, fill=255)))
    store.apply(ChangeLayer(paper, shown))
    canvas.easel.paint_on_mask(True)
    canvas.easel.inks.take((0, 0, 0, 255))
    canvas.set_tool(BrushTool(canvas.easel))
    before = _ink(store, "paper")
    hand.drag((20, 150), (180, 150))
    np.testing.assert_array_equal(_ink(store, "paper"), before)
    masked = store.document.layer("paper")
    assert masked is not None
    assert masked.mask is not None
    assert read(masked.mask.pixels, Rect(100, 150, 1, 1))[0, 0] == 0
    assert compose(store.document.layers, Rect(100, 150, 1, 1))[0, 0, 3] == 0
    reddish = canvas.grab().toImage().pixelColor(hand.at(100, 150))
    assert reddish.red() > reddish.green() + 40


def test_pen_pressure_makes_the_stroke_wider(
    canvas: CanvasView, store: DocumentStore, hand: Hand
) -> None:
    tool = BrushTool(canvas.easel)
    tool.set_option("size_px", 40.0)
    tool.set_option("size_by_pressure", True)
    canvas.set_tool(tool)
    hand.pen(QEvent.Type.TabletPress, 30, 100, 0.2)
    for x in range(40, 171, 10):
        hand.pen(QEvent.Type.TabletMove, x, 100, 0.2 if x < 100 else 1.0)
    hand.pen(QEvent.Type.TabletRelease, 170, 100, 1.0)
    widths = (_ink(store)[..., 3] > 128).sum(0)
    assert 4 <= widths[60] <= 14
    assert 34 <= widths[150] <= 42


@pytest.mark.parametrize("keys", [NONE, SHIFT])
def test_pen_with_space_drags_the_view_and_with_shift_turns_it(
    canvas: CanvasView, store: DocumentStore, hand: Hand, keys: Qt.KeyboardModifier
) -> None:
    canvas.set_tool(BrushTool(canvas.easel))
    before = canvas.view
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    hand.pen(QEvent.Type.TabletPress, 60, 100, keys=keys)
    hand.pen(QEvent.Type.TabletMove, 120, 100, keys=keys)
    hand.pen(QEvent.Type.TabletRelease, 120, 100, keys=keys)
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas.view != before
    assert (canvas.view.turned_deg != 0) == (keys != NONE)
    still = canvas.view
    QTest.mouseMove(canvas, hand.at(10, 10))
    assert canvas.view == still
    assert not store.can_undo


def test_stamp_paints_what_is_seen_elsewhere(
    canvas: CanvasView, store: DocumentStore, hand: Hand
) -> None:
    canvas.set_tool(BrushTool(canvas.easel))
    hand.click(50, 50)
    tool = StampTool(canvas.easel)
    said: list[str] = []
    canvas.easel.refused.connect(said.append)
    canvas.set_tool(tool)
    hand.click(150, 150)
    assert "Alt" in said[-1]
    hand.click(50, 50, keys=ALT)
    hand.click(150, 150)
    assert tuple(_ink(store)[150, 150]) == RED


def test_bucket_fills_what_is_alike(canvas: CanvasView, store: DocumentStore, hand: Hand) -> None:
    canvas.set_tool(ShapeTool(canvas.easel))
    hand.drag((50, 50), (150, 150))
    assert tuple(_ink(store)[100, 100]) == RED
    canvas.easel.inks.take(BLUE)
    canvas.set_tool(BucketTool(canvas.easel))
    hand.click(100, 100)
    ink = _ink(store)
    assert tuple(ink[100, 100]) == BLUE
    assert not ink[20, 20].any()
    assert _undo_all(store) == 2


def test_gradient_runs_from_ink_to_background_and_picker_takes_a_colour(
    canvas: CanvasView, store: DocumentStore, hand: Hand
) -> None:
    canvas.easel.inks.take_background(BLUE)
    canvas.set_tool(GradientTool(canvas.easel))
    hand.drag((20, 100), (100, 100), (180, 100))
    ink = _ink(store)
    assert tuple(ink[100, 5]) == RED
    assert tuple(ink[100, 195]) == BLUE
    assert 100 < ink[100, 100, 0] < 140
    canvas.set_tool(PickerTool(canvas.easel))
    hand.click(195, 100)
    assert canvas.easel.inks.foreground == BLUE
    assert _undo_all(store) == 1


def test_selections_add_subtract_and_intersect_with_keys(
    canvas: CanvasView, store: DocumentStore, hand: Hand
) -> None:
    canvas.set_tool(RectangleSelectTool(canvas.easel))
    hand.drag((20, 20), (80, 80))
    hand.drag((60, 60), (120, 120), keys=SHIFT)
    assert (_selected(store) == 255).sum() == 60 * 60 * 2 - 20 * 20
    hand.drag((20, 20), (60, 120), keys=ALT)
    assert (_selected(store) == 255).sum() == 60 * 60 + 20 * 40
    hand.drag((100, 100), (200, 200), keys=SHIFT | ALT)
    assert (_selected(store) == 255).sum() == 20 * 20
    hand.click(190, 10)
    assert store.document.selection is None
    assert _undo_all(store) == 5


def test_ellipse_lasso_polygon_and_wand_select(
    canvas: CanvasView, store: DocumentStore, hand: Hand
) -> None:
    canvas.set_tool(EllipseSelectTool(canvas.easel))
    hand.drag((50, 50), (150, 150))
    assert _selected(store)[100, 100] == 255
    assert _selected(store)[55, 55] == 0
    canvas.set_tool(LassoTool(canvas.easel))
    hand.drag((20, 20), (180, 20), (180, 180))
    assert _selected(store)[40, 160] == 255
    assert _selected(store)[160, 40] == 0
    canvas.set_tool(PolygonTool(canvas.easel))
    for x, y in ((20, 20), (20, 180), (180, 180)):
        hand.click(x, y)
    hand.key(Qt.Key.Key_Return)
    assert _selected(store)[160, 40] == 255
    assert _selected(store)[40, 160] == 0
    canvas.set_tool(ShapeTool(canvas.easel))
    store.apply(ChangeCanvas(store.document, replace(store.document, selection=None), "all"))
    hand.drag((50, 50), (90, 90))
    canvas.set_tool(WandTool(canvas.easel))
    hand.click(70, 70)
    assert (_selected(store) == 255).sum() == 40 * 40


def test_delete_clears_what_is_selected_and_the_ants_march(
    canvas: CanvasView, store: DocumentStore, hand: Hand
) -> None:
    canvas.easel.choose("paper")
    canvas.set_tool(RectangleSelectTool(canvas.easel))
    hand.drag((20, 20), (80, 80))
    edge = [canvas.grab().toImage().pixelColor(hand.at(x, 20)).lightness() for x in range(20, 60)]
    assert min(edge) < 40
    hand.key(Qt.Key.Key_Delete)
    assert _ink(store, "paper")[50, 50, 3] == 0
    assert _ink(store, "paper")[100, 100, 3] == 255
    assert len(store.document.layers) == 2


def test_transform_scales_by_a_corner_and_undo_gives_the_layer_back(
    canvas: CanvasView, store: DocumentStore, hand: Hand
) -> None:
    canvas.set_tool(ShapeTool(canvas.easel))
    hand.drag((50, 50), (100, 100))
    before = store.document.layer("ink")
    tool = TransformTool(canvas.easel)
    canvas.set_tool(tool)
    hand.drag((100, 100), (120, 110), (150, 125))
    assert tool.busy
    assert store.document.layer("ink") == before
    hand.key(Qt.Key.Key_Return)
    after = store.document.layer("ink")
    assert after is not None
    assert after.bounds == Rect(50, 50, 100, 75)
    store.undo()
    assert store.document.layer("ink") == before


def test_transform_by_numbers_moves_turns_and_is_forgotten_with_escape(
    canvas: CanvasView, store: DocumentStore, hand: Hand
) -> None:
    canvas.set_tool(ShapeTool(canvas.easel))
    hand.drag((50, 50), (100, 90))
    before = store.document.layer("ink")
    tool = TransformTool(canvas.easel)
    canvas.set_tool(tool)
    tool.set_option("turn_deg", 90.0)
    shown = canvas.easel.shown.layer("ink")
    assert shown is not None
    assert (shown.bounds.width, shown.bounds.height) == (40, 50)
    hand.key(Qt.Key.Key_Escape)
    assert store.document.layer("ink") == before
    assert tool.settings.turn_deg == 0
    hand.drag((75, 70), (85, 80), (95, 90))
    canvas.set_tool(BrushTool(canvas.easel))
    moved = store.document.layer("ink")
    assert moved is not None
    assert moved.bounds == Rect(70, 70, 50, 40)


def test_crop_cuts_the_canvas_and_keeps_what_lies_outside(
    canvas: CanvasView, store: DocumentStore, hand: Hand
) -> None:
    tool = CropTool(canvas.easel)
    canvas.set_tool(tool)
    hand.drag((40, 50), (140, 130))
    assert tool.frame == Rect(40, 50, 100, 80)
    hand.drag((140, 90), (150, 90))
    assert tool.frame == Rect(40, 50, 110, 80)
    hand.key(Qt.Key.Key_Return)
    assert store.document.frame == Rect(0, 0, 110, 80)
    paper = store.document.layer("paper")
    assert paper is not None
    assert paper.bounds == Rect(-40, -50, SIDE, SIDE)
    assert _undo_all(store) == 1


def test_text_is_written_shown_changed_and_stays_a_text(
    canvas: CanvasView, store: DocumentStore, hand: Hand
) -> None:
    tool = TextTool(canvas.easel)
    canvas.set_tool(tool)
    hand.click(20, 20)
    assert tool.words is not None
    tool.words.setPlainText("Hello")
    assert isinstance(canvas.easel.shown.layers[-1], TextLayer)
    assert len(store.document.layers) == 2
    canvas.set_tool(BrushTool(canvas.easel))
    layer = store.document.layers[-1]
    assert isinstance(layer, TextLayer)
    assert (layer.text, layer.name) == ("Hello", "Hello")
    assert not layer.bounds.empty
    said: list[str] = []
    canvas.easel.refused.connect(said.append)
    hand.drag((30, 40), (90, 40))
    assert "text" in said[-1]
    canvas.set_tool(tool)
    hand.click(layer.bounds.x + 5, layer.bounds.y + 5)
    assert tool.words is not None
    assert tool.words.toPlainText() == "Hello"
    tool.words.setPlainText("Bye")
    tool.accept()
    changed = store.document.layers[-1]
    assert isinstance(changed, TextLayer)
    assert changed.text == "Bye"
    assert _undo_all(store) == 2


def test_symmetry_paints_on_the_other_side(
    canvas: CanvasView, store: DocumentStore, hand: Hand
) -> None:
    canvas.easel.symmetry = "left-right"
    canvas.set_tool(BrushTool(canvas.easel))
    hand.drag((30, 60), (60, 60))
    ink = _ink(store)
    assert tuple(ink[60, 50]) == tuple(ink[60, SIDE - 50]) == RED


def test_turned_and_mirrored_view_paints_where_the_hand_is(
    canvas: CanvasView, store: DocumentStore, hand: Hand
) -> None:
    canvas.turn(30)
    canvas.mirror()
    canvas.set_tool(BrushTool(canvas.easel))
    hand.drag((50, 80), (150, 80))
    ink = _ink(store)
    assert tuple(ink[80, 100]) == RED
    assert canvas.grab().toImage().pixelColor(hand.at(100, 80)).getRgb() == RED
    canvas.straighten()
    assert canvas.view.upright


def test_only_the_stroke_is_painted_again(canvas: CanvasView, hand: Hand, qtbot: QtBot) -> None:
    """What is far from the stroke is not touched: it would cost the hand its time."""
    areas: list[int] = []
    original = canvas._paint

    def watched(painter: object, area: object) -> None:
        areas.append(area.width() * area.height())  # type: ignore[attr-defined]
        original(painter, area)  # type: ignore[arg-type]

    canvas.set_tool(BrushTool(canvas.easel))
    hand.press(100, 100)
    qtbot.waitUntil(lambda: not canvas._calming.isActive())
    QApplication.processEvents()
    canvas._paint = watched  # type: ignore[method-assign]
    hand.move(110, 100)
    QApplication.processEvents()
    assert areas
    assert max(areas) < canvas.width() * canvas.height() / 4
    hand.release(110, 100)


def test_moved_layer_snaps_to_a_guide_and_not_without_one(
    canvas: CanvasView, store: DocumentStore, hand: Hand
) -> None:
    canvas.set_tool(ShapeTool(canvas.easel))
    hand.drag((20, 20), (60, 60))
    canvas.set_tool(MoveTool(canvas.easel))
    hand.move(150, 10)
    canvas.add_guide("x")
    hand.drag((30, 30), (60, 90), (117, 90))
    layer = store.document.layer("ink")
    assert layer is not None
    ((_, guide),) = store.document.guides
    assert layer.bounds.right == guide
    assert guide in (149, 150)  # without it: 147
    store.undo()
    hand.press(30, 30)
    hand.move(60, 90)
    canvas.remove_guides()
    hand.move(117, 95)
    hand.release(117, 95)
    free = store.document.layer("ink")
    assert free is not None
    assert free.bounds.right == 147
