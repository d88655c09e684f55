"""The command palette and its matching."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.ui.command_palette import CommandPalette
from studio.ui.fuzzy import best, score

NAMES = ("New", "Open…", "Save text", "Theme: dark", "Theme: light", "Rewrite selection")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("dark", "Theme: dark"),
        ("td", "Theme: dark"),
        ("tl", "Theme: light"),
        ("rewr", "Rewrite selection"),
        ("rs", "Rewrite selection"),
        ("st", "Save text"),
        ("SAVE", "Save text"),
    ],
)
def test_fuzzy_finds_the_meant_one_first(query: str, found: str) -> None:
    assert best(query, ((name, name) for name in NAMES))[0] == found


def test_fuzzy_without_all_letters_is_no_match() -> None:
    assert score("xyz", "Theme: dark") is None
    assert best("qqq", ((name, name) for name in NAMES)) == []


def test_fuzzy_of_nothing_keeps_the_order() -> None:
    assert tuple(best("", ((name, name) for name in NAMES))) == NAMES


@pytest.fixture
def palette(qtbot: QtBot) -> CommandPalette:
    window = QWidget()
    window.resize(900, 700)
    qtbot.addWidget(window)
    actions = [QAction(name.replace("S", "&S", 1), window) for name in NAMES]
    actions[0].setEnabled(False)
    actions[2].setShortcut("Ctrl+S")
    made = CommandPalette(window, lambda: actions)
    window.show()
    qtbot.waitExposed(window)
    made.window_of_test = window  # type: ignore[attr-defined]  # keeps it alive
    return made


def test_palette_runs_the_action_that_was_typed(palette: CommandPalette, qtbot: QtBot) -> None:
    ran: list[str] = []
    for action in palette._actions():
        name = action.text()
        action.triggered.connect(lambda _=False, name=name: ran.append(name))
    palette.open()
    QTest.keyClicks(palette.line, "light")
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert ran == ["Theme: light"]
    assert not palette.isVisible()


def test_palette_leaves_out_what_can_not_be_done(palette: CommandPalette) -> None:
    palette.open()
    shown = [palette.list.item(row).text() for row in range(palette.list.count())]
    assert "New" not in shown
    assert "Save text" in shown


def test_palette_arrows_choose_and_escape_closes(palette: CommandPalette, qtbot: QtBot) -> None:
    palette.open()
    QTest.keyClick(palette.line, Qt.Key.Key_Down)
    assert palette.list.currentRow() == 1
    QTest.keyClick(palette.line, Qt.Key.Key_Up)
    QTest.keyClick(palette.line, Qt.Key.Key_Up)
    assert palette.list.currentRow() == 0
    QTest.keyClick(palette.line, Qt.Key.Key_Escape)
    assert not palette.isVisible()
