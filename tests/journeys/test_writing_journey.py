"""Write, let the model go on, take a word, rewrite and take a part, ask, and undo all of it: by keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from studio.core.background import NOTHING
from studio.io.folio_reader import read_folio
from studio.io.paths import user_paths
from studio.ui.theme.theme import Theme
from studio.ui.workbench import Workbench
from tests.support.furnished import Run, runner
from tests.support.qt_async import QtRunner, until
from tests.support.toy_desk import PLUGIN
from tests.ui.conftest import qt_runner, theme

__all__ = ["qt_runner", "theme"]

Key = Qt.Key
NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def run(qt_runner: QtRunner, theme: Theme) -> Run:
    paths = user_paths()
    paths.make()
    (paths.plugins / "toy_writer.py").write_text(PLUGIN, encoding="utf-8")
    return runner(qt_runner, paths, theme, "toy_writer.")


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(focused(), key, modifier)


def command(bench: Workbench, words: str) -> None:
    """By the palette: its first row is what these words find."""
    bench.window.open_palette()
    QTest.keyClicks(focused(), words)
    press(Key.Key_Return)


def test_from_an_empty_page_to_a_paragraph_and_back_by_keys(run: Run) -> None:
    async def test(bench: Workbench) -> None:
        store, area = bench.store, bench.editor.area
        command(bench, "memory, notes and the exact prompt")
        QTest.keyClicks(focused(), "Mara ")
        bench.editor.setFocus()
        QTest.keyClicks(focused(), "Once there was a light")
        command(bench, "continue writing")
        await until(lambda: area.ghost.suggestion)
        assert area.ghost.text.startswith(" and Mara")
        press(Key.Key_Right, CTRL)
        press(Key.Key_Escape)
        assert store.document.text == area.toPlainText() == "Once there was a light and"
        QTest.keyClicks(focused(), " sea.")
        command(bench, "rewrite selection")
        bench.rewriting.card.instruction.setFocus()
        QTest.keyClicks(focused(), "Here|sky.")
        press(Key.Key_Return)
        await until(lambda: bench.reviewing.review)
        command(bench, "go to the next change")
        command(bench, "accept the change")
        command(bench, "reject the rest")
        assert store.document.text == area.toPlainText() == "Once there was a light and sky."
        command(bench, "ask about the text")
        QTest.keyClicks(focused(), "true")
        press(Key.Key_Return)
        turns = bench.desk.conversation.turns
        await until(lambda: turns and turns[0].turn.answer)
        assert store.document.text == "Once there was a light and sky."
        path = bench.studio.paths.data / "story.folio"
        await bench.filing.save_to(path)
        saved = read_folio(path).document
        assert (saved.text, saved.background) == (store.document.text, store.document.background)
        assert len(saved.spans) == 2
        while store.can_undo:
            bench.window.actions_by_name["undo"].trigger()
        assert store.document.text == area.toPlainText() == ""
        assert store.document.background == NOTHING
        while store.can_redo:
            bench.window.actions_by_name["redo"].trigger()
        assert store.document.with_text("") == saved.with_text("")
        assert (store.document.text, store.document.spans) == (saved.text, saved.spans)

    run(test)
