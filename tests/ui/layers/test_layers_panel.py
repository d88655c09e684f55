"""The layers panel: choosing, hiding, renaming, dragging and merging, by mouse and by keys alone."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QMimeData, QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from studio.api.outputs import Pixels
from studio.core.document import Document
from studio.core.geometry import Rect
from studio.core.layers import BlendMode, GroupLayer, Layer, PaintLayer
from studio.core.store import DocumentStore
from studio.paint.composing import compose
from studio.paint.regions import tiled
from studio.ui.canvas.easel import Easel
from studio.ui.canvas.sampling import sampled
from studio.ui.dropping import LAYER_MIME
from studio.ui.layers.layer_commands import LayerCommands
from studio.ui.layers.layers_panel import LayersPanel
from studio.ui.theme.theme import Theme


def _patch(colour: tuple[int, int, int, int], side: int = 40) -> Pixels:
    return np.full((side, side, 4), colour, np.uint8)


def _names(layers: tuple[Layer, ...]) -> str:
    return "".join(
        f"{a.name}({_names(a.layers)})" if isinstance(a, GroupLayer) else a.name for a in layers
    )


@pytest.fixture
def store() -> DocumentStore:
    a = PaintLayer("a", "a", tiled(_patch((255, 0, 0, 255))))
    b = PaintLayer("b", "b", tiled(_patch((0, 255, 0, 128))))
    c = PaintLayer("c", "c", tiled(_patch((0, 0, 255, 255), 20)))
    return DocumentStore(Document(layers=(a, GroupLayer("g", "g", (b,)), c)))


@pytest.fixture
def panel(store: DocumentStore, qtbot: QtBot, theme: Theme) -> LayersPanel:
    easel = Easel(store)
    panel = LayersPanel(easel, LayerCommands(easel))
    qtbot.addWidget(panel)
    panel.resize(240, 400)
    panel.show()
    panel.tree.expandAll()
    return panel


def _easel(panel: LayersPanel) -> Easel:
    return panel._easel


def _on_mask(panel: LayersPanel) -> bool:
    return panel._easel.painting_mask


def _spot(panel: LayersPanel, layer_id: str, part: str) -> QPoint:
    tree = panel.tree
    index = panel.model.index_of(layer_id)
    layer = panel.model.layer(index)
    assert layer is not None
    return tree.rows._places(tree.visualRect(index), layer)[part].center()  # type: ignore[index]


def _click(panel: LayersPanel, layer_id: str, part: str = "name") -> None:
    left = Qt.MouseButton.LeftButton
    QTest.mouseClick(panel.tree.viewport(), left, pos=_spot(panel, layer_id, part))


def test_click_chooses_and_the_eye_hides_without_choosing(
    panel: LayersPanel, store: DocumentStore
) -> None:
    _click(panel, "a")
    assert _easel(panel).current == store.document.layer("a")
    _click(panel, "b", "eye")
    hidden = store.document.layer("b")
    assert hidden is not None
    assert not hidden.visible
    assert _easel(panel).current == store.document.layer("a")
    store.undo()
    shown = store.document.layer("b")
    assert shown is not None
    assert shown.visible


def test_keys_alone_choose_rename_hide_move_and_remove(
    panel: LayersPanel, store: DocumentStore
) -> None:
    tree = panel.tree
    _easel(panel).choose("c")
    QTest.keyClick(tree, Qt.Key.Key_F2)
    editor = tree.findChild(QLineEdit)
    assert editor is not None
    editor.setText("sky")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QCoreApplication.processEvents()  # the view commits what was typed a moment later
    assert _names(store.document.layers) == "ag(b)sky"
    QTest.keyClick(tree, Qt.Key.Key_Down)
    QTest.keyClick(tree, Qt.Key.Key_Down)
    assert _easel(panel).current == store.document.layer("b")
    QTest.keyClick(tree, Qt.Key.Key_Space)
    hidden = store.document.layer("b")
    assert hidden is not None
    assert not hidden.visible
    QTest.keyClick(tree, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert _names(store.document.layers) == "ag()bsky"
    QTest.keyClick(tree, Qt.Key.Key_Delete)
    assert _names(store.document.layers) == "ag()sky"
    for _ in range(4):
        store.undo()
    assert _names(store.document.layers) == "ag(b)c"


def test_row_dropped_into_a_group_goes_there_in_one_step(
    panel: LayersPanel, store: DocumentStore
) -> None:
    model = panel.model
    data = model.mimeData([model.index_of("c")])
    model.dropMimeData(data, Qt.DropAction.MoveAction, 1, 0, model.index_of("g"))
    assert _names(store.document.layers) == "ag(cb)"
    store.undo()
    outside = QMimeData()
    outside.setData(LAYER_MIME, b"b")
    model.dropMimeData(outside, Qt.DropAction.MoveAction, 3, 0, QModelIndex())
    assert _names(store.document.layers) == "bag()c"


def test_folded_groups_stay_folded_when_layers_come_and_go(panel: LayersPanel) -> None:
    tree = panel.tree
    tree.collapse(panel.model.index_of("g"))
    panel._commands.add()
    assert not tree.isExpanded(panel.model.index_of("g"))
    assert panel.model.rowCount() == 4


def test_opacity_drag_is_seen_at_once_and_is_one_step(
    panel: LayersPanel, store: DocumentStore
) -> None:
    easel = _easel(panel)
    easel.choose("c")
    bar = panel.opacity
    left, middle = Qt.MouseButton.LeftButton, bar.height() // 2
    QTest.mousePress(bar, left, pos=QPoint(bar.width() - 2, middle))
    for x in (150, 120, 100):
        QTest.mouseMove(bar, QPoint(x, middle))
    before, trying = store.document.layer("c"), easel.shown.layer("c")
    assert before is not None
    assert trying is not None
    assert before.opacity == 1.0
    assert trying.opacity < 0.6
    QTest.mouseRelease(bar, left, pos=QPoint(100, middle))
    after = store.document.layer("c")
    assert after == trying
    store.undo()
    assert store.document.layer("c") == before
    assert not store.can_undo


def test_mode_lock_and_clip_change_the_current_layer(
    panel: LayersPanel, store: DocumentStore
) -> None:
    _easel(panel).choose("c")
    panel.mode.setCurrentIndex(panel.mode.findData("multiply"))
    panel.mode.activated.emit(panel.mode.currentIndex())
    for name in ("alpha", "clip", "lock"):
        QTest.mouseClick(panel.locks[name], Qt.MouseButton.LeftButton)
    layer = store.document.layer("c")
    assert isinstance(layer, PaintLayer)
    assert layer.blend_mode is BlendMode.MULTIPLY
    assert (layer.locked, layer.alpha_locked, layer.clipped) == (True, True, True)
    QTest.keyClick(panel.tree, Qt.Key.Key_Delete)
    assert store.document.layer("c") == layer


def test_merging_keeps_what_is_seen(panel: LayersPanel, store: DocumentStore) -> None:
    easel, area = _easel(panel), Rect(0, 0, 40, 40)
    before = compose(store.document.layers, area)
    easel.choose("g")
    QTest.mouseClick(panel.buttons["merge"], Qt.MouseButton.LeftButton)
    easel.choose("c")
    QTest.mouseClick(panel.buttons["merge"], Qt.MouseButton.LeftButton)
    assert _names(store.document.layers) == "ag"
    after = compose(store.document.layers, area)
    assert np.abs(before.astype(int) - after).max() <= 1
    panel._commands.flatten()
    assert _names(store.document.layers) == "Picture"
    assert np.abs(before.astype(int) - compose(store.document.layers, area)).max() <= 1


def test_mask_is_added_painted_on_applied_and_undone(
    panel: LayersPanel, store: DocumentStore
) -> None:
    easel = _easel(panel)
    easel.choose("c")
    QTest.mouseClick(panel.buttons["mask"], Qt.MouseButton.LeftButton)
    assert _on_mask(panel)
    _click(panel, "c", "thumbnail")
    assert not _on_mask(panel)
    _click(panel, "c", "mask")
    assert _on_mask(panel)
    panel._commands.apply_mask()
    layer = store.document.layer("c")
    assert layer is not None
    assert layer.mask is None
    assert not _on_mask(panel)


def test_thumbnail_samples_the_right_pixels() -> None:
    pixels = np.zeros((600, 900, 4), np.uint8)
    pixels[:, 450:] = (10, 20, 30, 255)
    small = sampled(tiled(pixels, 100, 50), Rect(100, 50, 900, 600), (0, 0), 14)
    width = small.shape[1]
    assert not small[:, : width // 2 - 1].any()
    assert (small[:, width // 2 + 1 :] == (10, 20, 30, 255)).all()
