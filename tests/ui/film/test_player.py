"""The player: decodes off the window's thread, plays, steps, scrubs, loops, and says what is wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.api.outputs import Pixels
from studio.core.records import Record
from studio.io.executor import IoExecutor
from studio.io.film_reader import FilmReader
from studio.io.video import open_video
from studio.library.history import History, HistoryItem
from studio.ui.film.player import FilmPlayer
from studio.ui.theme.theme import Theme
from tests.support.qt_async import until
from tests.ui.conftest import QtRunner

_FRAMES = 8


def _frame(number: int) -> Pixels:
    pixels = np.full((16, 16, 4), 255, np.uint8)
    pixels[..., :3] = 10 + 20 * number
    return pixels


@pytest.fixture
def item(history: History, tmp_path: Path) -> HistoryItem:
    with open_video(tmp_path, "film", 16, 16, 25, "gif") as film:
        for number in range(_FRAMES):
            film.add(_frame(number))
    record = Record(generator_id="toy.walk", generator_version="1", params={}, seed=1)
    return history.add(film.output(), record, title="A walk")


@pytest.fixture
def player(
    theme: Theme, io: IoExecutor, qt_runner: QtRunner, item: HistoryItem
) -> Iterator[FilmPlayer]:
    made = FilmPlayer(None, io, lambda work: qt_runner.loop.create_task(work), item)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    made.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)  # it is the only window here
    yield made

    async def end() -> None:
        made.accept()
        await until(lambda: not made.reading)

    qt_runner.run(end)
    made.deleteLater()


async def _loaded(player: FilmPlayer, history: History, item: HistoryItem) -> None:
    player.load(history.path_of(item))
    player.show()
    await until(lambda: player.count == _FRAMES and not player.picture.image.isNull())


def test_player_plays_at_once_and_decodes_elsewhere(
    player: FilmPlayer,
    history: History,
    item: HistoryItem,
    qt_runner: QtRunner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads: set[int] = set()
    frame: Callable[..., Pixels] = FilmReader.frame

    def watched(self: FilmReader, number: int, most_px: int = 0) -> Pixels:
        threads.add(threading.get_ident())
        return frame(self, number, most_px)

    monkeypatch.setattr(FilmReader, "frame", watched)

    async def main() -> None:
        await _loaded(player, history, item)
        assert player.playing
        seen: set[int] = set()

        def all_seen() -> bool:
            seen.add(player.position)
            return len(seen) == _FRAMES

        await until(all_seen)
        await until(lambda: player.position < _FRAMES - 1)  # it loops
        assert threads
        assert threading.get_ident() not in threads

    qt_runner.run(main)


def test_player_without_loop_stops_at_the_end_and_begins_anew(
    player: FilmPlayer, history: History, item: HistoryItem, qt_runner: QtRunner
) -> None:
    async def main() -> None:
        QTest.keyClick(player, Qt.Key.Key_L)
        assert not player.loop.isChecked()
        await _loaded(player, history, item)
        await until(lambda: not player.playing)
        assert player.position == _FRAMES - 1
        assert player.play_button.accessibleName() == "Play"
        player.play_button.click()
        assert player.playing
        assert player.position == 0

    qt_runner.run(main)


def test_player_steps_by_keys_and_shows_the_frame(
    player: FilmPlayer, history: History, item: HistoryItem, qt_runner: QtRunner
) -> None:
    def shade() -> int:
        return player.picture.image.pixelColor(8, 8).red()

    async def main() -> None:
        await _loaded(player, history, item)
        QTest.keyClick(player, Qt.Key.Key_Space)
        assert not player.playing
        QTest.keyClick(player, Qt.Key.Key_Home)
        await until(lambda: abs(shade() - 10) < 4)
        QTest.keyClick(player, Qt.Key.Key_Right)
        await until(lambda: abs(shade() - 30) < 4)
        player.scrub.setValue(6)
        await until(lambda: abs(shade() - 130) < 4)
        assert player.time.text() == "0:00.2 / 0:00.3"
        QTest.keyClick(player, Qt.Key.Key_Left)
        await until(lambda: abs(shade() - 110) < 4)

    qt_runner.run(main)


def test_player_of_a_film_that_is_gone_says_so(
    player: FilmPlayer, tmp_path: Path, qt_runner: QtRunner
) -> None:
    async def main() -> None:
        player.load(tmp_path / "gone.gif")
        await until(lambda: not player.problem.isHidden())
        assert "can't be read" in player.problem.text()

    qt_runner.run(main)


def test_player_closed_while_it_loads_lets_the_file_go(
    player: FilmPlayer, history: History, item: HistoryItem, qt_runner: QtRunner
) -> None:
    async def main() -> None:
        player.load(history.path_of(item))
        player.accept()
        await until(lambda: not player.reading)
        assert player.count == 0

    qt_runner.run(main)
