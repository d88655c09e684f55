"""Copy, cut, paste and drops in the window: by its actions and real drop events."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QWidget

from studio.core.document import Document
from studio.core.edits import ChangeCanvas, PlaceLayer
from studio.core.geometry import Rect
from studio.core.layers import PaintLayer
from studio.io.paths import Paths, user_paths
from studio.paint.composing import compose
from studio.paint.qimages import from_qimage, to_qimage
from studio.paint.regions import read_layer
from studio.paint.selection import rectangle
from studio.ui.dropping import LAYER_MIME
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support.folios import paint_layer, painted
from tests.support.furnished import Run, bar_text, runner
from tests.support.qt_async import QtRunner

_LEFT, _NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
_COPY = Qt.DropAction.CopyAction


@pytest.fixture
def run(qt_runner: QtRunner, theme: Theme) -> Run:
    paths: Paths = user_paths()
    paths.make()
    return runner(qt_runner, paths, theme, "none.")


def _drop(widget: QWidget, data: QMimeData, where: QPointF) -> bool:
    """Whether it was welcome; then it is dropped."""
    enter = QDragEnterEvent(where.toPoint(), _COPY, data, _LEFT, _NONE)
    enter.ignore()
    QApplication.sendEvent(widget, enter)
    if enter.isAccepted():
        QApplication.sendEvent(widget, QDropEvent(where, _COPY, data, _LEFT, _NONE))
    return enter.isAccepted()


def _browser_picture() -> QMimeData:
    data = QMimeData()
    data.setImageData(to_qimage(painted(4)))
    data.setData("text/uri-list", b"https://example.org/fox.png\r\n")
    return data


def test_copied_part_is_pasted_where_it_was_and_cut_is_one_step(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        layer = paint_layer("a", 1)
        bench.store.apply(PlaceLayer(layer, 0))
        document = bench.store.document
        part = Rect(5, 12, 20, 15)
        selected = Document("", document.layers, 100, 80, rectangle(part))
        bench.store.apply(ChangeCanvas(document, selected, "selecting"))
        bench.drawing.easel.choose("a")
        bench.canvas.setFocus()
        actions = bench.window.actions_by_name
        actions["copy"].trigger()
        actions["paste"].trigger()
        pasted = bench.store.document.layers[1]
        assert isinstance(pasted, PaintLayer)
        assert (pasted.x, pasted.y) == (5, 12)
        np.testing.assert_array_equal(read_layer(pasted, part), compose((layer,), part))
        bench.store.undo()
        actions["cut"].trigger()
        cut = bench.store.document.layers[0]
        assert not read_layer(cut, part).any()  # type: ignore[arg-type]
        assert "cutting" in actions["undo"].text()
        actions["undo"].trigger()
        assert bench.store.document == selected
        actions["copy_visible"].trigger()
        image = QApplication.clipboard().image()
        np.testing.assert_array_equal(from_qimage(image), compose((layer,), part))
        QApplication.clipboard().clear()

    run(scene)


def test_copy_of_text_stays_with_the_text_and_layers_panel_copies_the_layer(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        bench.editor.replace_all("Words")
        bench.store.apply(PlaceLayer(paint_layer("a", 1), 0))
        bench.drawing.easel.choose("a")
        bench.editor.setFocus()
        bench.editor.area.selectAll()
        actions = bench.window.actions_by_name
        actions["copy"].trigger()
        assert QApplication.clipboard().text() == "Words"
        bench.window.layers_dock.raise_()
        bench.drawing.layers.tree.setFocus()
        actions["copy"].trigger()
        assert not QApplication.clipboard().image().isNull()
        bench.editor.setFocus()
        actions["cut"].trigger()  # the text's, not the canvas's
        assert len(bench.store.document.layers) == 1
        QApplication.clipboard().clear()

    run(scene)


def test_picture_without_a_file_becomes_a_layer_where_it_is_dropped(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        bench.store.apply(PlaceLayer(paint_layer("a", 1), 0))
        x, y = bench.canvas.view.to_widget(50, 30)
        assert _drop(bench.canvas, _browser_picture(), QPointF(x, y))
        layer = bench.store.document.layers[1]
        assert isinstance(layer, PaintLayer)
        assert (layer.x, layer.y) == (50 - 30, 30 - 20)
        np.testing.assert_array_equal(read_layer(layer, Rect(20, 10, 60, 40)), painted(4))
        assert _drop(bench.window, _browser_picture(), QPointF(5, 5))
        assert [a.name for a in bench.store.document.layers[1:]] == ["Dropped picture"] * 2
        bench.store.undo()
        bench.store.undo()
        assert [a.id for a in bench.store.document.layers] == ["a"]

    run(scene)


def test_address_alone_is_refused_with_what_to_do(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        for widget in (bench.canvas, bench.window):
            data = QMimeData()
            data.setData("text/uri-list", b"https://example.org/fox.png\r\n")
            assert _drop(widget, data, QPointF(9, 9))
            assert "Save the picture" in bar_text(bench)
            bench.window.message_bar.dismiss()
        assert bench.store.document.layers == ()

    run(scene)


def test_layers_row_leaves_as_a_file_in_the_cache_and_is_no_drop_on_the_canvas(run: Run) -> None:
    async def scene(bench: Workbench) -> None:
        bench.store.apply(PlaceLayer(paint_layer("fox", 1), 0))
        model = bench.drawing.layers.model
        data = model.mimeData([model.index_of("fox")])
        assert isinstance(data, QMimeData)
        assert data.hasFormat(LAYER_MIME)
        assert not _drop(bench.canvas, data, QPointF(9, 9))
        (url,) = data.urls()
        path = Path(url.toLocalFile())
        assert path.name == "Fox.png"
        assert path.is_relative_to(bench.studio.paths.cache)
        image = QImage(str(path))
        layer = bench.store.document.layers[0]
        np.testing.assert_array_equal(from_qimage(image), compose((layer,), layer.bounds))

    run(scene)
