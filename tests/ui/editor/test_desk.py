"""The writing desk in the whole window: its keys and menus reach the text."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QWidget

from studio.io.paths import Paths, user_paths
from studio.ui.dialogs.settings import SettingsDialog
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


def test_focus_and_typewriter_are_chosen_in_the_menu_and_kept(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        await ready(bench, "One.\n\nTwo.")
        press(Key.Key_F, CTRL | Qt.KeyboardModifier.AltModifier)
        assert len(bench.editor.area.extraSelections()) == 1
        bench.window.actions_by_name["typewriter"].trigger()
        assert bench.editor.area.centerOnScroll()
        kept = bench.studio.settings_file.load()[0]
        assert (kept.focus, kept.typewriter) == ("paragraph", True)
        bench.window.actions_by_name["focus_off"].trigger()
        assert bench.editor.area.extraSelections() == []

    run(test)


def test_settings_dialog_dresses_the_text_at_once(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        await ready(bench, "text")
        dialog = SettingsDialog(bench.window, bench.studio.settings)
        dialog.changed.connect(bench._on_setting_changed)
        dialog.open()
        dialog.text.size_box.setValue(22)
        dialog.text.width_box.setCurrentIndex(0)
        dialog.text.quotes_box.setCurrentIndex(1)
        dialog.accept()
        assert bench.editor.area.font().pixelSize() == 22
        bench.editor.area.setFocus()
        QTest.keyClicks(bench.editor.area, '"')
        assert bench.store.document.text == "“text"
        kept = bench.studio.settings_file.load()[0]
        assert (kept.text_size_px, kept.text_width_px, kept.quotes) == (22, 560, "english")

    run(test)


def test_text_alone_hides_the_rest_and_brings_it_back_as_it_was(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        await ready(bench, "text")
        window = bench.window
        window.queue_dock.hide()
        before = window.state_text()
        press(Key.Key_F11, SHIFT)
        assert not any(dock.isVisible() for dock in window.findChildren(QDockWidget))
        assert not bench.canvas.isVisible()
        assert bench.editor.area.isVisible()
        assert window.state_text() == before
        press(Key.Key_F11, SHIFT)
        shown = {name for name, dock in window.docks.items() if not dock.isHidden()}
        assert shown == window.docks.keys() - {"queue"}
        assert bench.canvas.isVisible()
        press(Key.Key_F11)
        assert window.isFullScreen()
        press(Key.Key_F11)
        assert not window.isFullScreen()

    run(test)
