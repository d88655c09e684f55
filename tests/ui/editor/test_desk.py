"""The writing desk in the whole window: its keys and menus reach the text."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from studio.io.paths import Paths, user_paths
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support.furnished import Run, runner
from tests.support.qt_async import QtRunner, until

Key, CTRL, SHIFT = Qt.Key, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def paths() -> Paths:
    made = user_paths()
    made.make()
    return made


@pytest.fixture
def run(qt_runner: QtRunner, paths: Paths, theme: Theme) -> Run:
    return runner(qt_runner, paths, theme, "no generators.")


async def ready(bench: Workbench, text: str) -> None:
    """The text, its beginning, and the focus."""
    bench.editor.replace_all(text)
    bench.editor.area.select(0, 0)
    bench.window.activateWindow()
    bench.editor.area.setFocus()
    await until(bench.editor.area.hasFocus)


def press(key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    """Where the focus is."""
    focused = QApplication.focusWidget()
    assert isinstance(focused, QWidget)
    QTest.keyClick(focused, key, modifier or Qt.KeyboardModifier.NoModifier)


def test_find_and_replace_by_keys_alone(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        await ready(bench, "a cat and a cat")
        bar = bench.editor.finding.bar
        press(Key.Key_F, CTRL)
        assert bar.pattern.hasFocus()
        QTest.keyClicks(bar.pattern, "cat")
        press(Key.Key_F3)
        assert bar.tally.text() == "2 of 2"
        press(Key.Key_F3, SHIFT)
        assert bar.tally.text() == "1 of 2"
        press(Key.Key_H, CTRL)
        press(Key.Key_Tab)
        while not bar.replacement.hasFocus():
            press(Key.Key_Tab)
        QTest.keyClicks(bar.replacement, "dog")
        press(Key.Key_Return, Qt.KeyboardModifier.AltModifier)
        assert bench.store.document.text == "a dog and a dog"
        press(Key.Key_Escape)
        assert bench.editor.area.hasFocus()
        press(Key.Key_Z, CTRL)
        assert bench.store.document.text == "a cat and a cat"

    run(test)
