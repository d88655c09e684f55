"""The Image menu: dialogs filled in by hand, each one step of undo."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QDialog

from studio.core.document import Document
from studio.core.edits import PlaceLayer
from studio.core.geometry import Rect
from studio.io.images import MAX_PIXELS
from studio.io.paths import user_paths
from studio.paint.composing import compose
from studio.ui.dialogs.canvas_size import CanvasSize
from studio.ui.dialogs.scale_image import ScaleImage
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support.folios import paint_layer
from tests.support.furnished import Run, bar_text, runner
from tests.support.qt_async import QtRunner, until


@pytest.fixture
def run(qt_runner: QtRunner, theme: Theme) -> Run:
    paths = user_paths()
    paths.make()
    return runner(qt_runner, paths, theme, "none.")


def _begun(bench: Workbench) -> Document:
    document = Document("", (paint_layer("a", 1),), 60, 40)
    bench.store.load(document)
    return document


def _asked(bench: Workbench, action: str, kind: type[QDialog]) -> QDialog:
    bench.window.actions_by_name[action].trigger()
    (dialog,) = (d for d in bench.window.findChildren(kind) if d.isVisible())
    return dialog


def _typed(field: object, value: int) -> None:
    assert isinstance(field, QAbstractSpinBox)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, str(value))
    QTest.keyClick(field, Qt.Key.Key_Tab)


def test_canvas_grows_from_the_chosen_corner_in_one_step(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        before = _begun(bench)
        dialog = _asked(bench, "canvas_size", CanvasSize)
        assert isinstance(dialog, CanvasSize)
        assert dialog.fields.size_px == (60, 40)
        assert not dialog.accept_button.isEnabled()
        _typed(dialog.fields.across, 100)
        _typed(dialog.fields.down, 90)
        QTest.mouseClick(dialog.anchors[2, 2], Qt.MouseButton.LeftButton)
        QTest.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
        after = bench.store.document
        assert after.frame == Rect(0, 0, 100, 90)
        np.testing.assert_array_equal(
            compose(after.layers, Rect(40, 50, 60, 40)), compose(before.layers, before.frame)
        )
        assert "canvas's size" in bench.window.actions_by_name["undo"].text()
        bench.window.actions_by_name["undo"].trigger()
        assert bench.store.document == before
        assert not bench.store.can_undo

    run(scene)


def test_too_large_a_canvas_is_refused_in_the_dialog(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        _begun(bench)
        dialog = _asked(bench, "canvas_size", CanvasSize)
        assert isinstance(dialog, CanvasSize)
        _typed(dialog.fields.across, 32768)
        _typed(dialog.fields.down, MAX_PIXELS // 32768 + 1)
        assert not dialog.accept_button.isEnabled()
        assert "million" in dialog.fields.problem
        _typed(dialog.fields.down, MAX_PIXELS // 32768)
        assert dialog.accept_button.isEnabled()
        QTest.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
        assert not bench.store.can_undo

    run(scene)


def test_empty_folio_gets_a_canvas_of_the_size_asked_for(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        dialog = _asked(bench, "canvas_size", CanvasSize)
        assert isinstance(dialog, CanvasSize)
        assert dialog.fields.size_px == (1024, 1024)
        _typed(dialog.fields.down, 512)
        QTest.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
        assert bench.store.document.frame == Rect(0, 0, 1024, 512)
        bench.window.actions_by_name["scale_image"].trigger()
        dialogs = [d for d in bench.window.findChildren(ScaleImage) if d.isVisible()]
        assert len(dialogs) == 1
        dialogs[0].reject()

    run(scene)


def test_picture_is_scaled_with_its_proportions_in_one_step(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        before = _begun(bench)
        dialog = _asked(bench, "scale_image", ScaleImage)
        assert isinstance(dialog, ScaleImage)
        _typed(dialog.fields.across, 120)
        assert dialog.fields.size_px == (120, 80)
        assert dialog.per_cent.value() == 200
        dialog.per_cent.setValue(50)
        assert dialog.fields.size_px == (30, 20)
        dialog.alike.setChecked(False)
        _typed(dialog.fields.down, 33)
        assert dialog.fields.size_px == (30, 33)
        QTest.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
        await until(lambda: bench.store.can_undo)
        after = bench.store.document
        assert after.frame == Rect(0, 0, 30, 33)
        assert after.layers[0].bounds.width <= 30
        bench.window.actions_by_name["undo"].trigger()
        assert bench.store.document == before
        assert not bench.store.can_undo

    run(scene)


def test_picture_that_changes_while_it_is_scaled_is_left_as_it_is(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        _begun(bench)
        bench.image_commands.scale(120, 80)
        bench.store.apply(PlaceLayer(paint_layer("b", 2), 1))
        await until(lambda: "try again" in bar_text(bench))
        assert bench.store.document.frame == Rect(0, 0, 60, 40)
        assert len(bench.store.document.layers) == 2

    run(scene)


def test_picture_is_turned_and_mirrored(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        before = _begun(bench)
        seen = compose(before.layers, before.frame)
        for action, expected in (
            ("turn_image_right", np.rot90(seen, -1)),
            ("turn_image_left", np.rot90(seen)),
            ("turn_image_over", np.rot90(seen, 2)),
            ("mirror_image_across", seen[:, ::-1]),
            ("mirror_image_down", seen[::-1]),
        ):
            bench.window.actions_by_name[action].trigger()
            await until(lambda: bench.store.can_undo)
            after = bench.store.document
            np.testing.assert_array_equal(compose(after.layers, after.frame), expected)
            bench.store.undo()
        bench.store.load(Document())
        bench.window.actions_by_name["turn_image_right"].trigger()
        assert "empty" in bar_text(bench)

    run(scene)
