"""The window's own keys reach it from within a text field that would take them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMainWindow
from pytestqt.qtbot import QtBot

from studio.ui.window_keys import WindowKeys


@pytest.mark.parametrize("ours", [True, False])
def test_key_of_the_window_is_not_claimed_by_a_text_field(qtbot: QtBot, ours: bool) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    field = QLineEdit("words", window)
    window.setCentralWidget(field)
    # Every text field claims Ctrl+A on every system.
    action = QAction("Everything", window)
    action.setShortcut("Ctrl+A")
    window.addAction(action)
    if ours:
        WindowKeys(window, (action,))
    window.show()
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    told: list[bool] = []
    action.triggered.connect(lambda: told.append(True))
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert bool(told) is ours
    assert field.hasSelectedText() is not ours
