"""Pictures dropped on the text become hidden layers with links, one step of undo each."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtTest import QTest

from studio.api.outputs import ImageOutput, TextOutput
from studio.core.document import Document
from studio.core.edits import ChangeLayer
from studio.core.layers import PaintLayer
from studio.core.records import Record, utc_now
from studio.core.spans import WrittenSpan
from studio.core.store import DocumentStore
from studio.io.executor import IoExecutor
from studio.io.export.folio_pictures import text_of
from studio.io.export.texts import TextSource
from studio.io.images import encode_png
from studio.library.history import History
from studio.paint.regions import tiled
from studio.ui.dropping import RESULT_MIME
from studio.ui.editor.editor import TextEditor
from studio.ui.editor.illustrating import Illustrating
from tests.support.qt_async import QtRunner

RED = np.full((4, 6, 4), (255, 0, 0, 255), np.uint8)
Drop = Callable[[QMimeData, QPoint | None], None]


@pytest.fixture
def settle(
    editor: TextEditor,
    store: DocumentStore,
    history: History,
    io: IoExecutor,
    qt_runner: QtRunner,
    tmp_path: Path,
) -> Iterator[Callable[[], None]]:
    """Paints, and waits until all that was begun is done."""
    work: list[Coroutine[Any, Any, None]] = []
    made = Illustrating(editor, store, history, io, work.append, lambda: tmp_path)
    assert made.parent() is editor

    async def all_of_it() -> None:
        editor.grab()
        while work:
            await work.pop(0)

    yield lambda: qt_runner.run(all_of_it)
    for left in work:
        left.close()


@pytest.fixture
def drop(editor: TextEditor, settle: Callable[[], None]) -> Drop:
    """Drops at a point, or pastes at the caret, and waits until it is done."""

    def go(data: QMimeData, at: QPoint | None = None) -> None:
        if at is None:
            editor.area.insertFromMimeData(data)
        else:
            event = QDropEvent(
                QPointF(at),
                Qt.DropAction.CopyAction,
                data,
                Qt.MouseButton.LeftButton,
                Qt.KeyboardModifier.NoModifier,
            )
            editor.area.dropEvent(event)
        settle()

    return go


def files(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def result(item_id: str) -> QMimeData:
    data = QMimeData()
    data.setData(RESULT_MIME, QByteArray(item_id.encode()))
    return data


def record(generator: str) -> Record:
    return Record(
        generator_id=generator, generator_version="1", params={}, seed=1, created_at=utc_now()
    )


def test_file_dropped_between_paragraphs_is_linked_there_and_kept_in_the_folio(
    editor: TextEditor, store: DocumentStore, drop: Drop, tmp_path: Path
) -> None:
    picture = tmp_path / "a fox.png"
    picture.write_bytes(encode_png(RED))
    editor.insert("one\n\ntwo")
    editor.grab()
    block = editor.area.document().firstBlock()
    end = editor.area.blockBoundingGeometry(block).bottomRight().toPoint()
    drop(files(picture, picture), QPoint(end.x() - 5, end.y() - 10))
    assert store.document.text == (
        "one\n\n![a fox](layer:a%20fox)\n\n![a fox](layer:a%20fox%202)\n\ntwo"
    )
    first, second = store.document.layers
    assert (first.name, first.visible, second.name) == ("a fox", False, "a fox 2")
    find = text_of(store.document, TextSource("")).find
    assert find is not None
    assert find("layer:a%20fox%202") == encode_png(RED)
    store.undo()
    store.undo()
    assert (store.document.text, store.document.layers) == ("one\n\ntwo", ())
    assert editor.area.toPlainText() == "one\n\ntwo"


def test_results_of_the_history_keep_their_records(
    editor: TextEditor, store: DocumentStore, history: History, drop: Drop
) -> None:
    fox = history.add(ImageOutput(RED), record("images.create"), title="Fox")
    words = history.add(TextOutput("It ran."), record("writer.continue"), title="Words")
    drop(result(fox.id), None)
    (layer,) = store.document.layers
    assert isinstance(layer, PaintLayer)
    assert (layer.record_id, store.document.text) == (fox.id, "![Fox](layer:Fox)\n")
    drop(result(words.id), None)
    assert store.document.text == "![Fox](layer:Fox)\nIt ran."
    assert store.document.spans == (WrittenSpan(18, 25, words.id),)


def test_what_is_typed_while_a_picture_is_read_stays_behind_it(
    editor: TextEditor, store: DocumentStore, drop: Drop, tmp_path: Path
) -> None:
    picture = tmp_path / "fox.png"
    picture.write_bytes(encode_png(RED))
    editor.insert("one")
    editor.area.things_dropped.connect(lambda _: QTest.keyClicks(editor.area, "!"))
    drop(files(picture), None)
    assert store.document.text.startswith("one!\n\n![fox]")


def test_picture_from_the_clipboard_and_words_beside_one(
    editor: TextEditor, store: DocumentStore, drop: Drop
) -> None:
    data = QMimeData()
    data.setImageData(QImage(3, 2, QImage.Format.Format_RGB32))
    drop(data, None)
    assert store.document.text == "![](layer:Picture)\n"
    data.setText("a table")
    drop(data, None)
    assert store.document.text == "![](layer:Picture)\na table"


def test_other_files_are_left_to_the_window(editor: TextEditor) -> None:
    assert not editor.area.canInsertFromMimeData(files(Path("a.folio")))
    assert not editor.area.canInsertFromMimeData(files(Path("a.png"), Path("b.md")))
    assert editor.area.canInsertFromMimeData(files(Path("a.png")))


def colours(editor: TextEditor) -> set[str]:
    """Of the strong ones that are painted in the text."""
    image = editor.area.viewport().grab().toImage()
    row = [image.pixelColor(x, y) for y in range(0, image.height(), 2) for x in range(0, 40, 2)]
    return {colour.name() for colour in row if colour.saturation() > 250}


def height(editor: TextEditor, number: int) -> float:
    block = editor.area.document().findBlockByNumber(number)
    return editor.area.blockBoundingRect(block).height()


def test_linked_layer_is_shown_below_its_line_and_follows_its_pixels(
    editor: TextEditor, store: DocumentStore, drop: Drop, settle: Callable[[], None], tmp_path: Path
) -> None:
    editor.insert("one")
    plain = height(editor, 0)
    picture = tmp_path / "fox.png"
    picture.write_bytes(encode_png(np.repeat(np.repeat(RED, 10, 0), 10, 1)))
    drop(files(picture), None)
    settle()
    assert (height(editor, 0), height(editor, 2)) == (plain, plain + 40 + 16)
    assert colours(editor) == {"#ff0000"}
    (layer,) = store.document.layers
    assert isinstance(layer, PaintLayer)
    green = np.full((40, 60, 4), (0, 255, 0, 255), np.uint8)
    store.apply(ChangeLayer(layer, replace(layer, pixels=tiled(green))))
    settle()
    assert colours(editor) == {"#00ff00"}
    store.undo()
    settle()
    assert colours(editor) == {"#ff0000"}
    QTest.keyClicks(editor.area, "x")
    editor.area.select(5, 5)
    QTest.keyClicks(editor.area, "see ")
    assert height(editor, 2) == plain
    assert colours(editor) == set()


def test_file_beside_the_folio_is_shown_and_a_missing_one_has_no_room(
    editor: TextEditor, settle: Callable[[], None], tmp_path: Path
) -> None:
    (tmp_path / "wide.png").write_bytes(encode_png(np.repeat(np.repeat(RED, 500, 0), 500, 1)))
    editor.insert("![](wide.png)\n![](none.png)\n![](https://a.b/c.png)")
    settle()
    column = editor.area.viewport().width() - 8
    assert height(editor, 0) == pytest.approx(height(editor, 1) + min(column / 1.5, 360) + 16)
    assert height(editor, 1) == height(editor, 2) < 40
    assert colours(editor) == {"#ff0000"}


def test_what_was_dropped_on_one_document_does_not_come_into_the_next(
    editor: TextEditor, store: DocumentStore, settle: Callable[[], None]
) -> None:
    data = QMimeData()
    data.setImageData(QImage(4, 4, QImage.Format.Format_RGB32))
    editor.area.insertFromMimeData(data)
    store.load(Document("Another."))
    settle()
    assert store.document == Document("Another.")
