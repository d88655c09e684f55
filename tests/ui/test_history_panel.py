"""The history panel: lists, searches, places; follows what is stored by other threads."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.api.outputs import ImageOutput, TextOutput
from studio.core.records import Record
from studio.io.executor import IoExecutor
from studio.library.history import History, HistoryItem
from studio.ui.dropping import RESULT_MIME
from studio.ui.panels.history import HistoryPanel
from studio.ui.panels.history_model import ITEM_ROLE, THUMBNAIL_ROLE
from tests.support.qt_async import until
from tests.ui.conftest import QtRunner


def _record(prompt: str) -> Record:
    return Record(
        generator_id="toy.paint", generator_version="1", params={"prompt": prompt}, seed=7
    )


def _add_text(history: History, text: str) -> HistoryItem:
    return history.add(TextOutput(text), _record(text), title=text)


@pytest.fixture
def panel(qtbot: QtBot, history: History, io: IoExecutor, qt_runner: QtRunner) -> HistoryPanel:
    made = HistoryPanel(history, io, lambda work: qt_runner.loop.create_task(work))
    qtbot.addWidget(made)
    return made


async def _loaded(panel: HistoryPanel, rows: int) -> None:
    await until(lambda: panel.model.rowCount() == rows)


def test_panel_lists_newest_first_and_places_on_double_click(
    panel: HistoryPanel, history: History, qt_runner: QtRunner
) -> None:
    _add_text(history, "an old song")
    newest = _add_text(history, "a new song")

    async def main() -> None:
        panel.model.reload()
        await _loaded(panel, 2)

    qt_runner.run(main)
    placed: list[HistoryItem] = []
    panel.place_requested.connect(placed.append)
    index = panel.model.index(0)
    assert index.data(ITEM_ROLE) == newest
    panel.tiles.doubleClicked.emit(index)
    assert placed == [newest]


def test_panel_keys_place_rate_and_delete(
    panel: HistoryPanel, history: History, qt_runner: QtRunner, qtbot: QtBot
) -> None:
    item = _add_text(history, "a song")

    async def main() -> None:
        panel.model.reload()
        await _loaded(panel, 1)

    qt_runner.run(main)
    panel.tiles.setCurrentIndex(panel.model.index(0))
    told: list[tuple[object, ...]] = []
    panel.place_requested.connect(lambda found: told.append(("place", found)))
    panel.rate_requested.connect(lambda found, stars: told.append(("rate", found, stars)))
    panel.delete_requested.connect(lambda found: told.append(("delete", found)))
    QTest.keyClick(panel.tiles, Qt.Key.Key_Return)
    QTest.keyClick(panel.tiles, Qt.Key.Key_4)
    QTest.keyClick(panel.tiles, Qt.Key.Key_Delete)
    assert told == [("place", item), ("rate", item, 4), ("delete", item)]


def test_panel_thumbnail_comes_through_the_executor(
    panel: HistoryPanel, history: History, qt_runner: QtRunner
) -> None:
    history.add(ImageOutput(np.full((300, 400, 4), 90, np.uint8)), _record("grey"))

    async def main() -> None:
        panel.model.reload()
        await _loaded(panel, 1)
        index = panel.model.index(0)
        assert index.data(THUMBNAIL_ROLE) is None
        await until(lambda: index.data(THUMBNAIL_ROLE) is not None)
        assert index.data(THUMBNAIL_ROLE).width() == 256

    qt_runner.run(main)


def test_panel_shows_what_another_thread_stores(
    panel: HistoryPanel, history: History, qt_runner: QtRunner
) -> None:
    async def main() -> None:
        panel.model.reload()
        await until(lambda: panel.pages.currentIndex() == 0)
        thread = threading.Thread(target=_add_text, args=(history, "from afar"))
        thread.start()
        await _loaded(panel, 1)
        thread.join()
        assert panel.pages.currentIndex() == 2

    qt_runner.run(main)


def test_panel_search_finds_and_says_when_nothing_is_found(
    panel: HistoryPanel, history: History, qt_runner: QtRunner
) -> None:
    for text in ("a red fox", "a blue whale", "a red whale"):
        _add_text(history, text)

    async def main() -> None:
        panel.search.setText("red whale")
        await _loaded(panel, 1)
        panel.search.setText("green")
        await until(lambda: panel.pages.currentIndex() == 1)
        panel.search.setText("")
        await _loaded(panel, 3)

    qt_runner.run(main)


def test_panel_of_a_long_history_loads_in_pages(
    panel: HistoryPanel, history: History, qt_runner: QtRunner
) -> None:
    for number in range(70):
        _add_text(history, f"text {number}")

    async def main() -> None:
        panel.model.reload()
        await _loaded(panel, 60)
        root = panel.tiles.rootIndex()
        assert panel.model.canFetchMore(root)
        panel.model.fetchMore(root)
        await _loaded(panel, 70)
        assert not panel.model.canFetchMore(root)

    qt_runner.run(main)


def test_panel_drag_carries_the_items_id(
    panel: HistoryPanel, history: History, qt_runner: QtRunner
) -> None:
    item = _add_text(history, "a song")

    async def main() -> None:
        panel.model.reload()
        await _loaded(panel, 1)
        await asyncio.sleep(0)

    qt_runner.run(main)
    data = panel.model.mimeData([panel.model.index(0)])
    assert bytes(data.data(RESULT_MIME).data()).decode() == item.id


def test_panel_menu_offers_everything(panel: HistoryPanel, history: History, qtbot: QtBot) -> None:
    item = _add_text(history, "a song")
    menu = panel.menu_of(item)
    names = [action.text() for action in menu.actions() if action.text()]
    assert names == [
        "Put into the text", "Make again", "Copy its record", "Export…", "Rate", "Delete",
    ]  # fmt: skip
    asked: list[HistoryItem] = []
    panel.again_requested.connect(asked.append)
    menu.actions()[1].trigger()
    assert asked == [item]
