"""The dialogs: opened, never run; what they show and what they ask for."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QProcess
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QLabel, QMainWindow
from pytestqt.qtbot import QtBot

from studio.core.settings import Settings
from studio.host.plugins import PluginStatus
from studio.jobs.events import ErrorText
from studio.ui.actions import Actions
from studio.ui.dialogs.about import About
from studio.ui.dialogs.doctor import Doctor
from studio.ui.dialogs.error_details import ErrorDetails
from studio.ui.dialogs.models import Models
from studio.ui.dialogs.plugins import Plugins
from studio.ui.dialogs.settings import SettingsDialog
from studio.ui.dialogs.shortcuts import Shortcuts
from studio.ui.model_shelf import ModelShelf
from tests.support.qt_async import until
from tests.ui.conftest import QtRunner


def test_error_details_copies_everything(qtbot: QtBot) -> None:
    error = ErrorText("It broke.", "tray 2", "Mend it.", "Traceback: line 1", "toy", "ValueError")
    dialog = ErrorDetails(None, error)
    qtbot.addWidget(dialog)
    dialog.open()
    dialog.copy.click()
    copied = QGuiApplication.clipboard().text()
    for part in ("It broke.", "tray 2", "Mend it.", "Traceback: line 1", "toy", "ValueError"):
        assert part in copied
    dialog.accept()


def test_models_lists_and_adds(
    qtbot: QtBot, shelf: ModelShelf, qt_runner: QtRunner, tmp_path: Path
) -> None:
    (tmp_path / "third.gguf").write_bytes(b"third")

    async def main() -> None:
        dialog = Models(None, shelf, qt_runner.loop.create_task)
        qtbot.addWidget(dialog)
        await shelf.refresh()
        assert dialog.list.count() == 2
        await dialog.add_path(tmp_path / "third.gguf")
        assert dialog.list.count() == 3
        assert "Third is ready" in dialog.answer.text()
        await dialog.add_path(tmp_path / "missing.gguf")
        assert "no such file" in dialog.answer.text()
        dialog.list.setCurrentRow(0)
        assert "gguf" in dialog.facts.text()
        dialog.remove.click()
        await until(lambda: dialog.list.count() == 2)

    qt_runner.run(main)


def test_plugins_shows_reasons_and_switches(qtbot: QtBot) -> None:
    dialog = Plugins(
        None,
        [
            PluginStatus("good", "bundled", "ready", generators=("good.make",)),
            PluginStatus("broken", "file", "failed", "It fails to import.", details="Traceback"),
        ],
        "/plugins",
    )
    qtbot.addWidget(dialog)
    texts = " ".join(found.text() for found in dialog.findChildren(QLabel))
    assert "good.make" in texts
    assert "It fails to import." in texts
    with qtbot.waitSignal(dialog.switched) as asked:
        dialog.switches["good"].click()
    assert asked.args == ["good", True]
    assert not dialog.note.isHidden()


def test_settings_tell_each_change(qtbot: QtBot) -> None:
    dialog = SettingsDialog(None, Settings(device="cuda:1"))
    qtbot.addWidget(dialog)
    assert dialog.boxes["device"].currentData() == "cuda:1"
    with qtbot.waitSignal(dialog.changed) as told:
        dialog.boxes["theme"].setCurrentIndex(dialog.boxes["theme"].findData("dark"))
    assert told.args == ["theme", "dark"]


def test_shortcuts_are_those_of_the_actions(qtbot: QtBot) -> None:
    action = QAction("&Save text")
    action.setShortcut("Ctrl+S")
    dialog = Shortcuts(None, {"&File": [action, QAction("No shortcut")]})
    qtbot.addWidget(dialog)
    texts = [found.text() for found in dialog.findChildren(QLabel)]
    assert "Save text" in texts
    assert "Ctrl+S" in texts
    assert "No shortcut" not in texts


def test_shortcut_of_undo_is_listed_without_what_it_would_undo(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    actions = Actions(window)
    actions["undo"].setText("&Undo placing 3 pictures")
    dialog = Shortcuts(None, actions.menus)
    qtbot.addWidget(dialog)
    texts = [found.text() for found in dialog.findChildren(QLabel)]
    assert "Undo" in texts
    assert "Undo placing 3 pictures" not in texts


def test_about_says_version_and_licences(qtbot: QtBot) -> None:
    dialog = About(None)
    qtbot.addWidget(dialog)
    texts = " ".join(found.text() for found in dialog.findChildren(QLabel))
    assert "Version" in texts
    assert "Lucide" in texts


def test_doctor_closed_early_ends_its_process(qtbot: QtBot) -> None:
    process = QProcess()
    dialog = Doctor(None, process)
    qtbot.addWidget(dialog)
    dialog.open()
    assert process.waitForStarted(5000)
    dialog.reject()
    assert process.state() == QProcess.ProcessState.NotRunning
