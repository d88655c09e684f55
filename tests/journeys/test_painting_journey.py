"""A creator's way over the canvas: paint, select, inpaint with a real tiny pipeline, accept; and all of it
undone to the start and redone to the end with identical pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.api.outputs import Pixels
from studio.app import build_studio
from studio.core.document import Document
from studio.core.geometry import Rect
from studio.core.layers import PaintLayer
from studio.io.paths import Paths, user_paths
from studio.paint.composing import compose
from studio.paint.regions import read
from studio.ui.forms.picture import PictureEditor
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support.furnished import Run, runner
from tests.support.qt_async import QtRunner, until
from tests.support.tiny_diffusion import tiny_pipeline
from tests.ui.canvas.hand import Hand
from tests.ui.conftest import io, qt_runner, theme

__all__ = ["io", "qt_runner", "theme"]

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def run(qt_runner: QtRunner, theme: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A window whose only model is a tiny one."""
    monkeypatch.setattr("studio.app.starter_models", list)
    paths: Paths = user_paths()
    paths.make()
    studio = build_studio(engine="in_process", paths=paths)
    studio.models.add(tiny_pipeline(tmp_path / "tiny"))
    studio.io.stop()
    studio.history.close()
    return runner(qt_runner, paths, theme, "images.")


def _seen(document: Document) -> Pixels:
    """The whole picture, on a canvas large enough for all its states."""
    return compose(document.layers, Rect(0, 0, 1024, 1024))


async def _take(bench: Workbench, field: str, button: str) -> None:
    assert bench.generate.form is not None
    editor = bench.generate.form.rows[field].editor
    assert isinstance(editor, PictureEditor)
    QTest.mouseClick(getattr(editor, button), LEFT)
    await until(lambda: editor.pixels is not None)


def test_paint_select_inpaint_accept_undo_all_and_redo_all(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        store, canvas, drawing = bench.store, bench.canvas, bench.drawing
        bench.window.resize(1280, 800)
        hand, states = Hand(canvas), [_seen(store.document)]

        def done() -> None:
            states.append(_seen(store.document))

        QTest.mouseClick(drawing.tool_box.buttons["brush"], LEFT)
        drawing.tools["brush"].set_option("size_px", 120.0)
        drawing.easel.inks.take((230, 180, 150, 255))
        hand.drag((300, 300), (600, 320), (640, 600), (320, 620))
        done()
        QTest.mouseClick(drawing.layers.buttons["add"], LEFT)
        done()
        drawing.easel.inks.take((160, 30, 40, 255))
        hand.drag((400, 560), (560, 560))
        done()
        QTest.mouseClick(drawing.tool_box.buttons["select_rectangle"], LEFT)
        hand.drag((380, 500), (600, 640))
        done()
        before = states[-1]

        bench.generate.choose("images.inpaint")
        form = bench.generate.form
        assert form is not None
        form.set_values({"prompt": "a smile", "steps": 2, "seed": 7, "padding": 16, "feather": 0})
        await _take(bench, "image", "add_visible")
        await _take(bench, "mask", "add_selection")
        QTest.mouseClick(bench.generate.button, LEFT)
        await until(lambda: canvas.ghosts.shown is not None)
        assert len(store.document.layers) == 2
        canvas.setFocus()
        hand.key(Qt.Key.Key_Return)
        done()
        placed = store.document.layers[-1]
        assert isinstance(placed, PaintLayer)
        record = bench.studio.history.get(placed.record_id).record
        assert (record.generator_id, record.seed) == ("images.inpaint", 7)
        changed = (states[-1] != before).any(-1)
        # The hand hits whole pixels of a smaller view, so the selection itself says where.
        assert store.document.selection is not None
        inside = read(store.document.selection, Rect(0, 0, 1024, 1024)) > 0
        assert changed[inside].any()
        assert not changed[~inside].any()

        steps = len(states) - 1
        assert drawing.easel.store.undo_labels[-1] == "placing a result"
        assert len(store.undo_labels) == steps
        for state in reversed(states[:-1]):
            bench.window.actions_by_name["undo"].trigger()
            np.testing.assert_array_equal(_seen(store.document), state)
        assert store.document == Document()
        for state in states[1:]:
            bench.window.actions_by_name["redo"].trigger()
            np.testing.assert_array_equal(_seen(store.document), state)
            seen = canvas.compositor.read(Rect(0, 0, 1024, 1024))
            np.testing.assert_array_equal(seen, state)
        assert store.document.layer(placed.id) == placed

    run(test)
