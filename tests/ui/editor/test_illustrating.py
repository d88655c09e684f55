"""Pictures dropped on the text become hidden layers with links, one step of undo each."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtTest import QTest

from studio.api.outputs import ImageOutput, TextOutput
from studio.core.layers import PaintLayer
from studio.core.records import Record, utc_now
from studio.core.spans import WrittenSpan
from studio.core.store import DocumentStore
from studio.io.executor import IoExecutor
from studio.io.export.folio_pictures import text_of
from studio.io.export.texts import TextSource
from studio.io.images import encode_png
from studio.library.history import History
from studio.ui.dropping import RESULT_MIME
from studio.ui.editor.editor import TextEditor
from studio.ui.editor.illustrating import Illustrating
from tests.support.qt_async import QtRunner

RED = np.full((4, 6, 4), (255, 0, 0, 255), np.uint8)
Drop = Callable[[QMimeData, QPoint | None], None]


@pytest.fixture
def drop(
    editor: TextEditor, store: DocumentStore, history: History, io: IoExecutor, qt_runner: QtRunner
) -> Drop:
    """Drops at a point, or pastes at the caret, and waits until it is done."""
    work: list[Coroutine[Any, Any, None]] = []
    made = Illustrating(editor, store, history, io, work.append)

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

        async def all_of_it() -> None:
            while work:
                await work.pop(0)

        qt_runner.run(all_of_it)

    assert made.parent() is editor
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
